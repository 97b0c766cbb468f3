"""The router: the only thing that changes routing state.

`Router.handle(event)` is the whole interface. It runs to its end without waiting, reads no clock and rolls no dice, so
the same events give the same decisions anywhere: in a test, in production, in a replay.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from acd.core import (
    admission,
    advancing,
    advising,
    callbacks,
    doors,
    leaving_queue,
    moving,
    offering,
    pausing,
    pickup,
    reloading,
    remarks,
    reserve,
    staffing,
    switching,
    talking,
    wrapping_up,
)
from acd.core import events as ev
from acd.core.calls import Call
from acd.core.commands import ArmTimer, CancelTimer
from acd.core.dispatching import leave_no_pair
from acd.core.facts import Refuted
from acd.core.floor import Floor, Output
from acd.core.ids import AgentName, CallId, OfferId, QueueName, WorkId
from acd.core.memory import Memory, recall
from acd.core.states import CallState, InvalidStepError
from acd.core.timers import Timer, TimerKind

HANDLERS: Final[Mapping[type[ev.Event], Callable[[Floor, Any], None]]] = {
    ev.CallArrived: admission.on_call_arrived,
    ev.CallReturned: admission.on_call_returned,
    ev.SessionLost: admission.on_session_lost,
    ev.CallerReplaced: admission.on_caller_replaced,
    ev.CallerHungUp: offering.on_caller_hung_up,
    ev.CallLeftQueue: leaving_queue.on_call_left_queue,
    ev.CallMoved: moving.on_call_moved,
    ev.PriorityChanged: moving.on_priority_changed,
    ev.PositionChanged: moving.on_position_changed,
    ev.CallPicked: moving.on_call_picked,
    ev.KeyPressed: moving.on_key_pressed,
    ev.CallbackAsked: callbacks.on_callback_asked,
    ev.WorkArrived: callbacks.on_work_arrived,
    ev.WorkTextFound: callbacks.on_work_text_found,
    ev.WorkCancelled: callbacks.on_work_cancelled,
    ev.WorkLineMade: callbacks.on_work_line_made,
    ev.CustomerReached: callbacks.on_customer_reached,
    ev.CustomerMissed: callbacks.on_customer_missed,
    ev.CallingSwitched: callbacks.on_calling_switched,
    ev.WayTaken: moving.on_way_taken,
    ev.Advised: advising.on_advised,
    ev.OfferRang: offering.on_offer_rang,
    ev.OfferAnswered: offering.on_offer_answered,
    ev.OfferPickedUp: pickup.on_offer_picked_up,
    ev.OfferFailed: offering.on_offer_failed,
    ev.HoldStarted: talking.on_hold_started,
    ev.HoldEnded: talking.on_hold_ended,
    ev.CallTransferred: talking.on_call_transferred,
    ev.TalkEnded: talking.on_talk_ended,
    ev.WrapUpFinished: wrapping_up.on_wrap_up_finished,
    ev.WrapUpAsked: wrapping_up.on_wrap_up_asked,
    ev.WrapUpProlonged: wrapping_up.on_wrap_up_prolonged,
    ev.CallClassified: remarks.on_call_classified,
    ev.HelpAsked: remarks.on_help_asked,
    ev.CallMarkedMalicious: remarks.on_call_marked_malicious,
    ev.AgentLoggedIn: staffing.on_agent_logged_in,
    ev.AgentLoggedOut: staffing.on_agent_logged_out,
    ev.AgentPaused: pausing.on_agent_paused,
    ev.AgentResumed: pausing.on_agent_resumed,
    ev.PhoneChanged: staffing.on_phone_changed,
    ev.RulesChanged: reloading.on_rules_changed,
    ev.QueueSwitched: doors.on_queue_switched,
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
        """With the rules in force: arm the timers a recalled floor needs; `settle_by` is when to stop waiting for callers to come back."""
        floor = self.floor
        floor.begin(at)
        for agent in floor.agents.values():
            if agent.wrap_up is not None and agent.wrap_up.until:
                floor.do(ArmTimer(timer=Timer(TimerKind.WRAP_UP, agent.name), at=agent.wrap_up.until))
            if agent.paused is not None:
                floor.do(ArmTimer(timer=Timer(TimerKind.PAUSE, agent.name), at=floor.now))
            if agent.backed_off_until > floor.now:
                floor.do(ArmTimer(timer=Timer(TimerKind.BACK_OFF, agent.name), at=agent.backed_off_until))
        for name in floor.doors.closed:
            doors.arm(floor, name)
        callbacks.wake(floor)
        for call in floor.open_calls():
            for offer in call.offers if call.state is CallState.OFFERED else ():
                deadline = Timer(TimerKind.OFFER_DEADLINE, offer.id)
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
        if floor.attempts_over or floor.called_again:
            callbacks.attempts_over(floor)
        leave_no_pair(floor)
        return floor.end()


def _on_timer(floor: Floor, timer: Timer) -> None:
    due = CALL_TIMERS.get(timer.kind)
    if due is None:
        TIMERS[timer.kind](floor, timer.key)
        return
    call = floor.calls.get(CallId(timer.key))
    if call is not None and call.state is not CallState.TALKING:
        due(floor, call)


CALL_TIMERS: Final[Mapping[TimerKind, Callable[[Floor, Call], None]]] = {
    TimerKind.CALL: advancing.on_call_due,
    TimerKind.RING_MORE: offering.on_ring_more,
    TimerKind.ASK: advising.on_no_advice,
}
"""Timers of one call that has not been answered."""

TIMERS: Final[Mapping[TimerKind, Callable[[Floor, str], None]]] = {
    TimerKind.OFFER_DEADLINE: lambda floor, key: offering.on_offer_overdue(floor, OfferId(key)),
    TimerKind.WRAP_UP: lambda floor, key: wrapping_up.on_wrap_up_over(floor, AgentName(key)),
    TimerKind.PAUSE: lambda floor, key: pausing.on_pause_due(floor, AgentName(key)),
    TimerKind.BACK_OFF: lambda floor, key: offering.on_back_off_over(floor, AgentName(key)),
    TimerKind.PAIR_BACK_OFF: offering.on_pair_back_off_over,
    TimerKind.STAY: lambda floor, key: reserve.on_stay_over(floor, QueueName(key)),
    TimerKind.OPENING: lambda floor, key: doors.on_open_due(floor, QueueName(key)),
    TimerKind.CLOSING: lambda floor, key: doors.clear(floor, [QueueName(key)]),
    TimerKind.WORK: lambda floor, key: callbacks.on_work_due(floor, WorkId(key)),
    TimerKind.RELOAD: lambda floor, _key: reloading.on_slice(floor),
    TimerKind.SETTLE: lambda floor, _key: switching.end_settling(floor),
}
