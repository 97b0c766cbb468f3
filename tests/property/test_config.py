"""Whatever stands in the files: a list of problems or settings, never an exception; and every change has a name."""

import tempfile
import tomllib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

import config
from config.diff import Kind, diff
from config.findings import path_text
from config.lines import Lines
from config.loading import Loaded, load
from config.schema import FILES, Settings
from config.values import Duration, Endpoint, Network, Secret

pytestmark = pytest.mark.property

EXAMPLE = Path(config.__file__).parent / "example"
TEXTS = {name: (EXAMPLE / name).read_bytes() for name in FILES}
SECRET = "hunter2-hunter2"


def load_bytes(**replaced: bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as directory:
        for name, data in TEXTS.items():
            (Path(directory) / name).write_bytes(replaced.get(name.removesuffix(".toml"), data))
        return load(Path(directory), environ={"ACD_AMI_SECRET": SECRET})


def base() -> Settings:
    found = load(EXAMPLE, environ={"ACD_AMI_SECRET": SECRET}).settings
    assert found is not None
    return found


BASE = base()
FILE = st.sampled_from(sorted(TEXTS))


@given(file=FILE, data=st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(file: str, data: bytes) -> None:
    load_bytes(**{file.removesuffix(".toml"): data})


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """One example file with some bytes cut out and others put in."""
    file = draw(FILE)
    text = TEXTS[file]
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 40)))
    junk = draw(
        st.sampled_from(
            [b"", b"[", b"]", b'"', b'"""', b"=", b"\n", b"{", b"-", b"0", b".", b"\x00", b"\xff"]
        )
    )
    return file, text[:start] + junk + text[end:]


@given(damage=damaged())
def test_a_damaged_file_gives_settings_or_says_why_not(damage: tuple[str, bytes]) -> None:
    file, data = damage
    loaded = load_bytes(**{file.removesuffix(".toml"): data})

    assert (loaded.settings is None) == bool(loaded.errors)
    assert SECRET not in repr(loaded)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["15s", "fr", "sales", "PJSIP/1001", 5, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def junk_in_place(draw: st.DrawFn) -> dict[str, Any]:
    """The example's tables with one value, anywhere, replaced by one of any kind."""
    raw: dict[str, Any] = {}
    for data in TEXTS.values():
        raw |= tomllib.loads(data.decode())
    place: Any = raw
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if not inner or not isinstance(inner, dict | list) or draw(st.booleans()):
            place[key] = draw(JUNK)
            return raw
        place = inner


@given(raw=junk_in_place())
def test_a_value_of_any_kind_in_any_place_is_taken_or_told(raw: dict[str, Any]) -> None:
    from config.decoding import decode

    found, findings, _ = decode(raw)

    assert isinstance(found, Settings)
    for finding in findings:
        assert finding.message
        path_text(finding.path)


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each leaf's path as the diff names it, and that path as text."""
    for key, inner in entries(value):
        here = (*path, key)
        if list(entries(inner)):
            yield from leaves(inner, here)
        else:
            yield here, path_text(here)


def entries(value: object) -> Iterator[tuple[str, object]]:
    match value:
        case Struct():
            for field in structs.fields(value):
                yield field.encode_name, getattr(value, field.name)
        case dict():
            yield from value.items()
        case tuple():
            for item in value:
                if isinstance(item, Struct):
                    yield item.name, item  # type: ignore[attr-defined]  # arrays hold named tables only


def with_leaf(value: Any, path: tuple[str, ...], draw: Any) -> Any:
    """Return the value with the leaf at the path replaced by another one."""
    if not path:
        return other(value, draw)
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: with_leaf(value[key], tuple(rest), draw)}
    if isinstance(value, tuple):
        return tuple(with_leaf(item, tuple(rest), draw) if item.name == key else item for item in value)
    (field,) = (field.name for field in structs.fields(value) if field.encode_name == key)
    return structs.replace(value, **{field: with_leaf(getattr(value, field), tuple(rest), draw)})


