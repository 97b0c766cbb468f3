"""Offers: ringing phones for a call, and the one way each offer ends."""

from acd.core.agents import Agent
from acd.core.callers import note_given_up, note_talk
from acd.core.calls import Call, LiveOffer
from acd.core.commands import ArmTimer, CancelTimer, Errand, Hold, Leg, Offer, Rescind
from acd.core.decisions import decision
from acd.core.events import CallerHungUp, OfferAnswered, OfferFailed, OfferRang
from acd.core.facts import Abandoned, Answered, BackedOff, Decision, Ended, Offered, OfferEnded, Paused
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, AgentName, CallId, OfferId, ms, offer_id
from acd.core.leaving import leave_as_wished
from acd.core.matching import Pick, several
from acd.core.outcomes import (
    BLAMELESS,
    AbandonStage,
    Disposition,
    EndedBy,
    OfferOutcome,
    Strategy,
    Via,
    WorkKind,
)
from acd.core.rules import QueueRule
from acd.core.states import CallState, CallStep
from acd.core.timers import Timer, TimerKind

DEADLINE_SLACK = 5_000_000_000
"""Past the ring time-out: Dial ends by itself, so a later outcome means that the wire lost it."""
MISSED_CALLS = "missed calls"
"""The reason of a pause that the router made."""


def make_offers(floor: Floor, pick: Pick) -> None:
    """Ring the phones of those picked for the call."""
    call, queue = pick.call, floor.queue_of(pick.call)
    agents = [floor.agents[name] for name in pick.agents]
    decisions = [decision(floor, pick, agent) for agent in agents]
    call.advised = False
    floor.step(call, CallStep.OFFER_MADE)
    for agent, why in zip(agents, decisions, strict=True):
        add_offer(floor, call, agent, why)
    _ring(floor, call, queue, _ring_time(queue, agents))
    if queue.strategy is Strategy.PROGRESSIVE and not call.prefer_until and call.work is None:
        _ring_more_later(floor, call, queue)


def add_offer(floor: Floor, call: Call, agent: Agent, why: Decision) -> OfferId:
    """One phone more that rings for the call; its Dial, or what else made it ring, is the caller's business."""
    call.offers_made += 1
    offer = LiveOffer(
        id=offer_id(call.id, call.offers_made), agent=agent.name, phone=agent.at_phone, made_at=floor.now
    )
    call.offers.append(offer)
    floor.offers[offer.id] = call.id
    agent.call, agent.offer = call.id, offer.id
    rule = agent.rule
    floor.turns[call.queue] = (agent.name, rule.number)
    if rule.shares:
        floor.shares.count(rule.shares_of, call.queue)
    floor.tell(
        Offered(
            at=floor.now,
            generation=floor.rules.generation,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=agent.name,
            phone=offer.phone,
            wait_ms=ms(floor.now) - ms(call.joined),
            decision=why,
            shares_of=rule.shares_of if rule.shares else "",
        )
    )
    floor.settle(agent, queue=call.queue)
    floor.ring(call.queue, 1)
    return offer.id


def _ring_time(queue: QueueRule, agents: list[Agent]) -> int:
    """How long the phones ring: one agent's own time counts for that agent alone."""
    own = agents[0].rule.ring_timeout if len(agents) == 1 else None
    return queue.ring_timeout if own is None else min(own, queue.ring_timeout)


def _ring(floor: Floor, call: Call, queue: QueueRule, lasting: int) -> None:
    """Let all phones of the call's offers ring for so long from now on."""
    answer_first = not call.answered and not queue.ring_before_answer
    call.answered = call.answered or answer_first
    errand = None if call.work is None or call.uniqueid else _errand(floor, call, queue)
    floor.do(
        Offer(
            call=call.id,
            queue=call.queue,
            legs=tuple([Leg(offer.id, offer.phone) for offer in call.offers]),
            ring_timeout=lasting // NS_PER_MS,
            answer_first=answer_first,
            music=floor.needs.at(call.queue, call.stage).music,
            errand=errand,
        )
    )
    if errand is not None and errand.customer_first:
        lasting += queue.callback.ring
    for offer in call.offers:
        floor.do(ArmTimer(timer=_deadline(offer.id), at=floor.now + lasting + DEADLINE_SLACK))


