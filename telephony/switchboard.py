"""One Asterisk as the router sees it, sans-I/O: AMI events and AGI ends in, core events out.

AMI and AGI come over two sockets with no order between them, so each conclusion is drawn from whichever evidence
is strong enough first, once; the rest finds nothing left to conclude. Where evidence may still be on its way the
board asks to be woken (`Wake`), and decides from what it has when nothing more came.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from acd.core import events as ev
from acd.core.ids import CallId, OfferId, PhoneName, SwitchName, Uniqueid
from acd.core.outcomes import EndedBy, LeaveReason, TransferKind
from telephony.ami import messages as ami
from telephony.board import Channel, Line, Ring, endpoint_of
from telephony.evidence import Evidence, outcome
from telephony.hangups import Hangup

LEG_GRACE_MS = 60
"""AMI lags AGI by about a millisecond; a Dial that made no leg is known by nothing more coming for this long."""
TRANSFER_GRACE_MS = 50
"""A transferred agent's Hangup may come before the transfer's own event, and nobody asked for that hang-up."""
ENDED_REMEMBERED = 1_000
"""Talks that ended just now, for a transfer event that comes even later than the phone's own BYE."""
PICKED_UP = frozenset({"ANSWER", "BUSY", "CONGESTION"})
"""How Dial ends where something comes between picking up and the talk: by what acd-talk in features_acd.conf says."""
CUT_CAUSE = 26
"""What our own hang-up of a ringing leg ends it with; a phone that declined or is busy says something else."""
NORMAL_CAUSE = 16
END_GRACE_MS = 500
"""How long the reason of an ended session may take: hang-up, transfer or a broken connection."""


class HangUpLeg(msgspec.Struct, frozen=True):
    """Ask Asterisk to hang up a leg: a ringing one as "answered elsewhere" (cause 26), which is no missed call."""

    channel: str
    cause: int = CUT_CAUSE


class PickedUp(msgspec.Struct, frozen=True):
    """A phone that did not ring took the call of this offer."""

    call: CallId
    offer: OfferId
    phone: PhoneName
    leg: Uniqueid
    channel: str


class AgentPressed(msgspec.Struct, frozen=True):
    """The agent pressed a key in the talk that came of this offer."""

    offer: OfferId
    key: str


class Wake(msgspec.Struct, frozen=True):
    """Call `wake` with this call after so many milliseconds."""

    call: CallId
    in_ms: int


Conclusion = ev.Event | HangUpLeg | Wake | AgentPressed | PickedUp
NOTHING_LOGGED: Final[Mapping[Uniqueid, Hangup]] = {}


