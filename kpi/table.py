"""Plain text tables: columns as wide as their content, names to the left, numbers to the right."""

from collections.abc import Callable, Sequence
from typing import Final

NOTHING: Final = "-"
"""No input: never shown as 0."""


def table(head: Sequence[str], body: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """The lines of a table; the first `left` columns are names. The head may be of several lines in a cell."""
    depth = max(cell.count("\n") for cell in head) + 1
    tops = [
        (["", *cell.split("\n")] if cell.count("\n") + 1 < depth else cell.split("\n"))[-depth:]
        for cell in head
    ]
    rows = [[column[line] for column in tops] for line in range(depth)] + [list(row) for row in body]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    sides: list[Callable[[str, int], str]] = [
        str.ljust if column < left else str.rjust for column in range(len(head))
    ]
    lines = [
        "  ".join(side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True))
        for row in rows
    ]
    return [line.rstrip() for line in (*lines[:depth], "-" * len(lines[0]), *lines[depth:])]


def share(value: float | None) -> str:
    """A fraction as per cent."""
    return NOTHING if value is None else f"{value:.1%}"


def span(value: float | None) -> str:
    """Milliseconds as `4.2s`, `3:05` or `1:02:09`."""
    if value is None:
        return NOTHING
    tenths = round(value / 100)
    if tenths < 600:
        return f"{tenths / 10:.1f}s"
    minutes, seconds = divmod(round(value / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def printable(name: str) -> str:
    """A name as one may print it: who dials chooses the names of unknown queues."""
    return name if name.isprintable() else ascii(name)[1:-1]
