"""One Asterisk as the router sees it: every order of evidence gives the same single conclusion."""

import itertools

import pytest

from acd.core import events as ev
from acd.core.ids import CallId, OfferId, PhoneName, SwitchName, Uniqueid
from acd.core.outcomes import EndedBy, LeaveReason, OfferOutcome, TransferKind
from telephony.ami import messages as ami
from telephony.board import Channel, Ring
from telephony.switchboard import AgentPressed, Conclusion, HangUpLeg, Switchboard, Wake

pytestmark = pytest.mark.unit

CALL, OFFER, PHONE = CallId("c1"), OfferId("c1.1"), PhoneName("PJSIP/1001")
CALLER, LEG = Uniqueid("1.1"), Uniqueid("1.2")
CALLER_CHANNEL, LEG_CHANNEL = "PJSIP/trunk-a-00000001", "PJSIP/1001-00000002"


def begin() -> ami.DialBegin:
    return ami.DialBegin(uniqueid=CALLER, dest_uniqueid=LEG, dest_channel=LEG_CHANNEL)


def rings() -> ami.DialState:
    return ami.DialState(uniqueid=CALLER, dest_uniqueid=LEG, dial_status="RINGING")


def dial_end(status: str) -> ami.DialEnd:
    return ami.DialEnd(uniqueid=CALLER, dest_uniqueid=LEG, dest_channel=LEG_CHANNEL, dial_status=status)


def hangup(uniqueid: str = LEG, cause: int = 16) -> ami.Hangup:
    return ami.Hangup(uniqueid=uniqueid, channel=LEG_CHANNEL, cause=cause)


def request(uniqueid: str) -> ami.HangupRequest:
    return ami.HangupRequest(uniqueid=uniqueid)


class Desk:
    """A board with one call on it, and all it concluded."""

    def __init__(self, *, in_sight: bool = True, dialled: bool = True) -> None:
        self.board = Switchboard(SwitchName("pbx1"))
        self.board.in_sight = in_sight
        self.said: list[Conclusion] = []
        self.now = 0
        self.board.read(ami.Newchannel(uniqueid=CALLER, channel=CALLER_CHANNEL), 0)
        self.board.take(CALL, CALLER, CALLER_CHANNEL)
        if dialled:
            self.board.dialled(CALL, {OFFER: PHONE})

    def read(self, *events: ami.Event) -> "Desk":
        for event in events:
            self.now += 1
            self.said += self.board.read(event, self.now)
        return self

    def dial_returned(self, status: str) -> "Desk":
        self.said += self.board.dial_returned(CALL, (OFFER,), status, self.now)
        return self

    def session_ended(self, *, hung_up: bool = True) -> "Desk":
        self.said += self.board.session_ended(CALL, self.now, hung_up=hung_up)
        return self

    def wake(self) -> "Desk":
        self.said += self.board.wake(CALL, self.now)
        return self

    def talking(self) -> "Desk":
        self.read(begin(), rings(), dial_end("ANSWER"))
        self.said.clear()
        return self

    @property
    def events(self) -> list[ev.Event]:
        return [item for item in self.said if isinstance(item, ev.Event)]

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def test_an_offer_that_is_answered_rings_once_and_is_answered_once() -> None:
    desk = Desk().read(begin(), rings(), rings(), dial_end("ANSWER"))
    desk.read(ami.BridgeEnter(uniqueid=LEG, channel=LEG_CHANNEL))

    assert desk.kinds() == ["OfferRang", "OfferAnswered"]


@pytest.mark.parametrize("order", list(itertools.permutations(["hangup", "reply"])))
def test_a_refusal_is_one_outcome_in_either_order_of_the_sockets(order: tuple[str, ...]) -> None:
    desk = Desk().read(begin(), rings(), dial_end("NOANSWER"))
    for step in order:
        if step == "hangup":
            desk.read(hangup(cause=21))
        else:
            desk.dial_returned("CHANUNAVAIL")
    desk.wake()

    [_, failed] = desk.events
    assert isinstance(failed, ev.OfferFailed)
    assert failed.outcome is OfferOutcome.REJECTED


def test_a_phone_without_a_contact_is_unreachable_after_the_moment_for_late_events() -> None:
    desk = Desk().dial_returned("CHANUNAVAIL")
    assert [type(item) for item in desk.said] == [Wake]

    desk.wake()
    [failed] = desk.events
    assert isinstance(failed, ev.OfferFailed)
    assert failed.outcome is OfferOutcome.UNREACHABLE


