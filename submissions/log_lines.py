"""The log of a process as JSON lines on its standard error: our events, the queue's, and what libraries say.

Called when a process boots. Setting LOG_LEVEL is for our own lines; Dramatiq says nothing below INFO and other
libraries nothing below WARNING, because what they would add is arguments.
Caveat: the master process of Dramatiq never imports our code; its few lines keep Dramatiq's own form.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from submissions.events import place_of


class JsonLine(logging.Formatter):
    """One line per record. Arguments and exceptions of foreign records are left out: they may quote a pupil."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "pid": record.process,
            **_said(record),
        }
        return json.dumps(line, default=str)


def _said(record: logging.LogRecord) -> Mapping[str, Any]:
    """Event name and fields of a record, whoever wrote it."""
    fields = record.__dict__
    if "event" in fields:
        return {"event": record.msg, **fields["event"]}
    if "queue_event" in fields:
        return {"event": fields["queue_event"], **fields["queue_fields"]}
    problem = record.exc_info[1] if record.exc_info else None
    trouble = {"error": type(problem).__name__, "place": place_of(problem)} if problem else {}
    return {"event": "log", "logger": record.name, "text": str(record.msg), **trouble}


def configure_logging(level: str) -> None:
    """Our lines at `level` and above, and nothing twice: whatever wrote to this process's log before is replaced."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    ours = logging.getLevelName(level)
    logging.basicConfig(handlers=[handler], level=max(ours, logging.WARNING), force=True)
    logging.getLogger("dramatiq").setLevel(max(ours, logging.INFO))
    logging.getLogger("learning").setLevel(ours)