class Switchboard:
    """Lines, rings and channels of one switch."""

    def __init__(self, switch: SwitchName) -> None:
        """Nothing is known yet; `in_sight` tells whether AMI is up."""
        self.switch = switch
        self.in_sight = False
        self.lines: dict[CallId, Line] = {}
        self.channels: dict[Uniqueid, Channel] = {}
        self._callers: dict[Uniqueid, CallId] = {}
        self._legs: dict[Uniqueid, CallId] = {}
        self._out: list[Conclusion] = []
        self._now = 0
        self._born: dict[Uniqueid, Channel] = {}
        self._died: set[Uniqueid] = set()
        self._logged: Mapping[Uniqueid, Hangup] = NOTHING_LOGGED
        self._ended: dict[Uniqueid, Line] = {}
        self._readers: Mapping[type[ami.Event], Callable[[Any], None]] = {
            ami.Newchannel: self._new_channel,
            ami.DialBegin: self._dial_begin,
            ami.DialState: self._dial_state,
            ami.DialEnd: self._dial_end,
            ami.BridgeEnter: self._bridge_enter,
            ami.HangupRequest: self._hangup_request,
            ami.Hangup: self._hangup,
            ami.Hold: self._hold,
            ami.Unhold: self._unhold,
            ami.BlindTransfer: self._blind_transfer,
            ami.AttendedTransfer: self._attended_transfer,
            ami.DTMFEnd: self._key,
            ami.Pickup: self._pickup,
        }

    # ------------------------------------------------------------ what we do

    def take(self, call: CallId, uniqueid: Uniqueid, channel: str) -> None:
        """A caller's session begins (or begins again) on this channel."""
        line = self.lines.get(call)
        if line is None:
            self.lines[call] = Line(call=call, uniqueid=uniqueid, channel=channel)
        else:
            self._callers.pop(line.uniqueid, None)
            line.uniqueid, line.channel, line.session = uniqueid, channel, True
        self._callers[uniqueid] = call

    def restore(self, call: CallId, uniqueid: Uniqueid, channel: str, rings: Sequence[Ring]) -> None:
        """A line remembered from before a restart: no session, to be compared with the switch at the next sync."""
        line = self.lines[call] = Line(call=call, uniqueid=uniqueid, channel=channel, session=False)
        line.rings = {ring.offer: ring for ring in rings}
        self._callers[uniqueid] = call
        for ring in rings:
            if ring.leg:
                self._own(line, ring.leg, ring.offer)

    def dialled(
        self, call: CallId, phones: Mapping[OfferId, PhoneName], *, bridged_only: bool = False
    ) -> None:
        """Dial was written for these offers; those that rang before go on with new legs."""
        line = self.lines.get(call)
        if line is None or line.talk is not None:
            return
        line.cutting = False
        line.rings = {
            offer: Ring(
                offer=offer,
                phone=phone,
                rang=offer in line.rings and line.rings[offer].rang,
                bridged_only=bridged_only,
            )
            for offer, phone in phones.items()
        }

    def rescind(self, call: CallId, offer: OfferId, at: int) -> list[Conclusion]:
        """Stop the ringing of one phone. Too late once an answer was seen: the talk goes on."""
        self._begin(at)
        line = self.lines.get(call)
        ring = None if line is None else line.rings.get(offer)
        if ring is not None and not ring.answered:
            ring.rescinding = True
            self._out += [HangUpLeg(name) for name in ring.legs.values()]
            if line is not None and line.cutting and not ring.legs:
                self._ring_failed(line, ring)  # its leg is gone already, and none will follow
        return self._out

    def disconnect(self, call: CallId, offer: OfferId, at: int) -> list[Conclusion]:
        """Hang up the agent's phone in a talk; the end follows."""
        self._begin(at)
        line = self.lines.get(call)
        talk = None if line is None else line.talk
        name = self.leg_channel(call)
        if talk is not None and talk.offer == offer and name:
            talk.ended_by = talk.ended_by or EndedBy.ROUTER
            self._out.append(HangUpLeg(name, NORMAL_CAUSE))
        return self._out

    def leg_channel(self, call: CallId) -> str:
        """The channel of the agent's phone in the talk; "" while there is none."""
        line = self.lines.get(call)
        talk = None if line is None else line.talk
        if talk is None:
            return ""
        return talk.legs.get(talk.leg) or (self.channels[talk.leg].name if talk.leg in self.channels else "")

    def cut(self, call: CallId, at: int) -> list[Conclusion]:
        """Stop a running Dial so that it can be written again with more phones; the offers go on."""
        self._begin(at)
        line = self.lines.get(call)
        if line is not None and line.talk is None:
            line.cutting = True
            self._out += [HangUpLeg(name) for ring in line.rings.values() for name in ring.legs.values()]
        return self._out

    def forget(self, call: CallId) -> None:
        """The router is done with the call."""
        line = self.lines.pop(call, None)
        if line is not None:
            if self._callers.get(line.uniqueid) == call:
                del self._callers[line.uniqueid]
            for leg in line.legs:
                self._legs.pop(leg, None)

    # ------------------------------------------------------------ what AGI tells

    def dial_returned(
        self, call: CallId, offers: Collection[OfferId], status: str, at: int
    ) -> list[Conclusion]:
        """Dial came back. When the legs have not told their end yet, they get a moment to.

        A Dial that was cut says nothing, unless somebody answered just before: then that is the talk.
        """
        self._begin(at)
        line = self.lines.get(call)
        if line is None or (line.cutting and status != "ANSWER"):
            return self._out
        for ring in [ring for ring in line.rings.values() if ring.offer in offers]:
            self._ring_returned(line, ring, status)
        return self._out

    def _ring_returned(self, line: Line, ring: Ring, status: str) -> None:
        ring.dialstatus = status
        if not self.in_sight:
            self._conclude_blind(line, ring)
        elif ring.bridged_only and ring.dial_end == "ANSWER" and not ring.legs and not ring.answered:
            self._ring_failed(line, ring)
        elif ring.legs or ring.answered or status == "ANSWER":
            self._out.append(Wake(line.call, END_GRACE_MS))
        elif ring.began:
            self._ring_failed(line, ring)
        else:
            self._out.append(Wake(line.call, LEG_GRACE_MS))

    def session_ended(self, call: CallId, at: int, *, hung_up: bool) -> list[Conclusion]:
        """The AGI session is over; `hung_up`: Asterisk said HANGUP, so not a broken connection.

        A HANGUP is the caller's end or a transfer; AMI says which.
        """
        self._begin(at)
        line = self.lines.get(call)
        if line is None or not line.session:
            return self._out
        line.session = False
        if not hung_up:
            if line.talk is None:
                self._out.append(ev.SessionLost(at=at, call=call))
            return self._out
        talk = line.talk or next((ring for ring in line.rings.values() if ring.dialstatus == "ANSWER"), None)
        if self.in_sight:
            self._out.append(Wake(call, END_GRACE_MS))
        elif talk is not None:
            self._talk_ended(line, talk, estimated=True)
        else:
            self._caller_gone(line, estimated=True)
        return self._out

    def wake(self, call: CallId, at: int) -> list[Conclusion]:
        """The time for more evidence is over."""
        self._begin(at)
        line = self.lines.get(call)
        if line is None:
            return self._out
        talk = line.talk
        returned = [ring for ring in line.rings.values() if ring.dialstatus]
        if talk is not None and talk.over:
            self._talk_ended(line, talk)
        elif returned:
            self._all_blind(line, returned)
        elif not line.session and line.uniqueid not in self.channels:
            if talk is not None:
                self._talk_ended(line, talk, estimated=True)
            else:
                self._caller_gone(line, estimated=True)
        elif not line.session and not line.rings:
            self._out.append(ev.CallLeftQueue(at=self._now, call=call, reason=LeaveReason.REDIRECTED))
            self.forget(call)
        return self._out

    # ------------------------------------------------------------ what AMI tells

    def read(self, event: ami.Event, at: int) -> list[Conclusion]:
        """Take one AMI event; those not in the table mean nothing here."""
        self._begin(at)
        reader = self._readers.get(type(event))
        if reader is not None:
            reader(event)
        return self._out

    def _new_channel(self, event: ami.Newchannel) -> None:
        uniqueid = Uniqueid(event.uniqueid)
        channel = Channel(uniqueid, event.channel, event.linkedid, event.caller_id_num)
        self.channels[uniqueid] = channel
        if not self.in_sight:
            self._born[uniqueid] = channel

    def _dial_begin(self, event: ami.DialBegin) -> None:
        line = self._line_of(event.uniqueid)
        ring = None if line is None else _ring_for(line, event.dest_channel)
        if line is None or ring is None:
            return
        leg = Uniqueid(event.dest_uniqueid)
        ring.began = True
        ring.legs[leg] = event.dest_channel
        self._own(line, leg, ring.offer)
        if ring.rescinding or line.cutting:
            self._out.append(HangUpLeg(event.dest_channel))

    def _dial_state(self, event: ami.DialState) -> None:
        ring = self._ring_of_leg(event.dest_uniqueid)
        if ring is not None and event.dial_status == "RINGING" and not ring.rang:
            ring.rang = True
            self._out.append(ev.OfferRang(at=self._now, offer=ring.offer))

    def _dial_end(self, event: ami.DialEnd) -> None:
        line, ring = self._line_of_leg(event.dest_uniqueid), self._ring_of_leg(event.dest_uniqueid)
        if line is None or ring is None:
            return
        ring.dial_end = event.dial_status
        ring.picked_up = ring.picked_up or event.dial_status in PICKED_UP
        ring.forwarded = ring.forwarded or bool(event.forward)
        if event.dial_status == "ANSWER" and not ring.bridged_only:
            self._answered(line, ring, Uniqueid(event.dest_uniqueid), event.dest_channel)

    def _pickup(self, event: ami.Pickup) -> None:
        """Somebody takes a call that rings at an agent's phone: from here on the leg's end means nothing."""
        line, ring = self._line_of_leg(event.target_uniqueid), self._ring_of_leg(event.target_uniqueid)
        if line is None or ring is None or ring.answered or ring.rescinding:
            return
        taker = Uniqueid(event.uniqueid)
        ring.legs.pop(Uniqueid(event.target_uniqueid), None)
        self._own(line, taker, ring.offer)
        ring.legs[taker] = event.channel
        self._out.append(PickedUp(line.call, ring.offer, endpoint_of(event.channel), taker, event.channel))

    def picked_up(self, call: CallId, offer: OfferId, phone: PhoneName, leg: Uniqueid, channel: str) -> None:
        """The talk that came of a pickup, under the offer the router made for it."""
        line = self.lines.get(call)
        if line is not None:
            line.rings = {
                offer: Ring(offer=offer, phone=phone, legs={leg: channel}, leg=leg, began=True, answered=True)
            }
            self._own(line, leg, offer)

    def _bridge_enter(self, event: ami.BridgeEnter) -> None:
        line, ring = self._line_of_leg(event.uniqueid), self._ring_of_leg(event.uniqueid)
        if line is not None and ring is not None:
            self._answered(line, ring, Uniqueid(event.uniqueid), event.channel)

    def _answered(
        self, line: Line, ring: Ring, leg: Uniqueid, channel: str, *, estimated: bool = False
    ) -> None:
        """A leg is up. An answer that a rescind has overtaken is no talk: its hang-up is on the way.

        The other phones have lost; Asterisk stops them itself, as answered elsewhere, and the router needs no word of it.
        """
        if ring.answered or ring.rescinding or line.cutting:
            return
        ring.answered = True
        ring.leg = leg
        line.rings = {ring.offer: ring}
        self._out.append(
            ev.OfferAnswered(
                at=self._now, offer=ring.offer, leg=leg, leg_channel=channel, estimated=estimated
            )
        )

    def _hangup_request(self, event: ami.HangupRequest) -> None:
        """Somebody's phone hung up: this names who ended, and a waiting caller's end."""
        ring = self._ring_of_leg(event.uniqueid)
        if ring is not None and ring.answered and ring.ended_by is None:
            ring.ended_by = EndedBy.AGENT
        line = self._line_of(event.uniqueid)
        if line is None:
            return
        if line.talk is None:
            self._caller_gone(line)
        elif line.talk.ended_by is None:
            line.talk.ended_by = EndedBy.CALLER

    def _hangup(self, event: ami.Hangup) -> None:
        uniqueid = Uniqueid(event.uniqueid)
        self.channels.pop(uniqueid, None)
        if not self.in_sight:
            self._died.add(uniqueid)
        call = self._legs.get(uniqueid)
        if call is not None:
            self._leg_gone(self.lines[call], uniqueid, event.cause)
        line = self._line_of(uniqueid)
        if line is not None and line.talk is None:
            self._caller_gone(line)

    def _leg_gone(self, line: Line, leg: Uniqueid, cause: int) -> None:
        ring = line.ring_of(leg)
        if ring is None or ring.legs.pop(leg, None) is None:
            return  # a leg of an offer that was concluded before
        if ring.answered:
            if leg == ring.leg and ring.ended_by is None:
                ring.over = True
                self._out.append(Wake(line.call, TRANSFER_GRACE_MS))
            elif leg == ring.leg:
                self._talk_ended(line, ring)
            return
        ring.cause = cause
        if line.cutting and cause == CUT_CAUSE and not ring.rescinding:
            return
        picked_up = ring.dial_end == "ANSWER" and not ring.rescinding
        if picked_up and not ring.dialstatus:
            self._out.append(Wake(line.call, END_GRACE_MS))  # Dial's status tells why there was no talk
        elif not ring.legs and (ring.rescinding or ring.dial_end != "CANCEL"):
            self._ring_failed(line, ring)

    def _hold(self, event: ami.Hold) -> None:
        ring = self._talk_of_leg(event.uniqueid)
        if ring is not None:
            self._out.append(ev.HoldStarted(at=self._now, offer=ring.offer))

    def _unhold(self, event: ami.Unhold) -> None:
        ring = self._talk_of_leg(event.uniqueid)
        if ring is not None:
            self._out.append(ev.HoldEnded(at=self._now, offer=ring.offer))

    def _key(self, event: ami.DTMFEnd) -> None:
        """A waiting caller pressed a key, or an agent in a talk; what a caller presses there is between the two."""
        if event.direction != "Received":
            return
        ring = self._talk_of_leg(event.uniqueid)
        if ring is not None:
            self._out.append(AgentPressed(ring.offer, event.digit))
        line = self._line_of(event.uniqueid)
        if line is not None and line.talk is None:
            self._out.append(ev.KeyPressed(at=self._now, call=line.call, key=event.digit))

    # ------------------------------------------------------------ transfers

    def _blind_transfer(self, event: ami.BlindTransfer) -> None:
        line = self._talk_given_away(event.transferer_uniqueid)
        talk = None if line is None else line.talk
        if line is None or talk is None or event.result != "Success":
            return
        self._out.append(
            ev.CallTransferred(
                at=self._now,
                offer=talk.offer,
                kind=TransferKind.BLIND,
                target=event.extension,
                where=(event.extension, event.context),
            )
        )
        self.forget(line.call)

    def _attended_transfer(self, event: ami.AttendedTransfer) -> None:
        """The agent joined the caller (first leg) to whom the second leg talked to or waited for.

        When the second leg was itself a call of ours, that call lives on with the caller's channel.
        """
        line = self._talk_given_away(event.orig_transferer_uniqueid)
        talk = None if line is None else line.talk
        if line is None or talk is None or event.result != "Success":
            return
        second = self._line_of(event.second_transferer_uniqueid)
        self._out.append(
            ev.CallTransferred(
                at=self._now,
                offer=talk.offer,
                kind=TransferKind.ATTENDED,
                target=event.transfer_target_channel or event.dest_app,
                where=_where(event),
                into=second.call if second is not None else None,
            )
        )
        self.forget(line.call)
        if second is not None:
            self._replace_caller(second, line, event)

    def _replace_caller(self, second: Line, first: Line, event: ami.AttendedTransfer) -> None:
        """Put the caller's channel under the consult's call.

        While nobody answered there, the consult's own session drives it from now on. In a talk that session ends with
        the consult's channel, and the caller's first session stays in its Dial until the caller's end.
        """
        uniqueid = Uniqueid(event.transferee_uniqueid or first.uniqueid)
        channel = event.transferee_channel or first.channel
        self._callers.pop(second.uniqueid, None)
        second.uniqueid, second.channel = uniqueid, channel
        second.session = second.session and second.talk is None
        self._callers[uniqueid] = second.call
        known = self.channels.get(uniqueid)
        self._out.append(
            ev.CallerReplaced(
                at=self._now,
                call=second.call,
                parent=first.call,
                channel=channel,
                uniqueid=uniqueid,
                caller=known.caller if known is not None else "",
            )
        )

    # ------------------------------------------------------------ after a gap

    def lost(self) -> None:
        """AMI is down: what happens is unseen until `sync`."""
        self.in_sight = False
        self._born.clear()
        self._died.clear()

    def legs_in_talk(self) -> frozenset[Uniqueid]:
        """The agents' channels of all talks: whose ends a sync may have to look up."""
        talks = (line.talk for line in self.lines.values())
        return frozenset(talk.leg for talk in talks if talk is not None)

    def sync(
        self,
        listed: list[Channel],
        bridges: Mapping[Uniqueid, str],
        at: int,
        hangups: Mapping[Uniqueid, Hangup] = NOTHING_LOGGED,
    ) -> list[Conclusion]:
        """Compare with every channel there is. `bridges` names the bridge of each channel that is in one.

        The list was made a moment ago: channels born or gone since the link came up have been told by events.
        `hangups` are ends that Asterisk logged while we did not see.
        """
        self._begin(at)
        self.in_sight = True
        self._logged = hangups
        known = self._born | {channel.uniqueid: channel for channel in listed}
        self.channels = {uniqueid: known[uniqueid] for uniqueid in known.keys() - self._died}
        for line in list(self.lines.values()):
            if line.uniqueid not in self.channels:
                self._orphan(line)
            else:
                for ring in list(line.rings.values()):
                    self._sync_ring(line, ring, bridges)
        return self._out

    def _orphan(self, line: Line) -> None:
        if line.talk is not None:
            self._talk_ended(line, line.talk, estimated=True)
        else:
            self._out.append(
                ev.CallLeftQueue(at=self._now, call=line.call, reason=LeaveReason.LOST_BY_PLATFORM)
            )
            self.forget(line.call)

    def _sync_ring(self, line: Line, ring: Ring, bridges: Mapping[Uniqueid, str]) -> None:
        """See whether the offer still rings, talks, or is over."""
        if ring.offer not in line.rings:
            return  # another phone was found to have answered
        legs = self._legs_there(line, ring)
        here = bridges.get(line.uniqueid, "")
        talking = [leg for leg in legs if here and bridges.get(leg.uniqueid) == here]
        if talking and not ring.answered:
            self._answered(line, ring, talking[0].uniqueid, talking[0].name, estimated=True)
        elif ring.answered and ring.leg not in self.channels:
            self._talk_ended(line, ring, estimated=True)
        elif not ring.answered and not legs:
            ring.dialstatus = ring.dialstatus or "NOANSWER"
            self._ring_failed(line, ring)

    def _legs_there(self, line: Line, ring: Ring) -> list[Channel]:
        """The offer's legs among the channels: known ones, or of the phone and of the caller's linkedid."""
        linkedid = self.channels[line.uniqueid].linkedid
        found = [
            channel
            for channel in self.channels.values()
            if channel.uniqueid in ring.legs
            or channel.uniqueid == ring.leg
            or (channel.name.startswith(f"{ring.phone}-") and linkedid and channel.linkedid == linkedid)
        ]
        for channel in found:
            ring.began = True
            ring.legs[channel.uniqueid] = channel.name
            self._own(line, channel.uniqueid, ring.offer)
        for gone in set(ring.legs) - {channel.uniqueid for channel in found}:
            del ring.legs[gone]
        return found

    # ------------------------------------------------------------ conclusions

    def _begin(self, at: int) -> None:
        self._now = at
        self._out = []

    def _caller_gone(self, line: Line, *, estimated: bool = False) -> None:
        self._out.append(ev.CallerHungUp(at=self._now, call=line.call, estimated=estimated))
        self.forget(line.call)

    def _ring_failed(self, line: Line, ring: Ring) -> None:
        seen = Evidence(
            rescinded=ring.rescinding,
            began=ring.began,
            rang=ring.rang,
            cause=ring.cause,
            dialstatus=ring.dialstatus,
            dial_end=ring.dial_end,
            forwarded=ring.forwarded,
            picked_up=ring.bridged_only and ring.picked_up,
        )
        line.rings.pop(ring.offer, None)
        self._out.append(
            ev.OfferFailed(at=self._now, offer=ring.offer, outcome=outcome(seen), cause=seen.words())
        )

    def _all_blind(self, line: Line, rings: list[Ring]) -> None:
        """Decide by DIALSTATUS. Of several phones, who answered is known only if a leg told."""
        answered = [ring for ring in rings if ring.answered]
        for ring in answered or rings:
            if ring.offer in line.rings:
                self._conclude_blind(line, ring)

    def _conclude_blind(self, line: Line, ring: Ring) -> None:
        """Decide by DIALSTATUS, with no leg to tell more."""
        if ring.dialstatus != "ANSWER":
            self._ring_failed(line, ring)
            return
        if not ring.answered and not ring.rescinding:
            line.cutting = False
            self._answered(line, ring, Uniqueid(""), "", estimated=True)
        if ring.answered:
            self._talk_ended(line, ring, estimated=True)
        else:
            self._ring_failed(line, ring)

    def _talk_ended(self, line: Line, ring: Ring, *, estimated: bool = False) -> None:
        """An end that was not seen is looked up in the log of channel events; only without it, it is an estimate."""
        logged = self._logged.get(ring.leg) if estimated else None
        by = ring.ended_by or (EndedBy.UNKNOWN if logged is None else _ended_by(line, logged))
        self._out.append(
            ev.TalkEnded(
                at=self._now,
                offer=ring.offer,
                by=by,
                estimated=estimated and logged is None,
                ended_at=None if logged is None else logged.at,
            )
        )
        self._ended[ring.leg] = line
        if len(self._ended) > ENDED_REMEMBERED:
            del self._ended[next(iter(self._ended))]
        self.forget(line.call)

    # ------------------------------------------------------------ look-ups

    def _own(self, line: Line, leg: Uniqueid, offer: OfferId) -> None:
        self._legs[leg] = line.call
        line.legs[leg] = offer

    def owns_leg(self, uniqueid: Uniqueid) -> bool:
        """Whether that channel is a leg of an offer of ours."""
        return uniqueid in self._legs

    def _line_of(self, uniqueid: str) -> Line | None:
        call = self._callers.get(Uniqueid(uniqueid))
        return None if call is None else self.lines.get(call)

    def _line_of_leg(self, leg: str) -> Line | None:
        call = self._legs.get(Uniqueid(leg))
        return None if call is None else self.lines.get(call)

    def _talk_given_away(self, leg: str) -> Line | None:
        """The talk an agent's channel is, or just was, in."""
        return self._line_of_leg(leg) or self._ended.pop(Uniqueid(leg), None)

    def _ring_of_leg(self, leg: str) -> Ring | None:
        line = self._line_of_leg(leg)
        return None if line is None else line.ring_of(Uniqueid(leg))

    def _talk_of_leg(self, leg: str) -> Ring | None:
        ring = self._ring_of_leg(leg)
        return ring if ring is not None and ring.answered and ring.leg == leg else None


def _ring_for(line: Line, channel: str) -> Ring | None:
    """The offer a new leg belongs to: by its phone, or the only one there is."""
    phone = endpoint_of(channel)
    found = next((ring for ring in line.rings.values() if ring.phone == phone), None)
    return found or (next(iter(line.rings.values())) if len(line.rings) == 1 else None)


def _ended_by(line: Line, logged: Hangup) -> EndedBy:
    """Who ended a talk, by the channel that Asterisk names as the source of the hang-up."""
    if not logged.source:
        return EndedBy.UNKNOWN
    return EndedBy.CALLER if logged.source == line.channel else EndedBy.AGENT


def _where(event: ami.AttendedTransfer) -> tuple[str, ...]:
    """Where an attended transfer led: its kind, then what Asterisk says of that kind."""
    told = {
        "App": (event.dest_app,),
        "Bridge": (event.dest_bridge_uniqueid,),
        "Link": (event.local_one_channel, event.local_two_channel),
        "Threeway": (event.dest_bridge_uniqueid,),
    }
    return (event.dest_type, *told.get(event.dest_type, ())) if event.dest_type else ()