def _errand(floor: Floor, call: Call, queue: QueueRule) -> Errand | None:
    item = None if call.work is None else floor.work.items.get(call.work)
    if item is None:
        return None
    rule = queue.callback
    return Errand(
        work=item.id,
        kind=item.kind,
        number=item.number,
        file=item.file,
        customer_first=rule.customer_first and item.kind is WorkKind.CALLBACK,
        ring=rule.ring // NS_PER_MS,
    )


def hold(floor: Floor, call: Call) -> None:
    """Let a call that nobody could take wait with music."""
    call.answered = True
    floor.do(Hold(call=call.id, music=floor.needs.at(call.queue, call.stage).music))


def rescind(floor: Floor, call: Call, agent: Agent | None = None) -> None:
    """Pull ringing offers back, or one agent's. The outcome follows as an event: somebody may just have picked up."""
    if call.state is not CallState.OFFERED:
        return
    for offer in call.offers:
        if not offer.rescinding and (agent is None or offer.agent == agent.name):
            offer.rescinding = True
            floor.do(Rescind(offer=offer.id))


# ---------------------------------------------------------------- more and more phones


def _ring_more_later(floor: Floor, call: Call, queue: QueueRule) -> None:
    if len(call.offers) < queue.ring_most:
        floor.do(ArmTimer(timer=Timer(TimerKind.RING_MORE, call.id), at=floor.now + queue.ring_step))


def on_ring_more(floor: Floor, call: Call) -> None:
    """Let the next phones ring beside those that do: by one Dial anew, as no phone can join a running one."""
    queue = floor.queue_of(call)
    if call.state is not CallState.OFFERED or queue.strategy is not Strategy.PROGRESSIVE:
        return
    pick = _more(floor, call, queue)
    if pick is not None:
        agents = [floor.agents[name] for name in pick.agents]
        for agent, why in [(agent, decision(floor, pick, agent)) for agent in agents]:
            add_offer(floor, call, agent, why)
        _ring(floor, call, queue, queue.ring_timeout)
    _ring_more_later(floor, call, queue)


def _more(floor: Floor, call: Call, queue: QueueRule) -> Pick | None:
    where = floor.class_of(call)
    rings_already = call.attached and not call.prefer_until and not any(o.rescinding for o in call.offers)
    if not rings_already or floor.line.is_shut(where.key) or floor.settling:
        return None
    mask = floor.servers(where) & floor.ready.mask
    number = min(queue.ring_first, queue.ring_most - len(call.offers))
    without = (call.held_off or {}).keys() | (call.tried or set())
    agents = several(floor, queue, mask, number, without)
    if not agents:
        return None
    return Pick(call=call, where=where, agents=agents, rule=queue.strategy.value, side="call")


# ---------------------------------------------------------------- what the phones did


def ringing(floor: Floor, offer: OfferId) -> tuple[Call, LiveOffer] | None:
    """The call an offer rings for, or None when the offer is over."""
    call = floor.calls.get(floor.offers[offer]) if offer in floor.offers else None
    live = call.offer_named(offer) if call is not None and call.state is CallState.OFFERED else None
    return None if call is None or live is None else (call, live)


def on_offer_rang(floor: Floor, event: OfferRang) -> None:
    """The phone rings: ring time counts from here."""
    found = ringing(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "the offer is over")
    elif found[1].rang_at is None:
        found[1].rang_at = floor.now


