"""The table of all events for people: ours, and those that the queue tells on the same log.

docs/events.md is made from it. The queue knows nothing of submissions and declares no table, so its events are listed
here; a test compares the list with its code.
"""

from __future__ import annotations

import logging

from submissions.events import EVENTS, Event

_DELIVERY = ("message_id", "delivery")

QUEUE_EVENTS = {
    "queue.worker_started": Event(logging.INFO, ("owner", "threads"), "This process is present and claims messages."),
    "queue.worker_refused": Event(logging.ERROR, ("problem",), "It does not start; the problem says what to do."),
    "queue.stopping": Event(logging.INFO, ("why", "within_seconds"), "It was asked to stop: no further message."),
    "queue.worker_stopped": Event(logging.INFO, ("owner", "all_written"), "It ended in order."),
    "queue.abandoned": Event(
        logging.WARNING, ("message_ids",), "Its time to stop was over: what still ran is back in the queue."
    ),
    "queue.stop_callback_failed": Event(logging.ERROR, ("error",), "Something could not be stopped: report it."),
    "queue.left_silently": Event(
        logging.INFO, (), "The database was away when it ended: others will notice that it is gone."
    ),
    "queue.put_back": Event(
        logging.INFO, (*_DELIVERY, "reason", "after_seconds"), "A message is queued again, due after so long."
    ),
    "queue.rejected": Event(
        logging.ERROR, (*_DELIVERY, "reason"), "A message is kept for inspection and does not run again by itself."
    ),
    "queue.superseded": Event(
        logging.WARNING, _DELIVERY, "A message had gone to another process meanwhile: its ending had no effect."
    ),
    "queue.rescued": Event(logging.WARNING, ("owner", "messages"), "A dead process's messages are back in the queue."),
    "queue.dropped": Event(logging.INFO, ("rejected", "done"), "Old messages were removed."),
    "queue.disconnected": Event(logging.WARNING, ("connection", "error"), "A connection to the database broke."),
    "queue.reconnected": Event(
        logging.WARNING, ("seconds", "still_ours", "lost", "put_back"), "It is back; these messages are still ours."
    ),
    "queue.audited": Event(
        logging.WARNING, ("still_ours", "lost", "put_back"), "Messages that this process held had gone, or came back."
    ),
    "queue.presence_back": Event(logging.WARNING, ("seconds",), "Others can see again that this process lives."),
    "queue.thread_died": Event(
        logging.CRITICAL,
        ("thread", "error", "place"),
        "A thread that the process needs died; it stops, with exit code 70: report it.",
    ),
}


def table() -> str:
    """The text of docs/events.md."""
    lines = [
        "# Events",
        "",
        "Made by `make generated` from submissions/events.py and submissions/event_table.py.",
        "",
        'One JSON line each on standard error: `{"at", "level", "pid", "event", …fields}`. What other libraries log is',
        "a line with the event `log`, their `logger`, `text` without arguments, `error` and `place` of an exception.",
        "",
        *_rows(EVENTS),
        "",
        "## The queue",
        "",
        *_rows(QUEUE_EVENTS),
    ]
    return "\n".join(lines) + "\n"


def _rows(events: dict[str, Event]) -> list[str]:
    rows = ["| event | level | fields | meaning |", "|---|---|---|---|"]
    for name, event in events.items():
        level = logging.getLevelName(event.level).lower()
        rows.append(f"| `{name}` | {level} | {', '.join(event.fields)} | {event.text} |")
    return rows
