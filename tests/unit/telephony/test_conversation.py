"""What is said on a caller's session, line by line."""

from typing import Any

import pytest

from acd.core.commands import Hold, Leg, Offer, Refuse, Release
from acd.core.ids import CallId, OfferId, PhoneName, QueueName
from acd.core.outcomes import BlockReason, Disposition, WayKind
from acd.core.ways import Way
from telephony.agi.codec import MAX_COMMAND, AgiReply
from telephony.agi.conversation import (
    Announced,
    Conversation,
    DialReturned,
    Finished,
    Greeting,
    Presentation,
    Recorded,
)

pytestmark = pytest.mark.unit

CALL = CallId("c1")
OK = AgiReply(200, "0")
GREETING = b"EXEC MSet TIMEOUT(absolute)=0,ACD_CALL=c1,ACD_JOINED=5,ACD_SINCE=\n"
ANSWER, MUSIC = b"EXEC Answer ,i\n", b"SET MUSIC ON\n"
STATUS = b"GET FULL VARIABLE ${DIALSTATUS}\n"


def offer(number: int = 1, *, answer_first: bool = True, music: str = "") -> Offer:
    return Offer(
        call=CALL,
        queue=QueueName("sales"),
        legs=(Leg(OfferId(f"c1.{number}"), PhoneName("PJSIP/1001")),),
        ring_timeout=15_000,
        answer_first=answer_first,
        music=music,
    )


def talk(*, answered: bool = False) -> Conversation:
    conversation = Conversation(Greeting(call=CALL, joined=5), "PJSIP/trunk-1", answered=answered)
    assert conversation.line() == GREETING
    return conversation


def say(conversation: Conversation, *lines: bytes) -> None:
    """Every line is said only when the one before has its reply."""
    for line in lines:
        assert conversation.line() is None
        conversation.replied(OK)
        assert conversation.line() == line


def test_a_caller_who_waits_is_answered_and_hears_music_once() -> None:
    conversation = talk()
    conversation.want(Hold(call=CALL))
    say(conversation, ANSWER, MUSIC)
    conversation.replied(OK)

    conversation.want(Hold(call=CALL))
    assert conversation.line() is None


def test_an_offer_that_comes_while_the_answer_runs_is_dialled_instead_of_playing_music() -> None:
    conversation = talk()
    conversation.want(Hold(call=CALL))
    say(conversation, ANSWER)
    conversation.want(offer())
    say(conversation, b"EXEC Dial PJSIP/1001,15,mgi\n")


def test_a_free_agent_rings_before_the_answer_where_the_queue_wants_it() -> None:
    conversation = talk()
    conversation.want(offer(answer_first=False))
    say(conversation, b"EXEC Dial PJSIP/1001,15,rgi\n")


def test_the_queue_s_music_class_is_played_while_it_rings() -> None:
    conversation = talk(answered=True)
    conversation.want(offer(music="jazz"))
    say(conversation, b"EXEC Dial PJSIP/1001,15,m(jazz)gi\n")


def test_after_a_dial_that_failed_the_status_is_asked_and_music_goes_on() -> None:
    conversation = talk(answered=True)
    conversation.want(offer())
    say(conversation, b"EXEC Dial PJSIP/1001,15,mgi\n", STATUS)
    assert conversation.replied(AgiReply(200, "1", "BUSY")) == DialReturned((OfferId("c1.1"),), "BUSY")

    conversation.want(Hold(call=CALL))
    assert conversation.line() == MUSIC


def test_an_answer_that_came_to_nothing_is_cleared_lest_the_dialplan_take_the_caller_for_served() -> None:
    conversation = talk(answered=True)
    conversation.want(offer())
    say(conversation, b"EXEC Dial PJSIP/1001,15,mgi\n", STATUS)
    conversation.replied(AgiReply(200, "1", "ANSWER"))
    conversation.want(Hold(call=CALL))

    assert conversation.line() == b'SET VARIABLE DIALSTATUS ""\n'
    say(conversation, MUSIC)