def on_offer_answered(floor: Floor, event: OfferAnswered) -> None:
    """Agent and caller talk; all other phones that rang for the call have lost the race."""
    found = ringing(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "the offer is over")
        return
    call, offer = found
    agent, losers = floor.agents[offer.agent], [live for live in call.offers if live is not offer]
    floor.step(call, CallStep.ANSWERED)
    call.answered = True
    call.offers = [offer]
    call.move_to = None
    offer.answered_at = floor.now
    offer.leg = event.leg
    agent.talking = True
    if agent.missed:
        agent.missed, agent.last_miss = {}, None
    floor.note_answer(agent)
    _tell_outcome(floor, call, offer, OfferOutcome.ANSWERED, "")
    note_talk(floor, call, agent.name)
    floor.tell(
        Answered(
            at=floor.now,
            generation=floor.rules.generation,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=agent.name,
            wait_ms=ms(floor.now) - ms(call.joined),
            ring_ms=_ring_ms(floor, offer),
            leg=event.leg,
            leg_channel=event.leg_channel,
            estimated=event.estimated,
            work=call.work is not None,
        )
    )
    floor.settle(agent, queue=call.queue)
    for loser in losers:
        _tell_outcome(floor, call, loser, OfferOutcome.LOST_RACE, "")
        free(floor, floor.agents[loser.agent], OfferOutcome.LOST_RACE, floor.queue_of(call))


def on_offer_failed(floor: Floor, event: OfferFailed) -> None:
    """The phone did not take the call: the caller keeps the place, the agent gets the outcome's back-off."""
    found = ringing(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "the offer is over")
        return
    fail_offer(floor, *found, event.outcome, event.cause)


def fail_offer(floor: Floor, call: Call, offer: LiveOffer, outcome: OfferOutcome, cause: str) -> None:
    """End a ringing offer without a talk; after the last one the call is back at its place."""
    queue = floor.queue_of(call)
    call.offers.remove(offer)
    _tell_outcome(floor, call, offer, outcome, cause)
    agent = floor.agents[offer.agent]
    if outcome not in BLAMELESS:
        _hold_off(floor, call, agent.name, queue.same_call_back_off)
    free(floor, agent, outcome, queue)
    if call.offers:
        return
    floor.step(call, CallStep.OFFER_FAILED)
    floor.do(CancelTimer(timer=Timer(TimerKind.RING_MORE, call.id)))
    if call.attached:
        floor.place(call)


def _hold_off(floor: Floor, call: Call, agent: AgentName, lasting: int) -> None:
    """The call does not go to this agent for a while, and to others first even then."""
    call.tried = (call.tried or set()) | {agent}
    call.held_off = (call.held_off or {}) | {agent: floor.now + lasting}
    floor.do(ArmTimer(timer=Timer(TimerKind.PAIR_BACK_OFF, f"{call.id} {agent}"), at=call.held_off[agent]))


def free(floor: Floor, agent: Agent, outcome: OfferOutcome, queue: QueueRule) -> None:
    """Take the agent out of an offer that came to nothing."""
    agent.call, agent.offer = None, None
    blamed = outcome not in BLAMELESS
    pause = queue.back_off.get(outcome, 0) if blamed else queue.reoffer_gap
    if pause:
        agent.backed_off_until = max(agent.backed_off_until, floor.now + pause)
        floor.tell(BackedOff(**floor.stamp, agent=agent.name, outcome=outcome, until=agent.backed_off_until))
        floor.do(ArmTimer(timer=Timer(TimerKind.BACK_OFF, agent.name), at=agent.backed_off_until))
    if blamed:
        _count_miss(floor, agent, outcome, queue)
    if agent.leaving:
        leave_as_wished(floor, agent)
    floor.settle(agent, reason=agent.paused or "")


