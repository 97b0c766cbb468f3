"""One call, several phones: whose end is whose, who won, and a Dial that is cut to be written with more phones."""

import pytest

from acd.core import events as ev
from acd.core.commands import Leg, Offer, Release
from acd.core.ids import CallId, OfferId, PhoneName, QueueName, SwitchName, Uniqueid
from acd.core.outcomes import Disposition
from telephony.agi.codec import AgiReply
from telephony.agi.conversation import Conversation, DialReturned, Finished, Greeting
from telephony.ami import messages as ami
from telephony.switchboard import Conclusion, HangUpLeg, Switchboard

pytestmark = pytest.mark.unit

CALL, CALLER, CALLER_CHANNEL = CallId("c1"), Uniqueid("1.0"), "PJSIP/trunk-a-00000000"
OFFERS = {n: OfferId(f"c1.{n}") for n in (1, 2, 3)}
PHONES = {n: PhoneName(f"PJSIP/100{n}") for n in (1, 2, 3)}


def channel(number: int) -> str:
    return f"PJSIP/100{number}-0000000{number}"


def leg(number: int) -> Uniqueid:
    return Uniqueid(f"1.{number}")


class Desk:
    """A board on which these phones ring for one call."""

    def __init__(self, *numbers: int) -> None:
        self.board = Switchboard(SwitchName("pbx1"))
        self.board.in_sight = True
        self.said: list[Conclusion] = []
        self.board.read(ami.Newchannel(uniqueid=CALLER, channel=CALLER_CHANNEL), 0)
        self.board.take(CALL, CALLER, CALLER_CHANNEL)
        self.dial(*numbers)

    def dial(self, *numbers: int) -> "Desk":
        self.board.dialled(CALL, {OFFERS[n]: PHONES[n] for n in numbers})
        for n in numbers:
            self.read(
                ami.DialBegin(uniqueid=CALLER, dest_uniqueid=leg(n), dest_channel=channel(n)),
                ami.DialState(uniqueid=CALLER, dest_uniqueid=leg(n), dial_status="RINGING"),
            )
        return self

    def read(self, *events: ami.Event) -> "Desk":
        for event in events:
            self.said += self.board.read(event, 1)
        return self

    def gone(self, number: int, cause: int, status: str = "NOANSWER") -> "Desk":
        return self.read(
            ami.DialEnd(
                uniqueid=CALLER, dest_uniqueid=leg(number), dest_channel=channel(number), dial_status=status
            ),
            ami.Hangup(uniqueid=leg(number), channel=channel(number), cause=cause),
        )

    def answers(self, number: int) -> "Desk":
        return self.read(
            ami.DialEnd(
                uniqueid=CALLER,
                dest_uniqueid=leg(number),
                dest_channel=channel(number),
                dial_status="ANSWER",
            )
        )

    def ends(self) -> list[tuple[str, str]]:
        """Offers that ended, and how."""
        return [
            (item.offer, item.outcome.value if isinstance(item, ev.OfferFailed) else "answered")
            for item in self.said
            if isinstance(item, ev.OfferFailed | ev.OfferAnswered)
        ]

    def hung_up(self) -> list[str]:
        return [item.channel for item in self.said if isinstance(item, HangUpLeg)]


def test_each_phone_rings_for_its_own_offer() -> None:
    desk = Desk(1, 2)
    assert [item.offer for item in desk.said if isinstance(item, ev.OfferRang)] == [OFFERS[1], OFFERS[2]]


def test_a_phone_that_declines_ends_its_offer_while_the_other_rings_on() -> None:
    desk = Desk(1, 2).gone(1, cause=21, status="BUSY")
    assert desk.ends() == [(OFFERS[1], "rejected")]
    desk.answers(2)
    assert desk.ends() == [(OFFERS[1], "rejected"), (OFFERS[2], "answered")]


