"""The router: the only thing that changes routing state.

`Router.handle(event)` is the whole interface. It runs to its end without waiting, reads no clock and rolls no dice, so
the same events give the same decisions anywhere: in a test, in production, in a replay.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from acd.core import admission, offering, reloading, staffing, switching, talking
from acd.core import events as ev
from acd.core.commands import ArmTimer, CancelTimer
from acd.core.facts import Refuted
from acd.core.floor import Floor, Output
from acd.core.ids import AgentName, OfferId
from acd.core.matching import best_agent, best_call, pairs
from acd.core.memory import Memory, recall
from acd.core.states import CallState, InvalidStepError
from acd.core.timers import Timer, TimerKind

HANDLERS: Final[Mapping[type[ev.Event], Callable[[Floor, Any], None]]] = {
    ev.CallArrived: admission.on_call_arrived,
    ev.CallReturned: admission.on_call_returned,
    ev.SessionLost: admission.on_session_lost,
    ev.CallerReplaced: admission.on_caller_replaced,
    ev.CallerHungUp: offering.on_caller_hung_up,
    ev.CallLeftQueue: offering.on_call_left_queue,
    ev.OfferRang: offering.on_offer_rang,
    ev.OfferAnswered: offering.on_offer_answered,
    ev.OfferFailed: offering.on_offer_failed,
    ev.HoldStarted: talking.on_hold_started,
    ev.HoldEnded: talking.on_hold_ended,
    ev.CallTransferred: talking.on_call_transferred,
    ev.TalkEnded: talking.on_talk_ended,
    ev.WrapUpFinished: talking.on_wrap_up_finished,
    ev.AgentLoggedIn: staffing.on_agent_logged_in,
    ev.AgentLoggedOut: staffing.on_agent_logged_out,
    ev.AgentPaused: staffing.on_agent_paused,
    ev.AgentResumed: staffing.on_agent_resumed,
    ev.PhoneChanged: staffing.on_phone_changed,
    ev.RulesChanged: reloading.on_rules_changed,
    ev.SwitchLost: switching.on_switch_lost,
    ev.SwitchSynced: switching.on_switch_synced,
}

SETTLE: Final = Timer(TimerKind.SETTLE)


class Router:
    """Events in, commands and facts out."""

    def __init__(self, floor: Floor | None = None, *, strict: bool = True) -> None:
        """Start with an empty floor, or one that was recalled.

        `strict`: an illegal step raises InvalidStepError (tests); otherwise it becomes a fact and changes nothing
        more, because one confused call must not stop the others.
        """
        self.floor = floor or Floor()
        self.strict = strict

    @classmethod
    def recalled(cls, memory: Memory, *, strict: bool = True) -> "Router":
        """A router that remembers what an earlier one knew, before its switches are in sync."""
        return cls(recall(memory), strict=strict)

    def wake(self, at: int, settle_by: int) -> Output:
        """Arm the timers a recalled floor needs; `settle_by` is when to stop waiting for callers to come back."""
        floor = self.floor
        floor.begin(at)
        for agent in floor.agents.values():
            if agent.wrap_up is not None:
                floor.do(ArmTimer(timer=Timer(TimerKind.WRAP_UP, agent.name), at=agent.wrap_up.until))
            if agent.backed_off_until > floor.now:
                floor.do(ArmTimer(timer=Timer(TimerKind.BACK_OFF, agent.name), at=agent.backed_off_until))
        for call in floor.open_calls():
            if call.offer is not None and call.state is CallState.OFFERED:
                deadline = Timer(TimerKind.OFFER_DEADLINE, call.offer.id)
                floor.do(ArmTimer(timer=deadline, at=floor.now + offering.DEADLINE_SLACK))
        if floor.settling:
            floor.do(ArmTimer(timer=SETTLE, at=settle_by))
        return floor.end()

    def handle(self, event: ev.Event) -> Output:
        """Apply one event: decide, and say what to do and what is so."""
        floor = self.floor
        floor.begin(event.at)
        try:
            if isinstance(event, ev.TimerFired):
                _on_timer(floor, event.timer)
            else:
                HANDLERS[type(event)](floor, event)
        except InvalidStepError as wrong:
            if self.strict:
                raise
            floor.tell(
                Refuted(**floor.stamp, event=type(event).__name__, subject=wrong.subject, why=str(wrong))
            )
        if floor.settling and not any(
            call.state is CallState.WAITING and not call.attached for call in floor.open_calls()
        ):
            switching.end_settling(floor)
            floor.do(CancelTimer(timer=SETTLE))
        _match(floor)
        return floor.end()


def _on_timer(floor: Floor, timer: Timer) -> None:
    match timer.kind:
        case TimerKind.OFFER_DEADLINE:
            offering.on_offer_overdue(floor, OfferId(timer.key))
        case TimerKind.WRAP_UP:
            talking.on_wrap_up_over(floor, AgentName(timer.key))
        case TimerKind.BACK_OFF:
            agent = floor.agents.get(AgentName(timer.key))
            if agent is not None:
                offering.on_back_off_over(floor, agent)
        case TimerKind.PAIR_BACK_OFF:
            offering.on_pair_back_off_over(floor, timer.key)
        case TimerKind.SETTLE:
            switching.end_settling(floor)


def _match(floor: Floor) -> None:
    """Leave no matchable pair behind. Only what this event touched can have made one, unless everything changed."""
    if not floor.settling:
        if floor.rematch:
            for call, agent in pairs(floor):
                offering.make_offer(floor, call, agent)
        for agent in floor.newly_ready:
            if agent.name in floor.ready and (first := best_call(floor, agent)) is not None:
                offering.make_offer(floor, first, agent)
        for call in floor.newly_waiting:
            if call.matchable and (best := best_agent(floor, call)) is not None:
                offering.make_offer(floor, call, best)
    for call in floor.newly_waiting:
        if call.matchable:
            offering.hold(floor, call)
