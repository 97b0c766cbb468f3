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
from kpi.histogram import percentile, within
from kpi.rows import Row
from kpi.slots import SLOT_MS

MS_PER_HOUR: Final = 3_600_000


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """What a report calls in time, a short abandon, a repeat call. Milliseconds, inclusive."""

    service_level_ms: int = 20_000
    short_abandon_ms: int = 5_000
    repeat_ms: int = 7 * 86_400_000
    """Within so long after a contact a call of the same caller is a repeat; 7 days at most, by quarter hours."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds asked for instead of the usual ones; None: as usual."""

    service_level_ms: int | None = None
    short_abandon_ms: int | None = None
    repeat_ms: int | None = None

    def over(self, usual: Thresholds) -> Thresholds:
        """The usual ones with these in their place."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(usual, **given)


USUAL: Final = Chosen()


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
    "returned_within": _sum(
        "contacts whose caller called again, in the period of that call",
        "calls",
        "callers served before who called again with gap <= repeat_ms",
    ),
    "contacts_returned": _sum(
        "contacts whose caller called again, in the period of the contact",
        "calls",
        "contacts_known whose caller called again with gap <= repeat_ms",
    ),
}
"""Asked of the histograms; their formula is words."""

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
    "shifts_off": _sum(
        "shifts that were not worked as planned",
        "shifts",
        "shifts_late + shifts_early + shifts_absent + shifts_overtime",
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
    "average_first_response_ms": _mean(
        "average time to the first answer, on the line or by callback", "first_response_ms / first_responses"
    ),
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
    "fcr_by_flag": _share("resolved in the first call, as agents say", "flagged_resolved / answered"),
    "fcr_by_flag_of_flagged": _share(
        "the same, of calls of which they said so or not",
        "flagged_resolved / (flagged_resolved + flagged_unresolved)",
    ),
    "fcr_by_repeat": _share(
        "contacts of the period whose caller did not call again",
        "(contacts_known - contacts_returned) / contacts_known",
    ),
    "repeat_call_rate": _share("callers who called again", "returned_within / contacts_known"),
    "next_issue_avoidance": _share(
        "contacts that caused no other call", "(contacts_known - returned_within) / contacts_known"
    ),
    "interactions_per_case": Definition(
        meaning="calls for each concern",
        unit="ratio",
        formula="contacts_known / (contacts_known - returned_within)",
    ),
    "classified_share": _share("talks of which an agent said what they were about", "classified / handled"),
    "occupancy_paid": _share(
        "busy of logged in, unpaid pauses out", "busy_ms / (staffed_ms - paused_unpaid_ms)"
    ),
    "productive_share": _share(
        "logged in and not in a pause that is no work, of logged in",
        "(staffed_ms - state_paused_ms + paused_productive_ms) / staffed_ms",
    ),
    "average_pause_ms": _mean("average pause", "state_paused_ms / pauses"),
    "average_lateness_ms": _mean("average lateness of who came late", "late_ms / shifts_late"),
    "average_call_ms": _mean("average length of a call, arrival to end", "duration_ms / ended"),
}

_SPREAD: Final = {
    "wait": ("answered_waits", "wait of answered calls", "offered"),
    "abandoned_wait": ("abandoned_waits", "wait of abandoned calls", "offered"),
    "ring": ("rings", "ring of offers", "ring_ms"),
    "talk": ("talks", "talk, without hold", "talk_ms"),
    "handle": ("handles", "talk, hold and wrap-up", "talk_ms"),
}
PERCENTS: Final = (50, 80, 90, 95)
PERCENTILES: Final[Mapping[str, Definition]] = {
    f"{name}_p{percent}_ms": Definition(
        meaning=f"{meaning}: {percent} % are not longer",
        unit="ms",
        formula=f"percentile {percent} of {waits}",
    )
    for name, (waits, meaning, _) in _SPREAD.items()
    for percent in PERCENTS
}
"""Asked of the histograms, less than 1 % too high; their formula is words."""

PEAKS: Final[Mapping[str, Definition]] = {
    "abandonment_rate_at_peak": _share(
        "callers who gave up in the busiest hour", "abandonment_rate of the hour with the most offered"
    ),
    "offered_at_peak": Definition(
        meaning="calls that entered the queue in the busiest hour",
        unit="calls",
        formula="offered of the hour with the most offered",
    ),
}
"""Of a period's busiest hour (kpi.cohort); their formula is words."""


# ---------------------------------------------------------------- formulas


def _homes(formula: Formula, known: Mapping[str, frozenset[Dimension]]) -> frozenset[Dimension]:
    """The kinds of row that have every word of the formula."""
    return frozenset.intersection(*(known[word] for word in formula.words))


_SUM_TERMS: Final = {name: parse(sum_.formula) for name, sum_ in SUMS.items()}
_KPI_TERMS: Final = {name: parse(kpi.formula) for name, kpi in KPIS.items()}


def _all_homes() -> dict[str, frozenset[Dimension]]:
    homes = {name: counter.homes for name, counter in CATALOGUE.items()}
    homes |= dict.fromkeys(BY_THRESHOLD, homes["offered"])
    homes |= dict.fromkeys(("returned_within", "contacts_returned"), homes["contacts_known"])
    for name, formula in (*_SUM_TERMS.items(), *_KPI_TERMS.items()):
        homes[name] = _homes(formula, homes)
    for name, (_, _, like) in _SPREAD.items():
        homes |= {f"{name}_p{percent}_ms": homes[like] for percent in PERCENTS}
    return homes | dict.fromkeys(PEAKS, homes["abandonment_rate"])


HOMES: Final[Mapping[str, frozenset[Dimension]]] = _all_homes()
"""Counter, sum or KPI -> the kinds of row that have it."""


def figures(row: Row, thresholds: Thresholds, contacts_returned: int | None = None) -> dict[str, int]:
    """All whole numbers of the row: its counters, what the thresholds decide, and the sums.

    `contacts_returned` needs rows of later slots (kpi.cohort); without it `returned_within` stands in.
    """
    counts = {
        name: value
        for name, value in msgspec.structs.asdict(row.counts).items()
        if row.dimension in HOMES[name]
    }
    if row.dimension in HOMES["answered_within"]:
        counts["answered_within"] = within(row.answered_waits, thresholds.service_level_ms)
        counts["abandoned_within"] = within(row.abandoned_waits, thresholds.service_level_ms)
        counts["abandoned_short"] = within(row.abandoned_waits, thresholds.short_abandon_ms)
    if row.dimension in HOMES["returned_within"]:
        returned = within(row.returns, thresholds.repeat_ms // SLOT_MS)
        counts["returned_within"] = returned
        counts["contacts_returned"] = returned if contacts_returned is None else contacts_returned
    for name, formula in _SUM_TERMS.items():
        if row.dimension in HOMES[name]:
            counts[name] = sum(sign * counts[word] for sign, word in formula.top)
    return counts


def kpis(dimension: Dimension, figures: Mapping[str, int]) -> dict[str, float | None]:
    """The KPIs that such a row has, by name; None where there is nothing to divide by."""
    return {name: value(formula, figures) for name, formula in _KPI_TERMS.items() if dimension in HOMES[name]}


def percentiles(row: Row) -> dict[str, float | None]:
    """Those the row has; None of nothing."""
    return {
        f"{name}_p{percent}_ms": percentile(getattr(row, waits), percent)
        for name, (waits, _, like) in _SPREAD.items()
        if row.dimension in HOMES[like]
        for percent in PERCENTS
    }