def test_the_first_to_answer_has_it_and_of_the_others_nothing_more_is_said() -> None:
    desk = Desk(1, 2, 3).answers(2).gone(1, cause=26, status="CANCEL").gone(3, cause=26, status="CANCEL")
    assert desk.ends() == [(OFFERS[2], "answered")]
    desk.read(ami.BridgeEnter(uniqueid=leg(2), channel=channel(2), bridge_uniqueid="b"))
    assert desk.ends() == [(OFFERS[2], "answered")]


def test_two_that_pick_up_at_the_same_instant_are_one_answer() -> None:
    desk = Desk(1, 2).answers(1).answers(2)
    assert desk.ends() == [(OFFERS[1], "answered")]


def test_a_dial_that_times_out_ends_every_offer_without_an_answer() -> None:
    desk = Desk(1, 2).gone(1, cause=0).gone(2, cause=0)
    assert desk.ends() == [(OFFERS[1], "no_answer"), (OFFERS[2], "no_answer")]
    desk.said += desk.board.dial_returned(CALL, tuple(OFFERS.values()), "NOANSWER", 2)
    assert len(desk.ends()) == 2


def test_a_phone_that_has_no_leg_is_unreachable_when_the_dial_is_back() -> None:
    desk = Desk(1)
    desk.board.dialled(CALL, {OFFERS[1]: PHONES[1], OFFERS[2]: PHONES[2]})
    desk.read(ami.DialBegin(uniqueid=CALLER, dest_uniqueid=leg(1), dest_channel=channel(1)))
    desk.gone(1, cause=17)
    desk.said += desk.board.dial_returned(CALL, (OFFERS[1], OFFERS[2]), "BUSY", 2)
    desk.said += desk.board.wake(CALL, 3)
    assert dict(desk.ends()) == {OFFERS[1]: "busy", OFFERS[2]: "busy"}, (
        "DIALSTATUS is all there is of the other"
    )


def test_one_phone_may_be_pulled_back_alone() -> None:
    desk = Desk(1, 2)
    desk.said += desk.board.rescind(CALL, OFFERS[1], 2)
    assert desk.hung_up() == [channel(1)]
    desk.gone(1, cause=26)
    assert desk.ends() == [(OFFERS[1], "rescinded")]


def test_a_dial_that_is_cut_says_nothing_of_the_offers_that_go_on() -> None:
    desk = Desk(1)
    desk.said += desk.board.cut(CALL, 2)
    assert desk.hung_up() == [channel(1)]
    desk.gone(1, cause=26)
    desk.said += desk.board.dial_returned(CALL, (OFFERS[1],), "NOANSWER", 3)
    assert desk.ends() == []
    desk.dial(1, 2).answers(1)
    assert desk.ends() == [(OFFERS[1], "answered")]


def test_a_leg_that_is_born_while_the_dial_is_cut_is_hung_up_too() -> None:
    desk = Desk()
    desk.board.dialled(CALL, {OFFERS[1]: PHONES[1]})
    desk.said += desk.board.cut(CALL, 2)
    assert desk.hung_up() == []
    desk.read(ami.DialBegin(uniqueid=CALLER, dest_uniqueid=leg(1), dest_channel=channel(1)))
    assert desk.hung_up() == [channel(1)]


def test_a_phone_that_declined_while_the_dial_was_cut_has_its_own_end() -> None:
    desk = Desk(1, 2)
    desk.said += desk.board.cut(CALL, 2)
    desk.gone(1, cause=17, status="BUSY").gone(2, cause=26)
    assert desk.ends() == [(OFFERS[1], "busy")]


def test_an_offer_pulled_back_between_two_dials_ends_at_once() -> None:
    desk = Desk(1, 2)
    desk.said += desk.board.cut(CALL, 2)
    desk.gone(1, cause=26).gone(2, cause=26)
    desk.said += desk.board.rescind(CALL, OFFERS[1], 3)
    assert desk.ends() == [(OFFERS[1], "rescinded")]


