"""TOML's tables into the schema's Structs, reporting every mistake instead of the first. Pure.

msgspec stops at the first error and hides a mapping's key, so tables, mappings and arrays are walked here and msgspec
converts only the leaves. A field with a mistake takes its default, so that the cross-checks still see the rest; an
entry whose required field is bad is left out.
"""

import functools
import typing
from collections.abc import Mapping
from types import UnionType
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType, ValidationError, inspect
from msgspec.structs import FieldInfo

from acd.core.expression import ExpressionError
from config import expectations
from config.findings import Finding, Path, did_you_mean, quoted, shown
from config.schema import Settings
from config.values import Duration, Endpoint, Needed, Network, Secret

_S = TypeVar("_S", bound=Struct)
_VALUES: Final = (Duration, Endpoint, Network, Secret)
# Tables whose entries are named by the operator: [queues.NAME].
_NAMED: Final = frozenset({"queues", "hours", "agents", "groups", "skills", "ivr"})


class Kept(Struct, frozen=True):
    """Which elements of an array were kept, where some were not: array's path -> places in the file."""

    places: dict[Path, tuple[int, ...]]

    def path_in_file(self, path: Path) -> Path:
        """Turn a path into the settings into one into the files."""
        found: Path = ()
        for part in path:
            places = self.places.get(found) if isinstance(part, int) else None
            found = (*found, part if places is None or isinstance(part, str) else places[part])
        return found


class Report(Struct, frozen=True):
    """What the walk collects besides the settings."""

    findings: list[Finding]
    kept: Kept


def decode(raw: Mapping[str, object]) -> tuple[Settings, list[Finding], Kept]:
    """Return the settings as far as they could be read, all that could not, and the arrays' lost elements."""
    report = Report([], Kept({}))
    settings = _struct(Settings, dict(raw), (), report)
    # Every field of Settings has a default, so that it always comes out.
    return (Settings() if settings is UNSET else settings), report.findings, report.kept


def _decode(type_: object, raw: object, path: Path, report: Report) -> object:
    """Return the value, or UNSET after reporting why there is none."""
    bare = expectations.bare(type_)
    if typing.get_origin(bare) in (UnionType, typing.Union):
        return _either(type_, raw, path, report)
    if isinstance(bare, type) and issubclass(bare, Struct):
        return _struct(bare, raw, path, report)
    origin = typing.get_origin(bare)
    if origin is Mapping:
        return _mapping(bare, raw, path, report)
    if origin is tuple:
        return _array(type_, raw, path, report)
    return _leaf(type_, raw, path, report)


def _either(type_: object, raw: object, path: Path, report: Report) -> object:
    """Read a value that may be written in two ways, by what was written; a table or nothing, an array or a table."""
    tagged = _tagged(expectations.bare(type_))
    if tagged:
        return _of_kind(tagged, raw, path, report)
    kinds: Mapping[type, object] = {dict: Mapping, list: tuple}
    origin = kinds.get(type(raw))
    for member in typing.get_args(expectations.bare(type_)):
        bare = expectations.bare(member)
        if typing.get_origin(bare) in (UnionType, typing.Union):
            return _either(member, raw, path, report)
        if origin is not None and typing.get_origin(bare) is origin:
            return _decode(member, raw, path, report)
        if isinstance(raw, dict) and isinstance(bare, type) and issubclass(bare, Struct):
            return _decode(member, raw, path, report)
        if isinstance(raw, str) and expectations.is_expression(member):
            return _needed(raw, path, report)
    return _leaf(type_, raw, path, report)


def _tagged(bare: object) -> Mapping[str, type[Struct]]:
    """The tables that a place takes by their `kind`, where it does."""
    members = [member for member in typing.get_args(bare) if isinstance(member, type)]
    tables = [member for member in members if issubclass(member, Struct)]
    return {str(t.__struct_config__.tag): t for t in tables if t.__struct_config__.tag_field == _KIND}


def _of_kind(tables: Mapping[str, type[Struct]], raw: object, path: Path, report: Report) -> object:
    """Read a table whose keys depend on its `kind`."""
    if not isinstance(raw, dict):
        report.findings.append(Finding(path=path, message=f"expected a table, got {_kind(raw)}"))
        return UNSET
    known = "known kinds: " + ", ".join(tables)
    if _KIND not in raw:
        message = "required key is missing"
        report.findings.append(Finding(path=(*path, _KIND), message=message, hint=known))
        return UNSET
    kind = raw[_KIND]
    table = tables.get(kind) if isinstance(kind, str) else None
    if table is None:
        hint = did_you_mean(str(kind), tables) or known
        report.findings.append(Finding(path=(*path, _KIND), message=f"unknown kind {shown(kind)}", hint=hint))
        return UNSET
    return _struct(table, {key: value for key, value in raw.items() if key != _KIND}, path, report)


