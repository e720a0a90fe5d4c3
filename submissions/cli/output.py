"""How commands print: JSON for programs, lines for people."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from typing import Any

#: Signs of a progress bar.
BAR = 20


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def print_json(value: object) -> None:
    print(json.dumps(value, default=str, ensure_ascii=False, indent=2))


def progress(row: Mapping[str, Any]) -> str:
    """One line: where a submission is, with a bar where it has several pages."""
    read, count = row["pages_read"], row["page_count"]
    pages = f"{_bar(read, count)}  page {read}/{count}" if count else ""
    trouble = f"  {row['error_code']}" if row["error_code"] else ""
    reason = f" ({row['reason']})" if row["reason"] else ""
    return f"{row['submission_id']}  {row['analysis_status']:<9}{pages}{trouble}{reason}"


def _bar(read: int, count: int) -> str:
    done = BAR * read // count
    return f"  [{'#' * done}{'-' * (BAR - done)}]" if count > 1 else ""


def result(row: Mapping[str, Any]) -> Iterable[str]:
    """A submission for people: where it is, what was read, what came back."""
    yield progress(row)
    for stage in ("vision", "feedback"):
        if row[f"{stage}_last_error"]:
            yield f"last trouble in {stage}: {row[f'{stage}_last_error']}"
    yield from _pages(row["unreadable_pages"], "page {} was not, or not all, read: {}")
    yield from _pages(row["doubtful_pages"], "page {} may be the model's own words: {}")
    if row["text_body"]:
        yield from ("", "Text", "----", row["text_body"])
    if row["analysis_json"]:
        yield from ("", "Criteria", "--------", *_criteria(row["analysis_json"], row["details"] or {}))
    if row["feedback_md"]:
        yield from ("", "Feedback", "--------", row["feedback_md"])


def _pages(reasons: Mapping[str, str] | None, line: str) -> Iterable[str]:
    for page, reason in sorted((reasons or {}).items(), key=lambda each: int(each[0])):
        yield line.format(page, reason)


def _criteria(analysis: Mapping[str, Any], details: Mapping[str, Any]) -> Iterable[str]:
    results = analysis["criteria_results"]
    # Nothing stands beside the criteria of a blank text, and of results that are older than details.
    for each, beside in zip(results, details.get("criteria") or [{}] * len(results), strict=True):
        score = each.get("score")
        yield f"{each['criterion']}: " + ("not assessed" if score is None else f"{score}/{each['max_score']}")
        yield from (f"    {line}" for line in (each["explanation_md"], _quoted(beside)) if line)
    overall = analysis.get("score")
    yield "Overall: " + ("not assessed" if overall is None else f"{overall}/5")
    if details.get("marks"):
        yield f"For the teacher: {', '.join(details['marks'])}"


def _quoted(beside: Mapping[str, Any]) -> str:
    evidence = " ".join(beside.get("evidence", "").split())
    return f"in the text: “{evidence}”" if evidence else ""


class Progress:
    """Shows where a submission is: one line that changes on a terminal, a line for each change elsewhere."""

    def __init__(self) -> None:
        self._in_place = sys.stdout.isatty()
        self._unended = False

    def show(self, row: Mapping[str, Any]) -> None:
        if self._in_place:
            print(f"\r\x1b[2K{progress(row)}", end="", flush=True)
            self._unended = True
        else:
            print(progress(row), flush=True)

    def close(self) -> None:
        if self._unended:
            print()
