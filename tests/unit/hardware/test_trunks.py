"""Lines in use by group: capacity, peak, full or not, lines out of order, the use made of them."""

import pytest

from acd.core import facts as f
from acd.core.ids import PhoneName, SwitchName, TrunkGroup, Uniqueid
from hardware.trouble import Trouble
from hardware.trunks import Alarm, Busy, Peak, TrunkGroupRule, Trunks, Use

pytestmark = pytest.mark.unit

PBX, CARRIER = SwitchName("pbx1"), TrunkGroup("carrier")
LINE, OTHER = PhoneName("PJSIP/trunk-a"), PhoneName("PJSIP/trunk-b")
SECOND = 1_000_000_000


def uid(number: int) -> Uniqueid:
    return Uniqueid(f"1.{number}")


def rule(*endpoints: str, capacity: int | None = 2, name: TrunkGroup = CARRIER) -> TrunkGroupRule:
    keys = frozenset((PBX, PhoneName(endpoint)) for endpoint in endpoints)
    return TrunkGroupRule(name=name, endpoints=keys, capacity=capacity)


def made(*endpoints: str, capacity: int | None = 2) -> Trunks:
    found = Trunks()
    found.configure([rule(*endpoints, capacity=capacity)], 0)
    found.sync(PBX, {}, 0)
    return found


@pytest.fixture
def trunks() -> Trunks:
    return made(LINE)


# ---------------------------------------------------------------- counting


def test_the_call_that_is_one_too_many_finds_the_group_full(trunks: Trunks) -> None:
    for number in (1, 2):
        trunks.channel_up(PBX, LINE, uid(number), 1)
        assert not trunks.full(CARRIER)
    trunks.channel_up(PBX, LINE, uid(3), 1)

    assert trunks.full(CARRIER)


def test_a_channel_told_twice_counts_once(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), 1)
    trunks.channel_up(PBX, LINE, uid(1), 1)

    assert trunks.up(CARRIER) == 1


def test_a_peak_is_told_when_it_rises_and_starts_anew_with_a_slot(trunks: Trunks) -> None:
    assert trunks.channel_up(PBX, LINE, uid(1), 1) == [Peak(CARRIER, 1, 2)]
    trunks.channel_down(PBX, uid(1), 2)
    assert trunks.channel_up(PBX, LINE, uid(2), 3) == []

    assert trunks.new_period() == [Peak(CARRIER, 1, 2)]
    assert trunks.channel_up(PBX, LINE, uid(3), 4)[0] == Peak(CARRIER, 2, 2)


def test_a_sync_counts_what_is_there(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), 1)
    trunks.sync(PBX, {uid(2): LINE, uid(3): PhoneName("PJSIP/1001")}, 2)

    assert trunks.up(CARRIER) == 1


def test_new_capacities_apply_to_calls_that_are_up(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), 1)
    trunks.channel_up(PBX, LINE, uid(2), 1)
    trunks.configure([rule(LINE, capacity=1)], 2)

    assert trunks.full(CARRIER)
    trunks.channel_down(PBX, uid(1), 3)
    assert not trunks.full(CARRIER)


def test_endpoints_of_no_group_are_not_counted(trunks: Trunks) -> None:
    assert trunks.channel_up(PBX, PhoneName("PJSIP/other"), uid(1), 1) == []
    assert trunks.group_of(PBX, PhoneName("PJSIP/other")) is None


@pytest.mark.parametrize(
    ("endpoint", "line"),
    [
        ("DAHDI/5", "DAHDI/5"),
        ("DAHDI/i1/5551234", "DAHDI/i1"),
        ("DAHDI/i1/", "DAHDI/i1"),
        ("DAHDI/i2/5551234", None),
        ("DAHDI/50", None),
        ("DAHDI/pseudo", None),
    ],
)
def test_dahdi_channels_find_their_line(endpoint: str, line: str | None) -> None:
    assert made("DAHDI/5", "DAHDI/i1").line_of(PBX, PhoneName(endpoint)) == line


# ---------------------------------------------------------------- full


def test_a_full_group_is_told_when_it_begins_and_when_it_is_over(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), SECOND)
    assert trunks.channel_up(PBX, LINE, uid(2), 2 * SECOND)[-1] == Busy(CARRIER, 2, 0)
    assert trunks.channel_up(PBX, LINE, uid(3), 3 * SECOND) == [Peak(CARRIER, 3, 2)]
    assert trunks.channel_down(PBX, uid(3), 4 * SECOND) == []

    assert trunks.channel_down(PBX, uid(1), 5 * SECOND) == [Busy(CARRIER, 1, 3000)]


def test_a_group_without_a_capacity_is_never_full() -> None:
    trunks = made(LINE, capacity=None)
    for number in range(50):
        assert not any(isinstance(news, Busy) for news in trunks.channel_up(PBX, LINE, uid(number), 1))

    assert not trunks.full(CARRIER)