def _needed(raw: str, path: Path, report: Report) -> object:
    """Read an expression; a mistake is told with its column in the text."""
    try:
        return Needed.parse(raw)
    except ExpressionError as wrong:
        before, after = raw[: wrong.column - 1][-_AROUND:], raw[wrong.column - 1 :][:_AROUND]
        hint = f"here: {before}▸{after}"
        report.findings.append(Finding(path=path, message=str(wrong), hint=hint))
        return UNSET


_KIND: Final = "kind"
_AROUND: Final = 30  # characters shown before and after a mistake


def _struct(cls: type[_S], raw: object, path: Path, report: Report) -> _S | UnsetType:
    if not isinstance(raw, dict):
        report.findings.append(Finding(path=path, message=f"expected a table, got {_kind(raw)}"))
        return UNSET
    fields = _fields(cls)
    report.findings.extend(_unknown((*path, key), raw[key], fields) for key in raw if key not in fields)
    report.findings.extend(
        _missing(field, path) for key, field in fields.items() if field.required and key not in raw
    )
    values = {
        field.name: _decode(field.type, raw[key], (*path, key), report)
        for key, field in fields.items()
        if key in raw
    }
    good = {name: value for name, value in values.items() if value is not UNSET}
    if any(field.required and field.name not in good for field in fields.values()):
        return UNSET
    return cls(**good)


@functools.cache
def _fields(cls: type[Struct]) -> Mapping[str, FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(cls)}


def _mapping(type_: object, raw: object, path: Path, report: Report) -> object:
    if not isinstance(raw, dict):
        report.findings.append(Finding(path=path, message=f"expected a table, got {_kind(raw)}"))
        return UNSET
    key_type, value_type = typing.get_args(type_)
    found = {}
    for key, value in raw.items():
        name = _leaf(key_type, key, (*path, key), report)
        entry = _decode(value_type, value, (*path, key), report)
        if name is not UNSET and entry is not UNSET:
            found[name] = entry
    return found


def _array(type_: object, raw: object, path: Path, report: Report) -> object:
    bare = expectations.bare(type_)
    item_type, _ = typing.get_args(bare)
    if not isinstance(raw, list):
        of_texts = expectations.bare(item_type) in (str, Endpoint, Network)
        hint = f"write [{quoted(raw)}]" if isinstance(raw, str) and of_texts else None
        report.findings.append(Finding(path=path, message=f"expected an array, got {_kind(raw)}", hint=hint))
        return UNSET
    *_, info = expectations.layers(type_)
    if not raw and isinstance(info, inspect.VarTupleType) and info.min_length:
        report.findings.append(Finding(path=path, message="expected at least one element, got none"))
        return UNSET
    items = [_decode(item_type, item, (*path, place), report) for place, item in enumerate(raw)]
    places = tuple(place for place, item in enumerate(items) if item is not UNSET)
    if len(places) < len(items):
        report.kept.places[path] = places
    return tuple(items[place] for place in places)


def _kind(raw: object) -> str:
    """Name a wrong kind of value without repeating it: a secret may stand where a table belongs."""
    match raw:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case _:
            return shown(raw)


def _leaf(type_: object, raw: object, path: Path, report: Report) -> object:
    try:
        value: object = msgspec.convert(raw, type_, dec_hook=_read_value)
    except ValidationError:
        value = UNSET
    if value is not UNSET and _within(type_, value):
        return value
    message, hint = expectations.expected(type_, raw), expectations.hint(type_, raw)
    report.findings.append(Finding(path=path, message=message, hint=hint))
    return UNSET


def _read_value(type_: type, raw: object) -> object:
    """Read one of our own value types (`dec_hook` of msgspec, which makes ValidationErrors of its errors)."""
    if not isinstance(raw, str):
        raise TypeError("not a text")
    return next(value_type for value_type in _VALUES if type_ is value_type).parse(raw)


def _within(type_: object, value: object) -> bool:
    """Tell whether a duration is within the limits of its place; msgspec has none for custom types."""
    if not isinstance(value, Duration):
        return True
    bounds = expectations.limits(type_)
    return bounds is None or bounds[0] <= value <= bounds[1]


def _unknown(path: Path, raw: object, fields: Mapping[str, FieldInfo]) -> Finding:
    *_, key = path
    hint = did_you_mean(str(key), fields)
    if hint is None and isinstance(raw, dict) and len(path) == 3 and path[0] in _NAMED:
        hint = f"a name with a dot needs quotes: [{path[0]}.{quoted(f'{path[1]}.{key}')}]"
    return Finding(path=path, message="unknown key", hint=hint or "known keys: " + ", ".join(sorted(fields)))


def _missing(field: FieldInfo, path: Path) -> Finding:
    examples = next((meta.examples for meta in _metas(field.type) if meta.examples), [])
    hint = f"for example {field.encode_name} = {_toml(examples[0])}" if examples else None
    return Finding(path=(*path, field.encode_name), message="required key is missing", hint=hint)


def _metas(type_: object) -> list[msgspec.Meta]:
    return [part for part in typing.get_args(type_) if isinstance(part, msgspec.Meta)]


def _toml(value: object) -> str:
    """Write an example as TOML; JSON is the same for texts, numbers and arrays of them."""
    return msgspec.json.encode(value).decode()
