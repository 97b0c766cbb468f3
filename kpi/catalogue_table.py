"""What the catalogue knows of each KPI beside its formula: name, direction, where the numbers and the definition come from."""

from collections.abc import Mapping
from typing import Final

import msgspec

ASKED_FOR: Final = (
    "average handle time",
    "talk time",
    "wait time and speed of answer",
    "first response time",
    "arrivals",
    "calls handled",
    "contacts per agent-hour",
    "abandonment",
    "blocked calls",
    "transfer rate",
    "first-call resolution",
    "repeat-call rate",
    "next-issue avoidance",
    "interactions per case",
    "self-service",
    "conversion",
    "occupancy and utilisation",
    "backlog",
    "cases by topic",
    "preferred channel",
    "forecast accuracy",
    "CSAT",
    "NPS",
    "CES",
    "customer experience score",
    "call score",
    "cost per call",
    "attrition",
    "absenteeism",
    "training ratio",
    "technology adoption",
    "churn",
    "retention",
    "upsell",
    "resolution time",
    "tickets solved",
    "reopen rate",
    "ticket volume",
    "effective contacts",
)
"""The 39 KPIs of the lists this project was asked to satisfy; service level is in none and is here all the same."""
SERVICE_LEVEL: Final = "service level"
DIALOGUES: Final = "self-service"
STATES: Final = "agent states"
OCCUPANCY: Final = "occupancy and utilisation"
WAITS: Final = "wait time and speed of answer"
ABANDONMENT: Final = "abandonment"


class Line(msgspec.Struct, frozen=True):
    """One line of the table."""

    name: str
    asked_for: str
    better: str
    needs: str
    source: str


def _up(name: str, asked_for: str, needs: str, source: str) -> Line:
    return Line(name, asked_for, "higher", needs, source)


def _down(name: str, asked_for: str, needs: str, source: str) -> Line:
    return Line(name, asked_for, "lower", needs, source)


def _even(name: str, asked_for: str, needs: str, source: str) -> Line:
    return Line(name, asked_for, "neither", needs, source)