def test_after_the_talk_the_verdict_is_set_and_the_session_is_finished() -> None:
    conversation = talk(answered=True)
    conversation.want(offer())
    say(conversation, b"EXEC Dial PJSIP/1001,15,mgi\n")
    conversation.want(Release(call=CALL, verdict=Disposition.ANSWERED))
    say(conversation, b"SET VARIABLE ACD_STATUS ANSWERED\n")

    assert conversation.replied(OK) == Finished()
    assert conversation.line() is None


def test_a_refusal_is_said_after_the_greeting_and_nothing_after_it() -> None:
    conversation = talk()
    conversation.want(Refuse(call=CALL, reason=BlockReason.CLOSED), 480)
    say(conversation, b"EXEC PJSIPHangup 480\n")
    conversation.replied(AgiReply(200, "-1"))

    assert conversation.line() is None


def test_an_offer_not_dialled_yet_can_be_withdrawn_one_that_is_cannot() -> None:
    conversation = talk()
    conversation.want(offer())
    assert conversation.withdraw(OfferId("c1.1"))
    conversation.want(offer(2))
    say(conversation, ANSWER, b"EXEC Dial PJSIP/1001,15,mgi\n")

    assert not conversation.withdraw(OfferId("c1.2"))


def test_a_caller_gone_in_dial_leaves_nothing_to_say() -> None:
    conversation = talk(answered=True)
    conversation.want(offer())
    say(conversation, b"EXEC Dial PJSIP/1001,15,mgi\n")
    conversation.replied(AgiReply(200, "-1"))

    assert conversation.line() is None


def dressed(**fields: Any) -> Presentation:
    return Presentation(**fields)


def test_what_a_phone_is_told_is_set_before_its_dial_and_only_when_it_is_something_else() -> None:
    conversation = talk(answered=True)
    told = dressed(variables={"ACD_PREFIX": "Sales", "ACD_WAIT": "3"}, options="b(acd-phone^s^1)")
    conversation.want(offer(), presentation=told)
    say(
        conversation,
        b"EXEC MSet _ACD_PREFIX=Sales,_ACD_WAIT=3\n",
        b"EXEC Dial PJSIP/1001,15,mgib(acd-phone^s^1)\n",
        STATUS,
    )
    conversation.replied(AgiReply(200, "1", "BUSY"))
    conversation.want(offer(2), presentation=told)
    assert conversation.line() == b"EXEC Dial PJSIP/1001,15,mgib(acd-phone^s^1)\n"


def test_a_recording_is_begun_once_and_before_the_first_dial() -> None:
    conversation = talk(answered=True)
    conversation.want(offer(), presentation=dressed(record="a/b.wav"))
    say(conversation, b"EXEC MixMonitor a/b.wav,b\n")
    assert conversation.replied(OK) == Recorded("a/b.wav")
    assert conversation.line() == b"EXEC Dial PJSIP/1001,15,mgi\n"
    say(conversation, STATUS)
    conversation.replied(AgiReply(200, "1", "BUSY"))
    conversation.want(offer(2), presentation=dressed(record="a/b.wav"))
    assert conversation.line() == b"EXEC Dial PJSIP/1001,15,mgi\n"


def test_a_recording_that_the_queue_does_not_want_is_ended_once_before_a_phone_rings() -> None:
    conversation = talk(answered=True)
    conversation.want(offer(), presentation=dressed(unrecord=True))
    say(conversation, b"EXEC StopMixMonitor\n", b"EXEC Dial PJSIP/1001,15,mgi\n", STATUS)
    conversation.replied(AgiReply(200, "1", "BUSY"))
    conversation.want(offer(2), presentation=dressed(unrecord=True))
    assert conversation.line() == b"EXEC Dial PJSIP/1001,15,mgi\n"
    say(conversation, STATUS)
    conversation.replied(AgiReply(200, "1", "BUSY"))
    conversation.want(offer(3), presentation=dressed(record="b.wav"))
    assert conversation.line() == b"EXEC MixMonitor b.wav,b\n"


