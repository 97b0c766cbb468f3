"""Ways out of a queue: by a limit, by a step, by a key; with the age to another queue, and never round in circles."""

from typing import Any

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import CallId, QueueName
from acd.core.outcomes import BlockReason, Disposition, LeaveReason, Skip, SwitchedBy, WayKind
from acd.core.rules import QueueRule, Step
from acd.core.timers import Timer, TimerKind
from acd.core.ways import Way
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit
BOX = Way(kind=WayKind.VOICEMAIL, target="200@default")
OPEN = frozenset[str]()


def to(name: str) -> Way:
    """The way to a queue."""
    return Way(kind=WayKind.QUEUE, target=name)


def sales(**fields: Any) -> QueueRule:
    """A queue whose callers may wait for nobody."""
    return queue(join_states=OPEN, **fields)


def support(**fields: Any) -> QueueRule:
    """The other one."""
    return queue("support", join_states=OPEN, **fields)


def known(stage: Stage, call: CallId) -> Call:
    return stage.router.floor.calls[call]


def released(stage: Stage) -> list[tuple[str, Way | None]]:
    return [(c.reason, c.way) for c in stage.commands if isinstance(c, cmd.Release)]


def take(stage: Stage, call: CallId, way: Way, key: str = "2") -> None:
    stage.play(ev.WayTaken(at=stage.now, call=call, way=way, key=key))


def due(stage: Stage, call: CallId) -> None:
    stage.play(ev.TimerFired(at=stage.now, timer=Timer(TimerKind.CALL, call)))


def test_a_full_queue_sends_the_next_caller_to_another_with_its_agents() -> None:
    stage = Stage(
        sales(max_waiting=1, overflow={"queue_full": to("support")}), support(), agent("ann", "support")
    )
    stage.arrive()
    second = stage.arrive()
    assert [(fact.queue, fact.moved_from) for fact in stage.told(f.Queued)] == [
        ("sales", None),
        ("sales", None),
        ("support", "sales"),
    ]
    (diverted,) = stage.told(f.Diverted)
    assert (diverted.call, diverted.reason, diverted.target) == (second, "queue_full", "support")
    assert stage.told(f.Offered)[0].agent == "ann"
    assert stage.told(f.Blocked) == []


def test_without_a_way_a_full_queue_refuses() -> None:
    stage = Stage(sales(max_waiting=1))
    stage.arrive()
    stage.arrive()
    assert stage.told(f.Blocked)[0].reason is BlockReason.QUEUE_FULL


def test_a_queue_on_the_way_that_is_full_as_well_is_passed_over_by_its_own_way() -> None:
    stage = Stage(
        sales(max_waiting=1, overflow={"queue_full": to("support")}),
        support(is_open=False, overflow={"closed": BOX}),
    )
    stage.arrive()
    stage.arrive()
    (refused,) = [command for command in stage.commands if isinstance(command, cmd.Refuse)]
    assert (refused.reason, refused.way) == (BlockReason.QUEUE_FULL, BOX)
    assert stage.told(f.Ended)[0].disposition is Disposition.BLOCKED


def test_queues_that_point_at_each_other_refuse_at_last() -> None:
    stage = Stage(
        sales(is_open=False, overflow={"closed": to("support")}),
        support(is_open=False, overflow={"closed": to("sales")}),
    )
    stage.arrive()
    assert stage.told(f.Blocked)[0].reason is BlockReason.CLOSED
    assert stage.told(f.Diverted) == []


def test_who_has_waited_long_enough_goes_on_with_the_age_and_waits_anew() -> None:
    stage = Stage(
        sales(max_wait=60 * SECOND, overflow={"timed_out": to("support")}), support(max_wait=60 * SECOND)
    )
    call = stage.arrive()
    joined = stage.now
    due(stage.wait(60), call)
    assert known(stage, call).queue == "support"
    assert known(stage, call).joined == joined
    assert stage.told(f.Left)[-1].reason is LeaveReason.TIMED_OUT
    due(stage.wait(30), call)
    assert call in stage.router.floor.calls
    due(stage.wait(30), call)
    assert [(fact.queue, fact.reason) for fact in stage.told(f.Left)] == [
        ("sales", LeaveReason.TIMED_OUT),
        ("support", LeaveReason.TIMED_OUT),
    ]


def test_nobody_goes_back_by_itself_to_a_queue_that_was_left() -> None:
    stage = Stage(
        sales(max_wait=10 * SECOND, overflow={"timed_out": to("support")}),
        support(
            max_wait=10 * SECOND,
            overflow={"timed_out": to("sales")},
            steps=(Step(after=5 * SECOND, queue=QueueName("sales")),),
        ),
    )
    call = stage.arrive()
    due(stage.wait(10), call)
    due(stage.wait(5), call)
    assert known(stage, call).queue == "support", "not even by a step"
    due(stage.wait(5), call)
    assert released(stage) == [("timed_out", None)]


def test_a_restart_remembers_where_a_call_has_been() -> None:
    parts = (
        sales(max_wait=10 * SECOND, overflow={"timed_out": to("support")}),
        support(max_wait=10 * SECOND, overflow={"timed_out": to("sales")}),
    )
    stage = Stage(*parts)
    call = stage.arrive()
    due(stage.wait(10), call)
    again = stage.restarted(*parts)
    assert known(again, call).been == ("sales",)


def test_a_closing_queue_sends_those_who_wait_on_in_their_order() -> None:
    stage = Stage(
        sales(closing_grace=0, overflow={"closed": to("support")}),
        support(max_waiting=1, overflow={"queue_full": BOX}),
    )
    late, early = stage.arrive(), stage.arrive()
    stage.play(ev.PriorityChanged(at=stage.now, call=early, priority=5))
    stage.play(ev.QueueSwitched(at=stage.now, queue=sales().name, closed=True, by=SwitchedBy.HOURS))
    assert known(stage, early).queue == "support"
    assert released(stage) == [("closed", BOX)]
    assert late not in stage.router.floor.calls


def test_a_step_leads_out_of_all_queues() -> None:
    stage = Stage(sales(skip=Skip.NEVER, steps=(Step(after=20 * SECOND, way=BOX),)))
    call = stage.arrive()
    due(stage.wait(20), call)
    assert released(stage) == [("overflowed", BOX)]
    (diverted,) = stage.told(f.Diverted)
    assert (diverted.kind, diverted.target) == (WayKind.VOICEMAIL, "200@default")


def test_a_key_leads_to_another_queue_or_out_and_a_ringing_phone_is_quieted() -> None:
    stage = Stage(sales(), support(), agent("ann"))
    call = stage.arrive()
    take(stage, call, BOX)
    assert released(stage) == [("key", BOX)]
    assert stage.state("ann") == "ready"
    second = stage.arrive()
    offer = known(stage, second).offers[0].id
    take(stage, second, to("support"))
    assert [c.offer for c in stage.commands if isinstance(c, cmd.Rescind)] == [offer]


def test_a_key_to_a_queue_that_takes_nobody_leaves_the_caller_where_they_wait() -> None:
    stage = Stage(sales(), support(is_open=False))
    call = stage.arrive()
    take(stage, call, to("support"))
    assert known(stage, call).queue == "sales"
    assert stage.told(f.Stale)[0].why == "takes no calls now"
