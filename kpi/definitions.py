"""Every KPI with its name and formula; the formula's text is what is computed, so the two cannot differ.

A formula (kpi.formulas) is sums and differences over sums and differences. Its words are counters (kpi.counters), figures that a threshold decides (`Thresholds`), and the sums
below. Where the trade disputes a definition, each variant has its own name; where they come from is in
kpi/README.md, "Definitions".

A KPI of a kind of row that lacks one of its inputs does not exist there; one whose divisor is 0 is None, "no input".
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from kpi.counters import CATALOGUE, Dimension
from kpi.formulas import Formula, parse, value
from kpi.histogram import within
from kpi.rows import Row

MS_PER_HOUR: Final = 3_600_000


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """What a report calls in time and what it calls a short abandon. Milliseconds of wait, inclusive."""

    service_level_ms: int = 20_000
    short_abandon_ms: int = 5_000


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One KPI, or a sum that several share."""

    meaning: str
    unit: str
    """`ms` or `calls`; `share` is a fraction of 1, printed as per cent; `per hour`; `score`."""
    formula: str


def _sum(meaning: str, unit: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit=unit, formula=formula)


def _mean(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="ms", formula=formula)


def _share(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="share", formula=formula)


def _plain(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="score", formula=formula)


def _hourly(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="per hour", formula=f"{formula} * {MS_PER_HOUR}")


BY_THRESHOLD: Final[Mapping[str, Definition]] = {
    "answered_within": _sum("answered in time", "calls", "answered calls with wait <= service_level_ms"),
    "abandoned_within": _sum("abandoned in time", "calls", "abandoned calls with wait <= service_level_ms"),
    "abandoned_short": _sum("short abandons", "calls", "abandoned calls with wait <= short_abandon_ms"),
}
"""Asked of the wait histograms; their formula is words."""