@pytest.mark.parametrize(
    ("contacts", "dialled"),
    [("PJSIP/1001/sip:a&PJSIP/1001/sip:b", b"PJSIP/1001/sip:a&PJSIP/1001/sip:b"), ("", b"PJSIP/1001")],
)
def test_every_phone_of_an_endpoint_rings_where_that_is_wanted(contacts: str, dialled: bytes) -> None:
    conversation = talk(answered=True)
    conversation.want(offer(), presentation=dressed(every_contact=frozenset({PhoneName("PJSIP/1001")})))
    say(conversation, b"GET FULL VARIABLE ${PJSIP_DIAL_CONTACTS(1001)}\n")
    conversation.replied(AgiReply(200, "1", contacts))
    assert conversation.line() == b"EXEC Dial " + dialled + b",15,mgi\n"


def test_contacts_for_which_the_line_has_no_room_give_way_to_their_phones() -> None:
    conversation = talk(answered=True)
    legs = tuple(Leg(OfferId(f"c1.{n}"), PhoneName(f"PJSIP/{n}")) for n in range(1, 31))
    several = Offer(call=CALL, queue=QueueName("q"), legs=legs, ring_timeout=15_000, answer_first=True)
    conversation.want(several, presentation=dressed(every_contact=frozenset(leg.phone for leg in legs)))
    conversation.replied(OK)
    line = conversation.line()
    for leg in legs:
        number = leg.phone.partition("/")[2]
        assert line == f"GET FULL VARIABLE ${{PJSIP_DIAL_CONTACTS({number})}}\n".encode()
        conversation.replied(AgiReply(200, "1", f"{leg.phone}/sip:{'x' * 100}"))
        line = conversation.line()
    assert line is not None
    assert len(line) <= MAX_COMMAND
    dialled = line.removeprefix(b"EXEC Dial ").partition(b",")[0].decode().split("&")
    assert [phone.partition("/sip:")[0] for phone in dialled] == [leg.phone for leg in legs]
    assert sum("sip:" in phone for phone in dialled) == 16


def test_an_offer_withdrawn_while_it_is_being_prepared_is_not_dialled() -> None:
    conversation = talk(answered=True)
    conversation.want(offer(), presentation=dressed(variables={"ACD_WAIT": "3"}, record="a.wav"))
    say(conversation, b"EXEC MixMonitor a.wav,b\n")
    assert conversation.withdraw(OfferId("c1.1"))
    conversation.replied(OK)
    assert conversation.line() is None


def waiting() -> Conversation:
    conversation = talk(answered=True)
    conversation.want(Hold(call=CALL))
    say(conversation, MUSIC)
    conversation.replied(OK)
    return conversation


def test_sounds_are_played_one_by_one_and_then_music_again() -> None:
    conversation = waiting()
    assert conversation.announce(["a", "b"])
    assert not conversation.announce(["c"]), "one announcement at a time"
    assert conversation.line() == b'STREAM FILE a ""\n'
    assert conversation.replied(AgiReply(200, "0", endpos=8)) is None
    assert conversation.line() == b'STREAM FILE b ""\n'
    assert conversation.replied(AgiReply(200, "-1", endpos=0)) == Announced(missing=("b",))
    assert conversation.line() == MUSIC


def test_an_offer_cuts_a_sound_at_once_and_the_rest_is_not_said() -> None:
    conversation = waiting()
    conversation.announce(["a", "b"])
    assert conversation.line() == b'STREAM FILE a ""\n'
    assert not conversation.interruptible
    conversation.want(offer())
    assert conversation.interruptible
    assert conversation.line() == b"EXEC Dial PJSIP/1001,15,mgi\n"
    assert conversation.cuts
    say(conversation, STATUS)
    assert not conversation.cuts
    conversation.replied(AgiReply(200, "1", "BUSY"))
    conversation.want(Hold(call=CALL))
    assert conversation.line() == MUSIC


