"""Offers: ringing a phone for a call, and the one way each offer ends."""

from acd.core.agents import Agent
from acd.core.calls import Call, LiveOffer
from acd.core.commands import ArmTimer, CancelTimer, Hold, Offer, Rescind
from acd.core.events import CallerHungUp, CallLeftQueue, OfferAnswered, OfferFailed, OfferRang
from acd.core.facts import Abandoned, Answered, BackedOff, Ended, Left, Offered, OfferEnded
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, AgentName, CallId, OfferId, ms, offer_id
from acd.core.leaving import leave
from acd.core.matching import decision
from acd.core.outcomes import BLAMELESS, AbandonStage, Disposition, EndedBy, OfferOutcome
from acd.core.states import CallState, CallStep
from acd.core.timers import Timer, TimerKind

DEADLINE_SLACK = 5_000_000_000
"""Past the ring time-out: Dial ends by itself, so a later outcome means that the wire lost it."""


def make_offer(floor: Floor, call: Call, agent: Agent) -> None:
    """Ring the agent's phone for the call."""
    queue = floor.queue_of(call)
    why = decision(floor, call, agent)
    call.offers_made += 1
    offer = LiveOffer(
        id=offer_id(call.id, call.offers_made), agent=agent.name, phone=agent.rule.phone, made_at=floor.now
    )
    floor.step(call, CallStep.OFFER_MADE)
    call.offer = offer
    floor.offers[offer.id] = call.id
    agent.call = call.id
    floor.tell(
        Offered(
            **floor.stamp,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=agent.name,
            phone=offer.phone,
            wait_ms=ms(floor.now) - ms(call.joined),
            decision=why,
        )
    )
    floor.settle(agent, queue=call.queue)
    answer_first = not call.answered and not queue.ring_before_answer
    call.answered = call.answered or answer_first
    floor.do(
        Offer(
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            phone=offer.phone,
            ring_timeout=queue.ring_timeout // NS_PER_MS,
            answer_first=answer_first,
            music=queue.music,
        )
    )
    floor.do(ArmTimer(timer=_deadline(offer.id), at=floor.now + queue.ring_timeout + DEADLINE_SLACK))


def hold(floor: Floor, call: Call) -> None:
    """Let a call that nobody could take wait with music."""
    call.answered = True
    floor.do(Hold(call=call.id, music=floor.queue_of(call).music))


def rescind(floor: Floor, call: Call) -> None:
    """Pull a ringing offer back. The outcome follows as an event: the agent may just have picked up."""
    if call.offer is not None and call.state is CallState.OFFERED and not call.offer.rescinding:
        call.offer.rescinding = True
        floor.do(Rescind(offer=call.offer.id))


# ---------------------------------------------------------------- what the phone did


def ringing(floor: Floor, offer: OfferId) -> Call | None:
    """The call an offer rings for, or None when the offer is over."""
    call = floor.calls.get(floor.offers[offer]) if offer in floor.offers else None
    return call if call is not None and call.state is CallState.OFFERED else None


def on_offer_rang(floor: Floor, event: OfferRang) -> None:
    """The phone rings: ring time counts from here."""
    call = ringing(floor, event.offer)
    if call is None or call.offer is None:
        floor.stale(event, event.offer, "the offer is over")
    elif call.offer.rang_at is None:
        call.offer.rang_at = floor.now


def on_offer_answered(floor: Floor, event: OfferAnswered) -> None:
    """Agent and caller talk."""
    call = ringing(floor, event.offer)
    if call is None or call.offer is None:
        floor.stale(event, event.offer, "the offer is over")
        return
    offer, agent = call.offer, floor.agents[call.offer.agent]
    floor.step(call, CallStep.ANSWERED)
    call.answered = True
    offer.answered_at = floor.now
    offer.leg = event.leg
    agent.talking = True
    agent.missed = 0
    _tell_outcome(floor, call, offer, OfferOutcome.ANSWERED, "")
    floor.tell(
        Answered(
            **floor.stamp,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=agent.name,
            wait_ms=ms(floor.now) - ms(call.joined),
            ring_ms=_ring_ms(floor, offer),
            leg=event.leg,
            leg_channel=event.leg_channel,
            estimated=event.estimated,
        )
    )
    floor.settle(agent, queue=call.queue)


def on_offer_failed(floor: Floor, event: OfferFailed) -> None:
    """The phone did not take the call: the caller keeps the place, the agent gets the outcome's back-off."""
    call = ringing(floor, event.offer)
    if call is None:
        floor.stale(event, event.offer, "the offer is over")
        return
    fail_offer(floor, call, event.outcome, event.cause)


