"""What the router must remember over a restart, as a fold over the facts it told.

A start reads the last snapshot of this and applies the facts after it; nothing else is stored. That the fold and the
live floor agree is checked by `tests/property/test_memory.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from acd.core import facts as f
from acd.core.agents import PLAIN_GOODBYE, Agent, Goodbye, WrapUp
from acd.core.callers import identifies
from acd.core.calls import Call, LiveOffer
from acd.core.closed import Door, Doors
from acd.core.estimate import learned
from acd.core.expression import parse
from acd.core.fairness import Shares
from acd.core.floor import ACQUAINTANCES, Floor, GaveUp, keep
from acd.core.ids import NOWHERE, AgentName, CallId, OfferId, PhoneName, QueueName
from acd.core.occupancy import advanced
from acd.core.offering import MISSED_CALLS
from acd.core.outcomes import BLAMELESS, OfferOutcome, SurveyOutcome
from acd.core.requirement import ANYBODY
from acd.core.rules import AgentRule, QueueRule, Rules
from acd.core.states import AgentState, CallState
from acd.core.work import Items, WorkBook, added, became, began, transcribed


class RememberedAgent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An agent without the rules, which the configuration tells anew."""

    phone: PhoneName = PhoneName("")
    seat: PhoneName = PhoneName("")
    state: AgentState = AgentState.OFFLINE
    since: int = 0
    idle_since: int = 0
    idle_any: int = 0
    busy_share: float = 0.0
    recent: list[int] = []
    missed: dict[OfferOutcome, int] = {}
    last_miss: OfferOutcome | None = None
    logged_in: bool = False
    leaving: bool = False
    goodbye: Goodbye = PLAIN_GOODBYE
    paused: str | None = None
    overrun: bool = False
    wrap_up: WrapUp | None = None
    backed_off_until: int = 0
    call: CallId | None = None
    offer: OfferId | None = None
    talking: bool = False
    holding: bool = False
    wants_wrap_up: bool = False
    wants_help: bool = False
    last_talk: tuple[CallId, QueueName] | None = None


MOST_SURVEYED: Final = 100_000
LONGEST_WINDOW: Final = 7_200_000_000_000
"""Answers older than this are forgotten: no rule's window is longer (nanoseconds)."""


class Memory(msgspec.Struct, kw_only=True):
    """Open calls and agents at a moment. Encodes to JSON for the snapshot."""

    at: int = 0
    generation: int = 0
    calls_seen: int = 0
    calls: dict[CallId, Call] = {}
    agents: dict[AgentName, RememberedAgent] = {}
    gave_up: dict[CallId, GaveUp] = {}
    last_agents: dict[str, tuple[AgentName, int]] = {}
    turns: dict[QueueName, tuple[AgentName, int]] = {}
    shares: dict[str, dict[QueueName, float]] = {}
    handle_ms: dict[QueueName, float] = {}
    doors: dict[QueueName, Door] = {}
    work: Items = {}
    surveyed: dict[str, int] = {}
    """Callers' numbers and when they were asked last; for the shell, which asks."""
    no_surveys: dict[str, int] = {}
    """Numbers that are never to be asked again, and since when."""
    window: int = 3_600_000_000_000
    clean: bool = True
    """Whether the engine's last end was orderly."""

    def apply(self, fact: f.Fact) -> None:
        """Take one more fact in, in the order of the journal."""
        self.at = max(self.at, fact.at)
        self.generation = max(self.generation, fact.generation)
        remember = _STEPS.get(type(fact))
        if remember is not None:
            remember(self, fact)

    def copy(self) -> "Memory":
        """An independent copy: a floor takes the records of the one it is recalled from for its own."""
        return msgspec.convert(msgspec.to_builtins(self), Memory)

    def agent(self, name: AgentName) -> RememberedAgent:
        """What is known of an agent; nothing yet makes an empty record."""
        return self.agents.setdefault(name, RememberedAgent())


def _arrived(memory: Memory, fact: f.Arrived) -> None:
    memory.calls[fact.call] = Call(
        id=fact.call,
        number=0,
        switch=fact.switch,
        channel=fact.channel,
        uniqueid=fact.uniqueid,
        queue=fact.queue,
        caller=fact.caller,
        caller_name=fact.caller_name,
        trunk=fact.trunk,
        parent=fact.parent,
        arrived=fact.at,
        joined=fact.at,
        entered=fact.at,
        attached=False,
        work=fact.work,
    )
    if fact.work is not None:
        began(memory.work, fact.work, fact.call)


