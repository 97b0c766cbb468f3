"""Lines in use by group, their capacity and their peak."""

import pytest

from acd.core.ids import PhoneName, SwitchName, TrunkGroup, Uniqueid
from hardware.trunks import Peak, TrunkGroupRule, Trunks

pytestmark = pytest.mark.unit

PBX, CARRIER = SwitchName("pbx1"), TrunkGroup("carrier")
LINE = PhoneName("PJSIP/trunk-a")


def uid(number: int) -> Uniqueid:
    return Uniqueid(f"1.{number}")


@pytest.fixture
def trunks() -> Trunks:
    found = Trunks()
    found.configure([TrunkGroupRule(name=CARRIER, endpoints=frozenset({(PBX, LINE)}), capacity=2)])
    return found


def test_the_call_that_is_one_too_many_finds_the_group_full(trunks: Trunks) -> None:
    for number in (1, 2):
        trunks.channel_up(PBX, LINE, uid(number))
        assert not trunks.full(CARRIER)
    trunks.channel_up(PBX, LINE, uid(3))

    assert trunks.full(CARRIER)


def test_a_channel_told_twice_counts_once(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1))
    trunks.channel_up(PBX, LINE, uid(1))

    assert trunks.up(CARRIER) == 1


def test_a_peak_is_told_when_it_rises_and_starts_anew_with_a_slot(trunks: Trunks) -> None:
    assert trunks.channel_up(PBX, LINE, uid(1)) == Peak(CARRIER, 1, 2)
    trunks.channel_down(PBX, uid(1))
    assert trunks.channel_up(PBX, LINE, uid(2)) is None

    assert trunks.new_period() == [Peak(CARRIER, 1, 2)]
    assert trunks.channel_up(PBX, LINE, uid(3)) == Peak(CARRIER, 2, 2)


def test_a_sync_counts_what_is_there(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1))
    trunks.sync(PBX, {uid(2): LINE, uid(3): PhoneName("PJSIP/1001")})

    assert trunks.up(CARRIER) == 1


def test_new_capacities_apply_to_calls_that_are_up(trunks: Trunks) -> None:
    trunks.channel_up(PBX, LINE, uid(1))
    trunks.channel_up(PBX, LINE, uid(2))
    trunks.configure([TrunkGroupRule(name=CARRIER, endpoints=frozenset({(PBX, LINE)}), capacity=1)])

    assert trunks.full(CARRIER)
    trunks.channel_down(PBX, uid(1))
    assert not trunks.full(CARRIER)


def test_endpoints_of_no_group_are_not_counted(trunks: Trunks) -> None:
    assert trunks.channel_up(PBX, PhoneName("PJSIP/other"), uid(1)) is None
    assert trunks.group_of(PBX, PhoneName("PJSIP/other")) is None