def _count_miss(floor: Floor, agent: Agent, outcome: OfferOutcome, queue: QueueRule) -> None:
    """After so many misses in a row an agent is paused: better told than rung in vain."""
    missed = agent.missed.get(outcome, 0) + 1
    agent.missed = agent.missed | {outcome: missed}
    agent.last_miss = outcome
    most = queue.autopause.get(outcome)
    if most is not None and missed >= most and agent.paused is None:
        agent.missed = {}
        agent.paused = MISSED_CALLS
        floor.tell(Paused(**floor.stamp, agent=agent.name, reason=MISSED_CALLS, via=Via.ROUTER))


def on_back_off_over(floor: Floor, name: AgentName) -> None:
    """Offers are allowed again."""
    agent = floor.agents.get(name)
    if agent is not None:
        agent.backed_off_until = min(agent.backed_off_until, floor.now)
        floor.settle(agent)


def on_pair_back_off_over(floor: Floor, key: str) -> None:
    """This call may go to this agent again; both may have moved on, which is fine."""
    call_id, _, name = key.partition(" ")
    call = floor.calls.get(CallId(call_id))
    if call is None or call.held_off is None:
        return
    call.held_off.pop(AgentName(name), None)
    if call.matchable:
        floor.step_aside(call)
        floor.place(call)


def on_offer_overdue(floor: Floor, offer: OfferId) -> None:
    """No outcome though Dial must have ended. While the switch is out of sight, wait on; else give up."""
    found = ringing(floor, offer)
    if found is None:
        return
    call, live = found
    if call.switch in floor.lost_switches or floor.settling:
        floor.do(ArmTimer(timer=_deadline(offer), at=floor.now + DEADLINE_SLACK))
        return
    floor.do(Rescind(offer=offer))
    fail_offer(floor, call, live, OfferOutcome.ERROR, "no outcome in time")


# ---------------------------------------------------------------- callers who go


def on_caller_hung_up(floor: Floor, event: CallerHungUp) -> None:
    """The caller gave up, waiting or ringing; the agent being rung is not to blame."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, event.call, "not waiting" if call else "no such open call")
        return
    stage = AbandonStage.RINGING if call.state is CallState.OFFERED else AbandonStage.WAITING
    withdraw_offers(floor, call, OfferOutcome.CALLER_LEFT)
    note_given_up(floor, call)
    floor.step(call, CallStep.ABANDONED)
    floor.tell(
        Abandoned(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            stage=stage,
            wait_ms=ms(floor.now) - ms(call.joined),
            estimated=event.estimated,
            work=call.work is not None,
        )
    )
    tell_end(floor, call, Disposition.ABANDONED, EndedBy.CALLER)


def tell_end(floor: Floor, call: Call, disposition: Disposition, by: EndedBy) -> None:
    """The one end of a call's story. What it means for the work it was about follows after this step."""
    if call.work is not None:
        floor.attempts_over.append((call, disposition))
    floor.tell(
        Ended(
            at=floor.now,
            generation=floor.rules.generation,
            call=call.id,
            queue=call.queue,
            disposition=disposition,
            by=by,
            duration_ms=ms(floor.now) - ms(call.arrived),
            trunk=call.trunk,
        )
    )


def withdraw_offers(floor: Floor, call: Call, outcome: OfferOutcome, *, quiet: bool = True) -> None:
    """End the offers of a call that is about to end, or leave its queue; `quiet`: and stop the phones."""
    for offer in call.offers:
        if quiet:
            floor.do(Rescind(offer=offer.id))
        _tell_outcome(floor, call, offer, outcome, "")
        free(floor, floor.agents[offer.agent], outcome, floor.queue_of(call))
    call.offers = []


def _tell_outcome(floor: Floor, call: Call, offer: LiveOffer, outcome: OfferOutcome, cause: str) -> None:
    if outcome is not OfferOutcome.ANSWERED:
        del floor.offers[offer.id]
    floor.ring(call.queue, -1)
    floor.do(CancelTimer(timer=_deadline(offer.id)))
    floor.tell(
        OfferEnded(
            at=floor.now,
            generation=floor.rules.generation,
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
