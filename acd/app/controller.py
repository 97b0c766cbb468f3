"""The daemon as its API sees it: views of the floor, wishes of people, reload and report."""

import asyncio
from collections import Counter, OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from acd import version
from acd.app import past, traffic
from acd.app.callbacks import CallbackDoor
from acd.app.doors import Doors
from acd.app.features.desk import OPTIONS
from acd.app.library import Library
from acd.core import events as ev
from acd.core import facts as f
from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.explain import AgentExplained, explain_agent, explain_call
from acd.core.ids import NS_PER_MS, AgentName, CallId, QueueName, ms
from acd.core.outcomes import LeaveReason, PhoneState
from acd.core.states import AgentState, CallState
from acd.web.control import ControlError
from acd.web.lines import LineAlarm, StrainView, TrunkReport, TrunkView
from acd.web.views import (
    AgentView,
    CallDone,
    CallRecording,
    CallStory,
    CallView,
    DecisionView,
    Done,
    QueueView,
    ReloadResult,
    Remark,
    Status,
    SwitchView,
)
from config.supervising import Power
from config.values import Endpoint
from kpi import report as reports
from kpi.definitions import USUAL, Chosen, Thresholds
from kpi.rows import Row
from kpi.slots import SLOT_NS, slot_of, slot_start
from kpi.store import read_rows
from telephony.ami.errors import ActionFailedError, AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.controller")
DECISIONS_KEPT = 2_000
LONGEST_TEXT = 1_000
"""Bytes of a text to a phone: Asterisk drops a longer line of an action."""
DAY_NS = 86_400_000_000_000


