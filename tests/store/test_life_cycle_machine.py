"""The life cycle under any interleaving: hypothesis chooses what happens, the database has to keep its invariants.

Worker processes are played: a delivery is a message in hand of one of them, handed out and given back by the queue's
own rules. A process that is declared dead may be alive (`strays`): what it still says must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import psycopg2
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg2.extras import Json

from postgres_queue.statements import STATEMENTS
from submissions.errors import AnswerFault, Fault, InputFault, Interrupted, ServerAway, Withdrawn
from submissions.lifecycle import ErrorCode, Step
from submissions.reconcile import reconcile
from submissions.settings import Settings
from submissions.store.hand_in import withdraw
from submissions.store.requeueing import Act, carry_out
from submissions.store.spare import SpareConnection
from submissions.store.work import Claim, NoClaim, Unit
from tests.factories import STUDENT, hand_in_files, hand_in_text, rows, work_store
from tests.store.life_cycle_invariants import Memory, assert_holds, assert_mended

OWNERS = (1, 2)
LIMITS = {"attempts": 2, "crashes": 1}
FAULTS: dict[str, Callable[[], Fault]] = {
    "retry": lambda: AnswerFault("answer_not_json", "no JSON"),
    "snooze": lambda: ServerAway("server_away", "away"),
    "stop": Interrupted,
    "discard": lambda: InputFault("damaged", "damaged", ErrorCode.INPUT_CORRUPT),
    "cancel": Withdrawn,
}
ANALYSIS = {"schema": "criteria.v2", "criteria_results": []}
PICK = st.integers(0, 100)

#: The database of the running test: owner, worker, platform, admin.
URLS: dict[str, str] = {}


@dataclass(eq=False)
class InHand:
    """A message that a process holds, and its claim once it has one. `alone`: nothing else runs there."""

    owner: int
    message_id: str
    unit: Unit
    cached_text_md: str | None
    claim: Claim | None = None
    alone: bool = False


class LifeCycle(RuleBasedStateMachine):
    """Each rule is something that a user, a worker, the queue, an admin or bad luck does."""

    @initialize()
    def begin(self) -> None:
        self.connection = psycopg2.connect(URLS["owner"])
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.cursor.execute("DELETE FROM dramatiq.queue; DELETE FROM learning_submissions")
        self.store = work_store(URLS["worker"], LIMITS["attempts"], LIMITS["crashes"])
        self.spare = SpareConnection(URLS["worker"])
        self.memory = Memory()
        self.units: list[Unit] = []
        self.in_hand: list[InHand] = []
        self.strays: list[InHand] = []
        self.submit(typed=True)
        self.submit(typed=False)
        judging, opening = (self.deliver(owner) for owner in OWNERS)
        assert judging and opening
        self.says(opening, "done")
        self.acknowledge(opening)
        self.deliver(opening.owner)
        self.deliver(opening.owner)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.everything_ends()
            self.spare.close()
            self.connection.close()

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "connection"):
            assert_holds(self.cursor, LIMITS)
            self.memory.compare(self.cursor)

    # People.

    @precondition(lambda self: len(self.units) < 4)
    @rule(typed=st.booleans())
    def submit(self, typed: bool) -> None:
        hand_in = hand_in_text if typed else hand_in_files
        self.units.append(hand_in(URLS["platform"]))

    @precondition(lambda self: self.units)
    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        withdraw(URLS["platform"], self.chosen(self.units, pick).submission_id, STUDENT)

    @precondition(lambda self: self.units)
    @rule(pick=PICK, act=st.sampled_from([Act.REQUEUE, Act.REQUEUE, Act.DISCARD]))
    def act(self, pick: int, act: Act) -> None:
        list(carry_out(URLS["admin"], act, [self.chosen(self.units, pick).submission_id], "ada", "a test"))

    @precondition(lambda self: self.units)
    @rule(pick=PICK, step=st.sampled_from(Step), page=st.integers(1, 2), cached=st.booleans())
    def ring_once_more(self, pick: int, step: Step, page: int, cached: bool) -> None:
        """Anybody may enqueue a message, twice and for what is not wanted."""
        arguments: dict[str, Any] = {
            "submission_id": str(self.chosen(self.units, pick).submission_id),
            "student_sub": STUDENT,
        }
        if step is Step.READ:
            arguments["page"] = page
        elif step is Step.FEEDBACK and cached:
            arguments["cached_text_md"] = "brought along"
        self.cursor.execute("SELECT dramatiq.enqueue(%s, %s, %s)", (step.stage, step.stage, Json(arguments)))

    # Workers and the queue.

    @rule(owner=st.sampled_from(OWNERS))
    def hand_out(self, owner: int) -> None:
        self.deliver(owner)

    @rule(owner=st.sampled_from(OWNERS))
    def let_a_suspect_in(self, owner: int) -> None:
        """Everything else there has ended meanwhile."""
        for delivery in [each for each in self.in_hand if each.owner == owner][:1]:
            self.claims(delivery)

    @precondition(lambda self: any(each.claim for each in self.in_hand))
    @rule(pick=PICK, how=st.sampled_from(["done", "done", "done", *FAULTS]), acknowledged=st.booleans())
    def end(self, pick: int, how: str, acknowledged: bool) -> None:
        delivery = self.chosen([each for each in self.in_hand if each.claim], pick)
        self.says(delivery, how)
        if acknowledged:
            self.acknowledge(delivery)
        else:
            self.put_back(delivery, "store_away")

    @precondition(lambda self: self.in_hand)
    @rule(pick=PICK, reason=st.sampled_from(["store_away", "stopped_while_running", "not_started"]))
    def interrupt(self, pick: int, reason: str) -> None:
        self.put_back(self.chosen(self.in_hand, pick), reason)

    @precondition(lambda self: self.in_hand)
    @rule(owner=st.sampled_from(OWNERS), other=st.sampled_from(OWNERS))
    def crash(self, owner: int, other: int) -> None:
        """Or so the others think; they, or its successor, get what it held."""
        self.declared_dead(owner)
        self.deliver(other)
        self.deliver(other)

    @precondition(lambda self: self.strays)
    @rule(pick=PICK, how=st.sampled_from(["done", "done", *FAULTS]))
    def stray_speaks(self, pick: int, how: str) -> None:
        """It may still be the one that holds the claim; if not, nobody hears it."""
        self.says(self.chosen(self.strays, pick), how)

    @rule()
    def time_passes(self) -> None:
        self.cursor.execute(
            "UPDATE dramatiq.queue SET delayed = false, due_at = now() WHERE state = 'queued' AND delayed"
        )
        self.cursor.execute("UPDATE learning_units SET due_at = now() WHERE state = 'waiting' AND due_at > now()")

    @rule(pick=PICK, how=st.sampled_from(["deleted", "rejected"]))
    def lose_a_message(self, pick: int, how: str) -> None:
        self.cursor.execute("SELECT message_id::text FROM dramatiq.queue ORDER BY position")
        found = [message_id for (message_id,) in self.cursor.fetchall()]
        if not found:
            return
        lost = self.chosen(found, pick)
        if how == "deleted":
            self.cursor.execute("DELETE FROM dramatiq.queue WHERE message_id = %s", (lost,))
        else:
            self.cursor.execute(
                "UPDATE dramatiq.queue SET state = 'rejected', delayed = false, owner = NULL WHERE message_id = %s",
                (lost,),
            )
        self.strays += [each for each in self.in_hand if each.message_id == lost and each.claim]
        self.in_hand = [each for each in self.in_hand if each.message_id != lost]

    @rule()
    def reconcile(self) -> None:
        """Messages that nobody holds any more are lost in this play only where `lose_a_message` took them."""
        reconcile(self.spare, Settings())
        assert_mended(self.cursor)

    # What the rules are made of.

    @staticmethod
    def chosen(among: Any, pick: int) -> Any:
        return among[pick % len(among)]

    def declared_dead(self, owner: int) -> None:
        self.cursor.execute(STATEMENTS["rescue"], {"dead": owner, "beat": None})
        self.strays += [each for each in self.in_hand if each.owner == owner and each.claim]
        self.in_hand = [each for each in self.in_hand if each.owner != owner]

    def deliver(self, owner: int) -> InHand | None:
        """A free thread gets the next message, and claims; behind a suspect that runs alone it has to wait."""
        if any(each.owner == owner and each.alone for each in self.in_hand):
            return None
        delivery = self.handed_out(owner)
        if delivery:
            self.claims(delivery)
        return delivery

    def handed_out(self, owner: int) -> InHand | None:
        self.cursor.execute(
            "UPDATE dramatiq.queue SET state = 'consumed', owner = %s, delivery = delivery + 1 WHERE message_id = ("
            " SELECT message_id FROM dramatiq.queue WHERE state = 'queued' AND NOT delayed ORDER BY position LIMIT 1)"
            " RETURNING message_id::text, queue_name, message -> 'kwargs'",
            (owner,),
        )
        row = self.cursor.fetchone()
        if row is None:
            return None
        message_id, queue_name, arguments = row
        page = arguments.get("page") or 0
        step = Step.FEEDBACK if queue_name == "feedback" else Step.READ if page else Step.OPEN
        unit = next(each for each in self.units if str(each.submission_id) == arguments["submission_id"])
        delivery = InHand(
            owner, message_id, Unit(unit.submission_id, STUDENT, step, page), arguments.get("cached_text_md")
        )
        self.in_hand.append(delivery)
        return delivery

    def claims(self, delivery: InHand) -> None:
        """As `attempt.run` does it: beside others first; a suspect again, once nothing else runs there."""
        if delivery.claim:
            return
        for alone in (False, True):
            if alone and any(each.owner == delivery.owner and each.claim for each in self.in_hand):
                return
            outcome = self.store.claim(delivery.unit, delivery.message_id, delivery.cached_text_md, alone=alone)
            if isinstance(outcome, Claim):
                delivery.claim, delivery.alone = outcome, alone
                return
            if outcome != NoClaim("suspect"):
                self.acknowledge(delivery)
                return
        raise AssertionError("a unit that runs alone is refused as suspect")

    def says(self, delivery: InHand, how: str) -> None:
        claim = delivery.claim
        assert claim is not None
        if how in FAULTS:
            self.store.end(claim, FAULTS[how]().verdict(), 5 if how in {"retry", "snooze"} else 0, None)
        elif claim.unit.step is Step.OPEN:
            self.store.store_opened(claim, [(1, 0), (1, 1)])
        elif claim.unit.step is Step.READ:
            self.store.store_page(claim, f"read by claim {claim.number}", "eye", "v1", {})
        else:
            told: dict[str, Any] = {
                "model": "pen",
                "prompt_version": "v1",
                "parse_status": "parsed",
                "cost": {},
                "details": {},
            }
            self.store.store_feedback(claim, f"judged by claim {claim.number}", ANALYSIS, **told)

    def acknowledge(self, delivery: InHand) -> None:
        self.in_hand.remove(delivery)
        self.cursor.execute(
            "DELETE FROM dramatiq.queue WHERE message_id = %s AND owner = %s", (delivery.message_id, delivery.owner)
        )

    def put_back(self, delivery: InHand, reason: str) -> None:
        self.in_hand.remove(delivery)
        self.cursor.execute(
            "UPDATE dramatiq.queue SET state = 'queued', owner = NULL, reason = %s"
            " WHERE message_id = %s AND owner = %s",
            (reason, delivery.message_id, delivery.owner),
        )

    def everything_ends(self) -> None:
        """13 Left alone, every submission comes to its end, and no message is left."""
        for owner in OWNERS:
            self.declared_dead(owner)
        for _ in range(60):
            self.time_passes()
            self.reconcile()
            delivery = self.deliver(OWNERS[0])
            if delivery is None:
                break
            if delivery.claim:
                self.says(delivery, "done")
                self.acknowledge(delivery)
            self.holds()
        self.cursor.execute(
            "SELECT count(*) FROM learning_submissions WHERE analysis_status IN ('pending', 'extracted')"
        )
        assert self.cursor.fetchone() == (0,)
        self.cursor.execute("SELECT count(*) FROM dramatiq.queue WHERE state IN ('queued', 'consumed')")
        assert self.cursor.fetchone() == (0,)


def test_whatever_happens_in_whatever_order_the_invariants_hold(
    database: str, owner_url: str, worker_url: str, platform_url: str, admin_url: str
) -> None:
    # Nothing here is about power cuts, and waiting for the disk would be most of the test.
    rows(owner_url, f"ALTER DATABASE {database} SET synchronous_commit = off")
    URLS.update(owner=owner_url, worker=worker_url, platform=platform_url, admin=admin_url)
    run_state_machine_as_test(
        LifeCycle,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
