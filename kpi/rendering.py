"""A report for people (text), programs (JSON) and spreadsheets (CSV)."""

import csv
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Final

import msgspec

from acd.core.outcomes import BlockReason, LeaveReason
from kpi.counters import Dimension
from kpi.definitions import HOMES, KPIS
from kpi.outside import OUTSIDE
from kpi.report import Balance, Line, Report
from kpi.table import NOTHING, printable, share, span, table

_Column = tuple[str, str]
"""Head (may hold line breaks) and the figure or KPI shown."""

_QUEUE_COLUMNS: Final[Sequence[_Column]] = (
    ("arrived", "arrived"),
    ("blocked", "blocked"),
    ("offered", "offered"),
    ("answered", "answered"),
    ("abandoned\nwaiting", "abandoned_waiting"),
    ("\nringing", "abandoned_ringing"),
    ("left", "left"),
    ("open", "waiting_at_end"),
    ("service\nlevel", "service_level"),
    ("speed of\nanswer", "asa_ms"),
    ("longest\nwait", "wait_max_ms"),
)
_SHORT_COLUMNS: Final[Sequence[_Column]] = (
    ("arrived", "arrived"),
    ("blocked", "blocked"),
    ("offered", "offered"),
    ("answered", "answered"),
    ("abandoned", "abandoned"),
    ("left", "left"),
    ("service\nlevel", "service_level"),
    ("speed of\nanswer", "asa_ms"),
    ("handle\ntime", "aht_ms"),
)
_WORK_COLUMNS: Final[Sequence[_Column]] = (
    ("handled", "handled"),
    ("handle\ntime", "aht_ms"),
    ("\ntalk", "average_talk_ms"),
    ("\nhold", "average_hold_ms"),
    ("\nwrap-up", "average_wrap_up_ms"),
    ("transferred\nblind", "transferred_blind"),
    ("\nattended", "transferred_attended"),
    ("\nto queue", "transferred_to_queue"),
)
_AGENT_COLUMNS: Final[Sequence[_Column]] = (
    ("offers", "offers"),
    ("missed", "offers_missed"),
    ("ring", "average_ring_ms"),
    *_WORK_COLUMNS[:5],
    ("transf.", "transferred"),
    ("logged\nin", "staffed_ms"),
    ("\nready", "state_ready_ms"),
    ("\npaused", "state_paused_ms"),
    ("occu-\npancy", "occupancy_unpaused"),
)
_TRUNK_COLUMNS: Final[Sequence[_Column]] = (
    ("arrived", "arrived"),
    ("blocked", "blocked"),
    ("blocked\nshare", "blocked_rate"),
    ("peak", "peak"),
    ("ended", "ended"),
    ("call\nlength", "average_call_ms"),
)
_IVR_COLUMNS: Final[Sequence[_Column]] = (
    ("ended", "dialogues_ended"),
    ("queued", "dialogues_queued"),
    ("contained", "dialogues_contained"),
    ("sent\naway", "dialogues_dismissed"),
    ("to exten-\nsion", "dialogues_transferred"),
    ("abandoned", "dialogues_abandoned"),
    ("failed", "dialogues_failed"),
    ("contain-\nment", "containment_rate"),
    ("length", "average_dialogue_ms"),
    ("look-ups", "lookups"),
    ("\nfailed", "lookups_failed"),
)
_SECTIONS: Final[Sequence[tuple[str, tuple[Dimension, ...], Sequence[_Column]]]] = (
    ("queue", (Dimension.QUEUE, Dimension.ALL), _QUEUE_COLUMNS),
    ("queue", (Dimension.QUEUE, Dimension.ALL), _WORK_COLUMNS),
    ("agent", (Dimension.AGENT, Dimension.ALL), _AGENT_COLUMNS),
    ("team", (Dimension.TEAM,), _AGENT_COLUMNS),
    ("dialled", (Dimension.DNIS,), _SHORT_COLUMNS),
    ("skill", (Dimension.SKILL,), _SHORT_COLUMNS[2:]),
    ("trunk", (Dimension.TRUNK,), _TRUNK_COLUMNS),
    ("ivr", (Dimension.IVR,), _IVR_COLUMNS),
)


