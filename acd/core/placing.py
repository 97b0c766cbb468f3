"""Where a waiting call stands: its class, its place, and the next moment that changes by itself."""

import msgspec

from acd.core.calls import Call, LineKey
from acd.core.ids import QueueName
from acd.core.profiles import CallClass, Staff
from acd.core.rules import QueueRule, Rules
from acd.core.stages import Needs, due
from acd.core.waiting import WaitingClass, WaitingLine

MINUTE = 60_000_000_000
OVERFLOW_RETRY = 5_000_000_000
"""A call whose next queue can't take it stays, and tries again after this."""


class Standing(msgspec.Struct, gc=False):
    """What follows from the rules for one waiting call at one moment."""

    where: WaitingClass
    key: LineKey
    next_change: int | None
    """When to look again: a step, a delay, the longest wait."""


def line_key(queue: QueueRule, raised: int, call: Call) -> LineKey:
    """The place in the line: effective priority, then waiting time, then arrival. A failed offer does not change it.

    Score at a moment t: thousandths of priority times a minute, plus ageing times waited; without the part that grows
    equally for all of the same ageing.
    """
    place = call.place
    score = (queue.priority + call.priority + raised) * 1_000 * MINUTE - queue.ageing * place
    return (-score, place, call.number)


class Places:
    """Works out where calls stand, under one set of rules. Used for the line in force and for one being built."""

    def __init__(self, rules: Rules, staff: Staff, needs: Needs, line: WaitingLine) -> None:
        """All four belong together."""
        self.rules = rules
        self.staff = staff
        self.needs = needs
        self.line = line
        self._delays: dict[QueueName, list[int]] = {
            name: delays for name in rules.queues if (delays := staff.delays(name))
        }

    def stand(self, call: Call, stage: int, now: int) -> Standing:
        """Where the call stands at a stage of its queue."""
        queue = self.rules.queues[call.queue]
        taken = self.needs.at(call.queue, stage)
        need, _ = self.needs.need(call.queue, stage, call.need, call.variables)
        waited = now - call.place
        matured, next_delay = self._matured(call.queue, waited)
        wanted = CallClass(call.switch, call.queue, need, taken.groups, matured)
        return Standing(
            self.line.class_of(wanted, queue.ageing),
            line_key(queue, taken.raised, call),
            self._next_change(queue, call, stage, None if next_delay is None else call.place + next_delay),
        )

    def _matured(self, queue: QueueName, waited: int) -> tuple[int, int | None]:
        """The longest delay that is over, and the next that is not."""
        matured = 0
        for delay in self._delays.get(queue, ()):
            if delay > waited:
                return matured, delay
            matured = delay
        return matured, None

    def _next_change(self, queue: QueueRule, call: Call, stage: int, delay_over: int | None) -> int | None:
        moments = [] if delay_over is None else [delay_over]
        if stage < len(queue.steps):
            moments.append(call.entered + queue.steps[stage].after)
        if queue.max_wait is not None and not call.timed_out and call.work is None:
            moments.append(call.limited_from + queue.max_wait)
        if call.prefer_until:
            moments.append(call.prefer_until)
        if call.retry_at:
            moments.append(call.retry_at)
        return min(moments) if moments else None

    def stage_by_time(self, call: Call, now: int) -> int:
        """The stage the call is at by time alone."""
        return due(self.rules.queues[call.queue], now - call.entered)

    def anybody_for(self, wanted: WaitingClass) -> bool:
        """Whether somebody at work could serve the class, delays and reserves aside."""
        key = wanted.key
        if wanted.eligible(self.staff) & self.staff.at_work:
            return True
        patient = CallClass(key.switch, key.queue, key.need, key.groups, FOREVER)
        return bool(self.staff.eligible(patient) & self.staff.at_work)


FOREVER = 1 << 63
