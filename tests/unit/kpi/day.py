"""A hand-made morning with every disposition, one line per fact. The numbers expected of it stand in the tests."""

from itertools import count
from typing import Any

from acd.core import facts as f
from acd.core.ids import (
    NS_PER_MS,
    AgentName,
    CallId,
    OfferId,
    PhoneName,
    QueueName,
    SwitchName,
    TrunkGroup,
    Uniqueid,
)
from acd.core.outcomes import (
    AbandonStage,
    BlockReason,
    Disposition,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    TransferKind,
)
from acd.core.states import AgentState
from kpi.slots import SLOT_NS

SECOND = 1_000_000_000
EIGHT = 1_994_140_800 // 900 * SLOT_NS
"""2033-03-11T08:00:00Z, the start of a slot."""
PBX, SALES, LINES = SwitchName("pbx"), QueueName("sales"), TrunkGroup("carrier")
WHY = f.Decision(rule="longest idle", skill=0, idle_ms=0)


class Day:
    """Writes facts down: `at` is seconds after eight, durations are seconds."""

    def __init__(self) -> None:
        self.facts: list[f.Fact] = []
        self._numbers = count(1)

    def _tell(self, fact: f.Fact) -> None:
        self.facts.append(fact)

    def arrive(
        self, at: float, queue: str = SALES, trunk: str | None = LINES, *, caller: str = "", dialled: str = ""
    ) -> CallId:
        call = CallId(f"c{next(self._numbers)}")
        self._tell(
            f.Arrived(
                at=moment(at),
                call=call,
                queue=QueueName(queue),
                switch=PBX,
                channel="PJSIP/x",
                uniqueid=Uniqueid(call),
                caller=caller,
                dialled=dialled,
                trunk=None if trunk is None else TrunkGroup(trunk),
            )
        )
        return call

    def block(self, at: float, reason: BlockReason, queue: str = SALES) -> None:
        call = self.arrive(at, queue)
        self._tell(f.Blocked(at=moment(at), call=call, queue=QueueName(queue), reason=reason, trunk=LINES))
        self.end(at, call, Disposition.BLOCKED, EndedBy.ROUTER, 0, queue=queue)

    def queue(
        self,
        at: float,
        queue: str = SALES,
        trunk: str | None = LINES,
        *,
        caller: str = "",
        dialled: str = "",
        needs: str = "",
    ) -> CallId:
        call = self.arrive(at, queue, trunk, caller=caller, dialled=dialled)
        self._tell(f.Queued(at=moment(at), call=call, queue=QueueName(queue), joined=moment(at), needs=needs))
        return call

    def abandon(self, at: float, call: CallId, stage: AbandonStage, wait: float) -> None:
        self._tell(f.Abandoned(at=moment(at), call=call, queue=SALES, stage=stage, wait_ms=ms(wait)))
        self.end(at, call, Disposition.ABANDONED, EndedBy.CALLER, wait)

    def leave(self, at: float, call: CallId, reason: LeaveReason, wait: float) -> None:
        self._tell(f.Left(at=moment(at), call=call, queue=SALES, reason=reason, wait_ms=ms(wait)))
        self.end(at, call, Disposition.LEFT, EndedBy.PLATFORM, wait)

    def offer(self, at: float, call: CallId, agent: str, wait: float = 0) -> None:
        self._tell(
            f.Offered(**_offer(at, call, agent), phone=PhoneName("PJSIP/1"), wait_ms=ms(wait), decision=WHY)
        )
        self.state(at, agent, AgentState.READY, AgentState.OFFERED)

    def fail(self, at: float, call: CallId, agent: str, outcome: OfferOutcome, ring: float) -> None:
        self._tell(f.OfferEnded(**_offer(at, call, agent), outcome=outcome, ring_ms=ms(ring)))
        self.state(at, agent, AgentState.OFFERED, AgentState.READY)

    def answer(self, at: float, call: CallId, agent: str, wait: float, ring: float) -> None:
        self._tell(f.OfferEnded(**_offer(at, call, agent), outcome=OfferOutcome.ANSWERED, ring_ms=ms(ring)))
        self._tell(f.Answered(**_offer(at, call, agent), wait_ms=ms(wait), ring_ms=ms(ring)))
        self.state(at, agent, AgentState.OFFERED, AgentState.TALKING)

    def talked(
        self, at: float, call: CallId, agent: str, talk: float, by: EndedBy, *, hold: float = 0
    ) -> None:
        self._tell(f.Talked(**_offer(at, call, agent), talk_ms=ms(talk), hold_ms=ms(hold), by=by))
        self.end(at, call, Disposition.ANSWERED, by, talk + hold)
        self.state(at, agent, AgentState.TALKING, AgentState.WRAP_UP)

    def wrapped_up(self, at: float, call: CallId, agent: str, lasting: float) -> None:
        self._tell(
            f.WrapUpEnded(
                at=moment(at), call=call, queue=SALES, agent=AgentName(agent), wrap_up_ms=ms(lasting)
            )
        )
        self.state(at, agent, AgentState.WRAP_UP, AgentState.READY)

    def transfer(
        self, at: float, call: CallId, agent: str, kind: TransferKind, into: CallId | None = None
    ) -> None:
        self._tell(f.Transferred(**_offer(at, call, agent), kind=kind, into=into))
        if into is not None:
            self._tell(
                f.TransferredToQueue(
                    at=moment(at), call=call, queue=SALES, agent=AgentName(agent), kind=kind, into=into
                )
            )

    def state(self, at: float, agent: str, before: AgentState, after: AgentState, lasted: float = 0) -> None:
        self._tell(
            f.StateChanged(
                at=moment(at), agent=AgentName(agent), before=before, after=after, lasted_ms=ms(lasted)
            )
        )

    def peak(self, at: float, up: int) -> None:
        self._tell(f.TrunkPeak(at=moment(at), trunk=LINES, up=up, capacity=30))

    def end(
        self, at: float, call: CallId, how: Disposition, by: EndedBy, lasted: float, *, queue: str = SALES
    ) -> None:
        self._tell(
            f.Ended(
                at=moment(at),
                call=call,
                queue=QueueName(queue),
                disposition=how,
                by=by,
                duration_ms=ms(lasted),
                trunk=LINES,
            )
        )