def test_a_verdict_cuts_a_sound_too() -> None:
    conversation = waiting()
    conversation.announce(["a"])
    conversation.line()
    conversation.want(Release(call=CALL, verdict=Disposition.LEFT, reason="key", key="0"))
    assert conversation.line() == b"EXEC MSet ACD_REASON=key,ACD_KEY=0\n"
    assert conversation.cuts


def test_nothing_is_announced_to_a_caller_who_is_being_connected() -> None:
    conversation = talk(answered=True)
    assert not conversation.announce(["a"])
    conversation.want(offer())
    assert not conversation.announce(["a"])


def test_a_way_out_is_told_to_the_dialplan_before_the_verdict() -> None:
    conversation = talk()
    way = Way(kind=WayKind.EXTENSION, target="500", context="night")
    conversation.want(Release(call=CALL, verdict=Disposition.LEFT, reason="key", key="2", way=way))
    say(
        conversation,
        b"EXEC MSet ACD_REASON=key,ACD_KEY=2,ACD_WAY=extension,ACD_TARGET=500,ACD_CONTEXT=night\n",
        b"SET VARIABLE ACD_STATUS LEFT\n",
    )


def test_a_refused_call_with_a_way_goes_there_and_is_not_hung_up() -> None:
    conversation = talk()
    way = Way(kind=WayKind.VOICEMAIL, target="200@default")
    conversation.want(Refuse(call=CALL, reason=BlockReason.CLOSED, way=way), 480)
    say(
        conversation,
        b"EXEC MSet ACD_REASON=closed,ACD_KEY=,ACD_WAY=voicemail,ACD_TARGET=200@default,ACD_CONTEXT=\n",
        b"SET VARIABLE ACD_STATUS LEFT\n",
    )


def test_a_refused_call_with_a_message_is_answered_hears_it_and_is_hung_up() -> None:
    conversation = talk()
    conversation.want(Refuse(call=CALL, reason=BlockReason.CLOSED, message="closed"), 480)
    say(conversation, ANSWER, b'STREAM FILE closed ""\n', b"EXEC Hangup 19\n")


def test_a_message_is_heard_before_the_way_out_too() -> None:
    conversation = talk()
    way = Way(kind=WayKind.VOICEMAIL, target="200@default")
    conversation.want(Refuse(call=CALL, reason=BlockReason.CLOSED, way=way, message="closed"), 480)
    say(
        conversation,
        ANSWER,
        b'STREAM FILE closed ""\n',
        b"EXEC MSet ACD_REASON=closed,ACD_KEY=,ACD_WAY=voicemail,ACD_TARGET=200@default,ACD_CONTEXT=\n",
        b"SET VARIABLE ACD_STATUS LEFT\n",
    )


def leaving() -> Release:
    """Somebody waited when the queue closed; it opens at the second 1800000000."""
    opens = 1_800_000_000_500_000_000
    return Release(call=CALL, verdict=Disposition.LEFT, reason="closed", message="closed", opens=opens)


def test_who_leaves_a_closed_queue_hears_why_and_the_dialplan_when_it_opens() -> None:
    conversation = talk(answered=True)
    conversation.want(leaving())
    say(
        conversation,
        b'STREAM FILE closed ""\n',
        b"EXEC MSet ACD_REASON=closed,ACD_KEY=,ACD_OPENS=1800000000\n",
        b"SET VARIABLE ACD_STATUS LEFT\n",
    )


def test_a_message_that_cuts_an_announcement_waits_for_a_reply_between_the_two() -> None:
    conversation = waiting()
    conversation.announce(["a", "b"])
    conversation.line()
    conversation.want(leaving())
    assert conversation.line() == b"NOOP\n"
    assert conversation.cuts
    say(conversation, b'STREAM FILE closed ""\n')
    assert not conversation.cuts
