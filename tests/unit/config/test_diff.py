"""What a reload changes, by key, and what it may not."""

from typing import Any

import pytest
from msgspec import structs

from config.centre import Agent, Queue
from config.daemon import Agi, Daemon, Journal, Refusals, Switch, TrunkGroup
from config.diff import NEEDS_RESTART, Change, Diff, Kind, diff
from config.schema import Settings
from config.values import Duration, Endpoint, Secret

pytestmark = pytest.mark.unit

PBX = Switch(name="pbx1", secret=Secret("a"))
TRUNK = TrunkGroup(name="carrier", endpoints=(Endpoint("PJSIP/t"),), capacity=30)
BASE = Settings(
    switches=(PBX,),
    trunk_groups=(TRUNK,),
    queues={"sales": Queue(require={"fr": 5})},
    agents={"alice": Agent(phone=Endpoint("PJSIP/1001"), queues=("sales",))},
)


def changed(**fields: Any) -> Settings:
    return structs.replace(BASE, **fields)


def queue(**fields: Any) -> Settings:
    return changed(queues={"sales": structs.replace(BASE.queues["sales"], **fields)})


CASES = [
    (queue(wrap_up=Duration(90_000)), "queues.sales.wrap_up", Kind.CHANGED, '"10s"', '"1m30s"'),
    (queue(require={"fr": 6}), "queues.sales.require.fr", Kind.CHANGED, "5", "6"),
    (queue(require={}), "queues.sales.require.fr", Kind.REMOVED, "5", None),
    (queue(require={"fr": 5, "de": 1}), "queues.sales.require.de", Kind.ADDED, None, "1"),
    (queue(max_waiting=5), "queues.sales.max_waiting", Kind.ADDED, None, "5"),
    (queue(open=False), "queues.sales.open", Kind.CHANGED, "true", "false"),
    (
        queue(back_off=structs.replace(BASE.queues["sales"].back_off, busy=Duration(0))),
        "queues.sales.back_off.busy",
        Kind.CHANGED,
        '"5s"',
        '"0s"',
    ),
    (
        changed(agents={"alice": structs.replace(BASE.agents["alice"], queues=())}),
        "agents.alice.queues",
        Kind.CHANGED,
        '["sales"]',
        "[]",
    ),
    (
        changed(agents={"alice": structs.replace(BASE.agents["alice"], pin=Secret("1"))}),
        "agents.alice.pin",
        Kind.CHANGED,
        '""',
        '"***"',
    ),
    (
        changed(switches=(structs.replace(PBX, secret=Secret("b")),)),
        "switch.pbx1.secret",
        Kind.CHANGED,
        '"***"',
        '"***"',
    ),
    (
        changed(trunk_groups=()),
        "trunk_group.carrier",
        Kind.REMOVED,
        '{ name = "carrier", endpoints = ["PJSIP/t"], capacity = 30 }',
        None,
    ),
    (changed(refusals=Refusals(closed=503)), "refusals.closed", Kind.CHANGED, "480", "503"),
]


@pytest.mark.parametrize(
    ("new", "path", "kind", "before", "after"), CASES, ids=[f"{case[1]} {case[2].value}" for case in CASES]
)
def test_a_change_is_told_by_its_key(
    new: Settings, path: str, kind: Kind, before: str | None, after: str | None
) -> None:
    assert diff(BASE, new).changes == [Change(path=path, kind=kind, before=before, after=after)]


def test_a_new_queue_is_one_change() -> None:
    (change,) = diff(BASE, changed(queues={**BASE.queues, "a.b": Queue()})).changes

    assert (change.path, change.kind, change.before) == ('queues."a.b"', Kind.ADDED, None)
    assert change.after is not None
    assert change.after.startswith(
        '{ title = "", strategy = "skills", require = {}, priority = 0, ring_timeout = "15s"'
    )


def test_the_order_of_trunk_groups_is_no_change() -> None:
    other = structs.replace(TRUNK, name="other", endpoints=(Endpoint("PJSIP/u"),))

    assert not diff(changed(trunk_groups=(TRUNK, other)), changed(trunk_groups=(other, TRUNK)))


RESTARTS = [
    (changed(daemon=Daemon(node="b")), ["daemon.node"]),
    (
        changed(daemon=Daemon(state_dir="/x", control_socket="/y")),
        ["daemon.state_dir", "daemon.control_socket"],
    ),
    (changed(agi=Agi(host="::1", port=1)), ["agi.host", "agi.port"]),
    (changed(switches=(structs.replace(PBX, port=1),)), ["switch.pbx1.port"]),
    (changed(switches=(PBX, structs.replace(PBX, name="pbx2"))), ["switch.pbx2"]),
    (changed(switches=()), ["switch.pbx1"]),
    (changed(journal=Journal(fsync_every=Duration(500))), ["journal.fsync_every"]),
    (changed(agi=Agi(allow=()), daemon=Daemon(redact_numbers=True)), []),
    (queue(priority=1), []),
]


@pytest.mark.parametrize(("new", "paths"), RESTARTS)
def test_what_only_a_restart_applies_is_named(new: Settings, paths: list[str]) -> None:
    assert diff(BASE, new).needs_restart == paths


def test_the_restart_table_names_keys_that_exist() -> None:
    for first, *rest in NEEDS_RESTART:
        fields = {field.encode_name: field.name for field in structs.fields(Settings)}
        table = getattr(Settings(), fields[str(first)])

        assert [key for key in rest if not hasattr(table, str(key))] == []


def test_nothing_changed_is_false() -> None:
    assert diff(BASE, BASE) == Diff([], [])
    assert not diff(BASE, BASE)
    assert diff(BASE, Settings())