# ---------------------------------------------------------------- text


def as_text(report: Report) -> str:
    """Tables for a terminal of 120 columns, with the names of the formulas that are disputed."""
    lines = [f"{_clock(report.since)} to {_clock(report.until)} UTC", ""]
    for title, dimensions, columns in _SECTIONS:
        shown = [line for line in report.lines if line.dimension in dimensions]
        if any(line.dimension is dimensions[0] for line in shown):
            lines += [*_section(title, shown, columns, dated=report.minutes is not None), ""]
    lines += [*_reasons(report.lines), *_balance(report.balance, report.unbalanced), *_footnotes(report)]
    return "\n".join(lines) + "\n"


def _section(title: str, shown: Sequence[Line], columns: Sequence[_Column], *, dated: bool) -> list[str]:
    head = [*(["from"] if dated else []), title, *(head for head, _ in columns)]
    ordered = sorted(shown, key=lambda line: (line.since, line.dimension is Dimension.ALL, line.name))
    body = [
        [
            *([_clock(line.since)[5:]] if dated else []),
            printable(line.name),
            *(_cell(line, name) for _, name in columns),
        ]
        for line in ordered
    ]
    return table(head, body, left=2 if dated else 1)


def _cell(line: Line, name: str) -> str:
    if name in KPIS:
        show: Callable[[float | None], str] = share if KPIS[name].unit == "share" else span
        return show(line.kpis[name])
    value = line.figures[name]
    if name.endswith("_ms"):
        return span(value) if value else NOTHING
    return str(value)


def _reasons(lines: Sequence[Line]) -> list[str]:
    """Why calls were blocked or left, of the whole report, where there were any."""
    told = []
    for what, reasons in (("blocked", BlockReason), ("left", LeaveReason)):
        sums: Mapping[str, int] = {
            reason.value: sum(
                line.figures[f"{what}_{reason}"] for line in lines if line.dimension is Dimension.ALL
            )
            for reason in reasons
        }
        parts = [f"{reason} {count}" for reason, count in sums.items() if count]
        if parts:
            told.append(f"{what}: {', '.join(parts)}")
    return told


def _balance(balance: Balance, unbalanced: Sequence[str]) -> list[str]:
    earlier = f" + {balance.waiting_at_start} from before" if balance.waiting_at_start else ""
    told = [
        f"arrived {balance.arrived} = blocked {balance.blocked} + offered {balance.offered}; "
        f"offered {balance.offered}{earlier} = answered {balance.answered} + abandoned {balance.abandoned} "
        f"+ left {balance.left} + open {balance.waiting_at_end}"
        + ("" if balance.balanced else "   << DOES NOT BALANCE")
    ]
    return told + [f"does not balance: {printable(line)}" for line in unbalanced]


def _footnotes(report: Report) -> list[str]:
    within, short = span(report.thresholds.service_level_ms), span(report.thresholds.short_abandon_ms)
    return [
        f"service level = {KPIS['service_level'].formula}, within {within}, short up to {short}",
        f"occupancy = {KPIS['occupancy_unpaused'].formula}; averages are per talk; {NOTHING} = none, or no input",
    ]


def _clock(moment: str) -> str:
    return moment[:16].replace("T", " ")


# ---------------------------------------------------------------- programs


def as_json(report: Report) -> bytes:
    """The shape that kpi.report documents, indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def as_csv(report: Report) -> str:
    """One line per line of the report and a head; what a kind of line does not have, or has no input for, is empty."""
    names = (*HOMES, *OUTSIDE)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("dimension", "name", "since", "until", *names))
    for line in report.lines:
        known: Mapping[str, float | None] = {**line.figures, **line.kpis}
        writer.writerow(
            (line.dimension.value, line.name, line.since, line.until, *(known.get(name) for name in names))
        )
    return out.getvalue()
