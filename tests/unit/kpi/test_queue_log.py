"""Lines as app_queue writes them. That they agree with a real one's is shown by tests/integration/test_queue_log.py."""

from typing import Any

import msgspec
import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, Uniqueid
from acd.core.outcomes import (
    AbandonStage,
    Disposition,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    TransferKind,
    Via,
)
from kpi.queue_log import QueueLog, Roster, State

pytestmark = pytest.mark.unit
NS = 1_000_000_000
SALES = QueueName("sales")
ANN = AgentName("ann")
C1 = CallId("c1")
O1 = OfferId("c1.1")


class Log:
    """A log with a clock: facts by name, seconds since the start; lines without their line end."""

    def __init__(self, **roster: Any) -> None:
        self.roster = Roster(queues={"ann": ("sales", "support")}, **roster)
        self.log = QueueLog(State(), lambda: self.roster)

    def __call__(self, second: float, kind: Any, /, **fields: Any) -> list[str]:
        lines = self.log.lines(kind(at=int(second * NS), **fields))
        assert all(line.endswith("\n") for line in lines)
        return [line[:-1] for line in lines]

    def enter(self, call: str, second: float, ahead: int = 0, **fields: Any) -> list[str]:
        self(
            second,
            f.Arrived,
            call=CallId(call),
            queue=SALES,
            switch="pbx1",
            channel="",
            uniqueid=Uniqueid(f"u-{call}"),
            caller="+49301",
        )
        known = {"call": CallId(call), "queue": SALES, "joined": int(second * NS), "ahead": ahead}
        return self(second, f.Queued, **known | fields)

    def answer(self, second: float) -> list[str]:
        return self(
            second,
            f.Answered,
            offer=O1,
            call=C1,
            queue=SALES,
            agent=ANN,
            wait_ms=1,
            ring_ms=2100,
            leg=Uniqueid("leg"),
        )

    def talked(self, second: float, by: EndedBy, talk_ms: int = 60_000) -> list[str]:
        return self(
            second, f.Talked, offer=O1, call=C1, queue=SALES, agent=ANN, talk_ms=talk_ms, hold_ms=5000, by=by
        )


@pytest.mark.parametrize(
    ("by", "event"),
    [
        (EndedBy.AGENT, "COMPLETEAGENT"),
        (EndedBy.ROUTER, "COMPLETEAGENT"),
        (EndedBy.CALLER, "COMPLETECALLER"),
        (EndedBy.PLATFORM, "COMPLETECALLER"),
    ],
)
def test_a_served_call_with_hold_counted_as_talk(by: EndedBy, event: str) -> None:
    log = Log()
    assert log.enter("c1", 100) == ["100|u-c1|sales|NONE|ENTERQUEUE||+49301|1"]
    assert log.answer(107.5) == ["107|u-c1|sales|ann|CONNECT|7|leg|2"]
    assert log.talked(172.5, by) == [f"172|u-c1|sales|ann|{event}|7|65|1"]


def test_seconds_are_differences_of_whole_seconds_as_time_gives_them() -> None:
    log = Log()
    log.enter("c1", 100.9)
    assert log.answer(102.1) == ["102|u-c1|sales|ann|CONNECT|2|leg|2"]
    assert log.talked(107.9, EndedBy.AGENT, 800)[0].endswith("|2|5|1")


@pytest.mark.parametrize(
    ("kind", "where", "told"),
    [
        (TransferKind.BLIND, ("900", "from-phones"), "BLINDTRANSFER|900|from-phones"),
        (TransferKind.BLIND, (), "BLINDTRANSFER|900|"),
        (TransferKind.ATTENDED, ("Bridge", "b-1"), "ATTENDEDTRANSFER|BRIDGE|b-1"),
        (TransferKind.ATTENDED, ("Threeway", "b-1"), "ATTENDEDTRANSFER|BRIDGE|b-1"),
        (TransferKind.ATTENDED, ("App", "Queue"), "ATTENDEDTRANSFER|APP|Queue"),
        (TransferKind.ATTENDED, ("Link", "l;1", "l;2"), "ATTENDEDTRANSFER|LINK|l;1|l;2"),
    ],
)
def test_a_transfer_takes_the_place_of_the_end(kind: TransferKind, where: tuple[str, ...], told: str) -> None:
    log = Log()
    log.enter("c1", 100)
    log.answer(107)
    known = {"offer": O1, "call": C1, "queue": SALES, "agent": ANN}
    assert log(172, f.Transferred, kind=kind, target="900", where=where, **known) == []
    assert log.talked(172, EndedBy.TRANSFER) == [f"172|u-c1|sales|ann|{told}|7|65|1"]


