"""`acd trunks` and `acd trunks report`: the lines calls arrive on, now and over a day."""

import datetime as dt
from collections.abc import Callable
from typing import Final, TypeVar

import click

from acd.cli import tables
from acd.cli.client import Client, read
from acd.web.lines import Traffic, TrunkReport, TrunkTraffic, TrunkView

View = TypeVar("View")
DAY_NS: Final = 86_400_000_000_000
NOTHING: Final = "-"


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_context
def trunks(context: click.Context, *, as_json: bool) -> None:
    """The trunk groups now: calls up, lines out of order."""
    if context.invoked_subcommand is None:
        _show(context.obj.get("/trunks"), list[TrunkView], groups, plain=as_json)


@trunks.command()
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="A day (UTC), as 2026-11-23; today without it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_obj
def report(client: Client, *, day: dt.datetime | None, as_json: bool) -> None:
    """Traffic of each trunk group by the hour, and the lines it needs."""
    query = ""
    if day is not None:
        since = int(day.replace(tzinfo=dt.UTC).timestamp()) * 1_000_000_000
        query = f"?since={since}&until={since + DAY_NS}"
    _show(client.get(f"/trunks/report{query}"), TrunkReport, traffic, plain=as_json)


def _show(raw: bytes, kind: type[View], draw: Callable[[View], str], *, plain: bool) -> None:
    view = read(raw, kind)
    click.echo(raw.decode() if plain else draw(tables.printable(view, kind)))


# ---------------------------------------------------------------- text


def groups(views: list[TrunkView]) -> str:
    """All groups; under each its lines out of order."""
    heads = ("trunk group", "up", "usable", "capacity", "peak", "refused", "")
    rows = [
        (
            view.name,
            view.up,
            _or_nothing(view.usable),
            _or_nothing(view.capacity),
            view.peak,
            view.refused,
            _state(view),
        )
        for view in views
    ]
    alarms = [
        f"{view.name}: {alarm.line} on {alarm.switch} is out of order: {alarm.alarm}"
        for view in views
        for alarm in view.alarms
    ]
    return "\n".join([tables.table(heads, rows), *alarms])


def _state(view: TrunkView) -> str:
    parts = [f"all busy for {tables.span(view.busy_for_ms)}"] if view.busy_for_ms else []
    parts += [f"{len(view.alarms)} of {view.lines} lines out of order"] if view.alarms else []
    return ", ".join(parts)


def traffic(view: TrunkReport) -> str:
    """Each group's hours and their sum."""
    parts = [f"{_clock(view.since)} to {_clock(view.until)} UTC"]
    for group in view.groups:
        heads = (
            *("hour", "arrived", "refused", "carried", "offered", "peak", "all busy", "alarms"),
            *("out of order", "predicted", "seen", f"for {view.target:.0%}"),
        )
        rows = [_hour(_clock(hour.since)[11:], hour) for hour in group.hours]
        parts += ["", _title(group), tables.table(heads, [*rows, _hour("whole", group.whole)])]
    parts += [
        "",
        (
            "carried, offered: erlangs; predicted: share refused by Erlang B; seen: share refused; "
            f"for {view.target:.0%}: lines at which so many are refused"
        ),
        "the whole's prediction and lines are those of its busiest hour",
    ]
    return "\n".join(parts)


def _title(group: TrunkTraffic) -> str:
    lines = "no capacity set" if group.capacity is None else f"{group.capacity} lines"
    busiest = f", busiest from {_clock(group.busiest)[11:]}" if group.busiest else ""
    return f"{group.name}: {lines}{busiest}"


def _hour(name: str, hour: Traffic) -> tuple[str, ...]:
    return (
        name,
        str(hour.arrived),
        str(hour.refused),
        f"{hour.carried:.2f}",
        NOTHING if hour.offered is None else f"{hour.offered:.2f}",
        str(hour.peak),
        f"{hour.all_busy_times}x {tables.span(hour.all_busy_ms)}" if hour.all_busy_times else NOTHING,
        str(hour.alarms or NOTHING),
        tables.span(hour.out_of_order_ms) if hour.out_of_order_ms else NOTHING,
        _share(hour.predicted),
        _share(hour.seen),
        _or_nothing(hour.lines_needed),
    )


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2%}"


def _or_nothing(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _clock(moment: str) -> str:
    return moment[:16].replace("T", " ")
