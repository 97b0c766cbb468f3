"""Facts as lines of Asterisk's queue_log, for the tools that read that: QueueMetrics, Asternic, FOP2, QPanel. Pure.

    epoch|Uniqueid of the call|queue|agent|EVENT|argument|argument…

Events, fields and units are app_queue's (Asterisk 22, apps/app_queue.c, main/logger.c), compared event by event with what
app_queue writes of the same calls by tests/integration/test_queue_log.py. README.md says where we know more than it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, ms
from acd.core.outcomes import EndedBy, LeaveReason, OfferOutcome, Via

NONE: Final = "NONE"
EXITS: Final[Mapping[LeaveReason, str]] = {
    LeaveReason.TIMED_OUT: "EXITWITHTIMEOUT",
    LeaveReason.OVERFLOWED: "EXITWITHTIMEOUT",
    LeaveReason.NO_AGENTS: "EXITEMPTY",
    LeaveReason.CLOSED: "EXITEMPTY",
    LeaveReason.KEY: "EXITWITHKEY",
    LeaveReason.REDIRECTED: "ABANDON",
    LeaveReason.LOST_BY_PLATFORM: "ABANDON",
}
"""What app_queue writes in that case; all other reasons are somebody's doing: WITHDRAW, with the reason."""
RINGS: Final[Mapping[OfferOutcome, str]] = {
    OfferOutcome.NO_ANSWER: "RINGNOANSWER",
    OfferOutcome.REJECTED: "RINGNOANSWER",
    OfferOutcome.BUSY: "RINGNOANSWER",
    OfferOutcome.UNREACHABLE: "RINGNOANSWER",
    OfferOutcome.ERROR: "RINGNOANSWER",
    OfferOutcome.CALLER_LEFT: "RINGCANCELED",
    OfferOutcome.RESCINDED: "RINGCANCELED",
}
"""An answer is a CONNECT, and of phones that were not first app_queue writes nothing."""


