"""The books: rows by slot, who is in which state since when, which calls wait. Kept by kpi.accumulator.

When time passes a slot border, open states are credited up to the border and the number of waiting calls is carried
over, so a slot that is over never changes again. That is what lets old rows be forgotten once they are stored.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from acd.core.ids import AgentName, CallId, QueueName
from acd.core.states import AgentState
from kpi.counters import Counters, Dimension
from kpi.memory import Memory
from kpi.memory import copy_of as copy_of_memory
from kpi.rows import Row, copy_of
from kpi.slots import SLOT_MS, clip, slot_start_ms


class OpenState(msgspec.Struct):
    """The state an agent is in, credited up to `since_ms`."""

    state: AgentState
    since_ms: int


class LedgerState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The whole books at a moment, for the snapshot. Any msgspec codec reads and writes it."""

    slot: int | None = None
    kept_since: int = 0
    rows: list[Row] = []
    agents: dict[AgentName, OpenState] = {}
    waiting: dict[CallId, QueueName] = {}
    memory: Memory = msgspec.field(default_factory=Memory)


AGED_MS: Final[Mapping[str, int]] = {f"backlog_{hours}h": hours * 3_600_000 for hours in (12, 24, 72)}
_STATE_COUNTERS: Final[Mapping[AgentState, str]] = {
    state: f"state_{state}_ms" for state in AgentState if state is not AgentState.OFFLINE
}
"""An agent who is not at work has no rows: a call centre of 5,000 would write half a million of them a day."""