def test_out_of_sight_dialstatus_alone_decides_at_once() -> None:
    desk = Desk(in_sight=False).dial_returned("BUSY")

    [failed] = desk.events
    assert isinstance(failed, ev.OfferFailed)
    assert failed.outcome is OfferOutcome.BUSY


def test_out_of_sight_an_answer_becomes_a_talk_of_unknown_length_that_is_marked_so() -> None:
    desk = Desk(in_sight=False).dial_returned("ANSWER")

    [answered, ended] = desk.events
    assert isinstance(answered, ev.OfferAnswered)
    assert isinstance(ended, ev.TalkEnded)
    assert (answered.estimated, ended.estimated) == (True, True)


def test_a_rescind_hangs_the_leg_up_and_its_end_is_rescinded() -> None:
    desk = Desk().read(begin(), rings())
    desk.said += desk.board.rescind(CALL, OFFER, desk.now)
    desk.read(dial_end("NOANSWER"), hangup(cause=26))

    assert HangUpLeg(LEG_CHANNEL) in desk.said
    failed = desk.events[-1]
    assert isinstance(failed, ev.OfferFailed)
    assert failed.outcome is OfferOutcome.RESCINDED


def test_a_rescind_before_the_leg_is_known_waits_for_it() -> None:
    desk = Desk()
    assert desk.board.rescind(CALL, OFFER, 0) == []

    desk.read(begin())
    assert desk.said == [HangUpLeg(LEG_CHANNEL)]


def test_an_answer_that_a_rescind_has_overtaken_is_never_a_talk() -> None:
    desk = Desk().read(begin(), rings())
    desk.board.rescind(CALL, OFFER, desk.now)
    desk.read(dial_end("ANSWER"), ami.BridgeEnter(uniqueid=LEG, channel=LEG_CHANNEL), hangup(cause=26))

    assert desk.kinds() == ["OfferRang", "OfferFailed"]


def test_a_rescind_after_the_answer_is_not_sent() -> None:
    desk = Desk().talking()

    assert desk.board.rescind(CALL, OFFER, desk.now) == []


@pytest.mark.parametrize(
    ("first", "by"), [(LEG, EndedBy.AGENT), (CALLER, EndedBy.CALLER)], ids=["agent", "caller"]
)
def test_who_asks_for_the_end_first_ended_the_talk(first: str, by: EndedBy) -> None:
    desk = Desk().talking().read(request(first))
    desk.read(request(CALLER if first == LEG else LEG), hangup()).session_ended().wake()

    [ended] = desk.events
    assert isinstance(ended, ev.TalkEnded)
    assert ended.by is by


def test_a_caller_who_hangs_up_waiting_is_gone_once_whoever_tells_it() -> None:
    desk = Desk(dialled=False).read(request(CALLER)).session_ended().read(hangup(CALLER)).wake()

    assert desk.kinds() == ["CallerHungUp"]


def test_a_hangup_line_without_ami_evidence_counts_as_the_caller_s_end_when_the_channel_is_gone() -> None:
    desk = Desk(dialled=False)
    desk.board.channels.clear()
    desk.session_ended().wake()

    assert desk.kinds() == ["CallerHungUp"]


def test_a_hangup_line_while_the_channel_lives_on_means_the_caller_was_sent_elsewhere() -> None:
    desk = Desk(dialled=False).session_ended().wake()

    [left] = desk.events
    assert isinstance(left, ev.CallLeftQueue)
    assert left.reason is LeaveReason.REDIRECTED


def test_a_broken_connection_is_no_hangup() -> None:
    desk = Desk(dialled=False).session_ended(hung_up=False).wake()

    assert desk.kinds()[0] == "SessionLost"


def test_a_blind_transfer_ends_the_agent_s_part_and_the_leg_s_hangup_adds_nothing() -> None:
    transfer = ami.BlindTransfer(result="Success", transferer_uniqueid=LEG, extension="900")
    desk = Desk().talking().read(transfer).session_ended().read(hangup()).wake()

    [given] = desk.events
    assert isinstance(given, ev.CallTransferred)
    assert (given.kind, given.target) == (TransferKind.BLIND, "900")


def test_a_transferred_agent_s_hangup_that_comes_first_waits_for_the_transfer_to_explain_it() -> None:
    transfer = ami.BlindTransfer(result="Success", transferer_uniqueid=LEG, extension="900")
    desk = Desk().talking().read(hangup())
    assert desk.said == [Wake(CALL, 50)]

    desk.read(transfer).wake()
    assert desk.kinds() == ["CallTransferred"]