class Caller(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A call that is not over."""

    uniqueid: str
    number: str = ""
    work: bool = False
    """Nobody waits on the line until it has a channel."""
    queue: QueueName | None = None
    """None: in no queue, as far as the log tells."""
    position: int = 1
    """At joining, counted from 1."""
    joined: int = 0
    """Milliseconds, as all moments here."""
    answered: int = 0


class Member(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An agent at work."""

    label: str
    """Name or phone, as the log has it."""
    queues: tuple[QueueName, ...] = ()


class State(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What lines to come are made of; kept beside the log, for a restart."""

    callers: dict[CallId, Caller] = {}
    waiting: dict[QueueName, list[CallId]] = {}
    members: dict[AgentName, Member] = {}
    given: dict[OfferId, str] = {}
    """Talks that end by a transfer in this step -> the event with where to."""
    starting: bool = False
    """The first rules after a start are no reload."""


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """What facts don't tell of agents, by the configuration in force."""

    queues: Mapping[str, tuple[str, ...]] = {}
    """Agent -> queues, those of groups included."""
    phones: bool = False
    """Agents go by their phones ("PJSIP/1001"), not by their names."""


class QueueLog:
    """Lines, each with its line end, of one fact after the other."""

    def __init__(self, state: State, roster: Callable[[], Roster]) -> None:
        """Go on where `state` was; it is changed in place."""
        self.state = state
        self._roster = roster

    def lines(self, fact: f.Fact) -> list[str]:
        """What the log has of the fact, often nothing."""
        write = _WRITERS.get(type(fact))
        return [] if write is None else [f"{fact.at // 1_000_000_000}|{line}\n" for line in write(self, fact)]

    def start(self, agents: Mapping[AgentName, PhoneName], at: int) -> list[str]:
        """Lines for a log that begins while these agents are at work, at nanosecond `at`."""
        second = at // 1_000_000_000
        return [
            f"{second}|{line}\n"
            for agent, phone in agents.items()
            for line in self._joined(agent, phone, "MANAGER")
        ]

    # ------------------------------------------------------------ calls

    def _arrived(self, fact: f.Arrived) -> Iterable[str]:
        self.state.callers[fact.call] = Caller(
            uniqueid=fact.uniqueid, number=fact.caller, work=fact.work is not None
        )
        return ()

    def _caller_changed(self, fact: f.CallerChanged) -> Iterable[str]:
        """All lines of a call keep the Uniqueid it entered with: readers join by it."""
        caller = self.state.callers.get(fact.call)
        if caller is not None:
            caller.number = fact.caller
        return ()

    def _queued(self, fact: f.Queued) -> Iterable[str]:
        caller = self.state.callers.get(fact.call)
        if caller is None:
            return ()
        line = self.state.waiting.setdefault(fact.queue, [])
        line.insert(min(fact.ahead, len(line)), fact.call)
        caller.position = fact.ahead + 1
        # Moves between queues are an exit and an entry in the log: the wait begins anew, as app_queue's does.
        caller.joined = ms(fact.at if fact.moved_from is not None else fact.joined)
        if caller.work and not caller.uniqueid:
            return ()
        return self._entered(caller, fact.queue, fact.variables.get("did", ""))

    def _line_made(self, fact: f.LineMade) -> Iterable[str]:
        """A callback or message stands in line without a channel; the log has it from when it is one."""
        caller = self.state.callers.get(fact.call)
        if caller is None or not fact.uniqueid or caller.uniqueid:
            return ()
        caller.uniqueid, caller.joined = fact.uniqueid, ms(fact.at)
        return self._entered(caller, fact.queue)

    def _entered(self, caller: Caller, queue: QueueName, did: str = "") -> Iterable[str]:
        caller.queue = queue
        if did:
            yield _line(caller.uniqueid, queue, NONE, "DID", did)
        yield _line(caller.uniqueid, queue, NONE, "ENTERQUEUE", "", caller.number, caller.position)

    def _abandoned(self, fact: f.Abandoned) -> Iterable[str]:
        return self._exit(fact, "ABANDON")

    def _left(self, fact: f.Left) -> Iterable[str]:
        event = EXITS.get(fact.reason, "WITHDRAW")
        before = (fact.key,) if event == "EXITWITHKEY" else ()
        after = (fact.reason.value,) if event == "WITHDRAW" else ()
        return self._exit(fact, event, before, after)

    def _exit(
        self,
        fact: f.Abandoned | f.Left,
        event: str,
        before: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
    ) -> Iterable[str]:
        position = self._leave_line(fact.call, fact.queue)
        caller = self.state.callers.get(fact.call)
        if caller is None or caller.queue is None:
            return ()
        caller.queue = None
        waited = ms(fact.at) // 1000 - caller.joined // 1000
        where = (position or caller.position, caller.position, waited)
        return [_line(caller.uniqueid, fact.queue, NONE, event, *before, *where, *after)]

    def _leave_line(self, call: CallId, queue: QueueName) -> int:
        """The place the call had, from 1; 0: it stood in no line."""
        line = self.state.waiting.get(queue, [])
        if call not in line:
            return 0
        place = line.index(call) + 1
        line.remove(call)
        if not line:
            del self.state.waiting[queue]
        return place

    def _ended(self, fact: f.Ended) -> Iterable[str]:
        self._leave_line(fact.call, fact.queue)
        self.state.callers.pop(fact.call, None)
        return ()

    # ------------------------------------------------------------ offers and talks

    def _offer_ended(self, fact: f.OfferEnded) -> Iterable[str]:
        event, caller = RINGS.get(fact.outcome), self._entrant(fact.call)
        if event is None or caller is None:
            return ()
        return [_line(caller.uniqueid, fact.queue, self._label(fact.agent), event, fact.ring_ms)]

    def _answered(self, fact: f.Answered) -> Iterable[str]:
        self._leave_line(fact.call, fact.queue)
        caller = self._entrant(fact.call)
        if caller is None:
            return ()
        caller.answered = ms(fact.at)
        told = (_waited(caller), fact.leg, fact.ring_ms // 1000)
        return [_line(caller.uniqueid, fact.queue, self._label(fact.agent), "CONNECT", *told)]

    def _transferred(self, fact: f.Transferred) -> Iterable[str]:
        """The talk's end follows in the same step, with the times."""
        if fact.kind.value == "blind":
            exten, context = fact.where if len(fact.where) == 2 else (fact.target, "")
            self.state.given[fact.offer] = _fields("BLINDTRANSFER", exten, context)
        else:
            kind, *which = fact.where or ("App", fact.target)
            kind = "BRIDGE" if kind == "Threeway" else kind.upper()
            self.state.given[fact.offer] = _fields("ATTENDEDTRANSFER", kind, *which)
        return ()

    def _talked(self, fact: f.Talked) -> Iterable[str]:
        given, caller = self.state.given.pop(fact.offer, ""), self._entrant(fact.call)
        if caller is None or not caller.answered:
            return ()
        completed = "COMPLETEAGENT" if fact.by in (EndedBy.AGENT, EndedBy.ROUTER) else "COMPLETECALLER"
        talked = (caller.answered + fact.talk_ms + fact.hold_ms) // 1000 - caller.answered // 1000
        event = given if given and fact.by is EndedBy.TRANSFER else completed
        told = (_waited(caller), talked, caller.position)
        return [f"{_fields(caller.uniqueid, fact.queue, self._label(fact.agent))}|{event}|{_fields(*told)}"]

    def _entrant(self, call: CallId) -> Caller | None:
        """A call that the log knows to be in a queue."""
        caller = self.state.callers.get(call)
        return None if caller is None or caller.queue is None else caller

    # ------------------------------------------------------------ agents

    def _logged_in(self, fact: f.LoggedIn) -> Iterable[str]:
        return self._joined(fact.agent, fact.phone, _by(fact.via))

    def _joined(self, agent: AgentName, phone: PhoneName, by: str) -> list[str]:
        roster = self._roster()
        member = self.state.members[agent] = Member(
            label=phone if roster.phones and phone else agent,
            queues=tuple(QueueName(queue) for queue in roster.queues.get(agent, ())),
        )
        return [_line(by, queue, member.label, "ADDMEMBER", "") for queue in member.queues]

    def _logged_out(self, fact: f.LoggedOut) -> Iterable[str]:
        member = self.state.members.pop(fact.agent, None)
        queues = () if member is None else member.queues
        return [_line(_by(fact.via), queue, member.label, "REMOVEMEMBER", "") for queue in queues if member]

    def _paused(self, fact: f.Paused) -> Iterable[str]:
        return self._all_queues(fact.agent, "PAUSE", fact.reason)

    def _resumed(self, fact: f.Resumed) -> Iterable[str]:
        return self._all_queues(fact.agent, "UNPAUSE", fact.reason)

    def _all_queues(self, agent: AgentName, event: str, reason: str) -> Iterable[str]:
        """Once for all queues, then for each: as app_queue does when no queue is named."""
        member = self.state.members.get(agent)
        if member is None or not member.queues:
            return ()
        each = [_line(NONE, queue, member.label, event, reason) for queue in member.queues]
        return [_line(NONE, NONE, member.label, f"{event}ALL", reason), *each]

    def _label(self, agent: AgentName) -> str:
        member = self.state.members.get(agent)
        return agent if member is None else member.label

    # ------------------------------------------------------------ the engine

    def _engine_started(self, _fact: f.EngineStarted) -> Iterable[str]:
        self.state.starting = True
        return [_line(NONE, NONE, NONE, "QUEUESTART", "")]

    def _rules_applied(self, _fact: f.RulesApplied) -> Iterable[str]:
        if not self.state.starting:
            yield _line(NONE, NONE, NONE, "CONFIGRELOAD", "")
        self.state.starting = False
        for agent, member in self.state.members.items():
            queues = tuple(QueueName(queue) for queue in self._roster().queues.get(agent, ()))
            for queue in member.queues:
                if queue not in queues:
                    yield _line("REALTIME", queue, member.label, "REMOVEMEMBER", "")
            for queue in queues:
                if queue not in member.queues:
                    yield _line("REALTIME", queue, member.label, "ADDMEMBER", "")
            member.queues = queues


_WRITERS: Final[Mapping[type[f.Fact], Callable[[QueueLog, Any], Iterable[str]]]] = {
    f.Arrived: QueueLog._arrived,  # noqa: SLF001 - the class's own table
    f.CallerChanged: QueueLog._caller_changed,  # noqa: SLF001
    f.Queued: QueueLog._queued,  # noqa: SLF001
    f.LineMade: QueueLog._line_made,  # noqa: SLF001
    f.Abandoned: QueueLog._abandoned,  # noqa: SLF001
    f.Left: QueueLog._left,  # noqa: SLF001
    f.Ended: QueueLog._ended,  # noqa: SLF001
    f.OfferEnded: QueueLog._offer_ended,  # noqa: SLF001
    f.Answered: QueueLog._answered,  # noqa: SLF001
    f.Transferred: QueueLog._transferred,  # noqa: SLF001
    f.Talked: QueueLog._talked,  # noqa: SLF001
    f.LoggedIn: QueueLog._logged_in,  # noqa: SLF001
    f.LoggedOut: QueueLog._logged_out,  # noqa: SLF001
    f.Paused: QueueLog._paused,  # noqa: SLF001
    f.Resumed: QueueLog._resumed,  # noqa: SLF001
    f.EngineStarted: QueueLog._engine_started,  # noqa: SLF001
    f.RulesApplied: QueueLog._rules_applied,  # noqa: SLF001
}
KINDS: Final = tuple(_WRITERS)
"""The facts that the log, or what it remembers, is made of."""


def _line(call: str, queue: str, agent: str, event: str, *told: object) -> str:
    return _fields(call, queue, agent, event, *told)


def _fields(*told: object) -> str:
    """The fields with | between; what would end a field or the line becomes _."""
    return "|".join(str(field).translate(_UNSAFE) for field in told)


_UNSAFE: Final = {ord("|"): "_", **dict.fromkeys(range(32), "_"), 127: "_"}


def _waited(caller: Caller) -> int:
    return max(0, caller.answered // 1000 - caller.joined // 1000)


def _by(via: Via) -> str:
    """Who made somebody a member, in the log's field for the call."""
    return "REALTIME" if via is Via.CONFIGURATION else "MANAGER"
