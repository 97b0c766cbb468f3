"""What phones can do, from channels and device states."""

import pytest

from acd.core.ids import PhoneName, SwitchName, Uniqueid
from acd.core.outcomes import PhoneState
from hardware.phones import PhoneNews, Phones

pytestmark = pytest.mark.unit

PBX, ANN = SwitchName("pbx1"), PhoneName("PJSIP/1001")
KEY = (PBX, ANN)
OURS, OTHER = Uniqueid("1.1"), Uniqueid("1.2")


@pytest.fixture
def phones() -> Phones:
    found = Phones()
    found.watch([KEY])
    found.sync(PBX, {ANN: "NOT_INUSE"}, {}, set())
    return found


def states(news: list[PhoneNews]) -> list[PhoneState]:
    return [item.state for item in news]


def test_a_call_of_the_agent_s_own_makes_the_phone_busy_until_it_ends(phones: Phones) -> None:
    assert states(phones.channel_up(KEY, OTHER)) == [PhoneState.BUSY]
    assert states(phones.channel_down(PBX, OTHER)) == [PhoneState.FREE]


def test_the_leg_of_our_offer_does_not(phones: Phones) -> None:
    news = phones.dialled(KEY) + phones.channel_up(KEY, OURS) + phones.leg_named(KEY, OURS)
    news += phones.channel_down(PBX, OURS)

    assert news == []


def test_a_call_of_their_own_beside_our_offer_does(phones: Phones) -> None:
    phones.dialled(KEY)
    phones.channel_up(KEY, OURS)
    phones.leg_named(KEY, OURS)

    assert states(phones.channel_up(KEY, OTHER)) == [PhoneState.BUSY]


def test_a_call_mistaken_for_our_leg_is_known_once_the_leg_is_named(phones: Phones) -> None:
    phones.dialled(KEY)
    assert phones.channel_up(KEY, OTHER) == []
    assert states(phones.channel_up(KEY, OURS)) == [PhoneState.BUSY]
    phones.leg_named(KEY, OURS)

    assert phones.state(KEY) is PhoneState.BUSY


def test_an_offer_that_made_no_leg_expects_none_any_more(phones: Phones) -> None:
    phones.dialled(KEY)
    phones.offer_over(KEY)

    assert states(phones.channel_up(KEY, OTHER)) == [PhoneState.BUSY]


def test_an_unavailable_device_is_unreachable_and_back_when_it_registers(phones: Phones) -> None:
    assert states(phones.device(KEY, "UNAVAILABLE")) == [PhoneState.UNREACHABLE]
    assert states(phones.device(KEY, "NOT_INUSE")) == [PhoneState.FREE]


def test_a_device_state_in_use_alone_says_nothing_channels_do(phones: Phones) -> None:
    assert phones.device(KEY, "BUSY") == []


def test_a_sync_tells_every_phone_and_forgets_channels_that_are_gone(phones: Phones) -> None:
    phones.channel_up(KEY, OTHER)

    assert states(phones.sync(PBX, {ANN: "NOT_INUSE"}, {}, set())) == [PhoneState.FREE]
    assert states(phones.sync(PBX, {}, {}, set())) == [PhoneState.UNREACHABLE]
    assert states(phones.sync(PBX, {ANN: "BUSY"}, {OURS: ANN}, {OURS})) == [PhoneState.FREE]


def test_phones_nobody_watches_are_no_news(phones: Phones) -> None:
    assert phones.channel_up((PBX, PhoneName("PJSIP/9")), OTHER) == []
    assert phones.state((PBX, PhoneName("PJSIP/9"))) is PhoneState.UNKNOWN