def test_a_leg_hung_up_by_nobody_s_wish_ends_the_talk_when_nothing_explains_it() -> None:
    desk = Desk().talking().read(hangup()).wake()

    [ended] = desk.events
    assert isinstance(ended, ev.TalkEnded)
    assert ended.by is EndedBy.UNKNOWN


def test_a_transfer_that_comes_after_the_phone_s_own_bye_is_still_told_once() -> None:
    transfer = ami.BlindTransfer(result="Success", transferer_uniqueid=LEG, extension="900")
    desk = Desk().talking().read(request(LEG), hangup(), transfer, transfer)

    assert desk.kinds() == ["TalkEnded", "CallTransferred"]


def test_a_failed_transfer_changes_nothing() -> None:
    desk = Desk().talking().read(ami.BlindTransfer(result="Invalid", transferer_uniqueid=LEG, extension="9"))

    assert desk.events == []


@pytest.mark.parametrize("answered", [False, True], ids=["before an agent answered", "after"])
def test_an_attended_transfer_into_a_queue_puts_the_caller_into_the_consult_s_call(answered: bool) -> None:
    desk = Desk().talking()
    second, consult, leg2 = CallId("c2"), Uniqueid("1.3"), Uniqueid("1.4")
    desk.board.take(second, consult, "PJSIP/1001-00000003")
    desk.board.dialled(second, {OfferId("c2.1"): PhoneName("PJSIP/1002")})
    desk.read(ami.DialBegin(uniqueid=consult, dest_uniqueid=leg2, dest_channel="PJSIP/1002-00000004"))
    if answered:
        desk.read(ami.DialEnd(uniqueid=consult, dest_uniqueid=leg2, dial_status="ANSWER"))
    desk.said.clear()
    desk.read(
        ami.AttendedTransfer(
            result="Success",
            orig_transferer_uniqueid=LEG,
            second_transferer_uniqueid=consult,
            transferee_uniqueid=CALLER,
            transferee_channel=CALLER_CHANNEL,
            dest_type="Bridge" if answered else "App",
        )
    )
    desk.read(hangup(LEG), hangup(consult), request(CALLER))

    given, replaced = desk.events[:2]
    assert isinstance(given, ev.CallTransferred)
    assert isinstance(replaced, ev.CallerReplaced)
    assert (given.into, replaced.call, replaced.uniqueid) == (second, second, CALLER)
    assert desk.board.lines.keys() == ({second} if answered else set())


def test_a_late_hangup_of_an_old_leg_does_not_touch_the_next_offer() -> None:
    desk = Desk().read(begin(), rings()).dial_returned("NOANSWER").wake()
    desk.board.dialled(CALL, {OfferId("c1.2"): PhoneName("PJSIP/1002")})
    desk.said.clear()
    desk.read(hangup(cause=0))

    assert desk.events == []


# ---------------------------------------------------------------- after a gap


def channels(*uniqueids: str) -> list[Channel]:
    names = {CALLER: CALLER_CHANNEL, LEG: LEG_CHANNEL}
    return [Channel(Uniqueid(u), names[Uniqueid(u)], linkedid=CALLER) for u in uniqueids]


def test_a_sync_finds_an_offer_that_was_answered_unseen() -> None:
    desk = Desk(in_sight=False)
    desk.said += desk.board.sync(channels(CALLER, LEG), {CALLER: "b", LEG: "b"}, 9)

    [answered] = desk.events
    assert isinstance(answered, ev.OfferAnswered)
    assert (answered.leg, answered.estimated) == (LEG, True)


def test_a_sync_ends_a_talk_whose_agent_is_gone_as_an_estimate() -> None:
    desk = Desk().talking()
    desk.board.lost()
    desk.said += desk.board.sync(channels(CALLER), {}, 9)

    [ended] = desk.events
    assert isinstance(ended, ev.TalkEnded)
    assert ended.estimated


def test_a_sync_closes_a_waiting_call_whose_channel_is_gone_as_lost_by_the_platform() -> None:
    desk = Desk(dialled=False)
    desk.board.lost()
    desk.said += desk.board.sync([], {}, 9)

    [left] = desk.events
    assert isinstance(left, ev.CallLeftQueue)
    assert left.reason is LeaveReason.LOST_BY_PLATFORM


