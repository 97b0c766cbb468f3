"""The exchange: all switches and all callers' sessions, between the wires and the engine.

Wires to engine: AMI events and AGI items go through the switchboards, and what those conclude goes to the engine.
Engine to wires: commands become goals of conversations, hang-ups of legs and timers. Everything runs in the event loop's
thread, in the callback that read the bytes.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from acd.app.engine import Engine
from acd.app.partners import Features, LineMaker, Plainly, Presenter, SideSessions
from acd.app.request import Asked, understand
from acd.app.timers import Timers
from acd.app.trunking import Trunking
from acd.core import commands as cmd
from acd.core import events as ev
from acd.core.facts import Ended, Fact
from acd.core.ids import CallId, OfferId, PhoneName, SwitchName, Uniqueid
from acd.core.memory import Memory
from acd.core.outcomes import BlockReason, OfferOutcome
from acd.core.states import CallState
from hardware.phones import PhoneNews, Phones
from telephony.agi.codec import AgiError, AgiReply
from telephony.agi.conversation import (
    Announced,
    Conversation,
    DialReturned,
    Finished,
    Greeting,
    Recorded,
    Saying,
)
from telephony.agi.session import AgiSession, SessionError
from telephony.ami import messages as ami
from telephony.ami.errors import AmiError
from telephony.ami.link import AmiLink
from telephony.board import endpoint_of
from telephony.numbers import Numbering, e164
from telephony.switchboard import (
    NORMAL_CAUSE,
    AgentPressed,
    Conclusion,
    HangUpLeg,
    PickedUp,
    Switchboard,
    Wake,
)

log = structlog.get_logger("acd.exchange")

WORK = "work/"
"""Address of the session of a line that stands in for a caller (work_acd.conf)."""
REPLY_DEADLINE = 10_000_000_000
"""For commands that Asterisk answers at once. Dial may take as long as a talk."""


class Talker(msgspec.Struct, kw_only=True):
    """One session, whose call it is about, and what is being said."""

    call: CallId
    switch: SwitchName
    session: AgiSession
    conversation: Conversation


class Exchange:
    """Implements AgiListener and carries out the router's commands."""

    def __init__(self, engine: Engine, new_call_id: Callable[[SwitchName], CallId]) -> None:
        """Boards and links are added per switch with `add_switch`."""
        self.engine = engine
        self.phones = Phones()
        self.trunking = Trunking(engine)
        self.trunks = self.trunking.books
        self.timers = Timers(engine.clock.now, engine.fire)
        self.boards: dict[SwitchName, Switchboard] = {}
        self.links: dict[SwitchName, AmiLink] = {}
        self.hosts: dict[str, SwitchName] = {}
        self.channel_events: dict[SwitchName, Path] = {}
        """Asterisk's own log of channel ends, where it is within reach."""
        self.statuses: Mapping[BlockReason, int] = {}
        self.overloaded: Callable[[], bool] = lambda: False
        self.numbering = Numbering()
        self.announced: Callable[[CallId, tuple[str, ...]], None] = lambda _call, _missing: None
        """An announcement has been played to its end."""
        self.presenter: Presenter = Plainly()
        self.features: Features | None = None
        self.errands: LineMaker | None = None
        self.survey_of: Callable[[CallId], str] = lambda _call: ""
        """The survey that a caller is to go to after the talk; "" for none."""
        self.caller_pressed: Callable[[CallId, str], bool] = lambda _call, _key: False
        """A key of a caller who waits; False: nobody takes it, so the router is told."""
        self.side: SideSessions | None = None
        """Sessions of codes, dialogues before a queue and after it."""
        self.ask: Callable[[cmd.Ask], None] = self._no_advice
        """Where questions to an outside program go; it answers by an event."""
        self._new_call_id = new_call_id
        self._talkers: dict[CallId, Talker] = {}
        self._of_session: dict[str, Talker] = {}
        self._switch_of: dict[CallId, SwitchName] = {}
        engine.carry_out = self.carry_out
        engine.watch(self._see)

    def _see(self, fact: Fact) -> None:
        """A call is over: forget where it was once this step's commands, which may still name it, are carried out."""
        if isinstance(fact, Ended):
            asyncio.get_running_loop().call_soon(self._over, fact.call)

    def _over(self, call: CallId) -> None:
        if call not in self._talkers:
            self._switch_of.pop(call, None)

    def add_switch(self, name: SwitchName, link: AmiLink, host: str) -> None:
        """Know a switch; `host` is where its AGI requests come from when there are several."""
        self.boards[name] = Switchboard(name)
        self.links[name] = link
        self.hosts[host] = name

    def restore(self, memory: Memory, switch: SwitchName) -> None:
        """Know where the calls from before a restart are."""
        self._switch_of.update({call.id: switch for call in memory.calls.values() if call.switch == switch})

    @property
    def sessions(self) -> int:
        """Callers' sessions that are up."""
        return len(self._of_session)

    # ------------------------------------------------------------ AGI tells (AgiListener)

    def session_started(self, session: AgiSession) -> None:
        """A caller is here, or is back; or somebody dialled a code."""
        if self.side is not None and self.side.takes(session.request):
            self.side.started(session, self._switch(session, session.request.parameters.get("switch", "")))
            return
        if session.request.network_script.startswith(WORK):
            self._line_made(session)
            return
        asked = understand(session.request)
        if asked.ignored:
            log.warning("agi_parameters_ignored", names=asked.ignored, queue=asked.queue)
        switch = self._switch(session, asked.switch)
        uniqueid = Uniqueid(session.request.uniqueid)
        channel = session.request.channel
        known = self.engine.router.floor.calls.get(asked.call) if asked.call is not None else None
        call = known.id if known is not None else self._new_call_id(switch)
        joined = known.joined if known is not None else asked.joined or self.engine.clock.now()
        talker = Talker(
            call=call,
            switch=switch,
            session=session,
            conversation=Conversation(
                Greeting(call=call, joined=joined), channel, answered=asked.call is not None
            ),
        )
        self._talkers[call] = talker
        self._of_session[session.id] = talker
        self._switch_of[call] = switch
        self.boards[switch].take(call, uniqueid, channel)
        if known is not None:
            self.engine.handle(ev.CallReturned(at=self.engine.clock.now(), call=call))
        else:
            self.engine.handle(self._arrival(asked, talker, uniqueid, channel, joined))
        self._pump(talker)

    def _line_made(self, session: AgiSession) -> None:
        """A line that stands in for a caller. One that nobody wants any more is let go."""
        call = CallId((*session.request.args, "")[0])
        known = self.engine.router.floor.calls.get(call)
        offer = None if self.errands is None or known is None else self.errands.wanted(call)
        if known is None or offer is None:
            session.close()
            return
        channel, uniqueid = session.request.channel, Uniqueid(session.request.uniqueid)
        talker = Talker(
            call=call,
            switch=known.switch,
            session=session,
            conversation=Conversation(Greeting(call=call, joined=known.joined), channel, answered=True),
        )
        self._talkers[call] = self._of_session[session.id] = talker
        self._switch_of[call] = known.switch
        self.boards[known.switch].take(call, uniqueid, channel)
        now = self.engine.clock.now()
        self.engine.handle(ev.WorkLineMade(at=now, call=call, channel=channel, uniqueid=uniqueid))
        if offer.errand is not None and offer.errand.customer_first:
            self.engine.handle(ev.CustomerReached(at=now, call=call))
        if known.state is CallState.OFFERED and any(live.id == offer.legs[0].offer for live in known.offers):
            self._offer(offer)
        else:
            self.carry_out(cmd.Hold(call=call))

    def forget_line(self, call: CallId) -> None:
        """A line is about to be hung up whose call goes on without it."""
        talker = self._talkers.pop(call, None)
        if talker is not None:
            self.boards[talker.switch].forget(call)

    def _switch(self, session: AgiSession, asked: str) -> SwitchName:
        """The only switch, the one the request names, or the one at the peer's address."""
        if len(self.boards) == 1:
            return next(iter(self.boards))
        named = SwitchName(asked)
        return named if named in self.boards else self.hosts.get(session.peer[0], next(iter(self.boards)))

    def _arrival(
        self, asked: Asked, talker: Talker, uniqueid: Uniqueid, channel: str, joined: int
    ) -> ev.CallArrived:
        endpoint = endpoint_of(channel)
        group = self.trunks.group_of(talker.switch, endpoint)
        refuse: BlockReason | None = None
        if group is not None:
            # AGI may be first to tell of this channel.
            self.trunking.channel_up(talker.switch, endpoint, uniqueid)
            refuse = BlockReason.TRUNK_FULL if self.trunks.full(group) else None
        if self.overloaded():
            refuse = BlockReason.OVERLOAD
        if group is not None and refuse is BlockReason.TRUNK_FULL:
            self.trunks.refused(group)
        return ev.CallArrived(
            at=self.engine.clock.now(),
            call=talker.call,
            switch=talker.switch,
            channel=channel,
            uniqueid=uniqueid,
            queue=asked.queue,
            caller=e164(talker.session.request.callerid, self.numbering),
            caller_name=talker.session.request.calleridname,
            require=asked.require,
            variables=asked.variables,
            priority=asked.priority,
            credit=asked.credit,
            position=asked.position,
            prefer=asked.prefer,
            direct=asked.direct,
            misread=asked.ignored,
            trunk=group,
            # A call id nobody knows any more is a segment that has ended meanwhile.
            parent=asked.parent or asked.call,
            dialled=talker.session.request.dnid[:40],
            joined=joined,
            refuse=refuse,
            answered=asked.call is not None,
        )

    def replied(self, session: AgiSession, reply: AgiReply) -> None:
        """The command in flight is answered: say the next."""
        if self.side is not None and self.side.replied(session, reply):
            return
        talker = self._of_session[session.id]
        phones = self._phones_dialled(talker)
        done = talker.conversation.replied(reply)
        if isinstance(done, Announced):
            self.announced(talker.call, done.missing)
        elif isinstance(done, Recorded):
            self.presenter.recorded(talker.call, done.file)
        elif isinstance(done, DialReturned):
            for phone in phones:
                self._news(self.phones.offer_over((talker.switch, phone)))
            board = self.boards[talker.switch]
            self._conclude(
                talker.switch,
                board.dial_returned(talker.call, done.offers, done.status, self.engine.clock.now()),
            )
        elif isinstance(done, Finished):
            session.close()
            return
        self._pump(talker)

    def failed(self, session: AgiSession, error: AgiError) -> None:
        """A peer at fault; a fatal one is closed by the server."""
        log.warning("agi_fault", session=session.id, fault=error.fault.value, detail=error.detail)

    def hung_up(self, session: AgiSession) -> None:
        """Asterisk said HANGUP, or the connection broke."""
        if self.side is not None and self.side.ended(session):
            return
        talker = self._of_session.get(session.id)
        if talker is None:
            return
        board = self.boards[talker.switch]
        for phone in self._phones_dialled(talker):
            self._news(self.phones.offer_over((talker.switch, phone)))
        if self._talkers.get(talker.call) is talker:
            ended = board.session_ended(talker.call, self.engine.clock.now(), hung_up=not session.closing)
            self._conclude(talker.switch, ended)

    def closed(self, session: AgiSession) -> None:
        """The connection is over."""
        talker = self._of_session.pop(session.id, None)
        if talker is None:
            if self.side is not None:
                self.side.ended(session)
            return
        if self._talkers.get(talker.call) is talker:
            del self._talkers[talker.call]
            if talker.call not in self.engine.router.floor.calls:
                self._switch_of.pop(talker.call, None)

    def _phones_dialled(self, talker: Talker) -> list[PhoneName]:
        line = self.boards[talker.switch].lines.get(talker.call)
        return [] if line is None else [ring.phone for ring in line.rings.values()]

    # ------------------------------------------------------------ AMI tells

    def read(self, switch: SwitchName, event: ami.Event) -> None:
        """One AMI event: the board first, then the phones and trunks it tells of."""
        board = self.boards[switch]
        if isinstance(event, ami.Newchannel):
            self._channel_up(switch, event)
        elif isinstance(event, ami.DeviceStateChange):
            self._news(self.phones.device((switch, PhoneName(event.device)), event.state))
        elif isinstance(event, ami.UserEvent):
            self._user_event(event)
        elif isinstance(event, ami.OriginateResponse) and self.errands is not None:
            self.errands.originated(event)
        self.trunking.read(switch, event)
        self._conclude(switch, board.read(event, self.engine.clock.now()))
        if isinstance(event, ami.DialBegin) and board.owns_leg(Uniqueid(event.dest_uniqueid)):
            key = (switch, endpoint_of(event.dest_channel))
            self._news(self.phones.leg_named(key, Uniqueid(event.dest_uniqueid)))
        elif isinstance(event, ami.Hangup):
            uniqueid = Uniqueid(event.uniqueid)
            self.trunking.channel_down(switch, uniqueid)
            self._news(self.phones.channel_down(switch, uniqueid))

    def _user_event(self, event: ami.UserEvent) -> None:
        ours = self.errands is not None and self.errands.user_event(event)
        if not ours and self.features is not None:
            self.features.user_event(event)

    def _channel_up(self, switch: SwitchName, event: ami.Newchannel) -> None:
        endpoint, uniqueid = endpoint_of(event.channel), Uniqueid(event.uniqueid)
        self._news(self.phones.channel_up((switch, endpoint), uniqueid))
        self.trunking.channel_up(switch, endpoint, uniqueid)

    # ------------------------------------------------------------ conclusions

    def _conclude(self, switch: SwitchName, conclusions: list[Conclusion]) -> None:
        for conclusion in conclusions:
            match conclusion:
                case HangUpLeg(channel=channel, cause=cause):
                    self._hang_up(switch, channel, cause)
                case PickedUp():
                    self._picked_up(switch, conclusion)
                case AgentPressed(offer=offer, key=key):
                    if self.features is not None:
                        self.features.pressed(offer, key)
                case Wake(call=call, in_ms=in_ms):
                    asyncio.get_running_loop().call_later(in_ms / 1000, self._wake, switch, call)
                case ev.KeyPressed(call=call, key=key) if self.caller_pressed(call, key):
                    pass
                case ev.OfferFailed(offer=offer):
                    self._dial_no_more(offer)
                    self.engine.handle(conclusion)
                case ev.Event():
                    self.engine.handle(conclusion)

    def _picked_up(self, switch: SwitchName, taken: PickedUp) -> None:
        """The router says whose talk it is; only then is the taker's channel a leg of ours, or the phone would look free."""
        self.engine.handle(
            ev.OfferPickedUp(
                at=self.engine.clock.now(),
                offer=taken.offer,
                phone=taken.phone,
                leg=taken.leg,
                leg_channel=taken.channel,
            )
        )
        call = self.engine.router.floor.calls.get(taken.call)
        if call is not None and call.state is CallState.TALKING and call.offer is not None:
            self._news(self.phones.leg_named((switch, taken.phone), taken.leg))
            self.boards[switch].picked_up(taken.call, call.offer.id, taken.phone, taken.leg, taken.channel)

    def conclude(self, switch: SwitchName, conclusions: list[Conclusion]) -> None:
        """Let what a board concluded have its effects; for the sync after a gap."""
        self._conclude(switch, conclusions)

    def _dial_no_more(self, offer: OfferId) -> None:
        """A phone that failed while its Dial was being cut is not in the next one."""
        talker = self._talkers.get(_call_of(offer))
        if talker is not None:
            talker.conversation.withdraw(offer)

    def _wake(self, switch: SwitchName, call: CallId) -> None:
        self._conclude(switch, self.boards[switch].wake(call, self.engine.clock.now()))

    def _hang_up(self, switch: SwitchName, channel: str, cause: int) -> None:
        try:
            self.links[switch].send("Hangup", {"Channel": channel, "Cause": str(cause)})
        except AmiError as wrong:
            log.warning("hang_up_not_sent", switch=switch, error=str(wrong))

    def hang_up_caller(self, switch: SwitchName, channel: str) -> None:
        """End a caller's call."""
        self._hang_up(switch, channel, NORMAL_CAUSE)

    def _news(self, news: list[PhoneNews]) -> None:
        for item in news:
            self.engine.handle(
                ev.PhoneChanged(
                    at=self.engine.clock.now(), switch=item.switch, phone=item.phone, state=item.state
                )
            )

    def phone_news(self, news: list[PhoneNews]) -> None:
        """Tell the engine what phones can do now; for the sync after a gap."""
        self._news(news)

    # ------------------------------------------------------------ the router's commands

    def carry_out(self, command: cmd.Command) -> None:
        """Do what the router wants."""
        match command:
            case cmd.Offer():
                self._offer(command)
            case cmd.Hold() | cmd.Release():
                self._want(command.call, command)
            case cmd.Refuse():
                self._want(command.call, command, self.statuses.get(command.reason, 503))
                self.boards[self._switch_of[command.call]].forget(command.call)
            case cmd.Rescind(offer=offer):
                self._rescind(offer)
            case cmd.Disconnect(offer=offer):
                call = _call_of(offer)
                switch = self._switch_of.get(call)
                if switch is not None:
                    now = self.engine.clock.now()
                    self._conclude(switch, self.boards[switch].disconnect(call, offer, now))
            case cmd.ArmTimer(timer=timer, at=at):
                self.timers.arm(timer, at)
            case cmd.CancelTimer(timer=timer):
                self.timers.cancel(timer)
            case cmd.Ask():
                self.ask(command)

    def _no_advice(self, ask: cmd.Ask) -> None:
        """Without an outside program the strategy decides at once."""
        now = self.engine.clock.now()
        self.engine.handle(
            ev.Advised(at=now, call=ask.call, number=ask.number, why="no program is configured")
        )

    def _want(self, call: CallId, goal: cmd.Hold | cmd.Release | cmd.Refuse, status: int = 0) -> None:
        if isinstance(goal, cmd.Hold) and self.errands is not None and self.errands.hold(call):
            return
        talker = self._talkers.get(call)
        if talker is not None:
            survey = self.survey_of(call) if isinstance(goal, cmd.Release) else ""
            talker.conversation.want(goal, status, survey=survey)
            self._pump(talker)

    def announce(self, call: CallId, sounds: tuple[str, ...], *, cut: bool = False) -> bool:
        """Play sounds to a waiting caller. False: the caller does not just wait now, or is out of reach.

        `cut` ends what plays, which goes on otherwise.
        """
        talker = self._talkers.get(call)
        if talker is None or not talker.conversation.announce(sounds, cut=cut):
            return False
        self._pump(talker)
        return True

    def language(self, call: CallId) -> str:
        """The language of the caller's channel, as Asterisk names it; "" when it is out of reach."""
        talker = self._talkers.get(call)
        return "" if talker is None else talker.session.request.language

    def _offer(self, offer: cmd.Offer) -> None:
        talker = self._talkers.get(offer.call)
        if talker is None and offer.errand is not None and self.errands is not None:
            self.errands.begin(offer)
            return
        if talker is None or talker.session.hung_up or talker.session.closing:
            # The session's end is known to the wire before the router: out of reach until the reason is clear.
            now = self.engine.clock.now()
            self.engine.handle(ev.SessionLost(at=now, call=offer.call))
            for leg in offer.legs:
                failed = ev.OfferFailed(at=now, offer=leg.offer, outcome=OfferOutcome.CALLER_LEFT)
                self.engine.handle(failed)
            return
        talker.conversation.want(offer, presentation=self.presenter.present(offer))
        if talker.conversation.must_cut:
            board = self.boards[talker.switch]
            self._conclude(talker.switch, board.cut(offer.call, self.engine.clock.now()))
        self._pump(talker)

    def _rescind(self, offer: OfferId) -> None:
        call = _call_of(offer)
        if self.errands is not None and self.errands.rescind(offer):
            return
        talker = self._talkers.get(call)
        now = self.engine.clock.now()
        if talker is not None and talker.conversation.withdraw(offer):
            self.engine.handle(ev.OfferFailed(at=now, offer=offer, outcome=OfferOutcome.RESCINDED))
            return
        switch = self._switch_of.get(call)
        if switch is not None:
            self._conclude(switch, self.boards[switch].rescind(call, offer, now))

    def _pump(self, talker: Talker) -> None:
        """Say the next line, if there is one and nothing is in flight."""
        if talker.session.closing or talker.session.hung_up:
            return
        if talker.session.busy and not talker.conversation.interruptible:
            return
        line = talker.conversation.line()
        if line is None:
            return
        dialling = talker.conversation.in_flight is Saying.DIAL
        if dialling:
            self._dialled(talker)
        try:
            endless = dialling or talker.conversation.in_flight in (Saying.PROMPT, Saying.NOTICE)
            talker.session.send(
                line, cut=talker.conversation.cuts, deadline=None if endless else REPLY_DEADLINE
            )
        except SessionError as wrong:
            log.warning("agi_not_sent", call=talker.call, error=str(wrong))

    def _dialled(self, talker: Talker) -> None:
        """Tell board and phones before the first event of a leg can come."""
        call = self.engine.router.floor.calls.get(talker.call)
        if call is None:
            return
        phones = {live.id: live.phone for live in call.offers if live.id in talker.conversation.dialling}
        bridged_only = talker.conversation.presentation.bridged_only
        self.boards[talker.switch].dialled(talker.call, phones, bridged_only=bridged_only)
        for phone in phones.values():
            self._news(self.phones.dialled((talker.switch, phone)))


def _call_of(offer: OfferId) -> CallId:
    """An offer's id is its call's with a number after a dot."""
    return CallId(offer.rpartition(".")[0])