class Ledger:
    """Rows of numbers, reached by name for the slot that time is in."""

    def __init__(self, state: LedgerState | None = None) -> None:
        """Open the books anew or where `state` left them; `state` is taken over, not copied."""
        state = LedgerState() if state is None else state
        self.slot = state.slot
        self.kept_since = state.kept_since
        self.agents = state.agents
        self.waiting = state.waiting
        self.memory = state.memory
        self._in_queue: dict[QueueName, int] = {}
        for queue in state.waiting.values():
            self._in_queue[queue] = self._in_queue.get(queue, 0) + 1
        self._slots: dict[int, dict[tuple[Dimension, str], Row]] = {}
        self._dirty: dict[tuple[int, Dimension, str], Row] = {}
        for row in state.rows:
            self._slots.setdefault(row.slot, {})[row.dimension, row.name] = row
            self._dirty[row.slot, row.dimension, row.name] = row
        # Rows of the slot in `_warm_slot` that are marked dirty already: one look-up for most facts.
        self._warm_slot = -1
        self._warm: dict[Dimension, dict[str, Row]] = {}
        self._cool(-1)

    # ------------------------------------------------------------ rows

    def turn_to(self, slot: int) -> None:
        """Make `slot` the one that rows are reached in; a later one than ever closes those before it."""
        if self.slot is None:
            self.slot = slot
        elif slot > self.slot:
            self.carry(slot_start_ms(slot))
        self._cool(max(slot, self.kept_since))

    def row(self, dimension: Dimension, name: str) -> Row:
        """The row of that thing in the present slot, marked as changed."""
        row = self._warm[dimension].get(name)
        if row is None:
            row = self._warm[dimension][name] = self._touch(self._warm_slot, dimension, name)
        return row

    def lines(self, call: CallId, queue: QueueName) -> list[Row]:
        """The rows an open call counts in: its queue's, the dialled number's, those of skills."""
        known = self.memory.calls.get(call)
        return [self.row(Dimension.QUEUE, queue), *self.rows_of(() if known is None else known.also)]

    def rows_of(self, names: Iterable[tuple[Dimension, str]]) -> list[Row]:
        """Several rows of the present slot."""
        return [self.row(dimension, name) for dimension, name in names]

    def _touch(self, slot: int, dimension: Dimension, name: str) -> Row:
        rows = self._slots.setdefault(slot, {})
        row = rows.get((dimension, name))
        if row is None:
            row = Row(dimension=dimension, name=name, slot=slot, counts=Counters())
            rows[dimension, name] = row
            if dimension is Dimension.AGENT:
                row.team = self.memory.teams.get(AgentName(name), "")
        self._dirty[slot, dimension, name] = row
        return row

    def _cool(self, slot: int) -> None:
        self._warm_slot = slot
        self._warm = {dimension: {} for dimension in Dimension}

    def select(self, slots: range | None = None) -> Iterator[Row]:
        """The rows of those slots, or all, oldest first."""
        for slot in sorted(self._slots):
            if slots is None or slot in slots:
                yield from self._slots[slot].values()

    def take_dirty(self) -> list[Row]:
        """Copies of the rows that changed since the last call."""
        taken = [copy_of(row) for row in self._dirty.values()]
        self._dirty.clear()
        self._cool(self._warm_slot)
        return taken

    def forget(self, before: int) -> None:
        """Drop unchanged rows of slots before that one; later facts of those slots count in the oldest kept.

        Rows still dirty are kept until they were taken and this is called again.
        """
        if self.slot is not None:
            before = min(before, self.slot)
        self.kept_since = max(self.kept_since, before)
        for slot in [slot for slot in self._slots if slot < self.kept_since]:
            kept = {key: row for key, row in self._slots[slot].items() if (slot, *key) in self._dirty}
            if kept:
                self._slots[slot] = kept
            else:
                del self._slots[slot]

    # ------------------------------------------------------------ what lasts

    def enter(self, call: CallId, queue: QueueName, joined_ms: int) -> None:
        """A call waits from here on; it waits once, however often that is told."""
        self.leave(call)
        self.waiting[call] = queue
        known = self.memory.calls.get(call)
        if known is None or not known.attempt:
            self.memory.joined[call] = joined_ms
        self._recount(queue, 1)

    def leave(self, call: CallId) -> None:
        """A call waits no more."""
        self.memory.joined.pop(call, None)
        queue = self.waiting.pop(call, None)
        if queue is not None:
            self._recount(queue, -1)

    def _recount(self, queue: QueueName, by: int) -> None:
        count = self._in_queue[queue] = self._in_queue.get(queue, 0) + by
        # After a clock that was set back, facts are counted in an older slot; what waits, waits in the newest.
        late = self.slot is not None and self.slot > self._warm_slot
        row = (
            self._touch(self.slot or 0, Dimension.QUEUE, queue) if late else self.row(Dimension.QUEUE, queue)
        )
        row.counts.waiting_at_end = count

    def change_state(
        self, agent: AgentName, before: AgentState, after: AgentState, span: tuple[int, int]
    ) -> None:
        """Credit `before`, over `span` in milliseconds or since it was last credited; `after` is open from its end."""
        known = self.agents.pop(agent, None)
        begin, end = span
        self._credit(agent, before, begin if known is None else known.since_ms, end)
        if after is not AgentState.OFFLINE:
            # A clock that was set back does not make the same time count twice.
            self.agents[agent] = OpenState(after, end if known is None else max(end, known.since_ms))

    def carry(self, until_ms: int) -> None:
        """Let time pass: credit open states up to there, and carry waiting calls into the slots it enters."""
        for name, open_state in self.agents.items():
            self._credit(name, open_state.state, open_state.since_ms, until_ms)
            open_state.since_ms = max(open_state.since_ms, until_ms)
        if self.slot is None:
            return
        last = until_ms // SLOT_MS
        for slot in range(self.slot + 1, last + 1):
            self.look(slot - 1, slot_start_ms(slot))
            self._carry_waiting(slot)
        self.slot = max(self.slot, last)

    def look(self, slot: int, at_ms: int) -> None:
        """Write down in the rows of that slot who is owed something at that moment, and since when."""
        for name in {name for names in (self.waiting.values(), self._owing()) for name in names}:
            counts = self._touch(slot, Dimension.QUEUE, name).counts
            counts.backlog = counts.backlog_12h = counts.backlog_24h = counts.backlog_72h = 0
        for call, joined_ms in self.memory.joined.items():
            counts = self._touch(slot, Dimension.QUEUE, self.waiting[call]).counts
            counts.oldest_wait_ms = max(counts.oldest_wait_ms, at_ms - joined_ms)
            _owe(counts, at_ms - joined_ms)
        for work in self.memory.work.values():
            _owe(self._touch(slot, Dimension.QUEUE, work.queue).counts, at_ms - work.since_ms)

    def _owing(self) -> Iterator[QueueName]:
        return (work.queue for work in self.memory.work.values())

    def credit_up_to(self, agent: AgentName, at_ms: int) -> None:
        """Credit the agent's open state up to then: what it is credited as changes."""
        known = self.agents.get(agent)
        if known is not None:
            self._credit(agent, known.state, known.since_ms, at_ms)
            known.since_ms = max(known.since_ms, at_ms)

    def _carry_waiting(self, slot: int) -> None:
        for queue, count in self._in_queue.items():
            if count:
                counts = self._touch(slot, Dimension.QUEUE, queue).counts
                counts.waiting_at_start = counts.waiting_at_end = count

    def _credit(self, agent: AgentName, state: AgentState, begin_ms: int, end_ms: int) -> None:
        counter = _STATE_COUNTERS.get(state)
        if counter is None:
            return
        begin_ms = max(begin_ms, slot_start_ms(self.kept_since))
        for slot, lasted in clip(begin_ms, end_ms):
            counts = self._touch(slot, Dimension.AGENT, agent).counts
            setattr(counts, counter, getattr(counts, counter) + lasted)
            if state is AgentState.PAUSED:
                self._credit_pause(slot, agent, lasted)

    def _credit_pause(self, slot: int, agent: AgentName, lasted_ms: int) -> None:
        row, pause = self._touch(slot, Dimension.AGENT, agent), self.memory.pauses.get(agent)
        label = f"pause:{pause.reason if pause is not None else ''}"
        row.labels[label] = row.labels.get(label, 0) + lasted_ms
        if pause is not None:
            row.counts.paused_unpaid_ms += 0 if pause.paid else lasted_ms
            row.counts.paused_productive_ms += lasted_ms if pause.productive else 0

    # ------------------------------------------------------------ copies

    def state(self, slots: range | None = None) -> LedgerState:
        """A copy of the books, with the rows of `slots` only if given."""
        return LedgerState(
            slot=self.slot,
            kept_since=self.kept_since,
            rows=[copy_of(row) for row in self.select(slots)],
            agents={name: OpenState(known.state, known.since_ms) for name, known in self.agents.items()},
            waiting=dict(self.waiting),
            memory=copy_of_memory(self.memory, callers=slots is None),
        )


def _owe(counts: Counters, age_ms: int) -> None:
    counts.backlog += 1
    for name, least in AGED_MS.items():
        if age_ms >= least:
            setattr(counts, name, getattr(counts, name) + 1)