def fail_offer(floor: Floor, call: Call, outcome: OfferOutcome, cause: str) -> None:
    """End a ringing offer without a talk and put the call back to its place."""
    offer = call.offer
    if offer is None:
        return
    queue = floor.queue_of(call)
    floor.step(call, CallStep.OFFER_FAILED)
    call.offer = None
    _tell_outcome(floor, call, offer, outcome, cause)
    agent = floor.agents[offer.agent]
    if outcome not in BLAMELESS:
        call.held_off[agent.name] = floor.now + queue.same_call_back_off
        floor.do(
            ArmTimer(
                timer=Timer(TimerKind.PAIR_BACK_OFF, f"{call.id} {agent.name}"), at=call.held_off[agent.name]
            )
        )
    free(floor, agent, outcome, queue.back_off.get(outcome, 0))
    if call.attached:
        floor.place(call)


def free(floor: Floor, agent: Agent, outcome: OfferOutcome, back_off: int) -> None:
    """Take the agent out of an offer that came to nothing; `back_off` in nanoseconds."""
    agent.call = None
    if outcome not in BLAMELESS:
        agent.missed += 1
        if back_off:
            agent.backed_off_until = floor.now + back_off
            floor.tell(
                BackedOff(**floor.stamp, agent=agent.name, outcome=outcome, until=agent.backed_off_until)
            )
            floor.do(
                ArmTimer(timer=Timer(TimerKind.BACK_OFF, agent.name), at=agent.backed_off_until),
            )
    if agent.leaving:
        leave(floor, agent)
    floor.settle(agent)


def on_back_off_over(floor: Floor, agent: Agent) -> None:
    """Offers are allowed again."""
    agent.backed_off_until = min(agent.backed_off_until, floor.now)
    floor.settle(agent)


def on_pair_back_off_over(floor: Floor, key: str) -> None:
    """This call may go to this agent again; both may have moved on, which is fine."""
    call_id, _, name = key.partition(" ")
    call = floor.calls.get(CallId(call_id))
    if call is None:
        return
    call.held_off.pop(AgentName(name), None)
    if call.matchable:
        floor.newly_waiting.append(call)


def on_offer_overdue(floor: Floor, offer: OfferId) -> None:
    """No outcome though Dial must have ended. While the switch is out of sight, wait on; else give up."""
    call = ringing(floor, offer)
    if call is None:
        return
    if call.switch in floor.lost_switches or floor.settling:
        floor.do(ArmTimer(timer=_deadline(offer), at=floor.now + DEADLINE_SLACK))
        return
    floor.do(Rescind(offer=offer))
    fail_offer(floor, call, OfferOutcome.ERROR, "no outcome in time")


# ---------------------------------------------------------------- callers who go


def on_caller_hung_up(floor: Floor, event: CallerHungUp) -> None:
    """The caller gave up, waiting or ringing; the agent being rung is not to blame."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, event.call, "not waiting" if call else "no such open call")
        return
    stage = AbandonStage.RINGING if call.state is CallState.OFFERED else AbandonStage.WAITING
    _withdraw(floor, call, CallStep.ABANDONED)
    floor.tell(
        Abandoned(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            stage=stage,
            wait_ms=ms(floor.now) - ms(call.joined),
            estimated=event.estimated,
        )
    )
    tell_end(floor, call, Disposition.ABANDONED, EndedBy.CALLER)


def on_call_left_queue(floor: Floor, event: CallLeftQueue) -> None:
    """A waiting call was taken away."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, event.call, "not waiting" if call else "no such open call")
        return
    _withdraw(floor, call, CallStep.LEFT)
    floor.tell(
        Left(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            reason=event.reason,
            wait_ms=ms(floor.now) - ms(call.joined),
        )
    )
    tell_end(floor, call, Disposition.LEFT, EndedBy.PLATFORM)


def tell_end(floor: Floor, call: Call, disposition: Disposition, by: EndedBy) -> None:
    """The one end of a call's story."""
    floor.tell(
        Ended(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            disposition=disposition,
            by=by,
            duration_ms=ms(floor.now) - ms(call.arrived),
            trunk=call.trunk,
        )
    )


def _withdraw(floor: Floor, call: Call, step: CallStep) -> None:
    offer = call.offer
    if offer is not None:
        floor.do(Rescind(offer=offer.id))
        call.offer = None
        _tell_outcome(floor, call, offer, OfferOutcome.CALLER_LEFT, "")
        floor.step(call, step)
        free(floor, floor.agents[offer.agent], OfferOutcome.CALLER_LEFT, 0)
    else:
        floor.step(call, step)


def _tell_outcome(floor: Floor, call: Call, offer: LiveOffer, outcome: OfferOutcome, cause: str) -> None:
    if outcome is not OfferOutcome.ANSWERED:
        del floor.offers[offer.id]
    floor.do(CancelTimer(timer=_deadline(offer.id)))
    floor.tell(
        OfferEnded(
            **floor.stamp,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=offer.agent,
            outcome=outcome,
            ring_ms=_ring_ms(floor, offer),
            cause=cause,
        )
    )


def _ring_ms(floor: Floor, offer: LiveOffer) -> int:
    return 0 if offer.rang_at is None else ms(floor.now) - ms(offer.rang_at)


def _deadline(offer: OfferId) -> Timer:
    return Timer(TimerKind.OFFER_DEADLINE, offer)