def test_a_group_that_goes_ends_its_full_time_and_its_alarms() -> None:
    trunks = made(LINE, OTHER, capacity=4)
    trunks.contact(PBX, OTHER, "sip:b", "Unreachable", SECOND)
    trunks.channel_up(PBX, LINE, uid(1), SECOND)
    trunks.channel_up(PBX, LINE, uid(2), SECOND)

    assert trunks.configure([], 2 * SECOND) == [Busy(CARRIER, 2, 1000), Alarm(CARRIER, PBX, OTHER, "")]


def test_what_was_open_before_a_restart_ends_after_the_first_sync() -> None:
    trouble = Trouble()
    trouble.apply(f.TrunksBusy(at=SECOND, generation=1, trunk=CARRIER, up=2))
    alarm = f.TrunkAlarm(at=1, generation=1, trunk=CARRIER, switch=PBX, line=OTHER, alarm="Unreachable")
    trouble.apply(alarm)
    trunks = Trunks()
    trunks.recall(trouble)

    assert trunks.configure([rule(LINE, OTHER, capacity=4)], 5 * SECOND) == []
    assert trunks.channel_up(PBX, LINE, uid(1), 6 * SECOND) == [Peak(CARRIER, 1, 4)]
    assert trunks.sync(PBX, {uid(1): LINE}, 7 * SECOND) == [Busy(CARRIER, 1, 6000)]
    assert trunks.reconcile(PBX, {OTHER: "NOT_INUSE"}, {}, 8 * SECOND) == [Alarm(CARRIER, PBX, OTHER, "")]


def test_what_was_open_of_a_group_that_is_no_more_ends_at_once() -> None:
    trouble = Trouble()
    trouble.apply(f.TrunksBusy(at=SECOND, generation=1, trunk=CARRIER, up=2))
    alarm = f.TrunkAlarm(at=1, generation=1, trunk=CARRIER, switch=PBX, line=OTHER, alarm="Unreachable")
    trouble.apply(alarm)
    trunks = Trunks()
    trunks.recall(trouble)

    assert set(trunks.configure([], 3 * SECOND)) == {
        Busy(CARRIER, 0, 2000),
        Alarm(CARRIER, PBX, OTHER, ""),
    }


def test_trouble_forgets_what_is_over() -> None:
    trouble = Trouble()
    for alarm in ("Red Alarm", ""):
        trouble.apply(
            f.TrunkAlarm(at=1, generation=1, trunk=CARRIER, switch=PBX, line="DAHDI/1", alarm=alarm)
        )
    for lasted in (0, 5):
        trouble.apply(f.TrunksBusy(at=1, generation=1, trunk=CARRIER, up=2, lasted_ms=lasted))
    for strained in (True, False):
        trouble.apply(f.HostStrained(at=1, generation=1, limit="cpu", value=1, most=0.9, strained=strained))

    assert trouble == Trouble()


# ---------------------------------------------------------------- out of order


def test_an_alarm_is_told_once_and_its_end_once(trunks: Trunks) -> None:
    assert trunks.contact(PBX, LINE, "sip:a", "Reachable", 1) == []
    assert trunks.contact(PBX, LINE, "sip:a", "Unreachable", 2) == [Alarm(CARRIER, PBX, LINE, "Unreachable")]
    assert trunks.contact(PBX, LINE, "sip:a", "Removed", 3) == []
    assert trunks.contact(PBX, LINE, "sip:b", "NonQualified", 4) == [Alarm(CARRIER, PBX, LINE, "")]
    assert trunks.contact(PBX, PhoneName("PJSIP/1001"), "sip:a", "Unreachable", 5) == []


def test_a_line_is_in_order_while_one_of_its_contacts_is(trunks: Trunks) -> None:
    trunks.contact(PBX, LINE, "sip:a", "Reachable", 1)
    trunks.contact(PBX, LINE, "sip:b", "Reachable", 1)
    assert trunks.contact(PBX, LINE, "sip:a", "Unreachable", 2) == []
    assert trunks.contact(PBX, LINE, "sip:b", "Removed", 2) == [Alarm(CARRIER, PBX, LINE, "Removed")]


def test_a_contact_that_was_not_asked_yet_says_nothing(trunks: Trunks) -> None:
    assert trunks.contact(PBX, LINE, "sip:a", "Unknown", 1) == []


def test_a_device_that_is_free_proves_a_contact_that_was_never_told_of(trunks: Trunks) -> None:
    trunks.contact(PBX, LINE, "sip:a", "Unreachable", 1)
    assert trunks.device(PBX, LINE, "INUSE", 2) == []

    assert trunks.device(PBX, LINE, "NOT_INUSE", 2) == [Alarm(CARRIER, PBX, LINE, "")]


