"""What can go wrong, cut by whose fault it is; the class decides the verdict.

| class           | whose fault                      | verdict            | who waits               |
|-----------------|----------------------------------|--------------------|-------------------------|
| InputFault      | the pupil's file                 | discard            |                         |
| OpenerFault     | the file's, or the machine's     | retry              | this unit               |
| AnswerFault     | the model's answer               | retry              | this unit               |
| ServerFault     | the model server, this call      | retry              | this unit               |
| ServerAway      | the model server, any call       | snooze             | every unit              |
| ModelAway       | the model server, this model     | snooze             | all that need the model |
| ModelUnloadable | the model server, or its setup   | snooze, loud later | all that need the model |
| SetupFault      | the configuration                | snooze, loud       | every unit              |
| ModelUnfit      | the configuration of a model     | snooze, loud       | all that need the model |
| OverLimit       | the configuration of a limit     | snooze, loud       | this unit               |
| StorageAway     | the storage                      | snooze             | this unit               |
| StorageUnfit    | the configuration of the storage | snooze, loud       | this unit               |
| FileMissing     | whoever stored the file          | retry              | this unit               |
| DatabaseAway    | the database                     | snooze             | this unit               |
| Interrupted     | nobody: asked to stop            | snooze at once     | this unit               |
| Withdrawn       | the pupil's wish                 | cancel             |                         |
| Unexpected      | ours                             | retry              | this unit               |

`reason` is stable and finer than the seven error codes of the platform's table; it stands in learning_attempts and
learning_work. `message` never holds pupils' text, names, file names or keys: whoever raises one writes it himself and
does not pass on the text of another exception. All reasons are declared as kinds (`kinds.py`); docs/verdicts.md lists
them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from submissions.lifecycle import ErrorCode
from submissions.verdict import Outcome, Verdict

#: Longest message that is stored, in characters (the incumbent's column rule).
MESSAGE_LIMIT = 1024


class SettingsRefused(Exception):
    """A setting is not understood. The message names the variable, the value and what is allowed."""


class HandInRefused(Exception):
    """A submission cannot be handed in. The message says what to change; nothing was stored."""


class DatabaseUnready(Exception):
    """The database cannot be used as it is. The message says which command puts it right."""


class StoreAway(Exception):
    """The database does not answer. The message is delivered again when it is back; no attempt is spent."""


class StoreRefused(Exception):
    """Postgres refused a statement of ours: a bug, or a value that it cannot keep. Only class and SQLSTATE are told."""


class Reach(StrEnum):
    """Who waits with the unit that met a fault: what the circuit breaker goes by (`breaker/`)."""

    UNIT = "this unit"
    MODEL = "all that need the model"
    SERVER = "every unit"


class Fault(Exception):
    """An attempt failed. `reason` is a stable code, the message a sentence for the operator."""

    outcome: ClassVar[Outcome] = Outcome.RETRY
    #: Seconds until the next attempt; None: the life cycle's own wait for this outcome.
    after: ClassVar[float | None] = None
    reach: ClassVar[Reach] = Reach.UNIT
    #: The page that is read may be why, so that other pages of the submission can do better.
    of_page: ClassVar[bool] = False

    def __init__(self, reason: str, message: str, error_code: ErrorCode | None = None) -> None:
        """`error_code`: the platform's code if this ends the submission; None: the stage's own `*_failed`."""
        super().__init__(message)
        self.reason = reason
        self.message = message[:MESSAGE_LIMIT]
        self.error_code = error_code

    def verdict(self) -> Verdict:
        return Verdict(self.outcome, self.reason, self.message, self.after, self.of_page)

    def into(self, other: type[Fault]) -> Fault:
        """The same reason and message as a new fault of another class, or of its own."""
        return other(self.reason, self.message)


class InputFault(Fault):
    """The document cannot be read by anybody: the pupil has to hand in another one."""

    outcome = Outcome.DISCARD
    of_page = True


class OpenerFault(Fault):
    """The process that opens documents died, hung or made no sense. The file may be why, or a busy machine."""

    of_page = True


class AnswerFault(Fault):
    """The model answered, but the answer cannot be used. Another attempt may do better."""

    of_page = True


class ServerFault(Fault):
    """The model server failed at this request. It may have been this request's doing, so it counts."""

    of_page = True


class ServerAway(Fault):
    """The model server is away, starting or busy: no request would have done better, so it does not count."""

    outcome = Outcome.SNOOZE
    reach = Reach.SERVER


class ModelAway(ServerAway):
    """The model server cannot give this model now; another one it might. Does not count either."""

    reach = Reach.MODEL


class ModelUnloadable(ModelAway):
    """The model server fails to load this model. That may pass; where it lasts, the operator has to act."""


class SetupFault(Fault):
    """The configuration is wrong. Work waits until the operator has mended it."""

    outcome = Outcome.SNOOZE
    reach = Reach.SERVER


class ModelUnfit(SetupFault):
    """The model that the settings name is missing, or not of the kind that is needed."""

    reach = Reach.MODEL


class OverLimit(SetupFault):
    """A request is larger than a limit that the operator may raise. Others may fit, so only its unit waits."""

    after = 300.0
    reach = Reach.UNIT
    #: Of a prompt that is larger than the context, as the model server counted them; 0: it did not say.
    prompt_tokens = 0


class StorageAway(Fault):
    """The storage does not answer. Work waits."""

    outcome = Outcome.SNOOZE


class StorageUnfit(SetupFault):
    """The settings of the storage are wrong, or it was moved. Work that needs no file goes on."""

    reach = Reach.UNIT


class FileMissing(Fault):
    """The storage answers, and the file is not there, or is another one than was handed in."""


class DatabaseAway(Fault):
    """The database was lost before there was a result. The unit runs again once it can be told so."""

    outcome = Outcome.SNOOZE
    after = 1.0


class Interrupted(Fault):
    """The worker was asked to stop. Another one goes on at once."""

    outcome = Outcome.SNOOZE
    after = 0.0

    def __init__(self) -> None:
        super().__init__("worker_stopping", "the worker was asked to stop")


class Withdrawn(Fault):
    """The submission was withdrawn while it was worked on."""

    outcome = Outcome.CANCEL

    def __init__(self) -> None:
        super().__init__("withdrawn", "the submission was withdrawn")


class Unexpected(Fault):
    """An exception that nobody foresaw: it counts, and only its class is told.

    The text of a foreign exception may quote the pupil (psycopg2 does: "Failing row contains …").
    """

    def __init__(self, problem: BaseException) -> None:
        super().__init__("unexpected", f"unexpected {type(problem).__name__}; see the worker's log")
