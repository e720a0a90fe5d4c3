"""What stands in the database after odd answers, steering texts, blank and long ones: by the published schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modelserver.testing import ScriptedServer
from submissions.feedback.judge import judge
from submissions.feedback.room import Room
from submissions.feedback.values import Judgement
from submissions.model_server import ModelServer
from submissions.prompts import Prompts
from submissions.store.work import WorkStore
from tests.factories import claimed, hand_in_text, rows, work_store
from tests.feedback.asking import ROOM, asker
from tests.feedback.example import TASK
from tests.feedback.test_injections import TEXTS
from tests.feedback.test_long_texts import LONG, SMALL
from tests.feedback.test_odd_answers import USABLE, judged

STORED = """
    SELECT s.analysis_json, s.feedback_md, r.details, r.parse_status
    FROM learning_submissions s JOIN learning_results r ON r.submission_id = s.id ORDER BY s.created_at
"""


def test_every_stored_result_satisfies_the_published_schema_and_is_what_was_judged(
    script: ScriptedServer,
    model_server: ModelServer,
    prompts: Prompts,
    platform_url: str,
    worker_url: str,
    owner_url: str,
    satisfies_contract: Callable[[object], None],
) -> None:
    def about(text: str, room: Room = ROOM) -> Judgement:
        return judge(replace(TASK, hints=""), text, prompts, asker(model_server), room)

    judgements = [judged(script, model_server, prompts, entry) for entry in USABLE]
    script.rules([])
    judgements += [about(entry["text"]) for entry in TEXTS]
    judgements += [about("[leer]"), about("[unleserlich]"), about(LONG, SMALL)]
    store = work_store(worker_url)
    for judgement in judgements:
        keep(store, platform_url, judgement)
    found = rows(owner_url, STORED)
    assert len(found) == len(judgements) > 200
    for judgement, (analysis, feedback_md, details, parse_status) in zip(judgements, found, strict=True):
        satisfies_contract(analysis)
        assert (analysis, feedback_md) == (judgement.analysis, judgement.feedback_md)
        assert (details, parse_status) == (judgement.details, judgement.parse_status)


def keep(store: WorkStore, platform_url: str, judgement: Judgement) -> None:
    """As the step stores it."""
    took_effect = store.store_feedback(
        claimed(store, hand_in_text(platform_url)),
        judgement.feedback_md,
        judgement.analysis,
        model=judgement.model,
        prompt_version=judgement.prompt_version,
        parse_status=judgement.parse_status,
        cost=judgement.cost,
        details=judgement.details,
    )
    assert took_effect
