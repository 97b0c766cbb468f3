"""A reload of a big floor: in slices beside the old rules, one swap, and nothing that runs is touched."""

import msgspec
import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, PhoneName, QueueName, SkillName, Uniqueid
from acd.core.reloading import AT_ONCE
from acd.core.requirement import requirement
from acd.core.router import Router
from acd.core.rules import AgentRule, QueueRule, Rules, Serving
from acd.core.timers import Timer, TimerKind
from acd.core.validation import validate
from tests.unit.acd.core.stage import PBX, SECOND

pytestmark = pytest.mark.unit
CALLS = AT_ONCE + 500
FR = SkillName("fr")


def rules(generation: int, level: int, agents: int = 3, priority: int = 0) -> Rules:
    return Rules(
        generation=generation,
        queues={
            QueueName("q"): QueueRule(
                name=QueueName("q"),
                join_states=frozenset(),
                require=requirement({FR: level}),
                priority=priority,
            )
        },
        agents={
            AgentName(f"a{n}"): AgentRule(
                name=AgentName(f"a{n}"),
                switch=PBX,
                phone=PhoneName(f"PJSIP/{n}"),
                number=n,
                skills={FR: 5},
                serves=(Serving(queue=QueueName("q")),),
            )
            for n in range(agents)
        },
    )


class Big:
    """A floor with more calls than a reload deals with in one go."""

    def __init__(self) -> None:
        self.router = Router()
        self.now = SECOND
        self.facts: list[f.Fact] = []
        self.slices = 0
        self.play(ev.RulesChanged(at=self.now, rules=rules(1, level=9)))
        for number in range(CALLS):
            self.arrive(number)

    def play(self, event: ev.Event) -> list[cmd.Command]:
        output = self.router.handle(event)
        self.facts += output.facts
        return output.commands

    def arrive(self, number: int) -> None:
        self.now += 1_000
        self.play(
            ev.CallArrived(
                at=self.now,
                call=f"c{number}",  # type: ignore[arg-type]
                switch=PBX,
                channel=f"PJSIP/t-{number}",
                uniqueid=Uniqueid(f"u{number}"),
                queue=QueueName("q"),
            )
        )

    def slice(self) -> bool:
        """One slice; False when it was the last."""
        self.slices += 1
        again = Timer(TimerKind.RELOAD)
        commands = self.play(ev.TimerFired(at=self.now, timer=again))
        return cmd.ArmTimer(timer=again, at=self.now) in commands

    def applied(self) -> list[int]:
        return [fact.generation for fact in self.facts if isinstance(fact, f.RulesApplied)]


def test_until_the_swap_the_old_rules_decide_and_from_then_on_the_new() -> None:
    big = Big()
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a0")))
    big.play(ev.RulesChanged(at=big.now, rules=rules(2, level=3)))
    assert big.applied() == [1]
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a1")))
    assert not [fact for fact in big.facts if isinstance(fact, f.Offered)], "level 9 is still asked for"
    while big.slice():
        validate(big.router.floor)
    assert big.applied() == [1, 2]
    assert big.slices > 2
    offers = [fact for fact in big.facts if isinstance(fact, f.Offered)]
    assert [(fact.call, fact.agent, fact.generation) for fact in offers] == [("c0", "a0", 2), ("c1", "a1", 2)]
    validate(big.router.floor)


def test_what_happens_between_the_slices_is_in_the_new_line() -> None:
    big = Big()
    big.play(ev.RulesChanged(at=big.now, rules=rules(2, level=3, priority=4)))
    big.slice()
    big.play(ev.CallerHungUp(at=big.now, call="c1"))  # type: ignore[arg-type]
    big.play(ev.CallerHungUp(at=big.now, call=f"c{CALLS - 1}"))  # type: ignore[arg-type]
    big.arrive(CALLS)
    big.play(ev.PriorityChanged(at=big.now, call="c7", priority=3))  # type: ignore[arg-type]
    big.play(ev.SwitchLost(at=big.now, switch=PBX))
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a0")))
    while big.slice():
        pass
    validate(big.router.floor)
    order = big.router.floor.in_order()
    assert order[:3] == ["c7", "c0", "c2"]
    assert order[-1] == f"c{CALLS}"
    assert not [fact for fact in big.facts if isinstance(fact, f.Offered)]
    big.play(ev.SwitchSynced(at=big.now, switch=PBX))
    [offered] = [fact for fact in big.facts if isinstance(fact, f.Offered)]
    assert (offered.call, offered.agent) == ("c7", "a0")


def test_a_reload_that_comes_during_a_reload_takes_its_place() -> None:
    big = Big()
    big.play(ev.RulesChanged(at=big.now, rules=rules(2, level=3)))
    big.slice()
    big.play(ev.RulesChanged(at=big.now, rules=rules(3, level=4)))
    while big.slice():
        pass
    assert big.applied() == [1, 3]
    validate(big.router.floor)


def test_an_agent_who_is_new_or_gone_by_the_swap_is_treated_so() -> None:
    big = Big()
    for name in ("a0", "a2"):
        big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName(name)))
    big.play(ev.RulesChanged(at=big.now, rules=rules(2, level=9, agents=2)))
    big.slice()
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a1")))
    while big.slice():
        pass
    validate(big.router.floor)
    gone = [fact.agent for fact in big.facts if isinstance(fact, f.LoggedOut)]
    assert gone == ["a2"]


def test_a_queue_that_goes_while_a_caller_enters_it_is_drained() -> None:
    big = Big()
    old = rules(1, level=9)
    extra = QueueRule(name=QueueName("extra"), join_states=frozenset())
    big.play(
        ev.RulesChanged(
            at=big.now,
            rules=Rules(generation=2, queues={**old.queues, QueueName("extra"): extra}, agents=old.agents),
        )
    )
    while big.slice():
        pass
    big.play(ev.RulesChanged(at=big.now, rules=rules(3, level=9)))
    big.slice()
    big.play(
        ev.CallArrived(
            at=big.now,
            call="late",  # type: ignore[arg-type]
            switch=PBX,
            channel="x",
            uniqueid=Uniqueid("x"),
            queue=QueueName("extra"),
        )
    )
    while big.slice():
        pass
    validate(big.router.floor)
    assert big.router.floor.rules.queues[QueueName("extra")].draining
    assert [fact.removed_queues for fact in big.facts if isinstance(fact, f.RulesApplied)][-1] == ("extra",)


def test_a_limit_of_ringing_phones_that_the_new_rules_lack_holds_no_call_back_after_them() -> None:
    big = Big()
    limited, free = rules(2, level=3), rules(3, level=3)
    queues = {name: msgspec.structs.replace(queue, max_offers=1) for name, queue in limited.queues.items()}
    big.play(ev.RulesChanged(at=big.now, rules=msgspec.structs.replace(limited, queues=queues)))
    while big.slice():
        pass
    big.play(ev.RulesChanged(at=big.now, rules=free))
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a0")))
    while big.slice():
        pass
    big.play(ev.AgentLoggedIn(at=big.now, agent=AgentName("a1")))
    offers = [fact for fact in big.facts if isinstance(fact, f.Offered)]
    assert [(fact.call, fact.agent) for fact in offers] == [("c0", "a0"), ("c1", "a1")]
    validate(big.router.floor)
