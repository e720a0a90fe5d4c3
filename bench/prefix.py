"""`python -m bench.prefix`: is what all pupils of a task share read by the model only once?

The development server's real small model is asked about each text of a task in turn, as the worker asks. Its log tells
which tokens of each prompt it evaluated and which it had cached (Ollama's own count includes both). From the second
pupil on it may evaluate the pupil's own message and 32 more: chat template, and tokens that straddle the seam.
Exit codes: 0, 1 if a prompt was over that or the server failed.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.feedback.cases import Case, cases
from bench.models import FOLDER, NoModelServer, development
from submissions.errors import Fault
from submissions.feedback.asking import request_for
from submissions.feedback.question import Question, first_question
from submissions.feedback.sense import Material
from submissions.model_server import Message, ModelServer
from submissions.prompts import load_prompts
from submissions.settings import Settings

#: Tokens beyond the pupil's own message.
ALLOWED = 32
#: Tokens of each answer: it is the prompt that is measured.
ANSWER = 16
#: For a call to be logged.
LONGEST_SECONDS = 10.0


def main() -> int:
    log = FOLDER / "prefix-calls.jsonl"
    FOLDER.mkdir(parents=True, exist_ok=True)
    by_task: dict[str, list[Case]] = {}
    for case in cases():
        by_task.setdefault(case.task_name, []).extend([] if case.is_blank else [case])
    try:
        with development(log) as settings:
            over = [_measured(name, by_task[name], settings, log) for name in ("de-geschichte", "en-geography")]
    except (Fault, NoModelServer) as problem:
        print(problem, file=sys.stderr)
        return 1
    return int(any(over))


def _measured(name: str, found: list[Case], settings: Settings, log: Path) -> bool:
    """Ask about the texts of one task, print what each prompt cost; whether one was over."""
    server, prompts, is_over = ModelServer(settings), load_prompts(""), False
    print(f"\n| {name} | prompt | cached | evaluated | own message | allowed |\n|---|---|---|---|---|---|")
    questions = [first_question(Material(case.task, case.text), prompts) for case in found]
    lines = [
        (case.name, _asked(server, question, settings, log)) for case, question in zip(found, questions, strict=True)
    ]
    bare = _without_its_message(questions[0])
    shared, _ = _asked(server, bare, settings, log)
    for pupil, (text, (prompt, evaluated)) in enumerate(lines):
        own = prompt - shared
        allowed = own + ALLOWED if pupil else prompt
        is_over |= evaluated > allowed
        print(f"| {text} | {prompt} | {prompt - evaluated} | {evaluated} | {own} | {allowed} |", flush=True)
    return is_over


def _asked(server: ModelServer, question: Question, settings: Settings, log: Path) -> tuple[int, int]:
    """Tokens of the prompt, and those of it that were evaluated."""
    before = len(_lines(log))
    server.ask(replace(request_for(question, settings), num_predict=ANSWER))
    deadline = time.monotonic() + LONGEST_SECONDS
    while len(_lines(log)) == before:  # it is written once the answer has been sent
        if time.monotonic() > deadline:
            raise NoModelServer("the model server logged no call")
        time.sleep(0.01)
    line = json.loads(_lines(log)[-1])
    evaluated = int(line["prompt_tokens_evaluated"])
    return evaluated + int(line["prompt_tokens_cached"]), evaluated


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def _without_its_message(question: Question) -> Question:
    system, _ = question.messages
    return replace(question, messages=(system, Message("user", "")))


if __name__ == "__main__":
    sys.exit(main())