def test_positions_are_those_of_now_and_of_joining() -> None:
    log = Log()
    log.enter("c1", 100)
    assert log.enter("c2", 101, ahead=1)[0].endswith("|2")
    assert log.enter("c3", 102, ahead=1)[0].endswith("|2"), "a call of higher priority"
    left = {"queue": SALES, "stage": AbandonStage.WAITING, "wait_ms": 0}
    assert log(105, f.Abandoned, call=CallId("c2"), **left) == ["105|u-c2|sales|NONE|ABANDON|3|2|4"]
    log.answer(106)
    assert log(107, f.Abandoned, call=CallId("c3"), **left) == ["107|u-c3|sales|NONE|ABANDON|1|2|5"]


@pytest.mark.parametrize(
    ("reason", "key", "told"),
    [
        (LeaveReason.TIMED_OUT, "", "EXITWITHTIMEOUT|1|1|9"),
        (LeaveReason.OVERFLOWED, "", "EXITWITHTIMEOUT|1|1|9"),
        (LeaveReason.NO_AGENTS, "", "EXITEMPTY|1|1|9"),
        (LeaveReason.KEY, "3", "EXITWITHKEY|3|1|1|9"),
        (LeaveReason.WITHDRAWN, "", "WITHDRAW|1|1|9|withdrawn"),
        (LeaveReason.PICKED_UP, "", "WITHDRAW|1|1|9|picked_up"),
        (LeaveReason.LOST_BY_PLATFORM, "", "ABANDON|1|1|9"),
    ],
)
def test_ways_out(reason: LeaveReason, key: str, told: str) -> None:
    log = Log()
    log.enter("c1", 100)
    lines = log(109, f.Left, call=C1, queue=SALES, reason=reason, wait_ms=9000, key=key)
    assert lines == [f"109|u-c1|sales|NONE|{told}"]


def test_a_move_to_another_queue_is_an_exit_and_an_entry_whose_wait_begins_anew() -> None:
    log = Log()
    log.enter("c1", 100)
    log(109, f.Left, call=C1, queue=SALES, reason=LeaveReason.OVERFLOWED, wait_ms=9000)
    support = QueueName("support")
    entered = log(109, f.Queued, call=C1, queue=support, joined=100 * NS, moved_from=SALES)
    assert entered == ["109|u-c1|support|NONE|ENTERQUEUE||+49301|1"]
    assert log(111, f.Left, call=C1, queue=support, reason=LeaveReason.NO_AGENTS, wait_ms=11_000) == [
        "111|u-c1|support|NONE|EXITEMPTY|1|1|2"
    ]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (OfferOutcome.NO_ANSWER, "RINGNOANSWER|15003"),
        (OfferOutcome.REJECTED, "RINGNOANSWER|15003"),
        (OfferOutcome.CALLER_LEFT, "RINGCANCELED|15003"),
        (OfferOutcome.LOST_RACE, ""),
        (OfferOutcome.ANSWERED, ""),
    ],
)
def test_rings_that_came_to_nothing_are_told_in_milliseconds(outcome: OfferOutcome, told: str) -> None:
    log = Log()
    log.enter("c1", 100)
    lines = log(116, f.OfferEnded, offer=O1, call=C1, queue=SALES, agent=ANN, outcome=outcome, ring_ms=15_003)
    assert lines == ([f"116|u-c1|sales|ann|{told}"] if told else [])


