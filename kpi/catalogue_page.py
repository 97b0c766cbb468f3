"""The catalogue as a page of docs/ and as text for a terminal."""

import sys
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import Final

from kpi.catalogue import ENTRIES, Entry
from kpi.table import table

_HEAD: Final = """# KPI catalogue

Made from `kpi/catalogue.py` by `python -m kpi.catalogue_page > docs/kpi-catalogue.md`; a test compares. The same from
the command line: `acd kpi list`, `acd kpi explain asa`, `--json` for programs.

Formulas are what is computed. Where the divisor is 0, or a number has to come from outside and nobody handed it in, a
KPI is "no input" (`-`, `null`) and never 0. A share is a fraction of 1. Thresholds are asked of histograms, so they can
be changed afterwards for any period.
"""


def page() -> str:
    """The whole page, Markdown."""
    parts = [_HEAD]
    for group, entries in groupby(ENTRIES.values(), key=lambda entry: entry.asked_for):
        parts.append(f"## {group[0].upper()}{group[1:]}\n")
        parts += [_section(entry) for entry in entries]
    return "\n".join(parts)


def _section(entry: Entry) -> str:
    lines = [
        f"### `{entry.key}`: {entry.name}\n",
        f"{entry.meaning[0].upper()}{entry.meaning[1:]}.\n",
        "```text",
        *wrap(f"{entry.formula}", 110, subsequent_indent="  "),
        "```\n",
        _facts(entry),
    ]
    if entry.note:
        lines.append(f"{entry.note}\n")
    return "\n".join(lines)


def _facts(entry: Entry) -> str:
    return (
        f"Unit: {entry.unit}. Better: {entry.better}. Needs: {entry.needs}. Lines: {', '.join(entry.rows)}. "
        f"Source: {entry.source}.\n"
    )


def listed() -> str:
    """All KPIs in a table."""
    rows = [(entry.key, entry.name, entry.unit, entry.better, entry.needs) for entry in ENTRIES.values()]
    return "\n".join(table(("key", "name", "unit", "better", "needs"), rows, left=5))


def explained(entry: Entry) -> str:
    """One KPI in full."""
    return "\n".join(_explanation(entry))


def _explanation(entry: Entry) -> Iterator[str]:
    yield f"{entry.key}: {entry.name}"
    yield from wrap(f"{entry.meaning}.", 100, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield from wrap(f"{entry.key} = {entry.formula}", 100, initial_indent="  ", subsequent_indent="      ")
    width = max(len(word.name) for word in entry.inputs)
    for word in entry.inputs:
        formula = f" = {word.formula}" if word.formula else ""
        yield from wrap(
            f"{word.name:{width}}  {word.meaning}{formula}",
            100,
            initial_indent="    ",
            subsequent_indent="      ",
        )
    yield ""
    yield f"  unit {entry.unit}; better {entry.better}; needs {entry.needs}; lines: {', '.join(entry.rows)}"
    yield f"  source: {entry.source}"
    if entry.note:
        yield from wrap(f"note: {entry.note}", 100, initial_indent="  ", subsequent_indent="  ")


if __name__ == "__main__":
    sys.stdout.write(page())
