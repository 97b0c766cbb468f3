"""Texts: which facts bring one, to whom, how often, and what becomes of those that can't be sent."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from acd.app.tasks import Tasks
from acd.app.texting import MOST_WAITING, Texting
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import AgentName, CallId, OfferId, QueueName, SwitchName, Uniqueid, WorkId
from acd.core.memory import Memory
from acd.core.outcomes import (
    AbandonStage,
    LeaveReason,
    TextOutcome,
    WayKind,
    WorkKind,
    WorkMiss,
    WorkOutcome,
)
from config.centre import Queue
from config.schema import Settings
from config.texting import Text, TextOn, TextRule
from config.values import Duration
from telephony.ami.errors import ActionFailedError
from telephony.numbers import Numbering

pytestmark = [pytest.mark.unit, pytest.mark.asyncio(loop_scope="function")]
OWN = "+4930123456"
WORK, CALL, SALES, PBX = WorkId("w1"), CallId("c1"), QueueName("sales"), SwitchName("pbx1")


class Office:
    """What texting needs of a daemon: calls, rules, a clock, a switch; and what was sent and told."""

    def __init__(self, *, not_again: str = "1h", tries: int = 1, caller: str = OWN, name: str = "Bo") -> None:
        self.now = 10**15
        self.sent: list[dict[str, str]] = []
        self.told: list[f.TextSent] = []
        self.failures: list[str] = []
        self.refusals = 0
        self.settings = Settings(
            queues={"sales": Queue(title="Sales", texts=dict.fromkeys(TextOn, "sorry"))},
            texts={"sorry": Text(body="{queue} missed {name}, {number}.")},
            text=TextRule(sip="pjsip:trunk/sip:{number}@x", not_again=Duration.parse(not_again), tries=tries),
        )
        self.links: dict[str, object] = {"pbx1": self}
        call = Call(
            id=CALL,
            number=1,
            switch=PBX,
            channel="PJSIP/trunk-1",
            uniqueid=Uniqueid("1.1"),
            queue=SALES,
            caller=caller,
            caller_name=name,
            arrived=0,
            joined=0,
            entered=0,
        )
        self.tasks = Tasks(lambda task, _: self.failures.append(task))
        self.memory = Memory()
        self.memory.calls[CALL] = call
        engine = SimpleNamespace(watch=lambda _: None, tell=self.told.append, memory=self.memory)
        daemon = SimpleNamespace(
            engine=engine,
            settings=self.settings,
            clock=SimpleNamespace(now=lambda: self.now),
            exchange=SimpleNamespace(numbering=Numbering(country="49"), links=self.links),
            tasks=self.tasks,
            generation=1,
        )
        self.daemon = cast("Any", daemon)
        self.texting = Texting(self.daemon)

    def see(self, fact: f.Fact) -> None:
        """As the engine tells it: the memory first."""
        if isinstance(fact, f.WorkAdded | f.WorkMissed | f.WorkEnded):
            self.memory.apply(fact)
        self.texting._see(fact)

    def restart(self) -> None:
        """As a new daemon with what was remembered."""
        self.texting = Texting(self.daemon)

    async def action(self, name: str, headers: dict[str, str]) -> None:
        """As of a link to Asterisk."""
        assert name == "MessageSend"
        await asyncio.sleep(0)
        if self.refusals:
            self.refusals -= 1
            raise ActionFailedError("Message failed")
        self.sent.append(headers)

    async def done(self) -> list[TextOutcome]:
        """Let everything be sent; what became of it."""
        while self.tasks._tasks:
            await asyncio.gather(*self.tasks._tasks)
        return [fact.outcome for fact in self.told]


def abandoned() -> f.Abandoned:
    return f.Abandoned(at=1, call=CALL, queue=SALES, stage=AbandonStage.WAITING, wait_ms=5_000)


def left(reason: LeaveReason) -> f.Left:
    return f.Left(at=1, call=CALL, queue=SALES, reason=reason, wait_ms=5_000)


def diverted(kind: WayKind, target: str = "") -> f.Diverted:
    return f.Diverted(at=1, call=CALL, queue=SALES, reason="key", kind=kind, target=target)


async def test_places_are_filled_once_and_names_can_not_bring_lines_or_places() -> None:
    office = Office(name="{number}\r\nTo: \u202eeve")
    office.see(abandoned())
    assert await office.done() == [TextOutcome.SENT]
    assert office.sent[0]["Body"] == f"Sales missed {{number}}To: eve, {OWN}."
    assert office.sent[0]["To"] == f"pjsip:trunk/sip:{OWN}@x"


@pytest.mark.parametrize("reason", [LeaveReason.MOVED, LeaveReason.OVERFLOWED, LeaveReason.REDIRECTED])
async def test_who_only_changed_the_queue_gets_none(reason: LeaveReason) -> None:
    office = Office()
    office.see(left(reason))
    assert await office.done() == []


async def test_who_left_unserved_gets_one_but_not_on_a_way_out() -> None:
    office = Office()
    office.see(left(LeaveReason.TIMED_OUT))
    assert await office.done() == [TextOutcome.SENT]
    office = Office()
    office.see(diverted(WayKind.VOICEMAIL))
    office.see(left(LeaveReason.KEY))
    assert await office.done() == []


async def test_who_left_unserved_after_another_queue_gets_one() -> None:
    office = Office()
    office.see(diverted(WayKind.QUEUE, "support"))
    office.see(left(LeaveReason.TIMED_OUT))
    assert await office.done() == [TextOutcome.SENT]


async def test_a_text_instead_of_waiting_is_the_one_that_the_key_names() -> None:
    office = Office()
    office.see(diverted(WayKind.TEXT, "sorry"))
    office.see(left(LeaveReason.KEY))
    assert await office.done() == [TextOutcome.SENT]


async def test_who_was_served_is_texted_so() -> None:
    office = Office()
    office.see(
        f.Answered(
            at=1,
            offer=OfferId("o1"),
            call=CALL,
            queue=SALES,
            agent=AgentName("ann"),
            wait_ms=1,
            ring_ms=1,
            leg=Uniqueid("1.2"),
        )
    )
    assert await office.done() == [TextOutcome.SENT]


def work_added(kind: WorkKind = WorkKind.CALLBACK) -> f.WorkAdded:
    return f.WorkAdded(
        at=1, work=WORK, kind=kind, queue=SALES, switch=PBX, number=OWN, joined=1, due=1, expires=2
    )


def work_missed() -> f.WorkMissed:
    return f.WorkMissed(
        at=2, work=WORK, call=CALL, queue=SALES, kind=WorkKind.CALLBACK, outcome=WorkMiss.BUSY
    )


def work_ended(outcome: WorkOutcome, kind: WorkKind = WorkKind.CALLBACK) -> f.WorkEnded:
    return f.WorkEnded(at=3, work=WORK, queue=SALES, kind=kind, outcome=outcome, attempts=1, lasted_ms=1)


async def test_a_customer_is_told_of_the_callback_of_a_try_and_of_the_end() -> None:
    office = Office(not_again="0s")
    office.see(work_added())
    office.see(work_missed())
    office.see(work_ended(WorkOutcome.NOT_REACHED))
    assert await office.done() == [TextOutcome.SENT] * 3


async def test_a_customer_is_told_after_a_restart_as_well() -> None:
    office = Office(not_again="0s")
    office.memory.apply(work_added())
    office.restart()
    office.see(work_ended(WorkOutcome.NOT_REACHED))
    assert await office.done() == [TextOutcome.SENT]


@pytest.mark.parametrize("outcome", [one for one in WorkOutcome if one is not WorkOutcome.NOT_REACHED])
async def test_any_other_end_of_a_callback_is_told_nobody(outcome: WorkOutcome) -> None:
    office = Office(not_again="0s")
    office.see(work_added())
    office.see(work_ended(outcome))
    assert await office.done() == [TextOutcome.SENT], "of the callback"


async def test_a_message_is_no_callback() -> None:
    office = Office(not_again="0s")
    office.see(work_added(WorkKind.MESSAGE))
    office.see(work_ended(WorkOutcome.NOT_REACHED, WorkKind.MESSAGE))
    assert await office.done() == []


async def test_the_same_text_goes_to_a_number_once_in_the_time_that_is_set() -> None:
    office = Office(not_again="1h")
    office.see(abandoned())
    office.now += 3_599_999_999_999
    office.see(abandoned())
    office.now += 1
    office.see(abandoned())
    assert sorted(await office.done()) == [TextOutcome.NOT_ALLOWED, TextOutcome.SENT, TextOutcome.SENT]


@pytest.mark.parametrize("caller", ["anonymous", "", "+33142000000", "1001", "+49", "+49" + "1" * 40])
async def test_numbers_that_may_not_be_texted_are_told_so(caller: str) -> None:
    office = Office(caller=caller)
    office.see(abandoned())
    assert await office.done() == [TextOutcome.NOT_ALLOWED]
    assert office.sent == []


async def test_a_refusal_is_tried_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acd.app.texting.PAUSE_S", 0.0)
    office = Office(tries=2)
    office.refusals = 1
    office.see(abandoned())
    assert await office.done() == [TextOutcome.SENT]
    office = Office(tries=2)
    office.refusals = 2
    office.see(abandoned())
    assert await office.done() == [TextOutcome.FAILED]
    assert "Message failed" in office.told[0].why


async def test_a_switch_that_is_no_more_is_a_failed_text_and_no_fault() -> None:
    office = Office()
    office.links.clear()
    office.see(abandoned())
    assert await office.done() == [TextOutcome.FAILED]
    assert office.failures == []


async def test_more_than_can_wait_are_given_up() -> None:
    office = Office(not_again="0s")
    for _ in range(MOST_WAITING + 2):
        office.see(abandoned())
    outcomes = await office.done()
    assert (outcomes.count(TextOutcome.FAILED), outcomes.count(TextOutcome.SENT)) == (2, MOST_WAITING)