class Controller:
    """Implements acd.web.control.Control."""

    def __init__(self, daemon: "Daemon") -> None:
        """Watches offers from here on, for `decisions` and `explain_call`."""
        self._daemon = daemon
        self._wishes = daemon.wishes
        self.library = Library(daemon)
        self._decisions: OrderedDict[str, DecisionView] = OrderedDict()
        daemon.engine.watch(self._remember)

    def _remember(self, fact: f.Fact) -> None:
        if isinstance(fact, f.Offered):
            self._decisions[fact.offer] = DecisionView(
                at=fact.at,
                offer=fact.offer,
                call=fact.call,
                queue=fact.queue,
                agent=fact.agent,
                wait_ms=fact.wait_ms,
                outcome="",
                decision=fact.decision,
            )
            if len(self._decisions) > DECISIONS_KEPT:
                self._decisions.popitem(last=False)
        elif isinstance(fact, f.OfferEnded) and fact.offer in self._decisions:
            view = self._decisions[fact.offer]
            self._decisions[fact.offer] = msgspec.structs.replace(view, outcome=fact.outcome.value)

    # ------------------------------------------------------------ views

    def status(self) -> Status:
        """The daemon in one look."""
        daemon, floor = self._daemon, self._daemon.engine.router.floor
        calls = Counter(call.state for call in floor.open_calls())
        return Status(
            version=version(),
            node=daemon.settings.daemon.node,
            generation=daemon.generation,
            uptime_ms=ms(daemon.clock.now()) - ms(daemon.started_at),
            waiting=calls[CallState.WAITING],
            ringing=calls[CallState.OFFERED],
            talking=calls[CallState.TALKING],
            agents={state.value: count for state, count in floor.states.items() if count},
            switches=tuple(
                SwitchView(
                    name=name,
                    link=daemon.exchange.links[name].state.value,
                    in_sight=board.in_sight,
                    channels=len(board.channels),
                )
                for name, board in daemon.exchange.boards.items()
            ),
            agi=f"{daemon.agi.address[0]}:{daemon.agi.address[1]}",
            sessions=daemon.exchange.sessions,
            agi_sessions_seen=daemon.agi.counters.started,
            journal_position=daemon.journal.next,
            journal_failing=daemon.journal.failing,
            facts_lost=daemon.journal.lost,
            settling=floor.settling,
            strained=tuple(
                StrainView(limit=strain.limit, value=strain.value, most=strain.most)
                for strain in daemon.host.host.strained.values()
            ),
            lines_out_of_order=len(daemon.exchange.trunks.alarms.words),
        )

    def queues(self) -> list[QueueView]:
        """All queues, by name."""
        floor = self._daemon.engine.router.floor
        return [self._queue(name) for name in sorted(floor.rules.queues)]

    def _queue(self, name: QueueName) -> QueueView:
        floor, now = self._daemon.engine.router.floor, self._daemon.clock.now()
        rule = floor.rules.queues[name]
        calls = [call for call in floor.open_calls() if call.queue == name]
        states = Counter(call.state for call in calls)
        waits = [ms(now) - ms(call.joined) for call in calls if call.state is not CallState.TALKING]
        settings = self._daemon.settings.queues.get(name)
        return QueueView(
            name=name,
            title=settings.title if settings is not None else "",
            open=rule.is_open and name not in floor.doors,
            draining=rule.draining,
            waiting=states[CallState.WAITING],
            ringing=states[CallState.OFFERED],
            talking=states[CallState.TALKING],
            longest_wait_ms=max(waits, default=0),
            agents=Counter(agent.state.value for agent in floor.agents.values() if name in agent.rule.queues),
        )

    def agents(self) -> list[AgentView]:
        """All agents, by name; of those removed from the configuration who still work."""
        agents = self._daemon.engine.router.floor.agents
        shown = (agents[name] for name in sorted(agents))
        return [self._agent(agent) for agent in shown if agent.at_work or not agent.rule.removed]

    def _agent(self, agent: Agent) -> AgentView:
        now, floor = self._daemon.clock.now(), self._daemon.engine.router.floor
        call = floor.calls.get(agent.call) if agent.call is not None else None
        settings = self._daemon.settings.agents.get(agent.name)
        wrap_queue = agent.wrap_up.queue if agent.wrap_up is not None else ""
        return AgentView(
            name=agent.name,
            title=settings.title if settings is not None else "",
            state=agent.state.value,
            for_ms=ms(now) - ms(agent.since) if agent.since else 0,
            reason=agent.paused or "",
            phone=agent.at_phone,
            phone_state=floor.phones.get((agent.rule.switch, agent.at_phone), PhoneState.UNKNOWN).value,
            hot_desk=bool(agent.seat),
            call=agent.call or "",
            queue=call.queue if call is not None else wrap_queue,
            skills=agent.rule.skills,
            queues=tuple(sorted(agent.rule.queues)),
            idle_ms=ms(now) - ms(agent.idle_since) if agent.state is AgentState.READY else 0,
            leaving=agent.leaving,
            wants_help=agent.wants_help,
            wrap_up_left_ms=_left(agent.wrap_up.until, now) if agent.wrap_up is not None else None,
            missed=agent.last_miss.value if agent.last_miss is not None else "",
            held_back_ms=max(0, ms(agent.backed_off_until) - ms(now)),
            pause_overrun=agent.overrun,
        )

    def calls(self) -> list[CallView]:
        """All open calls: those who wait in order, then the others."""
        floor = self._daemon.engine.router.floor
        line = floor.in_order()
        places = {call: number for number, call in enumerate(line, 1)}
        others = [call for call in floor.calls if call not in places]
        return [self._call(floor.calls[call], places.get(call, 0)) for call in (*line, *others)]

    def _call(self, call: Call, position: int) -> CallView:
        now, offer, floor = self._daemon.clock.now(), call.offer, self._daemon.engine.router.floor
        answered = offer.answered_at if offer is not None else None
        return CallView(
            id=call.id,
            queue=call.queue,
            state=call.state.value,
            caller=self._shown(call.caller),
            wait_ms=ms(answered or now) - ms(call.joined),
            talk_ms=ms(now) - ms(answered) if answered is not None else 0,
            position=position,
            priority=floor.queue_of(call).priority
            + call.priority
            + floor.needs.at(call.queue, call.stage).raised,
            requires=str(floor.needs.need(call.queue, call.stage, call.need, call.variables)[0]),
            agent=offer.agent if offer is not None else "",
            switch=call.switch,
            channel=call.channel,
            offers=call.offers_made,
        )

    def _shown(self, number: str) -> str:
        redacted = self._daemon.settings.daemon.redact_numbers
        return f"…{number[-2:]}" if redacted and number else number

    def decisions(self, limit: int) -> list[DecisionView]:
        """The last offers, newest first."""
        newest = list(reversed(self._decisions.values()))
        return newest[: max(0, limit)]

    async def explain_call(self, call: str) -> CallStory:
        """Why a call is where it is; of one that is over for longer, what the journal has of it."""
        offers = tuple(view for view in self._decisions.values() if view.call == call)
        present = explain_call(self._daemon.engine.router.floor, CallId(call), self._daemon.clock.now())
        if present is not None:
            return CallStory(call=call, now=present, offers=offers)
        facts = await asyncio.to_thread(past.story, self._daemon.journal.directory, call)
        if not facts and not offers:
            hint = "acd calls lists the open ones"
            raise ControlError(404, f"no call {call!r} is open, and the journal has none", hint)
        return CallStory(call=call, now=None, offers=offers, facts=tuple(facts))

    def explain_agent(self, agent: str) -> AgentExplained:
        """What an agent does and why each waiting call is not theirs."""
        self._wishes.known(agent)
        floor, now = self._daemon.engine.router.floor, self._daemon.clock.now()
        found = explain_agent(floor, AgentName(agent), now)
        if found is None:
            raise ControlError(404, f"there is no agent {agent!r}", "acd agents lists them")
        return found

    # ------------------------------------------------------------ wishes

    def log_in(self, agent: str, phone: str = "", actor: str = "") -> Done:
        """The agent is at work."""
        named = str(_endpoint(phone)) if phone else ""
        return self._done(self._wishes.log_in(agent, named, actor=actor))

    def log_out(self, agent: str, *, forced: bool = False, actor: str = "") -> Done:
        """The agent leaves, after the present talk or at once."""
        return self._done(self._wishes.log_out(agent, forced=forced, actor=actor))

    def pause(self, agent: str, reason: str, actor: str = "") -> Done:
        """No calls for a while."""
        return self._done(self._wishes.pause(agent, reason, actor=actor))

    def resume(self, agent: str, actor: str = "") -> Done:
        """Calls again."""
        return self._done(self._wishes.resume(agent, actor=actor))

    def finish_wrap_up(self, agent: str, actor: str = "") -> Done:
        """Done with the work after a talk."""
        return self._done(self._wishes.finish_wrap_up(agent, actor=actor))

    def ask_wrap_up(self, agent: str, *, wanted: bool) -> Done:
        """Time after the present talk."""
        return self._done(self._wishes.ask_wrap_up(agent, wanted=wanted))

    def extend_wrap_up(self, agent: str, seconds: int | None) -> Done:
        """More time for the work after a talk."""
        return self._done(self._wishes.extend_wrap_up(agent, seconds))

    def classify(self, agent: str, remark: Remark) -> Done:
        """What the present or the last call was about."""
        return self._done(
            self._wishes.classify(agent, code=remark.code, topic=remark.topic, resolved=remark.resolved)
        )

    def ask_help(self, agent: str, *, wanted: bool) -> Done:
        """A supervisor is wanted."""
        return self._done(self._wishes.ask_help(agent, wanted=wanted))

    def mark_malicious(self, agent: str) -> Done:
        """Keep who called just now."""
        return self._done(self._wishes.mark_malicious(agent))

    # ------------------------------------------------------------ supervision

    def supervise(self, kind: str, agent: str, actor: str, phone: str = "") -> Done:
        """Ring the supervisor and let them into the agent's talk."""
        if kind not in OPTIONS:
            raise ControlError(404, f"nobody can {kind!r} an agent", f"one of {', '.join(OPTIONS)}")
        found, call, _ = self._daemon.features.check(actor, kind, agent)
        person = self._daemon.settings.supervisors.get(actor)
        own = person.phone if person is not None else None
        where = _endpoint(phone) if phone else own
        if where is None:
            hint = "name a phone, or give the supervisor one in agents.toml"
            raise ControlError(400, f"{actor or 'the operator'} has no phone to be rung", hint)
        if not phone and person is not None and person.switch not in (None, call.switch):
            hint = f"name a phone on {call.switch}"
            raise ControlError(
                409, f"{actor} has a phone on {person.switch}, the talk is on {call.switch}", hint
            )
        token = self._daemon.features.grant(actor, kind, agent)
        headers = {
            "Channel": str(where),
            "Context": "acd-feature",
            "Exten": kind,
            "Priority": "1",
            "Async": "true",
            "CallerID": f'"{agent}" <{kind}>',
            "Variable": f"ACD_ARGUMENT={token}",
        }
        try:
            self._daemon.exchange.links[call.switch].send("Originate", headers)
        except AmiError as wrong:
            raise ControlError(503, f"{call.switch} does not answer: {wrong}", "acd status") from wrong
        return self._done(found)

    async def record(self, call: str, actor: str = "") -> CallRecording:
        """Record a talk from here on."""
        self._may_record(call, actor, "record")
        file = await self._daemon.recordings.start(call, actor or "operator")
        return CallRecording(call=call, file=file, recording=True)

    async def end_recording(self, call: str, actor: str = "") -> CallRecording:
        """Record it no longer."""
        self._may_record(call, actor, "end recording of")
        file = await self._daemon.recordings.stop(call, actor or "operator")
        return CallRecording(call=call, file=file, recording=False)

    async def silence(self, call: str, *, silent: bool, actor: str = "") -> CallRecording:
        """Let the recording hear silence, or hear again."""
        self._may_record(call, actor, "silence recording of" if silent else "unsilence recording of")
        file = await self._daemon.recordings.silence(call, actor or "operator", silent=silent)
        return CallRecording(call=call, file=file, recording=True, silenced=silent)

    async def message(self, agent: str, text: str, actor: str = "") -> Done:
        """Show a text on the agent's phone."""
        self._wishes.powers.check(actor, Power.MESSAGE, self._wishes.known(agent), "message")
        known = self._wishes.at_work(agent)
        if not known.at_phone.startswith("PJSIP/"):
            raise ControlError(409, f"{known.at_phone} takes no texts", "only SIP phones do")
        number = known.at_phone.partition("/")[2]
        headers = {"To": f"pjsip:{number}", "From": f"<sip:{actor or 'acd'}@acd>", "Body": text}
        if len(text.encode()) > LONGEST_TEXT:
            raise ControlError(400, "the text is too long", f"{LONGEST_TEXT} bytes of UTF-8 at most")
        try:
            await self._daemon.exchange.links[known.rule.switch].action("MessageSend", headers)
        except ActionFailedError as wrong:
            hint = "the manager user needs `message` in its write classes"
            raise ControlError(409, f"Asterisk refuses: {wrong}", hint) from wrong
        except AmiError as wrong:
            raise ControlError(503, f"{known.rule.switch} does not answer: {wrong}", "acd status") from wrong
        if actor:
            self._wishes.powers.tell(actor, "message", agent)
        return self._done(known)

    def _may_record(self, call: str, actor: str, act: str) -> None:
        powers, known = self._wishes.powers, self._daemon.engine.router.floor.calls.get(CallId(call))
        if known is None:
            powers.check(actor, Power.RECORD, None, act)
        elif known.offer is None:
            powers.check_call(actor, known, act, power=Power.RECORD)
        else:
            powers.check(actor, Power.RECORD, self._wishes.known(known.offer.agent), act)
        if actor and known is not None:
            powers.tell(actor, act, known.id if known.offer is None else known.offer.agent)

    def _done(self, agent: Agent) -> Done:
        return Done(agent=agent.name, state=agent.state.value, phone=agent.at_phone)

    # ------------------------------------------------------------ waiting calls

    @property
    def doors(self) -> Doors:
        """Queues closed and opened by hand."""
        return self._daemon.doors

    @property
    def callbacks(self) -> CallbackDoor:
        """Callbacks and messages."""
        return self._daemon.callbacks

    def pick(self, call: str, agent: str, actor: str = "") -> CallDone:
        """Give a waiting call to one agent."""
        self._wishes.powers.check(actor, Power.CALLS, self._wishes.known(agent), "pick a call for")
        known, chosen = self._waiting(call, actor, "pick"), self._wishes.at_work(agent)
        if chosen.rule.switch != known.switch:
            raise ControlError(
                409, f"{agent} has a phone on {chosen.rule.switch}, the call is on {known.switch}"
            )
        if actor:
            self._wishes.powers.tell(actor, "pick a call for", agent)
        at = self._daemon.clock.now()
        return self._about(known, ev.CallPicked(at=at, call=known.id, agent=chosen.name))

    def drop(self, call: str, actor: str = "") -> CallDone:
        """End a waiting call: its caller is hung up."""
        known = self._waiting(call, actor, "drop")
        done = self._withdrawn(known)
        self._told(actor, "drop", known)
        self._daemon.exchange.hang_up_caller(known.switch, known.channel)
        return done

    def withdraw(self, call: str, actor: str = "") -> CallDone:
        """Take a waiting call out of its queue."""
        known = self._waiting(call, actor, "withdraw")
        done = self._withdrawn(known)
        self._told(actor, "withdraw", known)
        return done

    def _withdrawn(self, known: Call) -> CallDone:
        at, reason = self._daemon.clock.now(), LeaveReason.WITHDRAWN
        return self._about(known, ev.CallLeftQueue(at=at, call=known.id, reason=reason))

    def move(self, call: str, queue: str, actor: str = "") -> CallDone:
        """Send a waiting call on to another queue."""
        known = self._waiting(call, actor, act := f"move to {queue}")
        if queue not in self._daemon.engine.router.floor.rules.queues:
            raise ControlError(404, f"there is no queue {queue!r}", "acd queues lists them")
        if known.queue == queue:
            raise ControlError(409, f"{call} is in {queue} already")
        at = self._daemon.clock.now()
        done = self._about(known, ev.CallMoved(at=at, call=known.id, queue=QueueName(queue)))
        self._told(actor, act, known)
        return done

    def set_priority(self, call: str, priority: int, actor: str = "") -> CallDone:
        """Give a waiting call another priority of its own."""
        known = self._waiting(call, actor, "re-prioritise")
        at = self._daemon.clock.now()
        done = self._about(known, ev.PriorityChanged(at=at, call=known.id, priority=priority))
        self._told(actor, "re-prioritise", known)
        return done

    def set_position(self, call: str, position: int, actor: str = "") -> CallDone:
        """Put a waiting call at another place of its queue."""
        known = self._waiting(call, actor, "place")
        at = self._daemon.clock.now()
        done = self._about(known, ev.PositionChanged(at=at, call=known.id, position=position))
        self._told(actor, "place", known)
        return done

    def _told(self, actor: str, act: str, call: Call) -> None:
        """One line of the audit, when a supervisor did it."""
        if actor:
            self._wishes.powers.tell(actor, act, call.id)

    def _waiting(self, name: str, actor: str, act: str) -> Call:
        """The call, if it waits and the supervisor may do that to it."""
        call = self._daemon.engine.router.floor.calls.get(CallId(name))
        if call is None:
            raise ControlError(404, f"no call {name!r} is open", "acd calls lists them")
        self._wishes.powers.check_call(actor, call, act)
        if call.state is CallState.TALKING:
            raise ControlError(409, f"{name} is in a talk", "only calls that wait or ring can be moved")
        return call

    def _about(self, call: Call, event: ev.Event) -> CallDone:
        self._daemon.engine.handle(event)
        floor = self._daemon.engine.router.floor
        known = floor.calls.get(call.id)
        if known is None:
            return CallDone(call=call.id, queue=call.queue, state="ended", position=0)
        waiting = [entry[1] for entry in floor.line.queue_in_order(known.queue)]
        position = waiting.index(known.id) + 1 if known.id in waiting else 0
        return CallDone(call=known.id, queue=known.queue, state=known.state.value, position=position)

    # ------------------------------------------------------------ reload and report

    async def reload(self, *, dry_run: bool = False, confirm_s: int | None = None) -> ReloadResult:
        """Read all files; apply them whole or not at all."""
        return await self._daemon.reloads.reload(dry_run=dry_run, confirm_s=confirm_s)

    async def confirm(self) -> ReloadResult:
        """Keep a change that waits to be confirmed."""
        return await self._daemon.reloads.confirm()

    async def report(
        self, since: int | None, until: int | None, minutes: int | None, chosen: Chosen = USUAL
    ) -> reports.Report:
        """The numbers of a period: recent slots from memory, older ones from the store."""
        begin, end, rows = await self._rows(since, until)
        kpi, now = self._daemon.settings.kpi, self._daemon.clock.now()
        thresholds = chosen.over(
            Thresholds(
                service_level_ms=int(kpi.service_level_threshold), short_abandon_ms=int(kpi.short_abandon)
            )
        )
        rows += await self._later(slot_start(slot_of(end - 1) + 1), now, thresholds)
        try:
            return reports.build(
                rows, since=begin, until=end, minutes=minutes, thresholds=thresholds, now=now
            )
        except ValueError as wrong:
            raise ControlError(400, str(wrong)) from wrong

    async def _later(self, since: int, now: int, thresholds: Thresholds) -> list[Row]:
        """Rows after a period that tell whose callers of that period called again."""
        until = min(now + 1, since + thresholds.repeat_ms * NS_PER_MS + SLOT_NS)
        if until <= since:
            return []
        _, _, rows = await self._rows(since, until, returning=True)
        return [row for row in rows if row.returns]

    async def _rows(
        self, since: int | None, until: int | None, *, returning: bool = False
    ) -> tuple[int, int, list[Row]]:
        """The period that is meant, and its rows."""
        daemon, now = self._daemon, self._daemon.clock.now()
        begin = now - now % DAY_NS if since is None else since
        end = now + 1 if until is None else until
        if end <= begin:
            raise ControlError(400, "an empty period", "let `until` be after `since`")
        rows: list[Row] = []
        kept = daemon.numbers_since
        if begin < kept:
            path = Path(daemon.settings.daemon.state_dir) / daemon.settings.kpi.store
            rows += await asyncio.to_thread(
                read_rows, path, since=begin, until=min(end, kept), returning=returning
            )
        if end > kept:
            rows += daemon.numbers.every_row(since=max(begin, kept), until=end, now=now)
        return begin, end, rows

    # ------------------------------------------------------------ trunks

    def trunks(self) -> list[TrunkView]:
        """All trunk groups, by name."""
        books, now = self._daemon.exchange.trunks, self._daemon.clock.now()
        return [
            TrunkView(
                name=name,
                lines=len(group.rule.endpoints),
                capacity=group.rule.capacity,
                usable=group.usable,
                up=len(group.calls),
                peak=group.peak,
                refused=group.refused,
                busy_for_ms=max(1, ms(now) - ms(group.busy_since)) if group.busy_since else 0,
                alarms=tuple(
                    LineAlarm(switch=switch, line=line, alarm=books.alarms.words[switch, line])
                    for switch, line in sorted(group.rule.endpoints & books.alarms.words.keys())
                ),
            )
            for name, group in sorted(books.groups.items())
        ]

    async def trunk_report(self, since: int | None, until: int | None) -> TrunkReport:
        """Traffic by the hour, the minute that has just begun included."""
        self._daemon.exchange.trunking.account()
        begin, end, rows = await self._rows(since, until)
        groups = self._daemon.settings.trunk_groups
        capacities = {group.name: group.capacity for group in groups}
        return traffic.build(rows, capacities, since=begin, until=end, now=self._daemon.clock.now())


def _left(until: int, now: int) -> int | None:
    """Milliseconds until the end of a wrap-up; None: until the agent is done."""
    return max(0, ms(until) - ms(now)) if until else None


def _endpoint(text: str) -> Endpoint:
    try:
        return Endpoint.parse(text)
    except ValueError as wrong:
        raise ControlError(400, f"{text!r} is no phone", str(wrong)) from wrong
