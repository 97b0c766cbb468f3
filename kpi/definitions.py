"""Every KPI with its name and formula; the formula's text is what is computed, so the two cannot differ.

A formula is sums and differences over sums and differences: `a + b / c - d` means (a + b) / (c - d), and brackets are
only for the eye. Its words are counters (kpi.counters), figures that a threshold decides (`Thresholds`), and the sums
below. Where the trade disputes a definition, each variant has its own name; where they come from is in
kpi/README.md, "Definitions".

A KPI of a kind of row that lacks one of its inputs does not exist there; one whose divisor is 0 is None, "no input".
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from kpi.counters import CATALOGUE, Dimension
from kpi.histogram import within
from kpi.rows import Row


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """What a report calls in time and what it calls a short abandon. Milliseconds of wait, inclusive."""

    service_level_ms: int = 20_000
    short_abandon_ms: int = 5_000


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One KPI, or a sum that several share."""

    meaning: str
    unit: str
    """`ms` or `calls`; `share` is a fraction of 1, printed as per cent."""
    formula: str


def _sum(meaning: str, unit: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit=unit, formula=formula)


def _mean(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="ms", formula=formula)


def _share(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="share", formula=formula)


def _plain(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="score", formula=formula)


BY_THRESHOLD: Final[Mapping[str, Definition]] = {
    "answered_within": _sum("answered in time", "calls", "answered calls with wait <= service_level_ms"),
    "abandoned_within": _sum("abandoned in time", "calls", "abandoned calls with wait <= service_level_ms"),
    "abandoned_short": _sum("short abandons", "calls", "abandoned calls with wait <= short_abandon_ms"),
}
"""Asked of the wait histograms; their formula is words."""

SUMS: Final[Mapping[str, Definition]] = {
    "abandoned": _sum("caller hung up before an answer", "calls", "abandoned_waiting + abandoned_ringing"),
    "transferred": _sum("given away by an agent", "calls", "transferred_blind + transferred_attended"),
    "handle_ms": _sum("work on calls", "ms", "talk_ms + hold_ms + wrap_up_ms"),
    "dialogues_ended": _sum(
        "dialogues that are over",
        "calls",
        "dialogues_queued + dialogues_contained + dialogues_dismissed + dialogues_transferred + dialogues_abandoned "
        "+ dialogues_failed",
    ),
    "offers_missed": _sum(
        "offers the agent or phone failed",
        "offers",
        "offer_no_answer + offer_rejected + offer_busy + offer_unreachable + offer_error",
    ),
    "offers_ended": _sum(
        "offers with an outcome",
        "offers",
        "offer_answered + offers_missed + offer_caller_left + offer_rescinded + offer_lost_race",
    ),
    "busy_ms": _sum("agents on our calls", "ms", "state_talking_ms + state_on_hold_ms + state_wrap_up_ms"),
    "staffed_ms": _sum(
        "agents logged in",
        "ms",
        "busy_ms + state_ready_ms + state_offered_ms + state_paused_ms + state_direct_call_ms + state_unreachable_ms",
    ),
}
"""Each may use those above it."""

