"""A floor of any size for the matcher's bench: rules, agents, a full line, and a clock that moves by hand."""

import random
import time
from collections import deque

import msgspec

from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, PhoneName, QueueName, SkillName, SwitchName, Uniqueid
from acd.core.outcomes import EndedBy, Strategy
from acd.core.requirement import Requirement, requirement
from acd.core.router import Router
from acd.core.rules import SECOND, AgentRule, QueueRule, Rules, Serving
from acd.core.timers import Timer, TimerKind

PBX = SwitchName("pbx1")
SKILLS = [SkillName(f"skill{n}") for n in range(20)]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How big; `classes` are queues times the requirements that calls bring."""

    agents: int
    waiting: int
    profiles: int
    classes: int
    queues: int = 0
    strategy: Strategy = Strategy.SKILLS

    @property
    def lines(self) -> int:
        """Queues."""
        return self.queues or max(1, self.classes // 10)

    def __str__(self) -> str:
        """As the bench prints it."""
        return f"{self.agents:,} agents, {self.waiting:,} waiting, {self.profiles:,} profiles, {self.classes:,} classes"


class Scene:
    """A router in the middle of a day. Each agent serves three queues with five skills."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        """Rules in force, the line filled, everybody logged in and busy with a call as far as there are some."""
        self.size = size
        self.dice = random.Random(seed)
        self.now = 10**18
        self.calls = 0
        self.router = Router()
        self.offers: deque[f.Offered] = deque()
        self.spent: dict[str, list[float]] = {}
        self.queues = [QueueName(f"queue{n}") for n in range(size.lines)]
        self.needs: list[Requirement] = [
            requirement({skill: self.dice.randint(1, 4)})
            for skill in self.dice.sample(SKILLS, max(1, size.classes // size.lines))
        ]
        self.rules = self._rules()
        self.reload(self.rules)
        for _ in range(size.waiting):
            self.step("fill", self.arrival())
        for name in self.rules.agents:
            self.step("log in", ev.AgentLoggedIn(at=self.tick(), agent=name))

    def _rules(self) -> Rules:
        groups = [self._profile() for _ in range(self.size.profiles)]
        agents = {}
        for number in range(self.size.agents):
            name = AgentName(f"agent{number}")
            skills, serves = groups[number % len(groups)]
            agents[name] = AgentRule(
                name=name,
                switch=PBX,
                phone=PhoneName(f"PJSIP/{number}"),
                number=number,
                skills=skills,
                serves=serves,
            )
        rule = QueueRule(
            name=QueueName(""), join_states=frozenset(), wrap_up=5 * SECOND, strategy=self.size.strategy
        )
        queues = {name: msgspec.structs.replace(rule, name=name) for name in self.queues}
        return Rules(generation=1, queues=queues, agents=agents)

    def _profile(self) -> tuple[dict[SkillName, int], tuple[Serving, ...]]:
        skills = {skill: self.dice.randint(1, 10) for skill in self.dice.sample(SKILLS, 5)}
        queues = self.dice.sample(self.queues, min(3, len(self.queues)))
        return skills, tuple(sorted(Serving(queue=queue) for queue in queues))

    # ------------------------------------------------------------ events

    def tick(self, ns: int = 1_000_000) -> int:
        """A moment later."""
        self.now += ns
        return self.now

    def arrival(self) -> ev.CallArrived:
        """One more caller."""
        self.calls += 1
        number = self.calls
        return ev.CallArrived(
            at=self.tick(),
            call=CallId(f"pbx1-6b03d9ba-{number}"),
            switch=PBX,
            channel=f"PJSIP/carrier-{number:08x}",
            uniqueid=Uniqueid(f"1795414458.{number}"),
            queue=self.queues[number % len(self.queues)],
            caller=f"+4930{number:08}",
            require=self.needs[number // len(self.queues) % len(self.needs)],
        )

    def step(self, kind: str, event: ev.Event) -> None:
        """Let the router handle one event, timed."""
        before = time.perf_counter()
        output = self.router.handle(event)
        self.spent.setdefault(kind, []).append(time.perf_counter() - before)
        for fact in output.facts:
            if type(fact) is f.Offered:
                self.offers.append(fact)

    def life(self) -> None:
        """One caller more, and one call of those being offered through to the agent's next readiness."""
        self.step("arrive", self.arrival())
        if not self.offers:
            return
        offer = self.offers.popleft()
        self.step("answer", ev.OfferAnswered(at=self.tick(), offer=offer.offer))
        self.step("end", ev.TalkEnded(at=self.tick(), offer=offer.offer, by=EndedBy.AGENT))
        timer = Timer(TimerKind.WRAP_UP, offer.agent)
        self.step("ready", ev.TimerFired(at=self.tick(), timer=timer))

    def reload(self, rules: Rules) -> list[float]:
        """Put rules in force, slice by slice as the router asks for them; seconds of each."""
        self.spent.pop("reload", None)
        self.step("reload", ev.RulesChanged(at=self.tick(), rules=rules))
        while self.router.floor.slices is not None:
            self.step("reload", ev.TimerFired(at=self.tick(), timer=Timer(TimerKind.RELOAD)))
        return self.spent["reload"]

    def forget(self) -> None:
        """Begin to time anew."""
        self.spent.clear()
