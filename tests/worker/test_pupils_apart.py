"""Threads of one process work for several pupils at once, and none meets what is another's."""

from __future__ import annotations

import re

from modelserver.testing import ScriptedServer
from tests.factories import hand_in_text, rows
from tests.store.test_rights import TABLES
from tests.waiting import until
from tests.worker.processes import Worker
from tests.worker.test_whole_path import all_completed

PUPILS, EACH, THREADS = 8, 4, 4

#: Notes for whom a row is written, and for whom the transaction speaks that writes it.
WATCH = """
CREATE TABLE public.written (whose text, speaks_for text);
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.written VALUES (NEW.student_sub, current_setting('app.current_sub', true));
    RETURN NEW;
END
$$;
"""
WATCHED = "CREATE TRIGGER note AFTER INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION public.note()"

#: Runs that were under way at the same time, in the same process, for different pupils.
TOGETHER = """
SELECT count(*) FROM learning_attempts AS a JOIN learning_attempts AS b
    ON a.worker = b.worker AND a.student_sub < b.student_sub
    AND (a.claimed_at, a.ended_at) OVERLAPS (b.claimed_at, b.ended_at)
"""


def test_no_statement_of_a_thread_and_no_call_of_a_model_mixes_two_pupils(
    environment: dict[str, str], platform_url: str, owner_url: str, model_server: ScriptedServer
) -> None:
    model_server.config(num_parallel=THREADS)
    model_server.rules([{"match": {}, "action": {"delay": 0.1}}])
    for number in range(PUPILS * EACH):
        pupil = f"pupil-{number % PUPILS}"
        hand_in_text(platform_url, f"Ich heiße {pupil} und mag Pflanzen.", student_sub=pupil)
    rows(owner_url, WATCH)
    for table in TABLES:
        rows(owner_url, WATCHED.format(table))
    with Worker({**environment, "WORKER_CONCURRENCY": str(THREADS)}) as worker:
        until(lambda: all_completed(owner_url), "all completed", timeout=60)
    assert rows(owner_url, TOGETHER)[0][0] > PUPILS
    assert rows(owner_url, "SELECT count(*) FROM written WHERE whose IS DISTINCT FROM speaks_for") == [(0,)]
    assert rows(owner_url, "SELECT count(DISTINCT whose) FROM written") == [(PUPILS,)]
    for call in model_server.requests():
        assert len(set(re.findall(r"pupil-\d", " ".join(call["contents"])))) == 1
    skipped = [line for line in worker.output if '"unknown"' in line]
    assert skipped == []
