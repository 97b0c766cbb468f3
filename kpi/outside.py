"""KPIs whose numbers come from outside: staff, cost, customers, tickets, quality, forecast.

Their formulas are computed like all others (kpi.formulas); their words are inputs that somebody hands in. Without
these they are None, "no input", and never 0.
"""

from collections.abc import Mapping
from typing import Final

from kpi.definitions import KPIS, SUMS, Definition
from kpi.formulas import parse, value

INPUTS: Final[Mapping[str, str]] = {
    "salaries": "money paid to staff in the period",
    "infrastructure_cost": "money for rooms, lines and machines in the period",
    "technology_cost": "money for software and services in the period",
    "overhead_cost": "all other money for the centre in the period",
    "leavers": "agents who left in the period",
    "average_staff": "mean head count of the period",
    "absent_days": "planned working days on which agents did not come",
    "planned_days": "planned working days of all agents",
    "system_training_hours": "hours of training on systems",
    "skill_training_hours": "hours of training on skills",
    "technology_users": "people who use the new technology",
    "technology_intended_users": "people who are to use it",
    "customers_at_start": "customers when the period began",
    "customers_at_end": "customers when the period ended",
    "customers_gained": "customers won in the period",
    "additional_sales": "up- and cross-sales made in the period",
    "customers_served": "customers who could have bought",
    "channel_answers": "answers to the question for the preferred channel",
    "channel_phone": "of these, the telephone",
    "experience_sum": "scores of the customer experience survey, added up",
    "experience_answers": "answers to it",
    "score_points": "points that calls got in reviews",
    "score_points_possible": "points these calls could have got",
    "conversions": "contacts with the outcome that was wanted",
    "paid_ms": "time paid to agents, logged in or not",
    "scheduled_ms": "time agents were scheduled for",
    "scheduled_worked_ms": "of this, the time in which they did what was scheduled",
    "tickets": "tickets opened in the period",
    "tickets_solved": "tickets solved in the period",
    "tickets_reopened": "solved tickets that were opened again",
    "ticket_time_ms": "from opened to solved, of solved tickets, added up",
    "working_days": "working days of the period",
    "forecast_error": "absolute differences of forecast and arrivals per interval, added up",
    "forecast_bias_sum": "forecast less arrivals, added up",
    "forecast_actual": "arrivals of the intervals that had a forecast",
    "forecast_intervals": "intervals that had a forecast",
    "forecast_within_5": "of these, off by 5 % at most",
}
"""Name -> what it is."""


def _share(meaning: str, formula: str) -> Definition:
    return Definition(meaning=meaning, unit="share", formula=formula)


OUTSIDE: Final[Mapping[str, Definition]] = {
    "cost_per_call": Definition(
        meaning="what a handled call costs",
        unit="money",
        formula="(salaries + infrastructure_cost + technology_cost + overhead_cost) / handled",
    ),
    "attrition_rate": _share("agents who left, of the mean head count", "leavers / average_staff"),
    "absenteeism_rate": _share("planned days on which agents did not come", "absent_days / planned_days"),
    "training_ratio": Definition(
        meaning="hours of training on systems for each hour on skills",
        unit="ratio",
        formula="system_training_hours / skill_training_hours",
    ),
    "technology_adoption_rate": _share(
        "who uses the new technology, of who is to", "technology_users / technology_intended_users"
    ),
    "churn_rate": _share(
        "customers lost, of those at the start",
        "(customers_at_start + customers_gained - customers_at_end) / customers_at_start",
    ),
    "churn_rate_net": _share(
        "fewer customers than at the start, new ones making up for lost ones",
        "(customers_at_start - customers_at_end) / customers_at_start",
    ),
    "retention_rate": _share(
        "customers of the start who are still there",
        "(customers_at_end - customers_gained) / customers_at_start",
    ),
    "upsell_rate": Definition(
        meaning="up- and cross-sales per customer",
        unit="ratio",
        formula="additional_sales / customers_served",
    ),
    "phone_preference": _share(
        "who prefers the telephone, of who was asked", "channel_phone / channel_answers"
    ),
    "experience_score": Definition(
        meaning="mean score of the customer experience survey",
        unit="score",
        formula="experience_sum / experience_answers",
    ),
    "occupancy_of_paid_time": _share("busy of all paid time", "busy_ms / paid_ms"),
    "adherence_rate": _share(
        "scheduled time in which agents did what was scheduled", "scheduled_worked_ms / scheduled_ms"
    ),
    "call_score": _share(
        "points that reviewed calls got, of those possible", "score_points / score_points_possible"
    ),
    "conversion_rate": _share("contacts with the outcome that was wanted", "conversions / handled"),
    "average_resolution_ms": Definition(
        meaning="mean time from opened to solved, of solved tickets",
        unit="ms",
        formula="ticket_time_ms / tickets_solved",
    ),
    "tickets_solved_per_day": Definition(
        meaning="tickets solved on a working day", unit="per day", formula="tickets_solved / working_days"
    ),
    "reopen_rate": _share("solved tickets that were opened again", "tickets_reopened / tickets_solved"),
    "ticket_volume": Definition(meaning="tickets opened", unit="tickets", formula="tickets"),
    "forecast_wape": _share(
        "error of the forecast: differences per interval, of all arrivals", "forecast_error / forecast_actual"
    ),
    "forecast_bias": _share(
        "by how much the forecast is too high (or, below 0, too low)", "forecast_bias_sum / forecast_actual"
    ),
    "forecast_share_within_5": _share(
        "intervals whose forecast was off by 5 % at most", "forecast_within_5 / forecast_intervals"
    ),
}


_FORMULAS: Final = {
    name: parse(definition.formula) for name, definition in {**SUMS, **KPIS, **OUTSIDE}.items()
}


def outside(figures: Mapping[str, float]) -> dict[str, float | None]:
    """All of these; `figures` are the inputs there are, and those of a report's line."""
    return {name: value(_FORMULAS[name], figures) for name in OUTSIDE}


def compute(name: str, figures: Mapping[str, float]) -> float | None:
    """Any KPI by its formula, of these numbers; None for missing ones. KeyError for an unknown name."""
    return value(_FORMULAS[name], figures)
