"""The end of a demo: the report, what to do next, and whether all went well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console

from scripts.demo import terminal
from scripts.demo.development_server import tokens_of
from scripts.demo.model_server import Models
from scripts.demo.outcome import Outcome
from scripts.demo.workplace import Workplace, shown
from scripts.report import write_report


def conclude(out: Console, place: Workplace, outcomes: Sequence[Outcome], models: Models, seconds: float) -> int:
    """Write and print it all; returns the exit code: 0 only if nothing is missing anywhere."""
    tokens = tokens_of(place.model_calls)
    incomplete = [each for each in outcomes if each.missing]
    made_with = {
        "Model server": models.description,
        "Made": f"{datetime.now().astimezone():%Y-%m-%d %H:%M} in {seconds:.0f} s",
    }
    write_report(place.report, [each.result for each in outcomes], made_with | ({"Feedback": tokens} if tokens else {}))
    out.print(f"\n{len(outcomes) - len(incomplete)} of {len(outcomes)} samples completed in {seconds:.0f} s")
    if tokens:
        out.print(f"Feedback took {tokens}")
    out.print(f"Look at it side by side: open {shown(place.report)} in a browser", soft_wrap=True)
    out.print("Next: hand in work of your own, or use an Ollama server (README.md, “Running it”)", soft_wrap=True)
    for each in incomplete:
        terminal.complain(f"{each.sample.title}: {each.missing}; look into {shown(place.worker_log)}")
    return 1 if incomplete else 0