def test_agents_at_work_and_their_pauses_for_all_queues_and_each() -> None:
    log = Log()
    assert log(1, f.LoggedIn, agent=ANN, phone=PhoneName("PJSIP/1001")) == [
        "1|MANAGER|sales|ann|ADDMEMBER|",
        "1|MANAGER|support|ann|ADDMEMBER|",
    ]
    assert log(2, f.Paused, agent=ANN, reason="lunch") == [
        "2|NONE|NONE|ann|PAUSEALL|lunch",
        "2|NONE|sales|ann|PAUSE|lunch",
        "2|NONE|support|ann|PAUSE|lunch",
    ]
    assert log(3, f.Resumed, agent=ANN, reason="lunch")[0] == "3|NONE|NONE|ann|UNPAUSEALL|lunch"
    log.roster = Roster(queues={"ann": ("support", "vip")})
    assert log(4, f.RulesApplied, queues=3, agents=1) == [
        "4|NONE|NONE|NONE|CONFIGRELOAD|",
        "4|REALTIME|sales|ann|REMOVEMEMBER|",
        "4|REALTIME|vip|ann|ADDMEMBER|",
    ]
    assert log(5, f.LoggedOut, agent=ANN, via=Via.PHONE) == [
        "5|MANAGER|support|ann|REMOVEMEMBER|",
        "5|MANAGER|vip|ann|REMOVEMEMBER|",
    ]


def test_agents_may_go_by_their_phones() -> None:
    log = Log(phones=True)
    log(1, f.LoggedIn, agent=ANN, phone=PhoneName("PJSIP/1001"))
    log.enter("c1", 100)
    assert log.answer(101) == ["101|u-c1|sales|PJSIP/1001|CONNECT|1|leg|2"]


def test_a_start_is_no_reload() -> None:
    log = Log()
    assert log(1, f.EngineStarted, clean=True) == ["1|NONE|NONE|NONE|QUEUESTART|"]
    assert log(1, f.RulesApplied, queues=1, agents=1) == []
    assert log(2, f.RulesApplied, queues=1, agents=1) == ["2|NONE|NONE|NONE|CONFIGRELOAD|"]


def test_a_call_that_was_refused_has_no_line() -> None:
    log = Log()
    log(1, f.Arrived, call=C1, queue=SALES, switch="pbx1", channel="", uniqueid=Uniqueid("u"))
    end = {"disposition": Disposition.BLOCKED, "by": EndedBy.ROUTER, "duration_ms": 0}
    assert log(1, f.Ended, call=C1, queue=SALES, **end) == []
    assert log.log.state == State()


def test_a_callback_is_in_the_log_from_when_it_has_a_channel() -> None:
    log = Log()
    work = {"call": C1, "queue": SALES}
    log(1, f.Arrived, switch="pbx1", channel="", uniqueid="", caller="+49302", work="w", **work)
    assert log(1, f.Queued, joined=NS, **work) == []
    assert log(9, f.LineMade, channel="Local/x", uniqueid="l-1", **work) == [
        "9|l-1|sales|NONE|ENTERQUEUE||+49302|1"
    ]
    assert log.answer(11) == ["11|l-1|sales|ann|CONNECT|2|leg|2"]


def test_the_number_that_was_dialled_is_told_as_freepbx_does() -> None:
    assert Log().enter("c1", 5, variables={"did": "030 12|3"}) == [
        "5|u-c1|sales|NONE|DID|030 12_3",
        "5|u-c1|sales|NONE|ENTERQUEUE||+49301|1",
    ]


def test_no_text_breaks_a_line_or_a_field() -> None:
    log = Log()
    log(1, f.LoggedIn, agent=ANN, phone=PhoneName("PJSIP/1001"))
    assert log(2, f.Paused, agent=ANN, reason="a|b\nc")[0] == "2|NONE|NONE|ann|PAUSEALL|a_b_c"


def test_a_restart_goes_on_with_what_was_remembered() -> None:
    log = Log()
    log.enter("c1", 100)
    log.log = QueueLog(
        msgspec.json.decode(msgspec.json.encode(log.log.state), type=State), lambda: log.roster
    )
    assert log.answer(107) == ["107|u-c1|sales|ann|CONNECT|7|leg|2"]
