"""The shape itself: described for the manual, safe by default, with an example that works."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct, inspect

import config
from config.diff import diff
from config.expectations import limits
from config.loading import load
from config.schema import FILES, Settings, members
from config.values import Duration, Endpoint, Network, Secret, encode_value

pytestmark = pytest.mark.unit

EXAMPLE = Path(config.__file__).parent / "example"


def structs(type_: type[Struct]) -> Iterator[type[Struct]]:
    """Yield a Struct and all Structs inside it."""
    yield type_
    for field in msgspec.structs.fields(type_):
        for info in inside(inspect.type_info(field.type)):
            if isinstance(info, inspect.StructType):
                yield from structs(info.cls)


def inside(info: inspect.Type) -> Iterator[inspect.Type]:
    match info:
        case inspect.Metadata(type=inner):
            yield from inside(inner)
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            yield from inside(inner)
        case inspect.UnionType(types=kinds):
            for kind in kinds:
                yield from inside(kind)
        case _:
            yield info


def info_of(field: Any) -> type | None:
    """The value type of ours that a field holds, if any."""
    kinds = [info for info in inside(inspect.type_info(field.type)) if isinstance(info, inspect.CustomType)]
    return kinds[0].cls if kinds else None


TABLES = list(dict.fromkeys(structs(Settings)))
FIELDS = [(table, field) for table in TABLES for field in msgspec.structs.fields(table)]
NAMES = [f"{table.__name__}.{field.name}" for table, field in FIELDS]


def test_every_table_is_found() -> None:
    assert [table.__name__ for table in TABLES] == [
        "Settings",
        "Daemon",
        "Agi",
        "Switch",
        "Journal",
        "Kpi",
        "Engine",
        "Routing",
        "Numbers",
        "Speech",
        "Features",
        "TalkKeys",
        "Host",
        "Refusals",
        "Shifts",
        "Phones",
        "AgentPhone",
        "TrunkGroup",
        "QueueLog",
        "Metrics",
        "Webhook",
        "Reload",
        "Queue",
        "BackOff",
        "Step",
        "Way",
        "Overflow",
        "KeyMenu",
        "Callback",
        "Message",
        "Transcribe",
        "Autopause",
        "Announcements",
        "Recording",
        "Hook",
        "Survey",
        "Question",
        "TextRule",
        "Text",
        "Hours",
        "Agent",
        "Serve",
        "Group",
        "Pause",
        "Supervisor",
        "Skill",
        "Ivr",
        "Say",
        "Menu",
        "Collect",
        "Lookup",
        "Answer",
        "Branch",
        "WhenOpen",
        "SetTo",
        "ToQueue",
        "Extension",
        "HangUp",
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_a_table_is_frozen_and_refuses_unknown_keys(table: type[Struct]) -> None:
    settings = table.__struct_config__

    assert settings.frozen
    assert settings.forbid_unknown_fields


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=NAMES)
def test_every_key_is_described_for_the_manual(table: type[Struct], field: Any) -> None:
    info = inspect.type_info(field.type)

    assert isinstance(info, inspect.Metadata)
    assert (info.extra_json_schema or {}).get("description", "").endswith(".")


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=NAMES)
def test_every_duration_has_limits_and_a_default_inside_them(table: type[Struct], field: Any) -> None:
    if isinstance(field.default, Duration):
        bounds = limits(field.type)

        assert bounds is not None
        assert bounds[0] <= field.default <= bounds[1]
    else:
        assert (limits(field.type) is not None) is (info_of(field) is Duration)


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=NAMES)
def test_every_required_key_has_an_example_for_the_hint(table: type[Struct], field: Any) -> None:
    info = inspect.type_info(field.type)

    assert isinstance(info, inspect.Metadata)
    assert not field.required or (info.extra_json_schema or {})["examples"]


def test_the_files_hold_the_settings_keys_and_nothing_else() -> None:
    keys = [key for file in FILES.values() for key in file]

    assert sorted(keys) == sorted(field.encode_name for field in msgspec.structs.fields(Settings))


def test_the_example_loads_without_a_problem() -> None:
    loaded = load(EXAMPLE, environ={"ACD_AMI_SECRET": "x"})

    assert loaded.problems == ()
    assert loaded.settings is not None
    assert members(loaded.settings) == {
        "sales": ("alice", "bob", "dan"),
        "support": ("alice", "carol", "dan"),
    }


def test_what_the_example_has_commented_out_is_the_default(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    text = (EXAMPLE / "acd.toml").read_text()
    lines = [
        line.removeprefix("# ")
        if _is_setting(line) and "secret" not in line and "watch" not in line
        else line
        for line in text.splitlines()
    ]
    (tmp_path / "acd.toml").write_text("\n".join(lines))

    example = load(EXAMPLE, environ={"ACD_AMI_SECRET": "x"})
    uncommented = load(tmp_path, environ={"ACD_AMI_SECRET": "x"})

    assert "\n".join(lines).count("\n# ") < text.count("\n# ") - 20
    assert uncommented.problems == ()
    assert example.settings is not None
    assert uncommented.settings is not None
    assert diff(example.settings, uncommented.settings).changes == []


def _is_setting(line: str) -> bool:
    if not line.startswith("# "):
        return False
    try:
        return bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


def test_members_counts_an_agent_once_who_is_in_a_queue_twice(load_text: Any) -> None:
    settings = load_text(add={"agents": 'groups = ["g"]\n[groups.g]\nqueues = ["sales"]\n'}).settings

    assert members(settings) == {"sales": ("alice",)}


@pytest.mark.parametrize(
    ("text", "ms", "canonical"),
    [
        ("0s", 0, "0s"),
        ("500ms", 500, "500ms"),
        ("15s", 15_000, "15s"),
        ("90s", 90_000, "1m30s"),
        ("2m", 120_000, "2m"),
        ("1h0m0s1ms", 3_600_001, "1h1ms"),
    ],
)
def test_a_duration_is_milliseconds(text: str, ms: int, canonical: str) -> None:
    duration = Duration.parse(text)

    assert (duration, duration.ns, duration.text) == (ms, ms * 1_000_000, canonical)


def test_an_endpoint_has_a_technology_and_a_name() -> None:
    endpoint = Endpoint.parse("DAHDI/7")

    assert (endpoint, endpoint.technology, endpoint.name) == ("DAHDI/7", "DAHDI", "7")


def test_secrets_compare_and_hash_by_what_they_hold() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert [repr(Secret("a")), repr(Secret())] == ["Secret(***)", "Secret()"]


def test_values_encode_as_an_operator_would_write_them() -> None:
    values = [Duration(90_000), Endpoint("PJSIP/1"), Network("::1/128"), Secret("a"), Secret()]

    assert [encode_value(value) for value in values] == ["1m30s", "PJSIP/1", "::1/128", "***", ""]
    with pytest.raises(NotImplementedError, match="no text form for object"):
        encode_value(object())
