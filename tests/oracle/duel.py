"""Both routers side by side: the same rules, events and clock; any difference ends the duel with its whole story."""

from collections.abc import Mapping
from typing import NoReturn

import msgspec

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.floor import Output
from acd.core.router import Router
from acd.core.rules import AgentRule, QueueRule, Rules, Serving, Step
from acd.core.timers import Timer
from acd.core.validation import BrokenFloorError, validate
from tests.oracle.router import Oracle

SECOND = 1_000_000_000
START = 1_000 * SECOND


class DisagreedError(AssertionError):
    """The routers differ; the message is the story that led there."""


class Duel:
    """The router under test, the oracle, and a clock that fires the timers the former asks for."""

    def __init__(self, rules: Rules) -> None:
        """Under these rules, with everybody at work since a second ago and another."""
        self.now = START
        self.router, self.oracle = Router(), Oracle()
        self.timers: dict[Timer, tuple[int, int]] = {}
        self.facts: list[f.Fact] = []
        self._armed = 0
        self._story: list[str] = []
        self.play(ev.RulesChanged(at=self.now, rules=rules))

    def play(self, event: ev.Event) -> Output:
        """One event for both, and a look at what either made of it."""
        self._story.append(told(event))
        self._slept(event.at)
        output = self.router.handle(event)
        self._keep_timers(output)
        self.facts += output.facts
        self._compare(output.facts, event)
        return output

    def wait(self, lasting: int) -> None:
        """Let time pass; timers fire in time, those of one moment in the order they were armed."""
        until = self.now + lasting
        while self.timers:
            due, timer = min((due, timer) for timer, due in self.timers.items())
            if due[0] > until:
                break
            del self.timers[timer]
            self.now = max(self.now, due[0])
            self.play(ev.TimerFired(at=self.now, timer=timer))
        self.now = until

    def _keep_timers(self, output: Output) -> None:
        for command in output.commands:
            if isinstance(command, cmd.ArmTimer):
                self._armed += 1
                self.timers[command.timer] = (command.at, self._armed)
            elif isinstance(command, cmd.CancelTimer):
                self.timers.pop(command.timer, None)

    def _slept(self, at: int) -> None:
        """No change that comes by itself may be overdue."""
        for call in self.oracle.line():
            if self.oracle.next_due(call) < at:
                self.fail(f"{call.id} should have been looked at {seconds(self.oracle.next_due(call))}")

    def _compare(self, facts: list[f.Fact], event: ev.Event) -> None:
        expected = self.oracle.handle(event, facts)
        offers = [(fact.call, fact.agent) for fact in facts if isinstance(fact, f.Offered)]
        ends = sorted(end for fact in facts if (end := end_of(fact)) is not None)
        self._story += [f"    {call} rings {agent}" for call, agent in offers]
        self._story += ["    " + " ".join(end) for end in ends]
        self._same("offers", offers, expected.offers)
        self._same("ends", ends, sorted(expected.ends))
        agents = self.router.floor.agents.items()
        self._same(
            "states",
            {name: (agent.state.value, name in self.router.floor.ready) for name, agent in agents},
            {name: (agent.state.value, agent.ready) for name, agent in self.oracle.agents.items()},
        )
        for call, agent in self.oracle.idle_pairs():
            self.fail(f"{call.id} waits and {agent.name} is free")
        if any(isinstance(fact, f.Refuted) for fact in facts):
            self.fail("an event was refuted")
        try:
            validate(self.router.floor)
        except BrokenFloorError as broken:
            self.fail(str(broken))

    def _same(self, what: str, real: object, expected: object) -> None:
        if real != expected:
            self.fail(f"{what}: the router says {real}, the oracle {expected}")

    def fail(self, why: str) -> NoReturn:
        """End the duel with its story and what is wrong."""
        raise DisagreedError("\n".join(["", *self._story, why]))


def end_of(fact: f.Fact) -> tuple[str, ...] | None:
    """An end as both routers tell it, or None for other facts."""
    match fact:
        case f.Blocked():
            return ("blocked", fact.call, fact.reason.value)
        case f.Abandoned():
            return ("abandoned", fact.call)
        case f.Left():
            return ("left", fact.call, fact.reason.value)
        case f.Answered():
            return ("answered", fact.call, fact.agent)
        case f.StepTaken():
            return ("step", fact.call, str(fact.step))
        case f.PreferenceEnded():
            return ("preference", fact.call)
        case _:
            return None


# ---------------------------------------------------------------- stories


def seconds(at: int) -> str:
    """A moment since the start."""
    return f"{(at - START) / SECOND:g} s"


def told(event: ev.Event) -> str:
    """An event in a line; rules in some."""
    if isinstance(event, ev.RulesChanged):
        rules = [*event.rules.queues.values(), *event.rules.agents.values()]
        return "\n    ".join([f"{seconds(event.at)} rules", *map(brief, rules)])
    return f"{seconds(event.at)} {brief(event)}"


NOT_TOLD = {"at", "channel", "uniqueid", "phone"}


def brief(value: object) -> str:
    """A struct without what is as always."""
    if not isinstance(value, msgspec.Struct):
        return _plain(value)
    parts = []
    for field in msgspec.structs.fields(value):
        content = getattr(value, field.name)
        usual = field.default if field.default is not msgspec.NODEFAULT else None
        if field.name not in NOT_TOLD and content not in (usual, {}, (), frozenset()):
            parts.append(f"{field.name}={_plain(content)}")
    return f"{type(value).__name__}({', '.join(parts)})"


def _plain(value: object) -> str:
    if isinstance(value, Serving | Step | Timer | QueueRule | AgentRule):
        return brief(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_plain(k)}: {_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple | frozenset):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, int) and value and value % 1_000_000 == 0:
        return f"{value / SECOND:g} s"
    return str(value)
