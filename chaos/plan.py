"""What happens when: two sizes, and everything that chance decides, drawn from one seed.

Times are seconds from the moment that the first submission is handed in. How threads and processes interleave is not
in the plan: a seed repeats what is done to the system, not what becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

#: Attempts of a unit after the first, deaths alone before it is given up, the product's own defaults.
MAX_RETRIES, MAX_CRASHES = 3, 3
#: Faults that strike a unit at most, before and after the outage, in which the model server forgets what it did.
FAULTS_BEFORE, FAULTS_AFTER = 2, 1
#: Of the calls that may be struck; it makes about a fifth of all, since none is struck too often.
SHARE_OF_FAULTS = 0.25


@dataclass(frozen=True)
class Size:
    """How much of everything. `feeding`: seconds in which the submissions come in; `bound`: when it is given up."""

    submissions: int
    poison: tuple[str, ...]
    most_pages: int
    feeding: float
    kills: int
    terminations: int
    restarts: tuple[str, ...]
    disconnections: int
    outage_seconds: float
    reload_seconds: float
    first_byte_seconds: float
    bound: float


#: `poison` names the step during which whoever works on it is killed, and what is handed in.
WHOLE = Size(
    submissions=200,
    poison=("feedback of a text", "feedback of a text", "open of an image", "read of an image", "open of a PDF"),
    most_pages=10,
    feeding=210,
    kills=10,
    terminations=2,
    restarts=("fast", "immediate"),
    disconnections=1,
    outage_seconds=30,
    reload_seconds=20,
    first_byte_seconds=25,
    bound=900,
)
SHORT = Size(
    submissions=30,
    poison=("feedback of a text",),
    most_pages=3,
    feeding=24,
    kills=2,
    terminations=1,
    restarts=("immediate",),
    disconnections=1,
    outage_seconds=4,
    reload_seconds=3,
    first_byte_seconds=6,
    bound=240,
)


@dataclass(frozen=True)
class Submission:
    """One that is handed in: `mark` stands in its text or on its pages; `poison` is the step that kills, or nothing."""

    number: int
    at: float
    kind: str
    pages: int
    poison: str = ""

    @property
    def mark(self) -> str:
        return f"Kennung {self.number:04d}"


@dataclass(frozen=True)
class Event:
    """Something that is done to the system."""

    at: float
    what: str
    how: str = ""


@dataclass(frozen=True)
class Plan:
    seed: int
    size: Size
    submissions: tuple[Submission, ...]
    events: tuple[Event, ...]


def drawn(seed: int, size: Size) -> Plan:
    """The plan of a seed."""
    chance = Random(seed)
    return Plan(seed, size, _submissions(chance, size), _events(chance, size))


def _submissions(chance: Random, size: Size) -> tuple[Submission, ...]:
    poisoned = dict(zip(chance.sample(range(size.submissions // 2), len(size.poison)), size.poison, strict=True))
    made = []
    for number in range(size.submissions):
        step, _, kind = poisoned.get(number, " of a " + chance.choice(["text", "text", "image", "PDF"])).partition(
            " of "
        )
        kind = kind.split()[-1]
        pages = {"text": 0, "image": 1}.get(kind) or (kind == "PDF") * chance.randint(1, size.most_pages)
        made.append(Submission(number, size.feeding * number / size.submissions, kind, pages, step.strip()))
    return tuple(made)


def _events(chance: Random, size: Size) -> tuple[Event, ...]:
    """The long ones one after the other, the short ones anywhere between."""
    whole = size.feeding
    long = [Event(whole * 0.3, "model server gone"), Event(whole * 0.6, "model reloaded")]
    restarts = [
        Event(whole * (0.2 + 0.65 * index), "Postgres restarted", how) for index, how in enumerate(size.restarts)
    ]
    cuts = [Event(whole * 0.5, "connections cut") for _ in range(size.disconnections)]
    short = ["worker killed"] * size.kills + ["worker stopped"] * size.terminations
    moments = [whole * (0.05 + 0.95 * (index + chance.random()) / len(short)) for index in range(len(short))]
    chance.shuffle(short)
    anywhere = [Event(at, what) for at, what in zip(moments, short, strict=True)]
    return tuple(sorted([*long, *restarts, *cuts, *anywhere], key=lambda event: event.at))