def _queued(memory: Memory, fact: f.Queued) -> None:
    call = memory.calls[fact.call]
    if fact.moved_from is None:
        memory.calls_seen += 1
        call.number = memory.calls_seen
    else:
        call.been = (*call.been, fact.moved_from)
    call.queue, call.entered, call.stage = fact.queue, fact.at, 0
    call.joined, call.credit, call.priority = fact.joined, fact.credit, fact.priority
    call.need = parse(fact.needs) if fact.needs else ANYBODY
    call.variables = fact.variables
    call.prefer, call.direct, call.prefer_until = fact.prefer, fact.direct, fact.prefer_until


def _step_taken(memory: Memory, fact: f.StepTaken) -> None:
    memory.calls[fact.call].stage = fact.step


def _reordered(memory: Memory, fact: f.Reordered) -> None:
    call = memory.calls[fact.call]
    call.priority, call.credit = fact.priority, fact.credit


def _picked(memory: Memory, fact: f.Picked) -> None:
    call = memory.calls[fact.call]
    call.prefer, call.direct, call.prefer_until = (), fact.agent, fact.until


def _preference_ended(memory: Memory, fact: f.PreferenceEnded) -> None:
    call = memory.calls[fact.call]
    call.prefer, call.direct, call.prefer_until = (), None, 0


def _abandoned(memory: Memory, fact: f.Abandoned) -> None:
    call = memory.calls[fact.call]
    if identifies(call.caller):
        gave_up = GaveUp(call=call.id, queue=call.queue, caller=call.caller, place=call.place, at=fact.at)
        keep(memory.gave_up, call.id, gave_up)


def _place_restored(memory: Memory, fact: f.PlaceRestored) -> None:
    memory.gave_up.pop(fact.earlier, None)


def _caller_changed(memory: Memory, fact: f.CallerChanged) -> None:
    call = memory.calls.get(fact.call)
    if call is not None:
        call.channel, call.uniqueid, call.parent = fact.channel, fact.uniqueid, fact.parent
        call.caller, call.caller_name = fact.caller, fact.caller_name


def _offered(memory: Memory, fact: f.Offered) -> None:
    call = memory.calls[fact.call]
    call.offers_made += 1
    call.state = CallState.OFFERED
    call.offers.append(LiveOffer(id=fact.offer, agent=fact.agent, phone=fact.phone, made_at=fact.at))
    agent = memory.agent(fact.agent)
    agent.call, agent.offer = fact.call, fact.offer
    memory.turns[fact.queue] = (fact.agent, -1)
    if fact.shares_of:
        shares = Shares()
        shares.taken = memory.shares
        shares.count(fact.shares_of, fact.queue)


def _offer_ended(memory: Memory, fact: f.OfferEnded) -> None:
    agent = memory.agent(fact.agent)
    if fact.outcome is OfferOutcome.ANSWERED:
        agent.missed, agent.last_miss = {}, None
        return
    if fact.outcome not in BLAMELESS:
        agent.last_miss = fact.outcome
        agent.missed[fact.outcome] = agent.missed.get(fact.outcome, 0) + 1
    agent.call, agent.offer = None, None
    call = memory.calls[fact.call]
    call.offers = [offer for offer in call.offers if offer.id != fact.offer]
    if not call.offers:
        call.state = CallState.WAITING


def _answered(memory: Memory, fact: f.Answered) -> None:
    call = memory.calls[fact.call]
    call.state = CallState.TALKING
    for offer in call.offers:
        if offer.id == fact.offer:
            offer.answered_at, offer.leg = fact.at, fact.leg
    call.offers.sort(key=lambda offer: offer.id != fact.offer)
    agent = memory.agent(fact.agent)
    agent.talking = True
    oldest = fact.at - LONGEST_WINDOW
    agent.recent = [at for at in agent.recent if at > oldest] if agent.recent[:1] < [oldest] else agent.recent
    agent.recent.append(fact.at)
    if identifies(call.caller):
        keep(memory.last_agents, call.caller, (fact.agent, fact.at), ACQUAINTANCES)


def _recording_started(memory: Memory, fact: f.RecordingStarted) -> None:
    call = memory.calls.get(fact.call)
    if call is not None:
        call.recording = fact.file


def _recording_silenced(memory: Memory, fact: f.RecordingPaused | f.RecordingResumed) -> None:
    call = memory.calls.get(fact.call)
    if call is not None:
        call.silenced = isinstance(fact, f.RecordingPaused)


def _recording_ended(memory: Memory, fact: f.RecordingEnded) -> None:
    call = memory.calls.get(fact.call)
    if call is not None:
        call.recording, call.silenced = "", False


def _held(memory: Memory, fact: f.HeldCaller) -> None:
    offer = memory.calls[fact.call].offer
    if offer is not None:
        offer.held_since = fact.at
    memory.agent(fact.agent).holding = True


