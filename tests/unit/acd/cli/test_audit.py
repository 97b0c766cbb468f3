"""`acd audit`: silent about a sound journal, loud about a damaged one."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from acd.app.journal import Journal
from acd.app.state import Saved
from acd.cli.auditing import Audit, Audited, as_text
from acd.core import facts as f
from acd.core.ids import AgentName, PhoneName
from acd.core.memory import Memory
from acd.core.outcomes import AbandonStage, EndedBy, TransferKind
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.store import Store
from tests.unit.kpi.day import Day, moment

pytestmark = pytest.mark.unit

Edit = Callable[[list[str]], list[str]]


def sound() -> list[f.Fact]:
    """Two agents, four calls: a transfer, a talk over a slot's border, one given up, one waiting."""
    day = Day()
    for name in ("ann", "bob"):
        day.facts.append(f.LoggedIn(at=moment(0), agent=AgentName(name), phone=PhoneName("PJSIP/1")))
        day.state(0, name, AgentState.OFFLINE, AgentState.READY)
    first = day.queue(10)
    day.offer(10, first, "ann")
    day.answer(14, first, "ann", wait=4, ring=3)
    day.transfer(110, first, "ann", TransferKind.BLIND)
    day.talked(114, first, "ann", talk=100, by=EndedBy.TRANSFER)
    day.wrapped_up(124, first, "ann", lasting=10)
    day.abandon(205, day.queue(200), AbandonStage.WAITING, wait=5)
    across = day.queue(880)
    day.offer(890, across, "bob", wait=10)
    day.answer(905, across, "bob", wait=25, ring=14)
    day.talked(1005, across, "bob", talk=100, by=EndedBy.CALLER)
    day.facts.append(f.LoggedOut(at=moment(1100), agent=AgentName("bob")))
    day.state(1100, "bob", AgentState.WRAP_UP, AgentState.OFFLINE)
    day.queue(1190)
    return day.facts


class Place:
    """A directory as a daemon leaves it."""

    def __init__(self, directory: Path) -> None:
        self.journal = directory / "journal"
        self.store = directory / "kpi.sqlite"

    def live(
        self, facts: Sequence[f.Fact], *, stored: int | None = None, kept: int | None = None, later: float = 0
    ) -> None:
        """A daemon tells these facts, stores after `stored` of them, `later` seconds, and saves a snapshot after `kept`."""
        journal, numbers = Journal(self.journal), Accumulator()
        journal.load(Saved, lambda: Saved(memory=Memory()))
        store = Store(self.store, on_trouble=pytest.fail, batch=0.0)
        store.start()
        for count, fact in enumerate(facts, start=1):
            journal.append([fact])
            numbers.apply(fact)
            if count == (len(facts) if stored is None else stored):
                numbers.tick(fact.at + int(later * 1e9))
                store.put(numbers.take_dirty(), str(journal.next))
            if count == (len(facts) if kept is None else kept):
                journal.save(Saved(memory=Memory(), kpi=numbers.state()))
        assert store.stop(10)
        journal.close()

    def damage(self, edit: Edit) -> None:
        """Change the lines of the journal."""
        (path,) = self.journal.glob("facts-*.jsonl")
        path.write_text("".join(f"{line}\n" for line in edit(path.read_text().splitlines())))

    def audit(self) -> Audited:
        return Audit(self.journal, self.store).run()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def without(tag: str) -> Edit:
    """The first such fact is lost."""

    def edit(lines: list[str]) -> list[str]:
        gone = next(index for index, line in enumerate(lines) if f'"fact":"{tag}"' in line)
        return lines[:gone] + lines[gone + 1 :]

    return edit


def twice(tag: str) -> Edit:
    """The first such fact is told twice."""

    def edit(lines: list[str]) -> list[str]:
        again = next(index for index, line in enumerate(lines) if f'"fact":"{tag}"' in line)
        return [*lines[: again + 1], *lines[again:]]

    return edit


def test_a_sound_journal_has_no_differences(place: Place) -> None:
    place.live(sound())

    done = place.audit()

    assert done.differences == []
    assert done.ok
    assert done.facts == len(sound())
    names = [check.name for check in done.checks]
    assert names[:2] == ["stories of calls, offers and talks", "calls add up"]
    assert "stored = replayed" in names
    assert any(name.startswith("live = replayed (snapshot-") for name in names)
    assert "arrived 4 + moved in 0 = blocked 0 + offered 4" in as_text(done)