def test_channels_born_or_gone_while_the_list_was_made_are_told_by_their_events() -> None:
    desk = Desk(dialled=False)
    desk.board.lost()
    desk.read(ami.Newchannel(uniqueid="1.9", channel="PJSIP/x-1"), hangup(LEG))
    desk.said += desk.board.sync(channels(CALLER, LEG), {}, 9)

    assert set(desk.board.channels) == {CALLER, "1.9"}


def test_a_restored_talk_goes_on_and_ends_with_its_leg() -> None:
    board = Switchboard(SwitchName("pbx1"))
    board.restore(CALL, CALLER, CALLER_CHANNEL, [Ring(offer=OFFER, phone=PHONE, answered=True, leg=LEG)])
    assert board.sync(channels(CALLER, LEG), {CALLER: "b", LEG: "b"}, 1) == []

    assert board.read(request(LEG), 2) == []
    [ended] = board.read(hangup(), 2)
    assert isinstance(ended, ev.TalkEnded)
    assert not ended.estimated


@pytest.mark.parametrize("cause", [0, 23])
def test_a_302_is_a_refusal_whichever_cause_its_leg_gets(cause: int) -> None:
    forward = ami.DialEnd(
        uniqueid=CALLER, dest_uniqueid=LEG, dest_channel=LEG_CHANNEL, dial_status="CANCEL", forward="900"
    )
    desk = Desk().read(begin(), rings(), forward, dial_end("BUSY"), hangup(cause=cause))
    (failed,) = desk.events[1:]
    assert isinstance(failed, ev.OfferFailed)
    assert failed.outcome is OfferOutcome.REJECTED


def accepting() -> Desk:
    desk = Desk(dialled=False)
    desk.board.dialled(CALL, {OFFER: PHONE}, bridged_only=True)
    return desk.read(begin(), rings())


def test_picking_up_is_no_talk_while_the_agent_has_to_hear_or_press_something() -> None:
    desk = accepting().read(dial_end("ANSWER"))
    assert not [event for event in desk.events if isinstance(event, ev.OfferAnswered)]
    desk.read(ami.BridgeEnter(uniqueid=LEG, channel=LEG_CHANNEL))
    (answered,) = [event for event in desk.events if isinstance(event, ev.OfferAnswered)]
    assert answered.offer == OFFER


@pytest.mark.parametrize(
    ("status", "outcome"), [("CONGESTION", OfferOutcome.NO_ANSWER), ("BUSY", OfferOutcome.REJECTED)]
)
@pytest.mark.parametrize("told", ["by the leg", "by Dial"])
def test_who_does_not_accept_has_not_answered(status: str, outcome: OfferOutcome, told: str) -> None:
    desk = accepting()
    if told == "by the leg":
        desk.read(dial_end(status), hangup(cause=16))
    else:
        desk.read(dial_end("ANSWER"), hangup(cause=16)).dial_returned(status)
    (failed,) = [event for event in desk.events if isinstance(event, ev.OfferFailed)]
    assert failed.outcome is outcome


def test_an_agent_who_hangs_up_before_accepting_has_declined() -> None:
    desk = accepting().read(dial_end("ANSWER"), request(LEG), hangup(cause=16)).dial_returned("ANSWER")
    (failed,) = [event for event in desk.events if isinstance(event, ev.OfferFailed)]
    assert failed.outcome is OfferOutcome.REJECTED


def test_a_talk_is_cut_by_its_own_leg_and_the_router_ended_it() -> None:
    desk = Desk().talking()
    assert desk.board.leg_channel(CALL) == LEG_CHANNEL
    assert desk.board.disconnect(CALL, OFFER, 9) == [HangUpLeg(LEG_CHANNEL, 16)]
    desk.read(hangup())
    (ended,) = [event for event in desk.events if isinstance(event, ev.TalkEnded)]
    assert ended.by is EndedBy.ROUTER


def test_nobody_is_cut_off_who_is_not_in_that_talk() -> None:
    assert Desk().board.disconnect(CALL, OFFER, 9) == []
    assert Desk().talking().board.disconnect(CALL, OfferId("c1.2"), 9) == []
    assert Desk().board.leg_channel(CALL) == ""


def test_keys_of_an_agent_in_a_talk_are_told_and_those_of_the_caller_there_are_not() -> None:
    desk = Desk().talking()
    desk.read(
        ami.DTMFEnd(uniqueid=LEG, digit="*", direction="Received"),
        ami.DTMFEnd(uniqueid=LEG, digit="4", direction="Sent"),
        ami.DTMFEnd(uniqueid=CALLER, digit="1", direction="Received"),
    )
    assert desk.said == [AgentPressed(OFFER, "*")]
