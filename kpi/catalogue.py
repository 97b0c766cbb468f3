"""The catalogue: every KPI a call centre is run by, what it means, its formula, where that comes from and its traps.

Formulas, units and meanings are those that are computed (kpi.definitions, kpi.outside); this adds what people ask of
them. `docs/kpi-catalogue.md` is made from it: `python -m kpi.catalogue_page > docs/kpi-catalogue.md`.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum, unique
from typing import Final

import msgspec

from kpi.catalogue_table import ASKED_FOR, NOTES, TABLE
from kpi.counters import CATALOGUE as COUNTERS
from kpi.definitions import BY_THRESHOLD, HOMES, KPIS, PEAKS, PERCENTILES, SUMS, Definition
from kpi.formulas import parse
from kpi.outside import INPUTS, OUTSIDE


@unique
class Better(StrEnum):
    """Which way a centre wants it to go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    """A fact of life, or good only within bounds."""


@unique
class Needs(StrEnum):
    """Where the numbers come from."""

    CALLS = "calls"
    AGENTS = "agents"
    SURVEY = "survey"
    DISPOSITION = "disposition"
    IMPORT = "import"
    FORECAST = "forecast"


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a formula: a counter, what a threshold decides, a sum, or a number from outside."""

    name: str
    meaning: str
    formula: str = ""
    """Of a sum: what it adds up."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One KPI."""

    key: str
    """As in reports."""
    name: str
    asked_for: str
    """Which of the 39 KPIs of the trade's lists it answers, maybe as one of several variants."""
    meaning: str
    formula: str
    unit: str
    better: Better
    needs: Needs
    rows: tuple[str, ...]
    """The kinds of line of a report that have it."""
    source: str
    inputs: tuple[Input, ...]
    note: str = ""
    """What is disputed, or which trap of the sources was avoided, and how."""


ALIASES: Final[Mapping[str, str]] = {
    "asa": "asa_ms",
    "aht": "aht_ms",
    "sl": "service_level",
    "fcr": "fcr_by_flag",
    "nia": "next_issue_avoidance",
    "frt": "average_first_response_ms",
    "acw": "average_wrap_up_ms",
    "att": "average_talk_ms",
    "occupancy": "occupancy_unpaused",
    "utilisation": "occupancy_staffed",
    "utilization": "occupancy_staffed",
    "abandonment": "abandonment_rate",
    "churn": "churn_rate",
}
"""What people call them."""

COUNTS: Final = (
    "arrived",
    "answered",
    "handled",
    "abandoned",
    "wait_max_ms",
    "oldest_wait_ms",
    "backlog",
    "backlog_12h",
    "backlog_24h",
    "backlog_72h",
    "classified",
    "shifts_off",
)
"""Plain figures that people ask for as KPIs."""


def _figure(name: str) -> Definition:
    if name in SUMS:
        return SUMS[name]
    counter = COUNTERS[name]
    return Definition(meaning=counter.meaning, unit=counter.unit, formula=name)


DEFINITIONS: Final[Mapping[str, Definition]] = {
    **{name: _figure(name) for name in COUNTS},
    **KPIS,
    **PERCENTILES,
    **PEAKS,
    **OUTSIDE,
}
_WORDS: Final[Mapping[str, Definition]] = {**BY_THRESHOLD, **SUMS}


def _input(word: str) -> Input:
    if word in _WORDS:
        return Input(name=word, meaning=_WORDS[word].meaning, formula=_WORDS[word].formula)
    meaning = COUNTERS[word].meaning if word in COUNTERS else INPUTS[word]
    return Input(name=word, meaning=meaning)


def _inputs(definition: Definition) -> tuple[Input, ...]:
    """Every word of the formula once, in its order."""
    if definition.formula.startswith("percentile "):
        name = definition.formula.rpartition(" ")[2]
        return (Input(name=name, meaning="histogram, bounds of three digits in ms -> count"),)
    if " of the hour " in definition.formula:
        return (_input("offered"), *(_input(word) for word in ("abandoned",) if "rate" in definition.formula))
    return tuple(_input(word) for word in dict.fromkeys(parse(definition.formula).words))


def _entry(key: str) -> Entry:
    line, definition = TABLE[key], DEFINITIONS[key]
    return Entry(
        key=key,
        name=line.name,
        asked_for=line.asked_for,
        meaning=definition.meaning,
        formula=definition.formula,
        unit=definition.unit,
        better=Better(line.better),
        needs=Needs(line.needs),
        rows=tuple(sorted(HOMES.get(key, ("all",)))),
        source=line.source,
        inputs=_inputs(definition),
        note=NOTES.get(key, ""),
    )


_GROUPS: Final = list(dict.fromkeys(line.asked_for for line in TABLE.values()))
ENTRIES: Final[Mapping[str, Entry]] = {
    key: _entry(key) for key in sorted(TABLE, key=lambda key: _GROUPS.index(TABLE[key].asked_for))
}
"""Key -> entry; those of one KPI of the lists together."""


def find(name: str) -> Entry:
    """The KPI of that key or usual short name. KeyError with the nearest keys for another."""
    key = name.lower().replace("-", "_")
    key = ALIASES.get(key, key)
    entry = ENTRIES.get(key) or ENTRIES.get(f"{key}_ms")
    if entry is None:
        near = get_close_matches(key, [*ENTRIES, *ALIASES], n=3)
        raise KeyError(f"no KPI {name!r}" + (f"; near: {', '.join(near)}" if near else ""))
    return entry


__all__ = ["ALIASES", "ASKED_FOR", "ENTRIES", "Better", "Entry", "Input", "Needs", "find"]