def _took_back(memory: Memory, fact: f.TookBack) -> None:
    offer = memory.calls[fact.call].offer
    if offer is not None:
        offer.held_since = None
        offer.hold_ms += fact.hold_ms
    memory.agent(fact.agent).holding = False


def _talked(memory: Memory, fact: f.Talked) -> None:
    agent = memory.agent(fact.agent)
    agent.call, agent.offer, agent.talking = None, None, False
    agent.wants_wrap_up = False
    agent.last_talk = (fact.call, fact.queue)
    agent.idle_since = agent.idle_any = fact.at
    known = memory.handle_ms.get(fact.queue)
    memory.handle_ms[fact.queue] = learned(known, fact.talk_ms + fact.hold_ms)


def _ended(memory: Memory, fact: f.Ended) -> None:
    memory.calls.pop(fact.call, None)


def _logged_in(memory: Memory, fact: f.LoggedIn) -> None:
    agent = memory.agent(fact.agent)
    agent.logged_in, agent.phone = True, fact.phone
    agent.seat = fact.phone if fact.hot_desk else PhoneName("")
    agent.idle_since = agent.idle_any = fact.at
    agent.missed, agent.last_miss = {}, None


def _log_out_wished(memory: Memory, fact: f.LogOutWished) -> None:
    agent = memory.agent(fact.agent)
    agent.leaving = fact.wished
    agent.goodbye = Goodbye(fact.reason, fact.via, fact.forced) if fact.wished else PLAIN_GOODBYE


def _logged_out(memory: Memory, fact: f.LoggedOut) -> None:
    agent = memory.agent(fact.agent)
    agent.logged_in = agent.leaving = agent.wants_wrap_up = agent.wants_help = agent.overrun = False
    agent.paused, agent.seat, agent.goodbye = None, PhoneName(""), PLAIN_GOODBYE


def _paused(memory: Memory, fact: f.Paused) -> None:
    agent = memory.agent(fact.agent)
    agent.paused, agent.overrun = fact.reason, False
    if fact.reason == MISSED_CALLS:
        agent.missed = {}


def _resumed(memory: Memory, fact: f.Resumed) -> None:
    agent = memory.agent(fact.agent)
    agent.paused, agent.overrun = None, False


def _pause_overrun(memory: Memory, fact: f.PauseOverrun) -> None:
    memory.agent(fact.agent).overrun = True


def _wrap_up_started(memory: Memory, fact: f.WrapUpStarted) -> None:
    memory.agent(fact.agent).wrap_up = WrapUp(
        call=fact.call, queue=fact.queue, began=fact.at, until=fact.until
    )


def _wrap_up_wished(memory: Memory, fact: f.WrapUpWished) -> None:
    memory.agent(fact.agent).wants_wrap_up = fact.wished


def _wrap_up_extended(memory: Memory, fact: f.WrapUpExtended) -> None:
    agent = memory.agent(fact.agent)
    if agent.wrap_up is not None:
        agent.wrap_up = msgspec.structs.replace(agent.wrap_up, until=fact.until)


def _help_wanted(memory: Memory, fact: f.HelpWanted) -> None:
    memory.agent(fact.agent).wants_help = fact.wanted


def _wrap_up_ended(memory: Memory, fact: f.WrapUpEnded) -> None:
    agent = memory.agent(fact.agent)
    agent.wrap_up = None
    agent.idle_since = agent.idle_any = fact.at


def _backed_off(memory: Memory, fact: f.BackedOff) -> None:
    memory.agent(fact.agent).backed_off_until = fact.until


def _state_changed(memory: Memory, fact: f.StateChanged) -> None:
    agent = memory.agent(fact.agent)
    if agent.since:
        lasted = fact.at - agent.since
        agent.busy_share = advanced(agent.busy_share, fact.before, lasted, memory.window)
    if fact.before is AgentState.DIRECT_CALL:
        agent.idle_any = fact.at
    agent.state, agent.since = fact.after, fact.at


def _rules_applied(memory: Memory, fact: f.RulesApplied) -> None:
    memory.window = fact.window or memory.window


def _queue_switched(memory: Memory, fact: f.QueueSwitched) -> None:
    Doors(memory.doors).apply(fact)


def _work_added(memory: Memory, fact: f.WorkAdded) -> None:
    added(memory.work, fact)


def _work_became(memory: Memory, fact: f.WorkReached | f.WorkMissed | f.WorkDeferred | f.WorkEnded) -> None:
    became(memory.work, fact)


def _work_transcribed(memory: Memory, fact: f.WorkTranscribed) -> None:
    transcribed(memory.work, fact)