def test_an_answer_that_beat_the_cut_is_the_talk() -> None:
    desk = Desk(1)
    desk.said += desk.board.cut(CALL, 2)
    desk.said += desk.board.dial_returned(CALL, (OFFERS[1],), "ANSWER", 3)
    desk.said += desk.board.wake(CALL, 600)
    assert desk.ends()[0] == (OFFERS[1], "answered")


def test_a_caller_who_hangs_up_is_told_once_whatever_rings() -> None:
    desk = Desk(1, 2).read(ami.Hangup(uniqueid=CALLER, channel=CALLER_CHANNEL, cause=16))
    desk.gone(1, cause=26, status="CANCEL").gone(2, cause=26, status="CANCEL")
    assert [type(item) for item in desk.said if isinstance(item, ev.CallerHungUp | ev.OfferFailed)] == [
        ev.CallerHungUp
    ]


def test_keys_of_a_waiting_caller_are_told_and_those_of_a_talk_are_not() -> None:
    desk = Desk(1)
    key = ami.DTMFEnd(uniqueid=CALLER, channel=CALLER_CHANNEL, digit="0", direction="Received")
    desk.read(key, ami.DTMFEnd(uniqueid=CALLER, digit="1", direction="Sent")).answers(1).read(key)
    assert [(item.call, item.key) for item in desk.said if isinstance(item, ev.KeyPressed)] == [(CALL, "0")]


# ---------------------------------------------------------------- the conversation

OK = AgiReply(200, "0")


def offer(*numbers: int) -> Offer:
    return Offer(
        call=CALL,
        queue=QueueName("sales"),
        legs=tuple(Leg(OFFERS[n], PHONES[n]) for n in numbers),
        ring_timeout=15_000,
        answer_first=True,
    )


def conversation() -> Conversation:
    talk = Conversation(Greeting(call=CALL, joined=5), "PJSIP/trunk-1", answered=True)
    assert talk.line() is not None
    talk.replied(OK)
    return talk


def test_all_phones_stand_in_one_dial() -> None:
    talk = conversation()
    talk.want(offer(1, 2))
    assert talk.line() == b"EXEC Dial PJSIP/1001&PJSIP/1002,15,mgi\n"


def test_more_phones_need_the_running_dial_to_be_cut_and_are_dialled_when_it_is_back() -> None:
    talk = conversation()
    talk.want(offer(1))
    talk.line()
    assert not talk.must_cut
    talk.want(offer(1, 2))
    assert talk.must_cut
    assert talk.line() is None
    talk.replied(OK)
    talk.line()
    assert talk.replied(AgiReply(200, "1", "NOANSWER")) == DialReturned((OFFERS[1],), "NOANSWER")
    assert talk.line() is not None
    assert talk.dialling == (OFFERS[1], OFFERS[2])


def test_when_somebody_answered_before_the_cut_nobody_more_is_dialled() -> None:
    talk = conversation()
    talk.want(offer(1))
    talk.line()
    talk.want(offer(1, 2))
    talk.replied(OK)
    talk.line()
    talk.replied(AgiReply(200, "1", "ANSWER"))
    assert talk.line() is None


def test_a_phone_withdrawn_before_its_dial_is_not_in_it() -> None:
    talk = conversation()
    talk.want(offer(1, 2))
    assert talk.withdraw(OFFERS[1])
    talk.line()
    assert talk.dialling == (OFFERS[2],)
    assert not talk.withdraw(OFFERS[2])


def test_a_call_that_leaves_unserved_takes_the_reason_and_the_key_along() -> None:
    talk = conversation()
    talk.want(Release(call=CALL, verdict=Disposition.LEFT, reason="key", key="0"))
    first, _ = talk.line(), talk.replied(OK)
    second = talk.line()
    assert first is not None
    assert b"ACD_REASON=key,ACD_KEY=0" in first
    assert second == b"SET VARIABLE ACD_STATUS LEFT\n"
    assert isinstance(talk.replied(OK), Finished)
