"""Small rule sets and scripts of events for both routers, drawn by hypothesis; everything is simple unless drawn otherwise."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from acd.core import events as ev
from acd.core.expression import Expression, parse, read
from acd.core.ids import (
    AgentName,
    CallId,
    GroupName,
    OfferId,
    PhoneName,
    QueueName,
    SkillName,
    SwitchName,
    Uniqueid,
)
from acd.core.outcomes import (
    BlockReason,
    Choose,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    PhoneState,
    Skip,
    Strategy,
    SwitchedBy,
    WayKind,
)
from acd.core.requirement import Requirement
from acd.core.rules import AgentRule, QueueRule, Rules, Serving, Step
from acd.core.states import AgentState
from acd.core.ways import Way
from tests.oracle.duel import SECOND, Duel

QUEUES = tuple(map(QueueName, ("q1", "q2", "q3")))
AGENTS = tuple(map(AgentName, ("ann", "bob", "cid", "dan", "eve")))
GROUPS = tuple(map(GroupName, ("g1", "g2")))
PBX, OTHER = SwitchName("pbx1"), SwitchName("pbx2")
FAILURES = tuple(outcome for outcome in OfferOutcome if outcome is not OfferOutcome.ANSWERED)
TEXTS = ("fr >= 3", "fr or de", "not vip", "fr < 3", "fr >= 5 and de", "site = a", "$lang >= 2")
CALLERS = ("", "+4911111", "+4922222", "+4999999", "anonymous")

expressions = st.sampled_from(TEXTS).map(read)
durations = st.sampled_from([0, 1, 2, 5, 10, 30]).map(SECOND.__mul__)
some_outcomes = st.dictionaries(st.sampled_from(FAILURES), durations, max_size=3)


@st.composite
def some_of(draw: st.DrawFn, options: dict[str, st.SearchStrategy[Any]], most: int) -> dict[str, Any]:
    """A few of these options, each with a value; mostly not many."""
    keys = draw(st.lists(st.sampled_from(list(options)), max_size=most, unique=True))
    return {key: draw(options[key]) for key in keys}


def _requires(text: Expression) -> Expression | Requirement:
    """As the rulebook has it: an expression only where variables decide."""
    return text if text.variables else parse(text.text)


@st.composite
def steps_of(draw: st.DrawFn, number: int, queues: int) -> tuple[Step, ...]:
    """At most three, in order of time; overflow only to a later queue."""
    steps, after = [], 0
    for _ in range(draw(st.integers(0, 3))):
        after += draw(st.sampled_from([1, 2, 5, 10])) * SECOND
        kind = draw(st.sampled_from(["require", "drop_own", "groups", "raise_priority", "queue", "way"]))
        if kind == "queue" and number + 1 < queues:
            steps.append(Step(after=after, queue=QUEUES[draw(st.integers(number + 1, queues - 1))]))
        else:
            steps.append(Step(after=after, **draw(STEP_FIELDS[kind if kind != "queue" else "groups"])))
    return tuple(steps)


BOX = Way(kind=WayKind.VOICEMAIL, target="sales")
ways = st.sampled_from([*(Way(kind=WayKind.QUEUE, target=name) for name in QUEUES), BOX])
REASONS = ("queue_full", "nobody_logged_in", "long_wait", "closed", "timed_out", "no_agents")

STEP_FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "way": st.just({"way": BOX}),
    "require": st.fixed_dictionaries({"require": expressions}),
    "drop_own": st.just({"drop_own": True}),
    "groups": st.fixed_dictionaries(
        {"groups": st.sampled_from(GROUPS).map(lambda group: frozenset({group}))}
    ),
    "raise_priority": st.fixed_dictionaries({"raise_priority": st.integers(1, 3)}),
}

QUEUE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "idle_counts_direct": st.just(value=True),
    "require": expressions.map(_requires),
    "skip": st.sampled_from(Skip),
    "priority": st.integers(0, 3),
    "ageing": st.sampled_from([1_000, 10_000, 30_000]),
    "weight": st.integers(2, 5),
    "target": st.sampled_from([5 * SECOND, 60 * SECOND]),
    "max_waiting": st.integers(1, 3),
    "max_wait": st.sampled_from([3 * SECOND, 20 * SECOND]),
    "max_per_agent": st.sampled_from([0.5, 1.0, 2.0]),
    "join_states": st.sampled_from([frozenset[AgentState](), frozenset({AgentState.READY})]),
    "stay_states": st.just(frozenset(AgentState) - {AgentState.OFFLINE, AgentState.PAUSED}),
    "stay_grace": durations,
    "is_open": st.booleans(),
    "closing_grace": durations,
    "overflow": st.dictionaries(st.sampled_from(REASONS), ways, max_size=4),
    "exit_keys": st.just(frozenset("1")),
    "resume_within": st.just(20 * SECOND),
    "shared_numbers": st.just(("+4999",)),
    "ring_most": st.integers(1, 3),
    "ring_first": st.integers(1, 2),
    "ring_step": st.sampled_from([2 * SECOND, 5 * SECOND]),
    "max_offers": st.integers(1, 2),
    "back_off": some_outcomes,
    "same_call_back_off": durations,
    "reoffer_gap": durations,
    "autopause": st.dictionaries(st.sampled_from(FAILURES), st.integers(1, 2), max_size=2),
    "wrap_up": durations,
    "sticky": durations,
    "sticky_within": st.just(60 * SECOND),
    "prefer_for": durations,
    "direct_for": durations,
    "reserve_on": st.sampled_from([0, 100 * SECOND, 400 * SECOND]),
}


@st.composite
def queue_rules(draw: st.DrawFn, number: int, queues: int) -> QueueRule:
    """One queue; most options as they come."""
    fields = {"strategy": draw(st.sampled_from(Strategy)), **draw(some_of(QUEUE_FIELDS, 5))}
    if "reserve_on" in fields:
        fields["reserve_off"] = fields["reserve_on"]
    return QueueRule(
        name=QUEUES[number],
        variables={"lang": "fr"},
        steps=draw(steps_of(number, queues)),
        **fields,
    )


AGENT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "attributes": st.just({"site": "a"}),
    "groups": st.sampled_from(GROUPS).map(lambda group: frozenset({group})),
    "weight": st.integers(2, 3),
    "switch": st.sampled_from([PBX, PBX, OTHER]),
}


@st.composite
def agent_rules(draw: st.DrawFn, number: int, queues: list[QueueRule]) -> AgentRule:
    """One agent, who mostly serves all queues."""
    serves = []
    for queue in queues:
        if draw(st.integers(0, 4)) < 4:
            fields = draw(some_of({"level": st.just(2), "delay": durations, "none": st.none()}, 1))
            fields.pop("none", None)
            reserve = queue.reserve_on is not None and draw(st.booleans())
            serves.append(Serving(queue=queue.name, reserve=reserve, **fields))
    levels = st.sampled_from([None, 1, 3, 5, 9])
    skills = {SkillName(name): level for name in ("fr", "de", "vip") if (level := draw(levels))}
    shares = tuple((queue.name, 10 * (1 + n)) for n, queue in enumerate(queues))
    rest = {"choose": draw(st.sampled_from(Choose)), **draw(some_of(AGENT_FIELDS, 2))}
    name = AGENTS[number]
    if rest["choose"] is Choose.PERCENT:
        rest |= {"shares": shares, "shares_of": draw(st.sampled_from(["all", name]))}
    return AgentRule(
        name=name,
        phone=PhoneName(f"PJSIP/{name}"),
        number=number,
        skills=skills,
        serves=tuple(serves),
        **{"switch": PBX, **rest},
    )


@st.composite
def rule_sets(draw: st.DrawFn, queues: int | None = None, agents: int | None = None) -> Rules:
    """One to three queues, one to five agents."""
    number = draw(st.integers(1, 3)) if queues is None else queues
    listed = [draw(queue_rules(n, number)) for n in range(number)]
    people = [
        draw(agent_rules(n, listed)) for n in range(draw(st.integers(1, 5)) if agents is None else agents)
    ]
    return Rules(
        queues={queue.name: queue for queue in listed},
        agents={agent.name: agent for agent in people},
        window=60 * SECOND,
    )


# ---------------------------------------------------------------- scripts

ARRIVAL_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "caller": st.sampled_from(CALLERS),
    "require": st.sampled_from(TEXTS[:-1]).map(parse),
    "variables": st.sampled_from([{"lang": "de"}, {"lang": "vip"}, {"lang": "no skill"}]),
    "priority": st.integers(0, 2),
    "credit": durations,
    "position": st.integers(1, 3),
    "prefer": st.lists(st.sampled_from(AGENTS), min_size=1, max_size=2, unique=True).map(
        lambda names: tuple((name, 10 * n) for n, name in enumerate(names))
    ),
    "direct": st.sampled_from(AGENTS),
    "switch": st.sampled_from([PBX, PBX, OTHER]),
    "refuse": st.sampled_from([None, None, BlockReason.OVERLOAD]),
}
KINDS = (
    *["arrive"] * 6,
    *["answer"] * 3,
    *["fail"] * 3,
    *["end_talk"] * 3,
    *["log_in", "log_out", "pause", "resume", "phone"],
    *["hang_up", "left", "key", "move", "priority", "position"],
    *["wrap_up", "session", "return", "return", "switch", "switch", "reload", "wait", "log_in"],
    *["close", "close", "open"],
)


class Move(msgspec.Struct, frozen=True):
    """A kind of event, whom it concerns by number, what else there is to it, and how long before it nothing happens."""

    kind: str
    pick: int
    option: int
    gap: int
    arrival: dict[str, Any] = {}
    rules: Rules | None = None


class Script(msgspec.Struct, frozen=True):
    """Rules, and what is to happen under them."""

    rules: Rules
    moves: list[Move]

    def __repr__(self) -> str:
        """The story of the duel tells it better than pages of values."""
        return f"{len(self.moves)} moves, see the story above"


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Rules, and what happens under them."""
    rules = draw(rule_sets())
    again = rule_sets(len(rules.queues), len(rules.agents))
    gaps = st.sampled_from([0, 0, 100, 700, 1_300, 2_900, 11_100, 31_700])
    moves = st.lists(
        st.sampled_from(KINDS).flatmap(
            lambda kind: st.builds(
                Move,
                st.just(kind),
                st.integers(0, 5),
                st.integers(0, 7),
                gaps.map(lambda ms: ms * 1_000_000),
                some_of(ARRIVAL_FIELDS, 2) if kind == "arrive" else st.just({}),
                again if kind == "reload" else st.none(),
            )
        ),
        min_size=draw(st.integers(0, 4)) * 7,
        max_size=40,
    )
    return Script(rules, draw(moves))