def _survey_offered(memory: Memory, fact: f.SurveyOffered) -> None:
    if identifies(fact.caller):
        keep(memory.surveyed, fact.caller, fact.at, MOST_SURVEYED)


def _survey_ended(memory: Memory, fact: f.SurveyEnded) -> None:
    if fact.outcome is SurveyOutcome.OPTED_OUT and identifies(fact.caller):
        keep(memory.no_surveys, fact.caller, fact.at, MOST_SURVEYED)


def _line_made(memory: Memory, fact: f.LineMade) -> None:
    call = memory.calls[fact.call]
    call.channel, call.uniqueid = fact.channel, fact.uniqueid


def _engine_started(memory: Memory, _fact: f.EngineStarted) -> None:
    memory.clean = False


def _engine_stopped(memory: Memory, _fact: f.EngineStopped) -> None:
    memory.clean = True


_STEPS: Final[Mapping[type[f.Fact], Callable[[Memory, Any], None]]] = {
    f.Arrived: _arrived,
    f.Queued: _queued,
    f.StepTaken: _step_taken,
    f.Reordered: _reordered,
    f.Picked: _picked,
    f.PreferenceEnded: _preference_ended,
    f.Abandoned: _abandoned,
    f.PlaceRestored: _place_restored,
    f.RulesApplied: _rules_applied,
    f.CallerChanged: _caller_changed,
    f.Offered: _offered,
    f.OfferEnded: _offer_ended,
    f.Answered: _answered,
    f.RecordingStarted: _recording_started,
    f.RecordingPaused: _recording_silenced,
    f.RecordingResumed: _recording_silenced,
    f.RecordingEnded: _recording_ended,
    f.HeldCaller: _held,
    f.TookBack: _took_back,
    f.Talked: _talked,
    f.Ended: _ended,
    f.LoggedIn: _logged_in,
    f.LoggedOut: _logged_out,
    f.Paused: _paused,
    f.Resumed: _resumed,
    f.LogOutWished: _log_out_wished,
    f.PauseOverrun: _pause_overrun,
    f.WrapUpWished: _wrap_up_wished,
    f.WrapUpExtended: _wrap_up_extended,
    f.HelpWanted: _help_wanted,
    f.WrapUpStarted: _wrap_up_started,
    f.WrapUpEnded: _wrap_up_ended,
    f.BackedOff: _backed_off,
    f.StateChanged: _state_changed,
    f.QueueSwitched: _queue_switched,
    f.WorkAdded: _work_added,
    f.WorkReached: _work_became,
    f.WorkMissed: _work_became,
    f.WorkDeferred: _work_became,
    f.WorkEnded: _work_became,
    f.WorkTranscribed: _work_transcribed,
    f.SurveyOffered: _survey_offered,
    f.SurveyEnded: _survey_ended,
    f.LineMade: _line_made,
    f.EngineStarted: _engine_started,
    f.EngineStopped: _engine_stopped,
}
"""Facts not named here change nothing that a restart needs."""


def recall(memory: Memory) -> Floor:
    """A floor as it was, every call out of reach until it returns, under rules that only hold the names in use.

    The first event to handle is RulesChanged with the present configuration.
    """
    floor = Floor()
    floor.now = memory.at
    floor.calls_seen = memory.calls_seen
    floor.rules = Rules(
        generation=memory.generation,
        window=memory.window,
        queues={call.queue: QueueRule(name=call.queue) for call in memory.calls.values()},
        agents={
            name: AgentRule(name=name, switch=NOWHERE, phone=agent.phone)
            for name, agent in memory.agents.items()
        },
    )
    for name, remembered in memory.agents.items():
        fields = {key: getattr(remembered, key) for key in remembered.__struct_fields__ if key != "phone"}
        rule = floor.rules.agents[name]
        floor.add_agent(Agent(name=name, rule=rule, **fields))
        floor.staff.count(floor.staff.assign(rule), remembered.state, 1)
    for call in memory.calls.values():
        call.attached = False
        floor.calls[call.id] = call
        if call.state is not CallState.TALKING:
            floor.in_queue[call.queue] += 1
            floor.ringing[call.queue] += len(call.offers)
        for offer in call.offers:
            floor.offers[offer.id] = call.id
    floor.gave_up = {(gave_up.queue, gave_up.caller): gave_up for gave_up in memory.gave_up.values()}
    floor.last_agents = memory.last_agents
    floor.turns = memory.turns
    floor.shares.taken = memory.shares
    floor.handle_ms = memory.handle_ms
    floor.doors = Doors(memory.doors)
    floor.work = WorkBook(memory.work)
    floor.settling = any(call.state is not CallState.TALKING for call in memory.calls.values())
    return floor
