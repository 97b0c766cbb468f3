"""After every event: leave no matchable pair behind. Only what the event touched can have made one, unless all has changed."""

from collections.abc import Iterable

from acd.core import advising, offering
from acd.core.advancing import agents_left, settle_call, skip_one, skip_untaken
from acd.core.affinity import agent_gone
from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.floor import Floor
from acd.core.ids import CallId
from acd.core.leaving_queue import in_order
from acd.core.matching import Pick, best_agents, best_call, pairs
from acd.core.reserve import look_after


def leave_no_pair(floor: Floor) -> None:
    """Match until nothing is new; then let those who wait hear music."""
    heard: dict[CallId, Call] = {}
    while floor.newly_waiting or floor.newly_ready or _unusual(floor):
        waiting = _settled(floor)
        ready, floor.newly_ready = floor.newly_ready, []
        if waiting:
            heard.update((call.id, call) for call in waiting)
            if ready or floor.settling or floor.rematch or floor.reopened:
                _stand(floor, waiting)
        if floor.settling:
            continue
        if floor.rematch:
            ready = []  # everybody is matched now, the newly free among them
            _everybody(floor)
        if floor.advice:
            _advised(floor)
        for agent in ready:
            _take_call(floor, agent)
        if floor.reopened:
            _reopened(floor)  # after the newly free: their first call may wait in another queue
        for call in waiting:
            _take_agents(floor, call)
    _let_hear(floor, heard.values())


def _let_hear(floor: Floor, calls: Iterable[Call]) -> None:
    for call in calls:
        if call.matchable and call.id in floor.line:
            offering.hold(floor, call)


def _unusual(floor: Floor) -> bool:
    """Whether there is something new beside calls and agents."""
    if floor.gone or floor.touched:
        return True
    return not floor.settling and bool(floor.rematch or floor.reopened or floor.advice)


def _settled(floor: Floor) -> list[Call]:
    """Bring every call that was placed to its stage and queue before any is matched; in the order of the line.

    That order counts from the first: where a step or an overflow leads there may not be room for all.
    """
    waiting: list[Call] = []
    while floor.newly_waiting or floor.gone or floor.touched:
        _changes(floor)
        placed, floor.newly_waiting = floor.newly_waiting, []
        if len(placed) > 1:
            placed = in_order(floor, [call for call in placed if call.matchable])
        waiting += [call for call in placed if _waits(floor, call)]
    return in_order(floor, waiting) if len(waiting) > 1 else waiting


def _changes(floor: Floor) -> None:
    """What follows from agents who left and from watched queues."""
    if floor.gone:
        gone, floor.gone = floor.gone, []
        for agent in gone:
            agent_gone(floor, agent)
        agents_left(floor)
    if floor.touched:
        look_after(floor)


def _waits(floor: Floor, call: Call) -> bool:
    """Whether a call that was placed is still to be matched, in the queue it is in."""
    return call.matchable and call.id not in floor.line and settle_call(floor, call)


def _stand(floor: Floor, waiting: list[Call]) -> None:
    for call in waiting:
        if call.matchable and call.id not in floor.line:
            floor.stand(call)


def _everybody(floor: Floor) -> None:
    """After a reload, a sync or a restart."""
    floor.rematch = False
    floor.reopened.clear()
    for pick in pairs(floor):
        _ring(floor, pick)
    skip_untaken(floor, floor.rules.queues)


def _reopened(floor: Floor) -> None:
    """Queues that may ring again."""
    while floor.reopened:
        queues, floor.reopened = floor.reopened, set()
        for pick in pairs(floor, queues):
            _ring(floor, pick)
        skip_untaken(floor, queues)


def _advised(floor: Floor) -> None:
    """Follow an outside program."""
    advice, floor.advice = floor.advice, []
    for call, agent in advice:
        if agent in floor.ready:
            where = floor.class_of(call)
            _ring(floor, Pick(call=call, where=where, agents=(agent,), rule="advice", side="call"))
        else:
            floor.place(call)


def _take_call(floor: Floor, agent: Agent) -> None:
    """A free agent takes the first call; one that is being asked about is none."""
    while agent.name in floor.ready:
        pick = best_call(floor, agent)
        if pick is None or _ring(floor, pick):
            return


def _take_agents(floor: Floor, call: Call) -> None:
    """A waiting call takes the best agents, or stands in the line."""
    while call.matchable:
        pick = best_agents(floor, call)
        if pick is not None:
            _ring(floor, pick)
            return
        if not skip_one(floor, call):
            if call.id not in floor.line:
                floor.stand(call)
            return
        floor.step_aside(call)
        if not settle_call(floor, call):
            return


def _ring(floor: Floor, pick: Pick) -> bool:
    """Make the offers, unless an outside program is asked first."""
    if advising.ask_first(floor, pick):
        return False
    offering.make_offers(floor, pick)
    return True