@pytest.mark.parametrize("count", range(1, len(sound()) + 1))
def test_store_and_snapshot_may_be_of_any_moment(place: Place, count: int) -> None:
    place.live(sound(), stored=count, kept=len(sound()) + 1 - count)

    done = place.audit()

    assert done.differences == []
    assert sum(check.compared for check in done.checks if "replayed" in check.name) > 0


@pytest.mark.parametrize("later", [1.0, 900.0, 5000.0])
def test_a_quiet_time_before_the_store_was_written_is_no_difference(place: Place, later: float) -> None:
    place.live(sound(), later=later)

    assert place.audit().differences == []


def test_facts_after_a_restart_are_audited_too(place: Place) -> None:
    facts = sound()
    place.live(facts)
    with Path(next(place.journal.glob("facts-*.jsonl"))).open("ab") as file:
        file.write(b'{"fact":"call_arr')  # torn by a power cut

    assert place.audit().ok


TAGS = (
    "call_arrived",
    "call_queued",
    "call_answered",
    "call_abandoned",
    "call_ended",
    "offer_made",
    "offer_ended",
    "talk_ended",
    "agent_logged_in",
    "agent_state",
)


@pytest.mark.parametrize("tag", TAGS)
def test_a_lost_fact_is_found(place: Place, tag: str) -> None:
    place.live(sound())
    place.damage(without(tag))

    done = place.audit()

    assert not done.ok
    assert done.differences


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag != "agent_logged_in"])
def test_a_fact_told_twice_is_found(place: Place, tag: str) -> None:
    place.live(sound())
    place.damage(twice(tag))

    assert not place.audit().ok


def test_a_line_that_is_no_fact_is_named(place: Place) -> None:
    place.live(sound())
    place.damage(lambda lines: [*lines[:3], "rubbish", *lines[4:]])

    done = place.audit()

    assert any("facts-0.jsonl, line 4" in what for what in done.differences)


def test_a_missing_segment_is_named(place: Place) -> None:
    place.live(sound())
    (path,) = place.journal.glob("facts-*.jsonl")
    path.with_name("facts-999.jsonl").write_bytes(b"")

    done = place.audit()

    assert any("facts-999.jsonl: begins with fact 999" in what for what in done.differences)


def test_a_number_changed_in_the_store_is_found(place: Place) -> None:
    place.live(sound())
    with closing(sqlite3.connect(place.store)) as connection:
        connection.execute("UPDATE slot_rows SET answered = 7 WHERE name = 'sales' AND answered = 1")
        connection.commit()

    done = place.audit()

    assert done.differences[0].partition(", slot")[0] == "stored = replayed: queue sales"
    assert "7 is not 1" in done.differences[0]


def test_a_snapshot_of_other_numbers_is_found(place: Place) -> None:
    place.live(sound())
    (path,) = place.journal.glob("snapshot-*.json")
    saved = msgspec.json.decode(path.read_bytes(), type=Saved)
    assert saved.kpi is not None
    saved.kpi.rows[0].counts.arrived += 1
    path.write_bytes(msgspec.json.encode(saved))

    done = place.audit()

    assert not done.ok
    assert "live = replayed" in done.differences[0]


def test_two_talks_of_one_agent_at_once_are_found(place: Place) -> None:
    day = Day()
    day.state(0, "ann", AgentState.OFFLINE, AgentState.READY)
    for at in (10, 20):
        call = day.queue(at)
        day.offer(at, call, "ann")
        day.answer(at + 4, call, "ann", wait=4, ring=3)
    place.live(day.facts)

    assert any(
        "agent ann answers c2 while in talk with offer c1.1" in what for what in place.audit().differences
    )


def test_a_journal_without_its_beginning_is_audited_as_far_as_it_goes(place: Place) -> None:
    place.live(sound())
    (path,) = place.journal.glob("facts-*.jsonl")
    lines = path.read_text().splitlines()
    path.unlink()
    path.with_name("facts-9.jsonl").write_text("".join(f"{line}\n" for line in lines[9:]))

    done = place.audit()

    assert any(check.name == "beginning" for check in done.checks)


def test_what_an_upgrade_brought_is_not_held_against_older_rows(place: Place) -> None:
    place.live(sound())
    with closing(sqlite3.connect(place.store)) as connection:
        connection.execute("ALTER TABLE slot_rows DROP COLUMN first_responses")
        connection.commit()
    store = Store(place.store, on_trouble=pytest.fail)
    store.start()
    store.stop(10)

    assert place.audit().differences == []


def test_the_outcome_is_json_too(place: Place) -> None:
    place.live(sound())

    assert json.loads(msgspec.json.encode(place.audit()))["ok"] is True
