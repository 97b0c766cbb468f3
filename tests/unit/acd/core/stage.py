"""A stage for the core: a router under rules, a clock that moves by hand, and a check of every invariant after each step."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.floor import Output
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, SkillName, SwitchName, Uniqueid
from acd.core.memory import Memory
from acd.core.outcomes import EndedBy, OfferOutcome, PhoneState, Strategy
from acd.core.requirement import requirement
from acd.core.router import Router
from acd.core.rules import AgentRule, QueueRule, Rules, Serving
from acd.core.states import CallState
from acd.core.timers import Timer
from acd.core.validation import validate

F = TypeVar("F", bound=f.Fact)
Part = QueueRule | AgentRule
SECOND = 1_000_000_000
PBX = SwitchName("pbx1")
BACK_OFF: Mapping[OfferOutcome, int] = {
    OfferOutcome.NO_ANSWER: 10 * SECOND,
    OfferOutcome.REJECTED: 30 * SECOND,
    OfferOutcome.BUSY: 5 * SECOND,
    OfferOutcome.UNREACHABLE: 60 * SECOND,
    OfferOutcome.ERROR: 5 * SECOND,
}


def queue(name: str = "sales", *, require: Mapping[str, int] | None = None, **fields: object) -> QueueRule:
    """A queue rule in a line."""
    needs = requirement({SkillName(skill): level for skill, level in (require or {}).items()})
    values: dict[str, object] = {"name": QueueName(name), "require": needs, "back_off": BACK_OFF} | fields
    return QueueRule(**values)  # type: ignore[arg-type]  # the tests' own table of fields


def agent(name: str, *queues: str | Serving, switch: SwitchName = PBX, **skills: int) -> AgentRule:
    """An agent rule in a line; serves `sales` unless queues are named. More by `with_`."""
    serves = [queue if isinstance(queue, Serving) else Serving(queue=QueueName(queue)) for queue in queues]
    return AgentRule(
        name=AgentName(name),
        switch=switch,
        phone=PhoneName(f"PJSIP/{name}"),
        skills={SkillName(skill): level for skill, level in skills.items()},
        serves=tuple(sorted(serves or [Serving(queue=QueueName("sales"))])),
    )


def with_(rule: AgentRule, **fields: object) -> AgentRule:
    """An agent rule with other fields besides."""
    return msgspec.structs.replace(rule, **fields)


def serving(queue: str, **fields: object) -> Serving:
    """How an agent serves a queue, in a line."""
    return Serving(queue=QueueName(queue), **fields)  # type: ignore[arg-type]  # the tests' own fields


def rules(*parts: QueueRule | AgentRule, generation: int = 1) -> Rules:
    """Rules of queues and agents; agents are numbered in the order given, unless they have a number."""
    agents = [part for part in parts if isinstance(part, AgentRule)]
    return Rules(
        generation=generation,
        queues={part.name: part for part in parts if isinstance(part, QueueRule)},
        agents={
            part.name: part if part.number else with_(part, number=number)
            for number, part in enumerate(agents, 1)
        },
    )


class Stage:
    """Plays events to a router; keeps all facts, and the commands of the last step."""

    def __init__(
        self,
        *parts: QueueRule | AgentRule,
        logged_in: bool = True,
        router: Router | None = None,
        now: int = 1_000 * SECOND,
    ) -> None:
        """Rules in force, everybody logged in with a free phone, one second apart, in the order given."""
        self.now = now
        self.timers: dict[Timer, int] = {}
        """Armed and not fired or cancelled: see `pass_time`."""
        self.router = router or Router()
        self.facts: list[f.Fact] = []
        self.commands: list[cmd.Command] = []
        self.calls = 0
        self.play(ev.RulesChanged(at=self.now, rules=rules(*parts)))
        for part in parts:
            if isinstance(part, AgentRule) and logged_in:
                self.log_in(part.name)

    def play(self, event: ev.Event) -> Output:
        """One step, with every invariant checked after it."""
        output = self.router.handle(event)
        self.commands = output.commands
        self.facts += output.facts
        for command in output.commands:
            if isinstance(command, cmd.ArmTimer):
                self.timers[command.timer] = command.at
            elif isinstance(command, cmd.CancelTimer):
                self.timers.pop(command.timer, None)
        validate(self.router.floor)
        return output

    def wait(self, seconds: float) -> "Stage":
        """Let time pass; nothing fires by itself."""
        self.now += int(seconds * SECOND)
        return self

    # ------------------------------------------------------------ what may happen

    def log_in(self, name: str) -> Output:
        """An agent comes to work, a second after whoever came before."""
        self.wait(1)
        return self.play(ev.AgentLoggedIn(at=self.now, agent=AgentName(name)))

    def arrive(
        self,
        to: str = "sales",
        *,
        priority: int = 0,
        parent: CallId | None = None,
        asking: Mapping[str, object] | None = None,
        **need: int,
    ) -> CallId:
        """A caller asks for a queue; `asking`: other fields of the arrival."""
        self.calls += 1
        call = CallId(f"c{self.calls}")
        values: dict[str, object] = {
            "call": call,
            "switch": PBX,
            "channel": f"PJSIP/trunk-{self.calls}",
            "uniqueid": Uniqueid(f"u{self.calls}"),
            "queue": QueueName(to),
            "caller": "+491234",
            "require": requirement({SkillName(skill): level for skill, level in need.items()}),
            "priority": priority,
            "parent": parent,
        } | dict(asking or {})
        self.play(ev.CallArrived(at=self.now, **values))  # type: ignore[arg-type]  # the tests' own fields
        return call

    def answer(self, call: CallId) -> Output:
        """The phone that rings for the call is picked up."""
        return self.play(ev.OfferAnswered(at=self.now, offer=self.offer_of(call)))

    def fail(self, call: CallId, outcome: OfferOutcome) -> Output:
        """The phone that rings for the call ends without a talk."""
        return self.play(ev.OfferFailed(at=self.now, offer=self.offer_of(call), outcome=outcome))

    def hang_up(self, call: CallId) -> Output:
        """The caller gives up."""
        return self.play(ev.CallerHungUp(at=self.now, call=call))

    def end_talk(self, call: CallId, by: EndedBy = EndedBy.AGENT) -> Output:
        """The talk is over."""
        return self.play(ev.TalkEnded(at=self.now, offer=self.offer_of(call), by=by))

    def log_out(self, name: str) -> Output:
        """An agent leaves."""
        return self.play(ev.AgentLoggedOut(at=self.now, agent=AgentName(name)))

    def pause(self, name: str, reason: str = "lunch") -> Output:
        """An agent takes a break."""
        return self.play(ev.AgentPaused(at=self.now, agent=AgentName(name), reason=reason))

    def resume(self, name: str) -> Output:
        """The break is over."""
        return self.play(ev.AgentResumed(at=self.now, agent=AgentName(name)))

    def fire_due(self) -> "Stage":
        """Fire every timer that is due by now, in the order of their moments."""
        while self.timers and min(self.timers.values()) <= self.now:
            timer = min(self.timers, key=lambda armed: (self.timers[armed], armed.kind.value, armed.key))
            del self.timers[timer]
            self.fire(timer)
        return self

    def pass_time(self, seconds: float) -> "Stage":
        """Let time pass, with every timer fired at its moment."""
        until = self.now + int(seconds * SECOND)
        while self.timers and min(self.timers.values()) <= until:
            self.now = max(self.now, min(self.timers.values()))
            self.fire_due()
        self.now = until
        return self

    def restarted(self, *parts: QueueRule | AgentRule) -> "Stage":
        """The daemon was killed and is back, with every caller; nobody has logged in anew."""
        router = Router.recalled(self.memory())
        open_calls = [call for call in router.floor.calls.values() if call.state is not CallState.TALKING]
        again = Stage(*parts, logged_in=False, router=router, now=self.now)
        woken = router.wake(self.now, self.now + SECOND)
        again.facts += woken.facts
        for command in woken.commands:
            if isinstance(command, cmd.ArmTimer):
                again.timers.setdefault(command.timer, command.at)
        again.calls = self.calls
        for call in [call for call in open_calls if call.work is None]:
            again.play(ev.CallReturned(at=again.now, call=call.id))
        return again

    def phone(self, name: str, state: PhoneState) -> Output:
        """The phone of an agent changes."""
        return self.play(
            ev.PhoneChanged(at=self.now, switch=PBX, phone=PhoneName(f"PJSIP/{name}"), state=state)
        )

    def fire(self, timer: Timer) -> Output:
        """A timer is due."""
        self.timers.pop(timer, None)
        return self.play(ev.TimerFired(at=self.now, timer=timer))

    def reload(self, *parts: QueueRule | AgentRule) -> Output:
        """New rules."""
        generation = self.router.floor.rules.generation + 1
        return self.play(ev.RulesChanged(at=self.now, rules=rules(*parts, generation=generation)))

    # ------------------------------------------------------------ what to look at

    def offer_of(self, call: CallId) -> OfferId:
        """The offer the call is in."""
        offer = self.router.floor.calls[call].offer  # the talk, or the first phone that rings
        assert offer is not None, f"{call} is in no offer"
        return offer.id

    def rings(self) -> dict[str, CallId]:
        """Whose phone rings for whom."""
        return {
            offer.agent: call.id
            for call in self.router.floor.calls.values()
            for offer in call.offers
            if offer.answered_at is None
        }

    def state(self, name: str) -> str:
        """What an agent is doing."""
        return self.router.floor.agents[AgentName(name)].state.value

    def told(self, kind: type[F]) -> list[F]:
        """All facts of a kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def memory(self) -> Memory:
        """What a restart would remember."""
        memory = Memory()
        for fact in self.facts:
            memory.apply(fact)
        return memory


LONGEST_IDLE = Strategy.LONGEST_IDLE