SUMS: Final[Mapping[str, Definition]] = {
    "abandoned": _sum("caller hung up before an answer", "calls", "abandoned_waiting + abandoned_ringing"),
    "transferred": _sum("given away by an agent", "calls", "transferred_blind + transferred_attended"),
    "blocked_by_rules": _sum(
        "refused by the queue's own rules",
        "calls",
        "blocked_unknown_queue + blocked_queue_full + blocked_nobody_logged_in + blocked_closed + blocked_long_wait",
    ),
    "blocked_by_capacity": _sum(
        "refused for want of lines or machine", "calls", "blocked_trunk_full + blocked_overload"
    ),
    "attempts_ended": _sum(
        "attempts to reach a customer by callback, messages heard",
        "pieces of work",
        "work_reached + work_missed",
    ),
    "work_ended": _sum(
        "callbacks and messages that are over",
        "pieces of work",
        "work_done + work_not_reached + work_abandoned + work_expired + work_cancelled + work_called_again",
    ),
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
    "service_level_only_handled": _share(
        "answered in time, of the answered", "answered_within / (answered - attempts_answered)"
    ),
    "service_level_after_threshold": _share(
        "answered in time, of the answered and of those who gave up later than that",
        "answered_within / (answered - attempts_answered + abandoned - attempts_abandoned - abandoned_within)",
    ),
    "service_level_without_flow_out": _share(
        "answered in time, of the answered and of who gave up, short abandons out",
        "answered_within / (answered - attempts_answered + abandoned - attempts_abandoned - abandoned_short)",
    ),
    "service_level_with_flow_out": _share(
        "answered in time, of the answered, of who gave up and of those the queue sent away unserved",
        "answered_within / (answered - attempts_answered + abandoned - attempts_abandoned - abandoned_short + left)",
    ),
    "service_level_completed": _share(
        "answered in time or given up early, of the answered and of who gave up",
        "(answered_within + abandoned_within) / (answered - attempts_answered + abandoned - attempts_abandoned)",
    ),
    "service_level_arrived": _share(
        "answered in time, of all who arrived and did not give up at once",
        "answered_within / (arrived + moved_in - attempts - abandoned_short)",
    ),
    "service_level_with_blocked": _share(
        "answered in time, of everybody: answered, gave up, sent away, refused",
        "answered_within / (answered - attempts_answered + abandoned - attempts_abandoned + left + blocked)",
    ),
    "abandonment_rate": _share("callers who gave up", "abandoned / offered"),
    "abandonment_rate_without_short": _share(
        "callers who gave up, short abandons out of both sides",
        "(abandoned - abandoned_short) / (offered - attempts - abandoned_short)",
    ),
    "abandonment_rate_of_ended": _share(
        "callers who gave up, of those who were answered or gave up", "abandoned / (answered + abandoned)"
    ),
    "abandoned_waiting_share": _share(
        "gave up while no phone rang, of who gave up", "abandoned_waiting / abandoned"
    ),
    "abandoned_ringing_share": _share(
        "gave up while a phone rang, of who gave up", "abandoned_ringing / abandoned"
    ),
    "abandoned_dialogue_rate": _share(
        "hung up in the dialogue before the queue", "dialogues_abandoned / dialogues_ended"
    ),
    "blocked_rate": _share("calls refused", "blocked / arrived"),
    "blocked_by_rules_rate": _share("calls refused by the queue's own rules", "blocked_by_rules / arrived"),
    "blocked_by_capacity_rate": _share(
        "calls refused for want of lines or machine", "blocked_by_capacity / arrived"
    ),
    "blocked_by_outage_rate": _share(
        "calls refused because the daemon was down", "blocked_engine_down / arrived"
    ),
    "transfer_rate": _share("transfers per talk", "transferred / handled"),
    "transferred_call_rate": _share(
        "talks that ended the call by a transfer", "transferred_out_calls / handled"
    ),
    "transfer_rate_blind": _share("blind transfers per talk", "transferred_blind / handled"),
    "transfer_rate_attended": _share("attended transfers per talk", "transferred_attended / handled"),
    "transfer_rate_to_queue": _share(
        "transfers into a queue of ours per talk", "transferred_to_queue / handled"
    ),
    "contacts_per_staffed_hour": _hourly("talks per hour logged in", "handled / staffed_ms"),
    "contacts_per_unpaused_hour": _hourly(
        "talks per hour logged in and not paused", "handled / (staffed_ms - state_paused_ms)"
    ),
    "ready_share": _share("free for a call, of logged in", "state_ready_ms / staffed_ms"),
    "offered_share": _share("being rung, of logged in", "state_offered_ms / staffed_ms"),
    "talking_share": _share("talking with nobody on hold, of logged in", "state_talking_ms / staffed_ms"),
    "on_hold_share": _share("with the caller on hold, of logged in", "state_on_hold_ms / staffed_ms"),
    "wrap_up_share": _share("in wrap-up, of logged in", "state_wrap_up_ms / staffed_ms"),
    "paused_share": _share("paused, of logged in", "state_paused_ms / staffed_ms"),
    "direct_call_share": _share("on calls of their own, of logged in", "state_direct_call_ms / staffed_ms"),
    "unreachable_share": _share("with a dead phone, of logged in", "state_unreachable_ms / staffed_ms"),
    "missed_offer_rate": _share("offers the agent or phone failed", "offers_missed / offers_ended"),
    "effective_contact_rate": _share("attempts that reached somebody", "work_reached / attempts_ended"),
    "callback_success_rate": _share("callbacks and messages done, of those over", "work_done / work_ended"),
    "average_callback_wait_ms": _mean(
        "average wait until reached by a callback", "wait_work_ms / work_reached"
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


def _homes(formula: Formula, known: Mapping[str, frozenset[Dimension]]) -> frozenset[Dimension]:
    """The kinds of row that have every word of the formula."""
    return frozenset.intersection(*(known[word] for word in formula.words))


_SUM_TERMS: Final = {name: parse(sum_.formula) for name, sum_ in SUMS.items()}
_KPI_TERMS: Final = {name: parse(kpi.formula) for name, kpi in KPIS.items()}


def _all_homes() -> dict[str, frozenset[Dimension]]:
    homes = {name: counter.homes for name, counter in CATALOGUE.items()}
    homes |= dict.fromkeys(BY_THRESHOLD, homes["offered"])
    for name, formula in (*_SUM_TERMS.items(), *_KPI_TERMS.items()):
        homes[name] = _homes(formula, homes)
    return homes


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
    for name, formula in _SUM_TERMS.items():
        if row.dimension in HOMES[name]:
            counts[name] = sum(sign * counts[word] for sign, word in formula.top)
    return counts


def kpis(dimension: Dimension, figures: Mapping[str, int]) -> dict[str, float | None]:
    """The KPIs that such a row has, by name; None where there is nothing to divide by."""
    return {name: value(formula, figures) for name, formula in _KPI_TERMS.items() if dimension in HOMES[name]}
