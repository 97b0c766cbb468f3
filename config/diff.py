"""What changed between two configurations, key by key, and which of it only a restart can apply. Pure."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct, structs

from config.daemon import Switch, TrunkGroup
from config.findings import Path, path_text
from config.outlets import Webhook
from config.schema import Settings
from config.values import encode_value

NEEDS_RESTART: Final[tuple[Path, ...]] = (
    # Where things are: sockets that are bound, directories that are open, the name facts are signed with.
    ("daemon", "node"),
    ("daemon", "state_dir"),
    ("daemon", "control_socket"),
    ("agi", "host"),
    ("agi", "port"),
    ("kpi", "store"),
    ("engine", "lost_calls_dir"),
    # What is built once at the start around them.
    ("daemon", "log_format"),
    ("agi", "max_sessions"),
    ("agi", "max_ungreeted"),
    ("agi", "greeting_timeout"),
    ("switch",),
    ("journal",),
    ("queue_log",),
    ("metrics",),
    ("webhook",),
    ("reload", "watch"),
)
"""Paths whose change, or any change below them, is refused by name on reload. Everything else applies live."""


class Kind(Enum):
    """What happened to a key."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(Struct, frozen=True, kw_only=True):
    """One difference. `before` and `after` are as an operator would write them; None: was not, is not there.

    The elements of [[switch]], [[trunk_group]] and [[webhook]] go by their name: "switch.pbx1.host". Secrets show as "***".
    """

    path: str
    kind: Kind
    before: str | None
    after: str | None


class Diff(Struct, frozen=True):
    """All differences, and the paths among them that need a restart."""

    changes: list[Change]
    needs_restart: list[str]

    def __bool__(self) -> bool:
        return bool(self.changes)


def diff(old: Settings, new: Settings) -> Diff:
    """Compare two configurations; an entry that came or went is one change, not one per key."""
    found = list(_compare((), old, new))
    return Diff(
        changes=[change for _, change in found],
        needs_restart=[change.path for path, change in found if _needs_restart(path)],
    )


def _needs_restart(path: Path) -> bool:
    return any(path[: len(start)] == start for start in NEEDS_RESTART)


_Found = Iterator[tuple[Path, Change]]


def _compare(path: Path, old: object, new: object) -> _Found:
    if old == new:
        return
    before, after = _entries(old), _entries(new)
    if before is None or after is None or not (before or after):
        yield path, _change(path, old, new)
        return
    for key in [*before, *(key for key in after if key not in before)]:
        here = (*path, key)
        if key in before and key in after:
            yield from _compare(here, before[key], after[key])
        else:
            yield here, _change(here, before.get(key), after.get(key))


def _change(path: Path, old: object, new: object) -> Change:
    kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
    before, after = (None if value is None else _text(value) for value in (old, new))
    return Change(path=path_text(path), kind=kind, before=before, after=after)


def _entries(value: object) -> Mapping[str, object] | None:
    """Return what a value consists of, by key; None for a value that is compared as a whole."""
    match value:
        case Struct():
            kind = value.__struct_config__
            said = {} if kind.tag_field is None else {kind.tag_field: kind.tag}
            return {**said, **{f.encode_name: getattr(value, f.name) for f in structs.fields(value)}}
        case dict():
            return value
        case tuple() if all(isinstance(item, Switch | TrunkGroup | Webhook) for item in value):
            return {item.name: item for item in value}
        case _:
            return None


def _text(value: object) -> str:
    """Write a value in one line of TOML; an entry becomes an inline table of what it holds."""
    match value:
        case Struct():
            entries = _entries(value) or {}
            return _text({key: part for key, part in entries.items() if part is not None})
        case dict():
            inner = ", ".join(f"{path_text((key,))} = {_text(part)}" for key, part in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case tuple():
            return f"[{', '.join(_text(part) for part in value)}]"
        case _:
            return msgspec.json.encode(value, enc_hook=encode_value).decode()