TABLE: Final[Mapping[str, Line]] = {
    "aht_ms": _even(
        "average handle time", "average handle time", "calls", "Genesys, Avaya: totals over handled"
    ),
    "average_hold_ms": _down("average hold", "average handle time", "calls", "Avaya BCMS"),
    "average_hold_of_held_ms": _down(
        "average hold of held talks", "average handle time", "calls", "Avaya CMS"
    ),
    "average_wrap_up_ms": _down("average wrap-up", "average handle time", "calls", "Genesys, Avaya: ACW"),
    "average_talk_ms": _even("average talk", "talk time", "calls", "Avaya BCMS: without hold"),
    "average_call_ms": _down(
        "average call time", "talk time", "calls", "UJET: the caller's time, wait included"
    ),
    "asa_ms": _down("average speed of answer", WAITS, "calls", "Avaya: queue and ring of answered calls"),
    "average_wait_ms": _down("average wait", WAITS, "calls", "Wazo: all waits over all that ended"),
    "average_abandoned_wait_ms": _even("average wait of abandoned calls", WAITS, "calls", "Genesys, Sinch"),
    "average_ring_ms": _down("average ring", WAITS, "calls", "ring of an offer, however it ended"),
    "average_callback_wait_ms": _down(
        "average wait for a callback", WAITS, "calls", "ours: from joining to reached"
    ),
    "average_first_response_ms": _down(
        "average first response", "first response time", "calls", "sum of first response times / their count"
    ),
    "oldest_wait_ms": _down("longest wait now", WAITS, "calls", "Cisco OldestCallInQueue"),
    "service_level": _up(
        "service level", SERVICE_LEVEL, "calls", "ours: short abandons out, as most contracts"
    ),
    "service_level_only_handled": _up(
        "service level, only handled", SERVICE_LEVEL, "calls", "UCCX; Asterisk ServiceLevelPerf; Wazo qos"
    ),
    "service_level_ignore": _up(
        "service level, abandons ignored", SERVICE_LEVEL, "calls", "UCCX Without Abandon; UCCE Ignored"
    ),
    "service_level_negative": _up("service level, abandons negative", SERVICE_LEVEL, "calls", "UCCX, UCCE"),
    "service_level_positive": _up("service level, abandons positive", SERVICE_LEVEL, "calls", "UCCX, UCCE"),
    "service_level_after_threshold": _up(
        "service level, late abandons only", SERVICE_LEVEL, "calls", "XCALLY; Genesys examinations"
    ),
    "service_level_without_flow_out": _up(
        "service level, Genesys Cloud without flow-outs",
        SERVICE_LEVEL,
        "calls",
        "Genesys Cloud, short abandons out",
    ),
    "service_level_with_flow_out": _up(
        "service level, Genesys Cloud with flow-outs",
        SERVICE_LEVEL,
        "calls",
        "Genesys Cloud, short abandons out",
    ),
    "service_level_completed": _up(
        "service level of completed calls", SERVICE_LEVEL, "calls", "Asterisk ServiceLevelPerf2"
    ),
    "service_level_arrived": _up(
        "service level of arrivals", SERVICE_LEVEL, "calls", "Sinch: false attempts out"
    ),
    "service_level_with_blocked": _up(
        "service level of everybody", SERVICE_LEVEL, "calls", "Avaya BCMS: % in serv level"
    ),
    "abandonment_rate": _down("abandonment rate", ABANDONMENT, "calls", "Genesys: abandoned of offered"),
    "abandonment_rate_without_short": _down(
        "abandonment rate without short abandons",
        ABANDONMENT,
        "calls",
        "Genesys: short abandons out of both sides",
    ),
    "abandonment_rate_of_ended": _down(
        "abandonment rate of ended waits", ABANDONMENT, "calls", "abandoned of answered and abandoned"
    ),
    "abandonment_rate_at_peak": _down(
        "abandonment rate at peak", ABANDONMENT, "calls", "UJET: of the busiest hour"
    ),
    "offered_at_peak": _even("calls in the busiest hour", "arrivals", "calls", "ours"),
    "abandoned_waiting_share": _even("abandons while waiting", ABANDONMENT, "calls", "by stage"),
    "abandoned_ringing_share": _even("abandons while ringing", ABANDONMENT, "calls", "by stage"),
    "abandoned_dialogue_rate": _down(
        "abandonment before the queue", ABANDONMENT, "calls", "by stage: pre-queue"
    ),
    "arrived": _even("arrivals", "arrivals", "calls", "calls per period"),
    "answered": _up("answered calls", "calls handled", "calls", "Genesys: not the same as handled"),
    "handled": _up("handled calls", "calls handled", "calls", "Genesys: talks that ended"),
    "wait_max_ms": _down(
        "longest wait of the period", WAITS, "calls", "largest wait of answered and abandoned"
    ),
    "abandoned": _down("abandoned calls", ABANDONMENT, "calls", "count"),
    "blocked_rate": _down("blocked calls", "blocked calls", "calls", "usual goal: 2 % at most"),
    "blocked_by_rules_rate": _down(
        "blocked by rules", "blocked calls", "calls", "Wazo blocking; Avaya BUSYCALLS"
    ),
    "blocked_by_capacity_rate": _down("blocked by capacity", "blocked calls", "calls", "Wazo saturated"),
    "blocked_by_outage_rate": _down("blocked by an outage", "blocked calls", "calls", "ours"),
    "contacts_per_staffed_hour": _up(
        "contacts per hour logged in", "contacts per agent-hour", "agents", "contacts / agent-hour"
    ),
    "contacts_per_unpaused_hour": _up(
        "contacts per hour unpaused", "contacts per agent-hour", "agents", "contacts / agent-hour"
    ),
    "transfer_rate": _down("transfer rate, events", "transfer rate", "calls", "transfer events of handled"),
    "transferred_call_rate": _down(
        "transfer rate, calls", "transfer rate", "calls", "calls with a transfer of handled"
    ),
    "transfer_rate_blind": _down("blind transfer rate", "transfer rate", "calls", "by kind"),
    "transfer_rate_attended": _down("attended transfer rate", "transfer rate", "calls", "by kind"),
    "transfer_rate_to_queue": _down("transfers to a queue", "transfer rate", "calls", "by target"),
    "fcr_by_flag": _up(
        "first-call resolution by flag", "first-call resolution", "calls", "SparkleComm: 36 of 50 = 72 %"
    ),
    "fcr_by_flag_of_flagged": _up(
        "first-call resolution of flagged calls", "first-call resolution", "calls", "the same, of who said so"
    ),
    "fcr_by_repeat": _up(
        "first-call resolution by repeat window", "first-call resolution", "calls", "1 - repeat / total"
    ),
    "repeat_call_rate": _down(
        "repeat-call rate", "repeat-call rate", "calls", "callers who call again in a window"
    ),
    "next_issue_avoidance": _up(
        "next-issue avoidance", "next-issue avoidance", "calls", "repeat calls in a set time"
    ),
    "interactions_per_case": _down(
        "interactions per case", "interactions per case", "calls", "total interactions / cases, by number"
    ),
    "resolved_by_survey": _up(
        "first-call resolution by survey", "first-call resolution", "survey", "asked of callers"
    ),
    "containment_rate": _up("self-service containment", DIALOGUES, "calls", "contained of all dialogues"),
    "containment_rate_without_abandoned": _up(
        "self-service containment of who stayed", DIALOGUES, "calls", "contained of dialogues not hung up"
    ),
    "average_dialogue_ms": _down("average dialogue", DIALOGUES, "calls", "ours"),
    "lookup_failure_rate": _down("failed look-ups", DIALOGUES, "calls", "ours"),
    "occupancy_unpaused": _even(
        "occupancy of unpaused time", OCCUPANCY, "agents", "Cisco: handle time / (login - not ready)"
    ),
    "occupancy_staffed": _even(
        "occupancy of logged-in time", OCCUPANCY, "agents", "AT&T CMS: (ACD + ACW) / login"
    ),
    "talking_staffed": _even("share of talk", OCCUPANCY, "agents", "DS group: conversations / working time"),
    "occupancy_paid": _even("occupancy of paid time logged in", OCCUPANCY, "agents", "busy / paid time"),
    "occupancy_of_paid_time": _even(
        "occupancy of all paid time", OCCUPANCY, "import", "handling / total paid time, logged out too"
    ),
    "productive_share": _up(
        "share of productive time", STATES, "agents", "ICMI: meetings, training are work"
    ),
    "average_pause_ms": _even("average pause", STATES, "agents", "ours"),
    "shifts_off": _down(
        "shifts not as planned", "adherence", "agents", "ours: late, early, absent, overtime"
    ),
    "average_lateness_ms": _down("average lateness", "adherence", "agents", "ours"),
    "adherence_rate": _up("adherence", "adherence", "import", "scheduled time worked / scheduled time"),
    "ready_share": _even("share of ready", STATES, "agents", "state time / logged in"),
    "offered_share": _even("share of being rung", STATES, "agents", "state time / logged in"),
    "talking_share": _even("share of talking", STATES, "agents", "state time / logged in"),
    "on_hold_share": _down("share of hold", STATES, "agents", "state time / logged in"),
    "wrap_up_share": _even("share of wrap-up", STATES, "agents", "state time / logged in"),
    "paused_share": _down("share of pause", STATES, "agents", "state time / logged in"),
    "direct_call_share": _even("share of own calls", STATES, "agents", "state time / logged in"),
    "unreachable_share": _down("share of dead phones", STATES, "agents", "state time / logged in"),
    "missed_offer_rate": _down("missed offers", STATES, "agents", "ours: RONA and rejected"),
    "effective_contact_rate": _up(
        "effective contacts", "effective contacts", "calls", "UJET: effective contacts / calls made"
    ),
    "callback_success_rate": _up("callbacks done", "effective contacts", "calls", "ours"),
    "backlog": _down("backlog now", "backlog", "calls", "who waits on the line and who is to be called back"),
    "backlog_12h": _down("backlog of 12 hours", "backlog", "calls", "open longer than a limit"),
    "backlog_24h": _down("backlog of 24 hours", "backlog", "calls", "open longer than a limit"),
    "backlog_72h": _down("backlog of 72 hours", "backlog", "calls", "open longer than a limit"),
    "classified": _up(
        "classified calls", "cases by topic", "calls", "count by tag; by topic in a line's labels"
    ),
    "classified_share": _up("share of classified calls", "cases by topic", "calls", "ours"),
    "csat": _up("CSAT", "CSAT", "survey", "4 and 5 of 5"),
    "csat_mean": _up("mean satisfaction", "CSAT", "survey", "UJET: stars"),
    "nps": _up("net promoter score", "NPS", "survey", "promoters less detractors"),
    "ces": _up("customer effort score", "CES", "survey", "mean of 1 to 10, 10 is easy"),
    "survey_response_rate": _up("survey response rate", "CSAT", "survey", "ours"),
    "conversion_rate": _up("conversion rate", "conversion", "disposition", "DS group"),
    "call_score": _up("call score", "call score", "import", "UJET: quality form"),
    "experience_score": _up(
        "customer experience score", "customer experience score", "import", "survey, interviews"
    ),
    "phone_preference": _even("preferred channel: phone", "preferred channel", "import", "survey"),
    "cost_per_call": _down("cost per call", "cost per call", "import", "Shifton: all cost / calls"),
    "attrition_rate": _down("attrition", "attrition", "import", "leavers / mean staff"),
    "absenteeism_rate": _down("absenteeism", "absenteeism", "import", "DS group: absences / working days"),
    "training_ratio": _even(
        "training ratio", "training ratio", "import", "UJET: system training : skill training"
    ),
    "technology_adoption_rate": _up("technology adoption", "technology adoption", "import", "DS group"),
    "churn_rate": _down("customer churn", "churn", "import", "lost / customers at the start"),
    "churn_rate_net": _down("net customer churn", "churn", "import", "(start - end) / start"),
    "retention_rate": _up("customer retention", "retention", "import", "(end - gained) / start"),
    "upsell_rate": _up("up- and cross-sales", "upsell", "import", "sales per customer"),
    "average_resolution_ms": _down(
        "average resolution time", "resolution time", "import", "time / solved tickets"
    ),
    "tickets_solved_per_day": _up(
        "tickets solved a day", "tickets solved", "import", "solved / working days"
    ),
    "reopen_rate": _down("reopen rate", "reopen rate", "import", "reopened / solved"),
    "ticket_volume": _even("ticket volume", "ticket volume", "import", "count of tickets"),
    "forecast_wape": _down("forecast error", "forecast accuracy", "forecast", "WAPE"),
    "forecast_bias": _even(
        "forecast bias", "forecast accuracy", "forecast", "(forecast - arrivals) / arrivals"
    ),
    "forecast_share_within_5": _up(
        "forecasts within 5 %", "forecast accuracy", "forecast", "UJET: 5 % is normal"
    ),
    **{
        f"{spread}_p{percent}_ms": _down(
            f"{name}, {percent} % within", asked_for, "calls", "histogram, 1 % exact"
        )
        for spread, name, asked_for in (
            ("wait", "wait of answered calls", WAITS),
            ("abandoned_wait", "wait of abandoned calls", WAITS),
            ("ring", "ring", WAITS),
            ("talk", "talk", "talk time"),
            ("handle", "handle time", "average handle time"),
        )
        for percent in (50, 80, 90, 95)
    },
}

