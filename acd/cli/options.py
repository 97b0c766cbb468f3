"""What several commands share: options, arguments and how answers are shown."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from acd.cli import tables
from acd.cli.client import read

View = TypeVar("View")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
LONGEST_SPAN: Final = 86_400


def show(raw: bytes, kind: type[View], draw: Callable[[View], str], *, plain: bool) -> View:
    """Print an answer as a table, or as the JSON it came as."""
    view = read(raw, kind)
    click.echo(raw.decode() if plain else draw(tables.printable(view, kind)))
    return view


def part(name: str) -> str:
    """A name as a part of a path. Raises click.UsageError for what no name can be."""
    if not name or "/" in name or not encodable(name):
        raise click.UsageError(f"{name!r} is no name; `acd agents` and `acd calls` show them")
    from urllib.parse import quote  # noqa: PLC0415 - 5 ms that most commands need not pay

    return quote(name, safe="")


def encodable(text: str) -> bool:
    """Whether it is Unicode; bytes of another coding come from the shell as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


class Span(click.ParamType[int]):
    """A time such as 90s, 5m or 1h, in whole seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Read a duration as in the configuration."""
        from config.values import Duration  # noqa: PLC0415 - only this option reads one

        try:
            seconds = int(Duration.parse(str(value))) // 1000
        except ValueError as wrong:
            self.fail(f"{value!r}: {wrong}", param, ctx)
        if not 1 <= seconds <= LONGEST_SPAN:
            self.fail(f"{value!r}: from 1s to 24h", param, ctx)
        return seconds


class Moment(click.ParamType[int]):
    """A UTC moment: `2026-11-23`, `2026-11-23T08:00`; as nanoseconds."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Read an ISO moment; without a zone it is UTC."""
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; write 2026-11-23 or 2026-11-23T08:00 (UTC)", param, ctx)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return int(moment.timestamp()) * 1_000_000_000