KPIS: Final[Mapping[str, Definition]] = {
    "asa_ms": _mean(
        "average speed of answer, from joining the queue", "wait_answered_ms / (answered - attempts_answered)"
    ),
    "average_wait_ms": _mean(
        "average wait, however it ended",
        "(wait_answered_ms + wait_abandoned_ms + wait_left_ms) / (answered + abandoned + left)",
    ),
    "average_abandoned_wait_ms": _mean("average patience of who gave up", "wait_abandoned_ms / abandoned"),
    "aht_ms": _mean("average handle time", "handle_ms / handled"),
    "average_talk_ms": _mean("average talk, without hold", "talk_ms / handled"),
    "average_hold_ms": _mean("average hold of all talks", "hold_ms / handled"),
    "average_hold_of_held_ms": _mean("average hold of talks with hold", "hold_ms / held_talks"),
    "average_wrap_up_ms": _mean("average work after a talk", "wrap_up_ms / handled"),
    "average_ring_ms": _mean("average ring of an offer", "ring_ms / offers_ended"),
    "service_level": _share("answered in time", "answered_within / (offered - attempts - abandoned_short)"),
    "service_level_ignore": _share(
        "answered in time, early abandons ignored",
        "answered_within / (offered - attempts - abandoned_within)",
    ),
    "service_level_negative": _share(
        "answered in time, abandons count against", "answered_within / (offered - attempts)"
    ),
    "service_level_positive": _share(
        "answered in time, early abandons count for",
        "(answered_within + abandoned_within) / (offered - attempts)",
    ),
    "abandonment_rate": _share("callers who gave up", "abandoned / offered"),
    "abandonment_rate_without_short": _share(
        "callers who gave up, short abandons out of both sides",
        "(abandoned - abandoned_short) / (offered - attempts - abandoned_short)",
    ),
    "blocked_rate": _share("calls refused", "blocked / arrived"),
    "transfer_rate": _share("transfers per talk", "transferred / handled"),
    "transferred_call_rate": _share(
        "talks that ended the call by a transfer", "transferred_out_calls / handled"
    ),
    "occupancy_unpaused": _share(
        "busy of logged in and not paused", "busy_ms / (staffed_ms - state_paused_ms)"
    ),
    "occupancy_staffed": _share("busy of logged in", "busy_ms / staffed_ms"),
    "talking_staffed": _share("talking of logged in", "(state_talking_ms + state_on_hold_ms) / staffed_ms"),
    "containment_rate": _share(
        "served by the dialogue itself, of all dialogues", "dialogues_contained / dialogues_ended"
    ),
    "containment_rate_without_abandoned": _share(
        "served by the dialogue itself, of those whose caller stayed",
        "dialogues_contained / (dialogues_ended - dialogues_abandoned)",
    ),
    "average_dialogue_ms": _mean("average length of a dialogue", "dialogue_ms / dialogues_ended"),
    "lookup_failure_rate": _share("look-ups without an answer of use", "lookups_failed / lookups"),
    "csat": _share("satisfied callers: 4 or 5 of 5", "csat_good / csat_answers"),
    "csat_mean": _plain("mean satisfaction, 1 to 5", "csat_sum / csat_answers"),
    "nps": _share(
        "net promoter score: promoters (9, 10) less detractors (0 to 6)",
        "(nps_promoters - nps_detractors) / nps_answers",
    ),
    "ces": _plain("mean ease, 1 to 10", "ces_sum / ces_answers"),
    "resolved_by_survey": _share("resolved, as callers say", "resolved_yes / resolved_answers"),
    "survey_response_rate": _share("answered at least one question", "surveys_answered / surveys_offered"),
    "average_call_ms": _mean("average length of a call, arrival to end", "duration_ms / ended"),
}


# ---------------------------------------------------------------- formulas

_Terms = tuple[tuple[int, str], ...]


def _terms(text: str) -> _Terms:
    """The signed words of `a + b - c`."""
    words = text.strip().strip("()").split()
    signs = [1, *({"+": 1, "-": -1}[operator] for operator in words[1::2])]
    return tuple(zip(signs, words[0::2], strict=True))


def _homes(formula: str, known: Mapping[str, frozenset[Dimension]]) -> frozenset[Dimension]:
    """The kinds of row that have every word of the formula."""
    words = [word for side in formula.split(" / ") for _, word in _terms(side)]
    return frozenset.intersection(*(known[word] for word in words))


def _all_homes() -> dict[str, frozenset[Dimension]]:
    homes = {name: counter.homes for name, counter in CATALOGUE.items()}
    homes |= dict.fromkeys(BY_THRESHOLD, homes["offered"])
    for name, definition in (*SUMS.items(), *KPIS.items()):
        homes[name] = _homes(definition.formula, homes)
    return homes


_SUM_TERMS: Final = {name: _terms(sum_.formula) for name, sum_ in SUMS.items()}
_KPI_TERMS: Final = {
    name: tuple(_terms(side) for side in kpi.formula.split(" / ")) for name, kpi in KPIS.items()
}
HOMES: Final[Mapping[str, frozenset[Dimension]]] = _all_homes()
"""Counter, sum or KPI -> the kinds of row that have it."""


def figures(row: Row, thresholds: Thresholds) -> dict[str, int]:
    """All whole numbers of the row: its counters, what the thresholds decide, and the sums."""
    counts = {
        name: value
        for name, value in msgspec.structs.asdict(row.counts).items()
        if row.dimension in HOMES[name]
    }
    if row.dimension in HOMES["answered_within"]:
        counts["answered_within"] = within(row.answered_waits, thresholds.service_level_ms)
        counts["abandoned_within"] = within(row.abandoned_waits, thresholds.service_level_ms)
        counts["abandoned_short"] = within(row.abandoned_waits, thresholds.short_abandon_ms)
    for name, terms in _SUM_TERMS.items():
        if row.dimension in HOMES[name]:
            counts[name] = _value(terms, counts)
    return counts


def kpis(dimension: Dimension, figures: Mapping[str, int]) -> dict[str, float | None]:
    """The KPIs that such a row has, by name; None where there is nothing to divide by."""
    return {
        name: _ratio(_value(top, figures), _value(bottom, figures))
        for name, (top, bottom) in _KPI_TERMS.items()
        if dimension in HOMES[name]
    }


def _value(terms: _Terms, figures: Mapping[str, int]) -> int:
    return sum(sign * figures[word] for sign, word in terms)


def _ratio(top: int, bottom: int) -> float | None:
    """None also for a negative divisor: in a slot, abandons may outnumber the calls offered in it."""
    return top / bottom if bottom > 0 else None