NOTES: Final[Mapping[str, str]] = {
    "aht_ms": "Some texts divide averages by the number of calls once more. Here totals of talk, hold and wrap-up are "
    "divided by the talks that ended, once.",
    "asa_ms": "The clock starts when the call joins the queue and runs through the ring; abandoned calls count nowhere. "
    "A text gives the inverse for reply time, answers over time; here it is time over answers. Attempts at callbacks, "
    "where nobody waited on the line, are out of both sides.",
    "average_wait_ms": "Wazo's average: abandoned and unserved calls count with their waits. Asterisk calls it holdtime, "
    "which is no hold.",
    "average_hold_ms": "Hold after the answer. Asterisk and QueueMetrics call the wait in the queue holdtime.",
    "average_call_ms": "The caller's time from arrival to end, wait included, where others mean the agent's part.",
    "abandonment_rate": "Event-time counts: in one quarter of an hour it may be above 100 %, over a day it evens out.",
    "abandonment_rate_without_short": "Short abandons go from both sides; taking them from above only would flatter.",
    "transfer_rate": "Completed transfers only; a consultation is none. Transfers into a queue are part of blind and "
    "attended, not beside them.",
    "transferred_call_rate": "Each call counts once, however often it was passed on before.",
    "blocked_rate": "Calls the carrier refused never arrive here; trunk figures (all lines busy) hint at them.",
    "occupancy_unpaused": "Three divisors are in use: logged in less paused (this), logged in (occupancy_staffed), and "
    "talk alone over logged in (talking_staffed). One text counts conversations only and calls that occupancy.",
    "occupancy_staffed": "Called utilisation by some, who by that word mean three opposite things; none is called so here.",
    "talking_staffed": "The narrow occupancy of one text: without wrap-up.",
    "contacts_per_staffed_hour": "Talks count when they end, time when it passes: take periods much longer than a talk.",
    "service_level": "Eight formulas are in use and none is the standard; a contract must name one. The threshold can be "
    "changed afterwards, since waits are kept as histograms.",
    "service_level_ignore": "Check: 70 answered and 10 abandoned in time of 100 offered are 77.8 %.",
    "service_level_negative": "Check: 70 answered and 10 abandoned in time of 100 offered are 70 %.",
    "service_level_positive": "Check: 70 answered and 10 abandoned in time of 100 offered are 80 %.",
    "service_level_only_handled": "Who gives up late does not lower it: losing callers makes it better.",
    "service_level_completed": "Asterisk counts at the end of the call and calls every unserved end but the exit key an "
    "abandon; here only hang-ups are.",
    "containment_rate": "A hang-up in the menu is neither served nor hidden; others count it as served.",
    "effective_contact_rate": "Attempts are those of callbacks and messages. Busy, no answer and unreachable are in vain.",
    "average_first_response_ms": "The text divides by cases resolved, which mixes two sets of calls; here by the calls "
    "that got a first response. A transfer's second answer is none; a callback's is.",
    "fcr_by_flag": "Check: an agent took 50 calls, 36 solved the first time: 72 %. Unflagged calls count as not resolved.",
    "fcr_by_repeat": "A contact is an answered call of a known number; unknown callers are on neither side. Counted in the "
    "period of the contact, so it may fall until the window (repeat_ms) has passed: reports say from when on it is "
    "provisional. Calls that were abandoned before the next answer count as one repeat.",
    "repeat_call_rate": "Counted in the period of the repeat call, so it does not change afterwards. "
    "By the number, not by the concern: nobody knows that. Transfers and callbacks are no repeats.",
    "next_issue_avoidance": "The text counts the repeat calls in a set time; this is the share of contacts without one.",
    "interactions_per_case": "A case is a chain of calls of one number with gaps within the window: 1.9 calls for a "
    "concern are 53 % by repeat.",
    "backlog": "As of the end of the period, or of now. Tickets of other systems are not in it.",
    "occupancy_paid": "Paid is what the pause reasons in the configuration say.",
    "adherence_rate": "The daemon tells deviations (shifts_off); the scheduled time has to be handed in.",
    "csat": "Of who answered, not of who was asked; see survey_response_rate.",
    "ces": "High is easy; forms that ask for effort have it the other way round.",
    "nps": "A share here: 0.42 is what others write as 42.",
    "churn_rate": "A text says to divide by the customers at the end and prints the division by those at the start. The "
    "start is right: the others could not have left. Customers won meanwhile do not hide lost ones.",
    "churn_rate_net": "The formula as the text prints it; customers won in the period hide lost ones.",
    "tickets_solved_per_day": "A text divides 30 days' tickets by 18, its mean of working days; here by those there were.",
    "forecast_wape": "Per interval and weighted by arrivals, so that nights without calls do not blow it up as in MAPE.",
    "absenteeism_rate": "The daemon knows who did not come to a planned shift (off_shift facts), not why.",
    "conversion_rate": "Needs the count of contacts with the wanted outcome; disposition codes tell which these are.",
}