def _offer(at: float, call: CallId, agent: str) -> dict[str, Any]:
    return {
        "at": moment(at),
        "offer": OfferId(f"{call}.1"),
        "call": call,
        "queue": SALES,
        "agent": AgentName(agent),
    }


def moment(seconds: float) -> int:
    """That many seconds after eight, in nanoseconds."""
    return EIGHT + int(seconds * 1000) * NS_PER_MS


def ms(seconds: float) -> int:
    """Whole milliseconds."""
    return int(seconds * 1000)


def morning() -> list[f.Fact]:
    """From eight to 8:20: two agents, thirteen calls, one of them still waiting at the end."""
    day = Day()
    for agent in ("ann", "bob"):
        day.state(0, agent, AgentState.OFFLINE, AgentState.READY)
    first = day.queue(10)
    day.peak(10, 1)
    day.offer(10, first, "ann")
    day.answer(14, first, "ann", wait=4, ring=3)
    blind = day.queue(20)
    day.peak(20, 2)
    day.offer(20, blind, "bob")
    day.fail(35, blind, "bob", OfferOutcome.NO_ANSWER, ring=14)
    day.offer(36, blind, "bob", wait=16)
    day.answer(50, blind, "bob", wait=30, ring=10)
    reasons = [reason for reason in BlockReason if reason is not BlockReason.LONG_WAIT]
    for at, reason in enumerate(reasons, start=60):
        day.block(at, reason, "nowhere" if reason is BlockReason.UNKNOWN_QUEUE else SALES)
    day.talked(114, first, "ann", talk=80, by=EndedBy.CALLER, hold=20)
    day.wrapped_up(124, first, "ann", lasting=10)
    day.transfer(150, blind, "bob", TransferKind.BLIND, into=CallId("c99"))
    day.talked(150, blind, "bob", talk=100, by=EndedBy.TRANSFER)
    day.wrapped_up(155, blind, "bob", lasting=5)
    impatient = day.queue(200)
    day.abandon(203, impatient, AbandonStage.WAITING, wait=3)
    ringing = day.queue(300)
    day.offer(300, ringing, "ann")
    day.fail(325, ringing, "ann", OfferOutcome.CALLER_LEFT, ring=24)
    day.abandon(325, ringing, AbandonStage.RINGING, wait=25)
    lost = day.queue(400)
    day.leave(412, lost, LeaveReason.LOST_BY_PLATFORM, wait=12)
    day.state(500, "bob", AgentState.READY, AgentState.PAUSED)
    across = day.queue(880)
    day.offer(890, across, "ann", wait=10)
    day.answer(905, across, "ann", wait=25, ring=14)
    day.transfer(1005, across, "ann", TransferKind.ATTENDED)
    day.talked(1005, across, "ann", talk=100, by=EndedBy.TRANSFER)
    day.queue(1190)
    return day.facts
