"""The argument of the Dial application, read as Asterisk reads it."""

from typing import Final

import msgspec

DEFAULT_SECONDS: Final = 136_000_000.0 / 1000
"""Dial without a time-out rings for as long as Asterisk can count, about 38 hours."""


class DialSpec(msgspec.Struct, frozen=True):
    """Whom to dial (`TECH/resource`, all at once), for how many seconds, with which option letters."""

    targets: tuple[str, ...]
    seconds: float
    options: frozenset[str]


def parse(argument: str) -> DialSpec | None:
    """Return what `TECH/x&TECH/y,timeout,options` asks, None for what Asterisk calls INVALIDARGS.

    Options with an argument in parentheses are kept by their letter; the argument does nothing here.
    """
    fields = split(argument)
    targets = tuple(part for part in fields[0].split("&") if part)
    if not targets or any("/" not in target for target in targets):
        return None
    try:
        seconds = float(fields[1]) if len(fields) > 1 and fields[1] else DEFAULT_SECONDS
    except ValueError:
        seconds = DEFAULT_SECONDS
    return DialSpec(targets, seconds, _letters(fields[2] if len(fields) > 2 else ""))


def split(argument: str) -> list[str]:
    """Split an application's argument at commas that stand outside quotes and parentheses; quotes go."""
    fields, depth, quoted = [""], 0, False
    for char in argument:
        if char == '"':
            quoted = not quoted
            continue
        if char == "," and not quoted and not depth:
            fields.append("")
            continue
        if not quoted:
            depth = max(0, depth + {"(": 1, ")": -1}.get(char, 0))
        fields[-1] += char
    return fields


def _letters(options: str) -> frozenset[str]:
    letters, depth = set(), 0
    for char in options:
        if char in "()":
            depth += 1 if char == "(" else -1
        elif not depth:
            letters.add(char)
    return frozenset(letters)
