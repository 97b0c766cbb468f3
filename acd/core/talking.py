"""Talks: hold, transfer, end."""

from acd.core.admission import note_child
from acd.core.calls import Call, LiveOffer
from acd.core.commands import Release
from acd.core.estimate import learn
from acd.core.events import CallTransferred, HoldEnded, HoldStarted, TalkEnded
from acd.core.facts import HeldCaller, Talked, TookBack, Transferred
from acd.core.floor import Floor, GivenAway
from acd.core.ids import AgentName, CallId, OfferId, QueueName, ms
from acd.core.leaving import leave_as_wished
from acd.core.offering import tell_end
from acd.core.outcomes import Disposition, EndedBy
from acd.core.remarks import want_help
from acd.core.states import CallState, CallStep
from acd.core.wrapping_up import start_wrap_up


def talk(floor: Floor, offer: OfferId) -> tuple[Call, LiveOffer] | None:
    """The running talk that came of an offer, or None."""
    call = floor.calls.get(floor.offers[offer]) if offer in floor.offers else None
    if call is None or call.offer is None or call.state is not CallState.TALKING:
        return None
    return call, call.offer


def on_hold_started(floor: Floor, event: HoldStarted) -> None:
    """Hold time counts from here."""
    found = talk(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "no such talk")
        return
    call, offer = found
    if offer.held_since is None:
        offer.held_since = floor.now
        floor.tell(
            HeldCaller(**floor.stamp, offer=offer.id, call=call.id, queue=call.queue, agent=offer.agent)
        )
        agent = floor.agents[offer.agent]
        agent.holding = True
        floor.settle(agent, queue=call.queue)


def on_hold_ended(floor: Floor, event: HoldEnded) -> None:
    """Talk time goes on. An Unhold where nothing was held is normal: a REFER makes one."""
    found = talk(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "no such talk")
        return
    call, offer = found
    _take_back(floor, call, offer)
    floor.settle(floor.agents[offer.agent], queue=call.queue)


def _take_back(floor: Floor, call: Call, offer: LiveOffer) -> None:
    if offer.held_since is None:
        return
    held = ms(floor.now) - ms(offer.held_since)
    offer.hold_ms += held
    offer.held_since = None
    floor.agents[offer.agent].holding = False
    floor.tell(
        TookBack(
            **floor.stamp, offer=offer.id, call=call.id, queue=call.queue, agent=offer.agent, hold_ms=held
        )
    )


def on_call_transferred(floor: Floor, event: CallTransferred) -> None:
    """The agent is out of the talk at the transfer, however long the caller talks on elsewhere.

    The phone's own hang-up may have been told first; then the talk has ended already and only the transfer is stated.
    """
    found = talk(floor, event.offer)
    if found is not None:
        call, offer = found
        _give_away(floor, event, (call.id, call.queue, offer.agent))
        _finish(floor, found, EndedBy.TRANSFER, estimated=False)
        return
    ended = floor.hung_up.pop(event.offer, None)
    if ended is None:
        floor.stale(event, event.offer, "no such talk")
    else:
        _give_away(floor, event, ended)


def _give_away(floor: Floor, event: CallTransferred, what: tuple[CallId, QueueName, AgentName]) -> None:
    """State the transfer, and link the segments when the caller has already turned up in a queue."""
    call, queue, agent = what
    child = event.into or floor.children.pop(call, None)
    floor.tell(
        Transferred(
            **floor.stamp,
            offer=event.offer,
            call=call,
            queue=queue,
            agent=agent,
            kind=event.kind,
            target=event.target,
            where=event.where,
            into=child,
        )
    )
    floor.remember_transfer(GivenAway(call=call, queue=queue, agent=agent, kind=event.kind))
    if child is not None:
        note_child(floor, call, child)


def on_talk_ended(floor: Floor, event: TalkEnded) -> None:
    """The agent's part is over, and the call with it."""
    found = talk(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "no such talk")
        return
    _finish(floor, found, event.by, estimated=event.estimated, ended_at=event.ended_at)


def _finish(
    floor: Floor, found: tuple[Call, LiveOffer], by: EndedBy, *, estimated: bool, ended_at: int | None = None
) -> None:
    call, offer = found
    _take_back(floor, call, offer)
    agent = floor.agents[offer.agent]
    began = floor.now if offer.answered_at is None else offer.answered_at
    # Seen late, but known: between the answer and now, whatever another clock wrote down.
    end = floor.now if ended_at is None else min(max(ended_at, began), floor.now)
    floor.tell(
        Talked(
            at=floor.now,
            generation=floor.rules.generation,
            offer=offer.id,
            call=call.id,
            queue=call.queue,
            agent=agent.name,
            talk_ms=max(0, ms(end) - ms(began) - offer.hold_ms),
            hold_ms=offer.hold_ms,
            by=by,
            estimated=estimated,
        )
    )
    if by is not EndedBy.TRANSFER:
        floor.remember_hang_up(offer.id, (call.id, call.queue, agent.name))
    queue = floor.queue_of(call)
    if agent.wants_help:
        want_help(floor, agent, wanted=False)
    floor.step(call, CallStep.TALK_ENDED)
    del floor.offers[offer.id]
    tell_end(floor, call, Disposition.ANSWERED, by)
    floor.do(Release(call=call.id, verdict=Disposition.ANSWERED))
    agent.call, agent.offer = None, None
    agent.talking = False
    agent.last_talk = (call.id, call.queue)
    agent.idle_since = agent.idle_any = floor.now
    learn(floor, call.queue, ms(end) - ms(began))
    if agent.leaving:
        leave_as_wished(floor, agent)
    else:
        start_wrap_up(floor, agent, call, queue)
    floor.settle(agent, queue=call.queue)