def play(script: Script, kind: type[Duel] = Duel, *, rest: int = 120 * SECOND) -> Duel:
    """Let both routers live through it, and through so much time after it; raises DisagreedError."""
    duel = kind(script.rules)
    for name in script.rules.agents:
        duel.wait(SECOND)
        duel.play(ev.AgentLoggedIn(at=duel.now, agent=name))
    duel.wait(SECOND)
    for number, move in enumerate(script.moves, 1):
        duel.wait(move.gap)
        event = event_of(duel, move, number)
        if event is not None:
            duel.play(event)
    duel.wait(rest)
    return duel


def event_of(duel: Duel, move: Move, number: int) -> ev.Event | None:  # noqa: C901, PLR0912 - one row a kind
    """The event a move stands for, about a call, offer or agent there is; None when there is none."""
    at, floor, rules = duel.now, duel.router.floor, duel.router.floor.rules
    waiting = [call.id for call in duel.oracle.calls if not call.talking]
    ringing = [ring.offer for call in duel.oracle.calls if not call.talking for ring in call.rings]
    talking = [call.rings[0].offer for call in duel.oracle.calls if call.talking]
    name, queue = (
        list(rules.agents)[move.pick % len(rules.agents)],
        list(rules.queues)[move.pick % len(rules.queues)],
    )
    call = CallId(_one(waiting, move.pick))
    match move.kind:
        case "arrive":
            return arrival(at, queue, number, move.arrival)
        case "answer" if ringing:
            return ev.OfferAnswered(at=at, offer=OfferId(_one(ringing, move.pick)))
        case "fail" if ringing:
            outcome = FAILURES[move.option % len(FAILURES)]
            return ev.OfferFailed(at=at, offer=OfferId(_one(ringing, move.pick)), outcome=outcome)
        case "end_talk" if talking:
            return ev.TalkEnded(at=at, offer=OfferId(_one(talking, move.pick)), by=EndedBy.CALLER)
        case "log_in":
            return ev.AgentLoggedIn(at=at, agent=name)
        case "log_out":
            return ev.AgentLoggedOut(at=at, agent=name)
        case "pause":
            return ev.AgentPaused(at=at, agent=name, reason="break")
        case "resume":
            return ev.AgentResumed(at=at, agent=name)
        case "phone":
            rule, state = rules.agents[name], list(PhoneState)[move.option % 4]
            return ev.PhoneChanged(at=at, switch=rule.switch, phone=rule.phone, state=state)
        case "hang_up" if waiting:
            return ev.CallerHungUp(at=at, call=call)
        case "left" if waiting:
            return ev.CallLeftQueue(at=at, call=call, reason=LeaveReason.WITHDRAWN)
        case "key" if waiting:
            return ev.KeyPressed(at=at, call=call, key=str(move.option % 2))
        case "move" if waiting:
            return ev.CallMoved(at=at, call=call, queue=QUEUES[move.option % 3])
        case "priority" if waiting:
            return ev.PriorityChanged(at=at, call=call, priority=move.option % 3)
        case "position" if waiting:
            return ev.PositionChanged(at=at, call=call, position=1 + move.option % 3)
        case "wrap_up":
            return ev.WrapUpFinished(at=at, agent=name)
        case "session" if waiting:
            return ev.SessionLost(at=at, call=call)
        case "return" if waiting:
            return ev.CallReturned(at=at, call=call)
        case "close":
            by = (SwitchedBy.HOURS, SwitchedBy.PERSON)[move.option % 2]
            until = at + move.option * SECOND if move.option > 3 else 0
            return ev.QueueSwitched(at=at, queue=queue, closed=True, by=by, until=until)
        case "open":
            by = (SwitchedBy.HOURS, SwitchedBy.PERSON)[move.option % 2]
            return ev.QueueSwitched(at=at, queue=queue, closed=False, by=by)
        case "switch":
            lost = PBX in floor.lost_switches
            return ev.SwitchSynced(at=at, switch=PBX) if lost else ev.SwitchLost(at=at, switch=PBX)
        case "reload" if move.rules is not None:
            return ev.RulesChanged(at=at, rules=msgspec.structs.replace(move.rules, generation=number))
        case _:
            return None


def arrival(at: int, queue: QueueName, number: int, fields: dict[str, Any]) -> ev.CallArrived:
    """A caller."""
    return ev.CallArrived(
        at=at,
        call=CallId(f"c{number}"),
        channel=f"PJSIP/trunk-{number}",
        uniqueid=Uniqueid(f"u{number}"),
        queue=queue,
        **{"switch": PBX, **fields},
    )


def _one(items: list[Any], pick: int) -> str:
    return items[pick % len(items)] if items else ""