def other(value: Any, draw: Any) -> Any:
    """Return another value of the same kind."""
    kinds: dict[type, Any] = {
        bool: st.booleans(),
        int: st.integers(1, 10**6),
        float: st.floats(0.5, 100.0),
        str: st.text(max_size=5),
        Duration: st.integers(0, 10**6).map(Duration),
        Endpoint: st.sampled_from(["PJSIP/a", "PJSIP/b"]).map(Endpoint),
        Secret: st.text(min_size=1, max_size=5).map(Secret),
        tuple: st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
        dict: st.just({"fr": 1}),
        type(None): st.just("x"),
    }
    kind = st.sampled_from(list(type(value))) if isinstance(value, Enum) else kinds[type(value)]
    return draw(kind.filter(lambda new: new != value))


LEAVES = sorted(leaves(BASE), key=lambda leaf: leaf[1])
# A name of an array's table is its identity: another name is another table.
NAMED = [leaf for leaf in LEAVES if leaf[0][-1] != "name"]


def test_the_example_has_every_kind_of_leaf() -> None:
    paths = [text for _, text in LEAVES]

    assert len(paths) > 100
    assert {"queues.sales.require.fr", "switch.pbx1.secret", "trunk_group.carrier.capacity"} <= set(paths)


@given(leaf=st.sampled_from(NAMED), data=st.data())
def test_every_single_change_is_reported_with_its_path(leaf: tuple[tuple[str, ...], str], data: Any) -> None:
    path, text = leaf
    new = with_leaf(BASE, path, data.draw)

    (change,) = diff(BASE, new).changes

    assert change.path == text or change.path.startswith(f"{text}.")
    if change.kind is Kind.CHANGED and not text.endswith((".secret", ".pin")):
        assert change.before != change.after


@given(leaf=st.sampled_from(NAMED), data=st.data())
def test_a_diff_read_backwards_is_the_diff_of_the_way_back(
    leaf: tuple[tuple[str, ...], str], data: Any
) -> None:
    new = with_leaf(BASE, leaf[0], data.draw)

    there, back = diff(BASE, new), diff(new, BASE)

    assert [(c.path, c.before, c.after) for c in there.changes] == [
        (c.path, c.after, c.before) for c in back.changes
    ]
    assert there.needs_restart == back.needs_restart


def test_a_diff_with_itself_is_empty() -> None:
    assert not diff(BASE, base())


@given(st.integers(0, 10**12).map(Duration))
def test_a_duration_reads_back_what_it_writes(duration: Duration) -> None:
    assert Duration.parse(duration.text) == duration


@given(st.ip_addresses())
def test_a_network_reads_back_what_it_writes(address: Any) -> None:
    network = Network.parse(str(address))

    assert Network.parse(network) == network


@given(st.text(alphabet="ab.[]={}\"'\\#\n \r,1", max_size=80))
@settings(max_examples=300)
def test_the_line_scanner_ends_on_any_text(text: str) -> None:
    lines = Lines(text)

    found = lines.find(("a",))
    assert found is None or 1 <= found <= text.count("\n") + 1


# TOML forbids DEL in a text; JSON does not escape it.
KEY = (
    st.text(max_size=4)
    .filter(lambda text: "\x7f" not in text)
    .map(lambda text: msgspec.json.encode(text).decode())
)


@given(st.lists(KEY, min_size=1, max_size=5, unique=True), st.lists(KEY, min_size=1, max_size=5, unique=True))
def test_the_line_scanner_agrees_with_the_parser_on_keys(tables: list[str], keys: list[str]) -> None:
    text = "".join(f"[{table}]\n" + "".join(f"{key} = 1\n" for key in keys) for table in tables)
    lines = Lines(text)

    for nth, (table, inner) in enumerate(tomllib.loads(text).items()):
        for place, key in enumerate(inner):
            assert lines.find((table, key)) == nth * (len(keys) + 1) + place + 2
