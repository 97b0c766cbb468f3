"""Whatever happens in whatever order: the floor stays true, calls are conserved, and the facts remember it all."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core import events as ev
from acd.core import facts as f
from acd.core.agents import Agent
from acd.core.commands import ArmTimer
from acd.core.floor import Output
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, Uniqueid, WorkId
from acd.core.memory import RememberedAgent
from acd.core.outcomes import (
    EndedBy,
    LeaveReason,
    OfferOutcome,
    PhoneState,
    SwitchedBy,
    TransferKind,
    WorkKind,
    WorkMiss,
    WrapUpMode,
)
from acd.core.router import Router
from acd.core.rules import CallbackRule, PauseRule
from acd.core.states import AgentState
from acd.core.timers import Timer, TimerKind
from tests.unit.acd.core.stage import PBX, SECOND, Stage, agent, queue, with_

pytestmark = pytest.mark.property

QUEUES = (
    queue(
        "sales",
        require={"fr": 5},
        wrap_up=5 * SECOND,
        exit_keys=frozenset("*"),
        callback=CallbackRule(attempts=2, gap=3 * SECOND, expiry=30 * SECOND),
    ),
    queue("billing", max_waiting=3, same_call_back_off=SECOND, closing_grace=3 * SECOND),
    queue(
        "vip",
        priority=9,
        require={"vip": 1},
        closing_grace=0,
        callback=CallbackRule(customer_first=True, attempts=1),
        join_states=frozenset(),
        wrap_up=4 * SECOND,
        wrap_up_mode=WrapUpMode.REQUESTED,
        wrap_up_most=9 * SECOND,
    ),
)
AGENTS = (
    agent("ann", "sales", "billing", fr=7),
    agent("bob", "billing", "vip", fr=3, vip=2),
    agent("cid", "sales", "vip", fr=5, vip=9),
)
PAUSES = {"lunch": PauseRule(limit=6 * SECOND, paid=False), "": PauseRule()}
STEPS = [
    "arrive",
    "arrive",
    "arrive",
    "hang_up",
    "answer",
    "answer",
    "fail",
    "pickup",
    "end_talk",
    "hold",
    "unhold",
    "transfer",
    "phone",
    "log_in",
    "log_out",
    "pause",
    "resume",
    "wrap_up",
    "work",
    "remark",
    "sit",
    "move_desk",
    "timer",
    "reload",
    "switch",
    "door",
    "session",
    "return",
    "left",
    "pick",
    "replace",
    "move",
    "reorder",
    "key",
    "lost_race",
    "callback",
    "callback",
    "errand",
    "line",
    "customer",
    "customer",
    "calling",
    "cancel",
]
TIMERS = list(TimerKind)
moves = st.tuples(st.sampled_from(STEPS), st.integers(0, 7), st.integers(0, 12))


def _one(items: list[str], pick: int) -> str | None:
    return items[pick % len(items)] if items else None


class Chance(Stage):
    """A stage that turns random numbers into things that could happen."""

    def play(self, event: ev.Event) -> Output:
        """Rules have pauses as well, one with a limit."""
        if isinstance(event, ev.RulesChanged):
            rules = msgspec.structs.replace(event.rules, pauses=PAUSES)
            event = msgspec.structs.replace(event, rules=rules)
        return super().play(event)

    def move(self, step: str, pick: int, seconds: int) -> None:  # noqa: C901, PLR0912, PLR0915 - one row a step
        """One random event, mostly of kinds that fit, sometimes late or senseless."""
        self.wait(seconds)
        floor = self.router.floor
        call = CallId(_one(sorted(floor.calls), pick) or "c0")
        offer = OfferId(_one(sorted(floor.offers), pick) or "c0.1")
        name = AgentName(("ann", "bob", "cid", "nobody")[pick % 4])
        at = self.now
        match step:
            case "arrive":
                parent = CallId(f"c{pick}") if pick % 3 == 0 else None
                self.arrive(
                    ("sales", "billing", "vip", "nowhere")[pick % 4], priority=pick % 2, parent=parent
                )
            case "hang_up":
                self.play(ev.CallerHungUp(at=at, call=call))
            case "left":
                self.play(ev.CallLeftQueue(at=at, call=call, reason=LeaveReason.WITHDRAWN))
            case "pick":
                self.play(ev.CallPicked(at=at, call=call, agent=name))
            case "answer":
                self.play(ev.OfferAnswered(at=at, offer=offer))
            case "fail":
                outcomes = [outcome for outcome in OfferOutcome if outcome is not OfferOutcome.ANSWERED]
                self.play(ev.OfferFailed(at=at, offer=offer, outcome=outcomes[seconds % len(outcomes)]))
            case "pickup":
                phone = PhoneName(f"PJSIP/{name}")
                self.play(ev.OfferPickedUp(at=at, offer=offer, phone=phone))
            case "end_talk":
                self.play(ev.TalkEnded(at=at, offer=offer, by=EndedBy.CALLER))
            case "hold":
                self.play(ev.HoldStarted(at=at, offer=offer))
            case "unhold":
                self.play(ev.HoldEnded(at=at, offer=offer))
            case "transfer":
                into = call if pick % 2 else None
                self.play(ev.CallTransferred(at=at, offer=offer, kind=TransferKind.ATTENDED, into=into))
            case "replace":
                self.play(
                    ev.CallerReplaced(at=at, call=call, parent=None, channel="x", uniqueid=Uniqueid("x"))
                )
            case "phone":
                self.phone(name, list(PhoneState)[seconds % 4])
            case "log_in":
                self.play(ev.AgentLoggedIn(at=at, agent=name))
            case "log_out":
                self.play(ev.AgentLoggedOut(at=at, agent=name, forced=bool(seconds % 2)))
            case "sit":
                phone = PhoneName(f"PJSIP/{('ann', 'bob', 'cid', 'desk')[seconds % 4]}")
                self.play(ev.AgentLoggedIn(at=at, agent=name, phone=phone))
            case "move_desk":
                phone = PhoneName(f"PJSIP/{('ann', 'bob', 'cid', 'desk')[seconds % 4]}")
                self.play(ev.AgentLoggedOut(at=at, agent=name))
                self.play(ev.AgentLoggedIn(at=at, agent=name, phone=phone))
            case "work":
                self.play(ev.WrapUpAsked(at=at, agent=name, wanted=bool(seconds % 3)))
                self.play(ev.WrapUpProlonged(at=at, agent=name, by=seconds * SECOND))
            case "remark":
                self.play(ev.CallClassified(at=at, agent=name, code="sold"))
                self.play(ev.HelpAsked(at=at, agent=name, wanted=bool(seconds % 3)))
                self.play(ev.CallMarkedMalicious(at=at, agent=name))
            case "pause":
                forced, reason = bool(seconds % 2), ("lunch", "")[pick % 2]
                self.play(ev.AgentPaused(at=at, agent=name, reason=reason, forced=forced))
            case "resume":
                self.play(ev.AgentResumed(at=at, agent=name, forced=bool(seconds % 2)))
            case "move":
                to = QueueName(("sales", "billing", "vip", "nowhere")[seconds % 4])
                self.play(ev.CallMoved(at=at, call=call, queue=to))
            case "reorder":
                self.play(ev.PriorityChanged(at=at, call=call, priority=seconds % 3))
                self.play(ev.PositionChanged(at=at, call=call, position=1 + seconds % 4))
            case "key":
                self.play(ev.KeyPressed(at=at, call=call, key="*"))
            case "lost_race":
                self.play(ev.AgentLoggedOut(at=at, agent=name, forced=True, reason="shift"))
                self.play(ev.OfferAnswered(at=at, offer=offer))
            case "wrap_up":
                self.play(ev.WrapUpFinished(at=at, agent=name))
            case "timer":
                self._timer(TIMERS[seconds % len(TIMERS)], offer, call, name)
            case "reload":
                agents = AGENTS[pick % 2 :]
                if seconds % 3 == 0:
                    agents = (*agents[:-1], with_(agents[-1], phone=PhoneName("PJSIP/desk")))
                self.reload(*QUEUES[pick % 3 :], *agents)
            case "door":
                by = (SwitchedBy.HOURS, SwitchedBy.PERSON)[seconds % 2]
                name_ = QueueName(("sales", "billing", "vip", "nowhere")[pick % 4])
                until = at + seconds * SECOND if seconds % 3 else 0
                self.play(
                    ev.QueueSwitched(at=at, queue=name_, closed=seconds < 8, by=by, until=until, who="sue")
                )
            case "switch":
                kind = ev.SwitchLost if pick % 2 else ev.SwitchSynced
                self.play(kind(at=at, switch=PBX))
            case "callback":
                self.play(ev.CallbackAsked(at=at, call=call, number=f"+4930{pick % 3}00000", key="1"))
            case "errand":
                self.errand(pick, seconds)
            case "line":
                channel = "" if seconds % 4 == 0 else f"Local/{pick}"
                self.play(ev.WorkLineMade(at=at, call=call, channel=channel, uniqueid=Uniqueid(channel)))
            case "customer" if seconds % 2:
                self.play(ev.CustomerReached(at=at, call=call))
            case "customer":
                self.play(ev.CustomerMissed(at=at, call=call, outcome=list(WorkMiss)[seconds // 2 % 5]))
            case "calling":
                name_ = QueueName(("sales", "billing", "vip")[pick % 3])
                self.play(ev.CallingSwitched(at=at, queue=name_, allowed=seconds % 3 > 0))
            case "cancel":
                work = WorkId(_one(sorted(floor.work.items), pick) or "w0")
                if seconds % 2:
                    self.play(ev.WorkTextFound(at=at, work=work, text="hello"))
                else:
                    self.play(ev.WorkCancelled(at=at, work=work, by="sue"))
            case "session":
                self.play(ev.SessionLost(at=at, call=call))
            case "return":
                self.play(ev.CallReturned(at=at, call=call))

    def errand(self, pick: int, seconds: int) -> None:
        """A callback by API or a message, now or later."""
        work = WorkId(f"w{len(self.facts)}")
        queue_ = QueueName(("sales", "billing", "vip", "nowhere")[pick % 4])
        due = self.now + seconds * SECOND if seconds % 2 else 0
        kind = list(WorkKind)[pick % 2]
        number = "" if kind is WorkKind.MESSAGE else f"+4930{pick % 3}00000"
        self.play(
            ev.WorkArrived(
                at=self.now, work=work, kind=kind, queue=queue_, switch=PBX, number=number, due=due
            )
        )

    def _timer(self, kind: TimerKind, offer: str, call: str, name: str) -> None:
        """A timer is due; back-offs only when they are, as a clock would have it."""
        floor = self.router.floor
        known = floor.agents.get(AgentName(name))
        if kind is TimerKind.BACK_OFF and known is not None:
            self.now = max(self.now, known.backed_off_until)
        if kind is TimerKind.PAIR_BACK_OFF and CallId(call) in floor.calls:
            self.now = max(self.now, (floor.calls[CallId(call)].held_off or {}).get(AgentName(name), 0))
        key = {
            TimerKind.OFFER_DEADLINE: offer,
            TimerKind.WRAP_UP: name,
            TimerKind.BACK_OFF: name,
            TimerKind.PAUSE: name,
            TimerKind.PAIR_BACK_OFF: f"{call} {name}",
            TimerKind.CALL: call,
            TimerKind.RING_MORE: call,
            TimerKind.ASK: call,
            TimerKind.STAY: ("sales", "billing", "vip")[len(call) % 3],
            TimerKind.OPENING: ("sales", "billing", "vip")[len(call) % 3],
            TimerKind.CLOSING: ("sales", "billing", "vip")[len(call) % 3],
            TimerKind.WORK: _one(sorted(floor.work.items), len(offer)) or "w0",
            TimerKind.RELOAD: "",
            TimerKind.SETTLE: "",
        }[kind]
        self.fire(Timer(kind, key))


def played(script: list[tuple[str, int, int]]) -> Chance:
    """The stage after a random script; every step was validated on the way."""
    stage = Chance(*QUEUES, *AGENTS)
    for step, pick, seconds in script:
        stage.move(step, pick, seconds)
    return stage


scripts = st.lists(moves, min_size=10, max_size=80)
"""Without a least size most of them would be five steps long."""


@settings(max_examples=150, deadline=None)
@given(scripts)
def test_calls_are_conserved_and_every_offer_and_call_ends_once(script: list[tuple[str, int, int]]) -> None:
    stage = played(script)
    arrived = [fact.call for fact in stage.told(f.Arrived)]
    ended = [fact.call for fact in stage.told(f.Ended)]
    blocked, queued = stage.told(f.Blocked), stage.told(f.Queued)
    open_calls = list(stage.router.floor.calls)

    assert Counter(arrived) == Counter(ended) + Counter(open_calls)
    assert len(arrived) == len(blocked) + sum(fact.moved_from is None for fact in queued)
    talking = {fact.call for fact in stage.told(f.Answered)}
    waiting = set(open_calls) - talking
    assert len(queued) == (
        len(talking) + len(stage.told(f.Abandoned)) + len(stage.told(f.Left)) + len(waiting)
    )
    offers = Counter(fact.offer for fact in stage.told(f.Offered))
    outcomes = Counter(fact.offer for fact in stage.told(f.OfferEnded))
    ringing = Counter(
        offer.id
        for call in stage.router.floor.calls.values()
        for offer in call.offers
        if offer.answered_at is None
    )
    assert offers == outcomes + ringing
    assert stage.told(f.Refuted) == []
    added = Counter(fact.work for fact in stage.told(f.WorkAdded))
    done = Counter(fact.work for fact in stage.told(f.WorkEnded))
    assert added == done + Counter(stage.router.floor.work.items.keys())


@settings(max_examples=100, deadline=None)
@given(scripts)
def test_the_state_seconds_of_an_agent_add_up(script: list[tuple[str, int, int]]) -> None:
    stage = played(script)
    for name in ("ann", "bob", "cid"):
        changes = [fact for fact in stage.told(f.StateChanged) if fact.agent == name]
        for before, after in pairwise(changes):
            assert before.after is after.before
            if after.before is not AgentState.OFFLINE:
                assert after.lasted_ms == after.at // 1_000_000 - before.at // 1_000_000


@settings(max_examples=150, deadline=None)
@given(scripts)
def test_the_facts_remember_what_the_floor_knows(script: list[tuple[str, int, int]]) -> None:
    stage = played(script)
    memory, floor = stage.memory(), stage.router.floor

    assert memory.doors == floor.doors.closed
    assert memory.work == floor.work.items
    assert memory.calls.keys() == floor.calls.keys()
    for call_id, live in floor.calls.items():
        kept = memory.calls[call_id]
        for field in [
            "state",
            "switch",
            "channel",
            "uniqueid",
            "queue",
            "caller",
            "parent",
            "arrived",
            "joined",
            "need",
            "variables",
            "priority",
            "credit",
            "entered",
            "stage",
            "prefer",
            "prefer_until",
            "direct",
            "offers_made",
            "number",
        ]:
            assert getattr(kept, field) == getattr(live, field), field
        assert len(kept.offers) == len(live.offers)
        for known, there in zip(kept.offers, live.offers, strict=True):
            for field in ["id", "agent", "phone", "made_at", "answered_at", "held_since", "hold_ms", "leg"]:
                assert getattr(known, field) == getattr(there, field), field
    for name, person in floor.agents.items():
        kept_ = memory.agents.get(name, RememberedAgent())
        # Whoever a reload removes and another brings back is new on the floor; no fact tells the difference.
        talk = None if person.last_talk is None else kept_.last_talk
        kept_ = msgspec.structs.replace(kept_, last_talk=talk)
        assert _remembered(kept_) == _remembered(person), name


def _remembered(agent: RememberedAgent | Agent) -> list[object]:
    fields = [
        *[
            "state",
            "seat",
            "logged_in",
            "leaving",
            "goodbye",
            "paused",
            "overrun",
            "wrap_up",
            "call",
            "offer",
        ],
        *["talking", "holding", "wants_wrap_up", "wants_help", "last_talk", "missed", "last_miss"],
    ]
    return [getattr(agent, field) for field in fields] + [agent.idle_since if agent.logged_in else 0]


@settings(max_examples=100, deadline=None)
@given(scripts, scripts)
def test_a_router_recalled_anywhere_goes_on_without_a_contradiction(
    before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    stage = played(before)
    router = Router.recalled(stage.memory())
    later = Chance(*QUEUES, *AGENTS, logged_in=False, router=router, now=stage.now)
    later.facts += router.wake(stage.now, stage.now + SECOND).facts
    later.calls = stage.calls
    for step, pick, seconds in after:
        later.move(step, pick, seconds)

    arrived = Counter(fact.call for fact in stage.told(f.Arrived) + later.told(f.Arrived))
    ended = Counter(fact.call for fact in stage.told(f.Ended) + later.told(f.Ended))
    assert arrived == ended + Counter(list(router.floor.calls))
    added = Counter(fact.work for fact in stage.told(f.WorkAdded) + later.told(f.WorkAdded))
    done = Counter(fact.work for fact in stage.told(f.WorkEnded) + later.told(f.WorkEnded))
    assert added == done + Counter(router.floor.work.items.keys())


def test_waiters_keep_their_order_over_a_restart_though_they_come_back_in_another() -> None:
    stage = Stage(queue("q", join_states=frozenset()), agent("ann", "q"), logged_in=False)
    first, second = stage.arrive("q"), stage.wait(1).arrive("q")
    router = Router.recalled(stage.memory())
    router.wake(stage.now, stage.now + SECOND)
    again = Stage(queue("q", join_states=frozenset()), agent("ann", "q"), router=router)
    again.play(ev.CallReturned(at=again.now, call=second))
    assert again.rings() == {}

    again.play(ev.CallReturned(at=again.now, call=first))
    assert again.rings() == {"ann": first}


def test_after_a_restart_those_who_came_back_are_served_without_those_who_did_not() -> None:
    stage = Stage(queue("q", join_states=frozenset()), agent("ann", "q"), logged_in=False)
    stage.arrive("q")
    second = stage.wait(1).arrive("q")
    router = Router.recalled(stage.memory())
    [arm] = router.wake(stage.now, stage.now + SECOND).commands
    again = Stage(queue("q", join_states=frozenset()), agent("ann", "q"), router=router)
    again.play(ev.CallReturned(at=again.now, call=second))
    assert isinstance(arm, ArmTimer)
    again.fire(arm.timer)

    assert again.rings() == {"ann": second}
