"""How scripts/requeue.py prints submissions and their history for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def line(row: Mapping[str, Any]) -> str:
    """One submission that was found."""
    pages = f"  page {row['pages_read']}/{row['page_count']}" if row["page_count"] else ""
    trouble = f"  {row['error_code']}" if row["error_code"] else ""
    state = f"{row['analysis_status']:<9}  {row['stage']:<8}"
    return f"{row['submission_id']}  {row['changed_at']:%Y-%m-%d %H:%M}  {state}{pages}{trouble}{_reason(row)}"


def history_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Its units, their runs in order of time, and what admins did."""
    for title, layout in (("units", _unit), ("attempts", _run), ("requeues", _act)):
        yield from ("", title.capitalize(), *(f"  {layout(each)}" for each in told[title] or ()))


def _unit(unit: Mapping[str, Any]) -> str:
    return f"{_name(unit)}: {unit['state']}, {unit['spent']} spent, {unit['crashes']} crashes"


def _run(run: Mapping[str, Any]) -> str:
    alone = " alone" if run["alone"] else ""
    ending = run["verdict"] or "running"
    return f"{_time(run['claimed_at'])}  {_name(run)}  {ending}{_reason(run)}  {run['worker']}{alone}"


def _act(act: Mapping[str, Any]) -> str:
    return f"{_time(act['at'])}  {act['action']} by {act['by']}: {act['why']}"


def _name(unit: Mapping[str, Any]) -> str:
    return f"{unit['step']} {unit['page']}" if unit["page"] else str(unit["step"])


def _reason(row: Mapping[str, Any]) -> str:
    return f" ({row['reason']})" if row["reason"] else ""


def _time(stamp: str) -> str:
    return f"{stamp:.19}"
