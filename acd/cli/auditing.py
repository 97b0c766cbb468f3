"""`acd audit`: every number derived anew from the journal, and compared with what the daemon stored and remembers.

Works beside a running daemon: the store says up to which fact it stands, and so does a snapshot, which is the daemon's
own memory at that moment.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from acd.app.segments import DECODER, number_of, segments, snapshots
from acd.app.state import Saved
from acd.core.facts import AnyFact
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.audit import Auditor
from kpi.counters import CATALOGUE, Dimension
from kpi.ledger import LedgerState
from kpi.report import build
from kpi.rows import MAPS, Row
from kpi.schema import StoreError
from kpi.slots import SLOT_NS, slot_of, slot_start, slots_between
from kpi.store import Stored, read_everything

GRACE: Final = 7 * 96
"""Slots after an upgrade in which a new number may lack what the old version did not remember."""
TIMED: Final = frozenset(
    {f"state_{state}_ms" for state in AgentState}
    | {"paused_unpaid_ms", "paused_productive_ms", "oldest_wait_ms", "waiting_at_end", "labels"}
    | {name for name in CATALOGUE if name.startswith("backlog")}
)
"""What time alone changes: in the slot that is open it depends on when the daemon looked at the clock."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was proved, or not."""

    name: str
    ok: bool
    compared: int
    """Facts, rows or agents looked at."""
    note: str = ""


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an audit."""

    ok: bool
    facts: int
    checks: list[Check]
    differences: list[str]


class Audit:
    """One reading of the journal."""

    def __init__(self, journal: Path, store: Path) -> None:
        """Reads nothing yet."""
        self._journal = journal
        self._store = store
        files = segments(journal)
        self._whole = not files or number_of(files[0]) == 0
        self.auditor = Auditor(whole=self._whole)
        self.numbers = Accumulator()
        self.checks: list[Check] = []
        self._stored = Stored("", {}, [])
        self._stored_up_to = -1

    def run(self) -> Audited:
        """Everything, in one pass over the journal."""
        told = self._know_the_store()
        pictures = dict(self._pictures())
        next_number = 0
        for number, fact in self._facts():
            self._at(number, pictures)
            self.auditor.apply(number, fact)
            self.numbers.apply(fact)
            next_number = number + 1
        for number in sorted(pictures):
            if number >= next_number:
                self._at(number, pictures)
        if self._stored_up_to >= next_number:
            self._compare_store()
        self._close(told)
        found = self.auditor
        return Audited(
            ok=not found.found and all(check.ok for check in self.checks),
            facts=found.facts,
            checks=self.checks,
            differences=found.differences,
        )

    def _at(self, number: int, pictures: dict[int, tuple[str, bytes]]) -> None:
        """Before that fact: compare what was stored or kept at that moment."""
        if number == self._stored_up_to:
            self._compare_store()
        if number in pictures:
            self._compare_snapshot(*pictures.pop(number))

    # ------------------------------------------------------------ reading

    def _facts(self) -> Iterator[tuple[int, AnyFact]]:
        """All that can be read; what cannot is a difference, but for a torn end of the last segment."""
        files = segments(self._journal)
        expected = number_of(files[0]) if files else 0
        for path in files:
            number = number_of(path)
            if number != expected:
                self.auditor.wrong(f"{path.name}: begins with fact {number}, fact {expected} was to come")
            lines = path.read_bytes().split(b"\n")
            torn = lines.pop()
            if torn and path is not files[-1]:
                self.auditor.wrong(f"{path.name}: ends in a torn line")
            for offset, line in enumerate(lines):
                try:
                    yield number + offset, DECODER.decode(line)
                except msgspec.DecodeError as wrong:
                    self.auditor.wrong(f"{path.name}, line {offset + 1}: {wrong}")
            expected = number + len(lines)

    def _pictures(self) -> Iterator[tuple[int, tuple[str, bytes]]]:
        """The snapshots by the number of their next fact; the daemon may take old ones away meanwhile."""
        for path in snapshots(self._journal):
            with suppress(FileNotFoundError):
                yield number_of(path), (path.name, path.read_bytes())

    def _know_the_store(self) -> str:
        try:
            self._stored = read_everything(self._store)
        except StoreError as wrong:
            return str(wrong)
        self._stored_up_to = int(self._stored.position or -1)
        return "" if self._stored_up_to >= 0 else "nothing is stored yet"

    # ------------------------------------------------------------ comparing

    def _compare_store(self) -> None:
        """What the file holds, and what the facts up to its position come to."""
        self._stored_up_to = -1
        last = slot_of(self.auditor.at)
        stored = [row for row in self._stored.rows if row.slot <= last]
        self._compare("stored = replayed", stored, self._rows(), open_slot=last)

    def _rows(self) -> list[Row]:
        return self.numbers.state().rows

    def _compare_snapshot(self, file: str, data: bytes) -> None:
        """What the daemon remembered when it wrote that snapshot."""
        try:
            saved = msgspec.json.decode(data, type=Saved)
        except msgspec.DecodeError as wrong:
            self.auditor.wrong(f"{file}: {wrong}")
            return
        kept = saved.kpi
        if kept is None or kept.slot is None:
            return
        replayed = Accumulator.from_state(self.numbers.state())
        if kept.slot > slot_of(self.auditor.at):
            replayed.tick(slot_start(kept.slot))
        state = replayed.state()
        slots = {row.slot for row in kept.rows}
        ours = [row for row in state.rows if row.slot in slots and row.slot >= kept.kept_since]
        self._compare(f"live = replayed ({file})", kept.rows, ours, open_slot=None)
        self._compare_open(file, kept, state)

    def _compare_open(self, where: str, kept: LedgerState, replayed: LedgerState) -> None:
        if kept.waiting != replayed.waiting and self._whole:
            calls = sorted(kept.waiting.items() ^ replayed.waiting.items())
            self.auditor.wrong(f"{where}: who waits differs: {calls[:5]}")

    def _compare(
        self, name: str, theirs: Iterable[Row], ours: Iterable[Row], *, open_slot: int | None
    ) -> None:
        before = self.auditor.found
        found = {(row.slot, row.dimension, row.name): row for row in theirs}
        derived = {(row.slot, row.dimension, row.name): row for row in ours}
        if not self._whole:
            found = {key: row for key, row in found.items() if key in derived and key[0] > min(derived)[0]}
        for key in sorted(found.keys() | derived.keys()):
            self._compare_row(name, found.get(key), derived.get(key), open_slot)
        self.checks.append(Check(name=name, ok=self.auditor.found == before, compared=len(found)))

    def _compare_row(self, name: str, theirs: Row | None, ours: Row | None, open_slot: int | None) -> None:
        some = theirs or ours
        if some is None:
            return
        empty = Row(dimension=some.dimension, name=some.name, slot=some.slot, counts=type(some.counts)())
        for word, one, other in _differing(theirs or empty, ours or empty):
            if some.slot == open_slot and word in TIMED:
                continue
            if some.slot < self._stored.added.get(word, -GRACE) + GRACE:
                continue
            self.auditor.wrong(
                f"{name}: {some.dimension} {some.name}, slot {some.slot}, {word}: {one} is not {other}"
            )

    # ------------------------------------------------------------ at the end

    def _close(self, told: str) -> None:
        auditor = self.auditor
        before = auditor.found
        self.checks.insert(
            0, Check(name="stories of calls, offers and talks", ok=not before, compared=auditor.facts)
        )
        auditor.finish()
        sums = auditor.totals
        note = (
            f"arrived {sums.arrived} + moved in {sums.moved_in} = blocked {sums.blocked} + offered {sums.offered}; "
            f"offered = answered {sums.answered} + abandoned {sums.abandoned} + left {sums.left} "
            f"+ open {len(auditor.waiting)}"
        )
        self.checks.insert(
            1, Check(name="calls add up", ok=auditor.found == before, compared=sums.arrived, note=note)
        )
        self._balance()
        self._login_time()
        if told:
            self.checks.append(
                Check(name="stored = replayed", ok=True, compared=0, note=f"not compared: {told}")
            )
        if not self._whole:
            self.checks.append(
                Check(name="beginning", ok=True, compared=0, note="the journal's first segments are gone")
            )

    def _every_row(self) -> list[Row]:
        rows, now = self._rows(), self.auditor.at
        since = min((row.slot for row in rows), default=slot_of(now))
        return self.numbers.every_row(since=slot_start(since), until=now + 1, now=now)

    def _balance(self) -> None:
        rows, before = self._every_row(), self.auditor.found
        if rows and self._whole:
            slots = slots_between(slot_start(min(row.slot for row in rows)), self.auditor.at + 1)
            report = build(rows, since=slot_start(slots.start), until=slots.stop * SLOT_NS, minutes=15)
            for line in report.unbalanced:
                self.auditor.wrong(f"does not balance: {line}")
        self.checks.append(
            Check(name="every slot balances", ok=self.auditor.found == before, compared=len(rows))
        )

    def _login_time(self) -> None:
        before = self.auditor.found
        spent: dict[str, int] = {}
        for row in self._every_row():
            if row.dimension is Dimension.AGENT:
                counts = msgspec.structs.asdict(row.counts)
                own = sum(
                    counts[f"state_{state}_ms"] for state in AgentState if state is not AgentState.OFFLINE
                )
                spent[row.name] = spent.get(row.name, 0) + own
        logged_in = self.auditor.logged_in_ms() if self._whole else {}
        for name, lasted in logged_in.items():
            if lasted != spent.get(name, 0):
                self.auditor.wrong(
                    f"agent {name}: {spent.get(name, 0)} ms in states, but {lasted} ms logged in"
                )
        self.checks.append(
            Check(name="state time = login time", ok=self.auditor.found == before, compared=len(logged_in))
        )


def _differing(theirs: Row, ours: Row) -> Iterator[tuple[str, object, object]]:
    for name in theirs.counts.__struct_fields__:
        if getattr(theirs.counts, name) != getattr(ours.counts, name):
            yield name, getattr(theirs.counts, name), getattr(ours.counts, name)
    for name in MAPS:
        if getattr(theirs, name) != getattr(ours, name):
            yield name, getattr(theirs, name), getattr(ours, name)


def as_text(done: Audited) -> str:
    """For people."""
    lines = [f"{done.facts} facts"]
    for check in done.checks:
        lines.append(f"{'ok  ' if check.ok else 'FAIL'} {check.name} ({check.compared})")
        if check.note:
            lines.append(f"     {check.note}")
    lines += [f"difference: {what}" for what in done.differences]
    return "\n".join(lines)
