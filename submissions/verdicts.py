"""The one table of what can go wrong and what becomes of it: all kinds of faults, collected for docs/verdicts.md.

A module that declares kinds is named here; a test finds those that are not.
"""

from __future__ import annotations

from collections.abc import Iterable

from submissions import attempt, document_cache, documents_faults, storage
from submissions.errors import Fault, Interrupted, Unexpected, Withdrawn
from submissions.feedback import problems, room
from submissions.kinds import Kind
from submissions.model_server import classify, faults
from submissions.model_server.server_errors import SERVER_ERRORS
from submissions.model_server.setup_errors import SETUP_ERRORS
from submissions.model_server.status_errors import HOST_REFUSED, STATUS_ERRORS
from submissions.verdict import Outcome
from submissions.vision import problems as vision_problems

SECTIONS: dict[str, tuple[Kind, ...]] = {
    "The document": documents_faults.KINDS,
    "The storage": (*storage.KINDS, *document_cache.KINDS),
    "The model's answer": (*vision_problems.KINDS, room.TEXT_TOO_LONG, *problems.KINDS.values(), *faults.BODIES),
    "The network between us and the model server": (*faults.NETWORK, *faults.SILENCE),
    "What the model server says: to be mended by the operator": SETUP_ERRORS,
    "What the model server says: passes by itself": (*SERVER_ERRORS, classify.UNKNOWN_MID_STREAM),
    "What the model server says: by its status alone": (HOST_REFUSED, *STATUS_ERRORS),
    "The database": (attempt.DATABASE_AWAY,),
}

#: Faults that are made without a kind, each with what is seen from outside.
OTHERS: dict[str, Fault] = {
    "the worker is asked to stop": Interrupted(),
    "the submission is withdrawn or discarded meanwhile": Withdrawn(),
    "an exception that nobody foresaw, a constraint of the database included": Unexpected(Exception()),
}

INTRODUCTION = """# Errors and verdicts

Made by `make generated` from the kinds of faults (submissions/kinds.py). Each attempt that fails ends by one row here;
`verdict`, `reason` and `message` stand in `learning_attempts`. § is a section of our notes on Ollama v0.33.

| verdict | counts | what happens |
|---|---|---|
| `retry` | yes | again after `WORKER_BACKOFF_SECONDS`, doubled each time; failed after `WORKER_MAX_RETRIES` more |
| `snooze` | no | again after `WORKER_SNOOZE_SECONDS`; failed if it was put off for longer than `WORKER_GIVE_UP_HOURS` |
| `discard` | yes | failed at once |
| `cancel` | yes | nobody wants it any more |

**Waits** says who waits with the unit: where it is more than the unit, the circuit breaker pauses the work of this
process and looks whether it is back (`WORKER_OUTAGE_FAILURES`, `WORKER_PROBE_SECONDS`). A `ServerFault` of that many
submissions in a row is taken for an outage as well. A submission that has failed shows its stage's code
(`vision_failed`, `feedback_failed`) unless the row names another.

**A page of several** is given up instead, where what ends its last attempt is an `InputFault`, `OpenerFault`,
`AnswerFault` or `ServerFault`: it is marked in the text at its place, and the submission goes on. It fails where no
page is left.
"""

LAST_WORDS = """## What no run can tell itself

| reason | where | what happened |
|---|---|---|
| `crashed_repeatedly` | submission | its process died `WORKER_MAX_CRASHES` times while it ran there alone: failed |
| `attempts_used_up` | submission | none is left: its message was lost each time, or the limit was lowered: failed |
| `withdrawn`, `discarded` | submission and its open attempts | a pupil took it back, an admin gave it up: failed |
| `worker_died`, `vanished` | attempt, verdict `lost` | its process was killed; the unit runs again, alone |
| `interrupted` | attempt, verdict `lost` | its message came back for another reason; the unit runs again |
| `message_gone` | attempt, verdict `lost` | its message was deleted or rejected; the unit runs again |

A database that is away when a unit is claimed leaves the message as it is: it comes again. A result that cannot be
stored is offered until it is, or until the worker stops. Dramatiq's own time limits and shutdown exceptions are not
installed: a question to a model ends by `AI_TIMEOUT_VISION`, `AI_TIMEOUT_FEEDBACK` or the stop of the worker. A message
that fits no actor is kept as `rejected`, with its reason in the queue.
"""


def table() -> str:
    """The text of docs/verdicts.md."""
    parts = [INTRODUCTION]
    for title, kinds in SECTIONS.items():
        parts.append(_section(title, (_row(kind.source, _sample(kind), kind.message) for kind in kinds)))
    others = (_row(source, fault, fault.message) for source, fault in OTHERS.items())
    parts.append(_section("Everything else", others))
    return "\n".join([*parts, LAST_WORDS])


def _section(title: str, rows: Iterable[str]) -> str:
    head = ["| seen as | class | reason | verdict | waits | message |", "|---|---|---|---|---|---|"]
    return "\n".join([f"## {title}", "", *head, *rows, ""])


def _sample(kind: Kind) -> Fault:
    return kind(model="", status=0, limit=0)


def _row(source: str, fault: Fault, message: str) -> str:
    waits = "" if fault.outcome in {Outcome.DISCARD, Outcome.CANCEL} else str(fault.reach)
    verdict = f"`{fault.outcome}`" + (f", `{fault.error_code}`" if fault.error_code else "")
    cells = (source, type(fault).__name__, f"`{fault.reason}`", verdict, waits, message)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