def test_after_a_gap_a_line_that_was_in_order_and_is_unavailable_is_told(trunks: Trunks) -> None:
    assert trunks.reconcile(PBX, {LINE: "UNAVAILABLE"}, {}, 1) == []  # one that only calls us
    assert trunks.reconcile(PBX, {LINE: "NOT_INUSE"}, {}, 2) == []
    assert trunks.reconcile(PBX, {LINE: "UNAVAILABLE"}, {}, 3) == [Alarm(CARRIER, PBX, LINE, "UNAVAILABLE")]
    assert trunks.reconcile(PBX, {LINE: "UNAVAILABLE"}, {}, 4) == []
    assert trunks.reconcile(PBX, {LINE: "NOT_INUSE"}, {}, 5) == [Alarm(CARRIER, PBX, LINE, "")]


def test_dahdi_lines_are_reconciled_by_what_their_driver_lists() -> None:
    trunks, line = made("DAHDI/1", "DAHDI/2"), PhoneName("DAHDI/1")
    assert trunks.dahdi(PBX, line, "Red Alarm", 1) == [Alarm(CARRIER, PBX, line, "Red Alarm")]
    assert trunks.dahdi(PBX, line, "Yellow Alarm", 2) == []
    assert trunks.dahdi(PBX, PhoneName("DAHDI/9"), "Red Alarm", 2) == []

    assert trunks.reconcile(PBX, {line: "NOT_INUSE"}, {}, 3) == []
    listed = {line: "No Alarm", PhoneName("DAHDI/2"): "Blue Alarm", PhoneName("DAHDI/3"): "Red Alarm"}
    assert trunks.reconcile(PBX, {}, listed, 3) == [
        Alarm(CARRIER, PBX, line, ""),
        Alarm(CARRIER, PBX, PhoneName("DAHDI/2"), "Blue Alarm"),
    ]


def test_a_channel_out_of_order_takes_one_line_away_and_gives_it_back() -> None:
    trunks = made("DAHDI/1", "DAHDI/2", "DAHDI/3", capacity=3)
    trunks.channel_up(PBX, PhoneName("DAHDI/1"), uid(1), 1)
    trunks.channel_up(PBX, PhoneName("DAHDI/2"), uid(2), 1)
    news = trunks.dahdi(PBX, PhoneName("DAHDI/3"), "Red Alarm", 2)

    assert news == [Alarm(CARRIER, PBX, PhoneName("DAHDI/3"), "Red Alarm"), Busy(CARRIER, 2, 0)]
    assert trunks.groups[CARRIER].usable == 2
    news = trunks.dahdi(PBX, PhoneName("DAHDI/3"), "", 3 * SECOND)
    assert news[-1] == Busy(CARRIER, 2, 2999)
    assert trunks.groups[CARRIER].usable == 3


def test_an_endpoint_out_of_order_takes_its_part_away_but_a_call_that_came_by_it_is_let_in() -> None:
    trunks = made(LINE, OTHER, capacity=5)
    trunks.contact(PBX, OTHER, "sip:b", "Unreachable", 1)
    assert trunks.groups[CARRIER].usable == 3  # half of five, rounded for the callers

    for number in range(3):
        trunks.channel_up(PBX, LINE, uid(number), 2)
    assert not trunks.full(CARRIER)
    trunks.channel_up(PBX, OTHER, uid(8), 2)
    assert not trunks.full(CARRIER)
    trunks.channel_up(PBX, LINE, uid(9), 2)
    assert trunks.full(CARRIER)


def test_a_group_whose_lines_are_all_out_of_order_is_not_called_busy(trunks: Trunks) -> None:
    trunks.contact(PBX, LINE, "sip:a", "Unreachable", 1)

    assert trunks.groups[CARRIER].usable == 0
    assert trunks.channel_up(PBX, LINE, uid(1), 2) == [Peak(CARRIER, 1, 2)]
    assert not trunks.full(CARRIER)


# ---------------------------------------------------------------- use


def test_use_is_the_time_of_calls_of_being_full_and_of_lines_missing(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), SECOND)
    trunks.channel_up(PBX, LINE, uid(2), 2 * SECOND)
    trunks.channel_down(PBX, uid(1), 4 * SECOND)
    assert trunks.account(10 * SECOND) == [Use(CARRIER, 3000 + 8000, 2000, 0)]

    trunks.channel_down(PBX, uid(2), 11 * SECOND)
    trunks.contact(PBX, LINE, "sip:a", "Unreachable", 12 * SECOND)
    assert trunks.account(15 * SECOND) == [Use(CARRIER, 1000, 0, 6000)]
    trunks.contact(PBX, LINE, "sip:a", "Reachable", 15 * SECOND)
    assert trunks.account(99 * SECOND) == []


def test_use_loses_no_time_to_rounding(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1), 0)
    told = [use.up_ms for at in range(1, 10) for use in trunks.account(at * 1_300_000)]

    assert sum(told) == 9 * 1_300_000 // 1_000_000
