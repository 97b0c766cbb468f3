"""Does the story that the facts tell make sense? Each call, offer, talk and agent on its own, beside any counting.

What is found is a difference in words, with the number of the fact. A journal that lost a line, has one twice or one
that another program wrote shows here, since stories then have no beginning or two ends.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, QueueName, ms
from acd.core.outcomes import Disposition
from acd.core.states import AgentState

MOST_TOLD: Final = 1_000
"""Differences kept in words; all are counted."""


class Story(msgspec.Struct):
    """One call that has not ended."""

    waits_in: QueueName | None = None
    became: Disposition | None = None


class Presence(msgspec.Struct):
    """One agent."""

    state: AgentState = AgentState.OFFLINE
    since_ms: int = 0
    logged_in_since_ms: int | None = None
    logged_in_ms: int = 0
    talk: OfferId | None = None
    talk_since_ms: int = 0


class Totals(msgspec.Struct):
    """Counted from the stories."""

    arrived: int = 0
    moved_in: int = 0
    blocked: int = 0
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    left: int = 0
    ended: int = 0


class Auditor:
    """Takes all facts in their order; `differences` are what was wrong so far."""

    def __init__(self, *, whole: bool = True) -> None:
        """`whole`: the first fact is the first ever; otherwise what began before is not held against anybody."""
        self.totals = Totals()
        self.found = 0
        """How many differences, also those no longer kept in words."""
        self.differences: list[str] = []
        self.facts = 0
        self.at = 0
        self._whole = whole
        self._number = 0
        self._calls: dict[CallId, Story] = {}
        self._offers: dict[OfferId, CallId] = {}
        self._agents: dict[AgentName, Presence] = {}

    # ------------------------------------------------------------ what there is

    @property
    def waiting(self) -> Mapping[CallId, QueueName]:
        """The calls in queues by now."""
        return {call: story.waits_in for call, story in self._calls.items() if story.waits_in is not None}

    def logged_in_ms(self) -> Mapping[AgentName, int]:
        """How long each agent was logged in by now, by the facts of log-in and log-out alone."""
        now = ms(self.at)
        return {
            name: agent.logged_in_ms
            + (0 if agent.logged_in_since_ms is None else max(0, now - agent.logged_in_since_ms))
            for name, agent in self._agents.items()
        }

    def wrong(self, what: str) -> None:
        """One more difference."""
        self.found += 1
        if len(self.differences) < MOST_TOLD:
            self.differences.append(what)

    def _wrong(self, what: str) -> None:
        self.wrong(f"fact {self._number}: {what}")

    # ------------------------------------------------------------ one fact

    def apply(self, number: int, fact: f.Fact) -> None:
        """The fact of that number in the journal."""
        self._number = number
        self.facts += 1
        self.at = max(self.at, fact.at)
        step = _STEPS.get(type(fact))
        if step is not None:
            step(self, fact)

    def finish(self) -> None:
        """All facts have been told: see whether the sums come out."""
        totals, waiting = self.totals, len(self.waiting)
        if not self._whole:
            return
        if totals.arrived + totals.moved_in != totals.blocked + totals.offered:
            self.wrong(
                f"arrived {totals.arrived} + moved in {totals.moved_in} is not "
                f"blocked {totals.blocked} + offered {totals.offered}"
            )
        gone = totals.answered + totals.abandoned + totals.left
        if totals.offered != gone + waiting:
            self.wrong(
                f"offered {totals.offered} is not answered {totals.answered} + abandoned {totals.abandoned} "
                f"+ left {totals.left} + open {waiting}"
            )

    # ------------------------------------------------------------ calls

    def _story(self, call: CallId, what: str) -> Story:
        story = self._calls.get(call)
        if story is None:
            if self._whole:
                self._wrong(f"call {call} {what} but never arrived, or has ended")
            story = self._calls[call] = Story()
        return story

    def arrived(self, fact: f.Arrived) -> None:
        """Once for each call."""
        if fact.call in self._calls:
            self._wrong(f"call {fact.call} arrived twice")
        self._calls[fact.call] = Story()
        self.totals.arrived += 1

    def blocked(self, fact: f.Blocked) -> None:
        """Only before any queue."""
        story = self._story(fact.call, "is blocked")
        if story.became is not None or story.waits_in is not None:
            self._wrong(f"call {fact.call} is blocked though it was in a queue")
        story.became = Disposition.BLOCKED
        self.totals.blocked += 1

    def queued(self, fact: f.Queued) -> None:
        """From nowhere, or from the queue it moves out of."""
        story = self._story(fact.call, f"enters queue {fact.queue}")
        if story.waits_in is not None:
            self._wrong(f"call {fact.call} enters {fact.queue} though it waits in {story.waits_in}")
        if fact.moved_from is None and story.became is not None:
            self._wrong(f"call {fact.call} enters {fact.queue} though it is {story.became}")
        story.waits_in, story.became = fact.queue, None
        self.totals.offered += 1
        self.totals.moved_in += fact.moved_from is not None

    def _leaves(self, call: CallId, queue: QueueName, how: Disposition) -> None:
        story = self._story(call, f"is {how}")
        if story.waits_in != queue and (self._whole or story.waits_in is not None):
            where = "nowhere" if story.waits_in is None else f"in {story.waits_in}"
            self._wrong(f"call {call} is {how} in {queue} but waits {where}")
        story.waits_in, story.became = None, how

    def answered(self, fact: f.Answered) -> None:
        """Out of the queue into a talk; the agent is in no other."""
        self._leaves(fact.call, fact.queue, Disposition.ANSWERED)
        self.totals.answered += 1
        agent = self._agent(fact.agent)
        if agent.talk is not None:
            self._wrong(f"agent {fact.agent} answers {fact.call} while in talk with offer {agent.talk}")
        agent.talk, agent.talk_since_ms = fact.offer, ms(fact.at)

    def abandoned(self, fact: f.Abandoned) -> None:
        """Out of the queue."""
        self._leaves(fact.call, fact.queue, Disposition.ABANDONED)
        self.totals.abandoned += 1

    def left(self, fact: f.Left) -> None:
        """Out of the queue."""
        self._leaves(fact.call, fact.queue, Disposition.LEFT)
        self.totals.left += 1

    def ended(self, fact: f.Ended) -> None:
        """Out of every queue, as what it became."""
        story = self._story(fact.call, "ends")
        if story.waits_in is not None:
            self._wrong(f"call {fact.call} ends while it waits in {story.waits_in}")
        if story.became is not fact.disposition and (self._whole or story.became is not None):
            self._wrong(f"call {fact.call} ends as {fact.disposition} but is {story.became or 'in no queue'}")
        self._calls.pop(fact.call, None)
        self.totals.ended += 1

    # ------------------------------------------------------------ offers and talks

    def offered(self, fact: f.Offered) -> None:
        """Each has a name of its own."""
        if fact.offer in self._offers:
            self._wrong(f"offer {fact.offer} is made twice")
        self._offers[fact.offer] = fact.call

    def offer_ended(self, fact: f.OfferEnded) -> None:
        """Once for each."""
        if self._offers.pop(fact.offer, None) is None and self._whole:
            self._wrong(f"offer {fact.offer} ends ({fact.outcome}) but was never made, or has ended")

    def talked(self, fact: f.Talked) -> None:
        """The talk the agent is in, no longer than it lasted."""
        agent = self._agent(fact.agent)
        if agent.talk != fact.offer:
            if self._whole or agent.talk is not None:
                self._wrong(f"a talk of agent {fact.agent} ends (offer {fact.offer}) that never began")
        elif fact.talk_ms + fact.hold_ms > ms(fact.at) - agent.talk_since_ms + 1 and not fact.estimated:
            self._wrong(f"agent {fact.agent} talked longer with {fact.call} than time has passed")
        agent.talk = None

    # ------------------------------------------------------------ agents

    def _agent(self, name: AgentName) -> Presence:
        return self._agents.setdefault(name, Presence())

    def logged_in(self, fact: f.LoggedIn) -> None:
        """The first of several counts: others change the phone."""
        agent = self._agent(fact.agent)
        if agent.logged_in_since_ms is None:
            agent.logged_in_since_ms = ms(fact.at)

    def logged_out(self, fact: f.LoggedOut) -> None:
        """Only who was there."""
        agent = self._agent(fact.agent)
        if agent.logged_in_since_ms is None:
            if self._whole:
                self._wrong(f"agent {fact.agent} logs out without having logged in")
            return
        agent.logged_in_ms += max(0, ms(fact.at) - agent.logged_in_since_ms)
        agent.logged_in_since_ms = None

    def state_changed(self, fact: f.StateChanged) -> None:
        """On from the state the agent was in."""
        agent = self._agent(fact.agent)
        if agent.state is not fact.before and (self._whole or agent.since_ms):
            self._wrong(f"agent {fact.agent} leaves state {fact.before} but was {agent.state}")
        agent.state, agent.since_ms = fact.after, ms(fact.at)


_STEPS: Final[Mapping[type[f.Fact], Callable[[Auditor, Any], None]]] = {
    f.Arrived: Auditor.arrived,
    f.Blocked: Auditor.blocked,
    f.Queued: Auditor.queued,
    f.Answered: Auditor.answered,
    f.Abandoned: Auditor.abandoned,
    f.Left: Auditor.left,
    f.Ended: Auditor.ended,
    f.Offered: Auditor.offered,
    f.OfferEnded: Auditor.offer_ended,
    f.Talked: Auditor.talked,
    f.LoggedIn: Auditor.logged_in,
    f.LoggedOut: Auditor.logged_out,
    f.StateChanged: Auditor.state_changed,
}
