"""`acd kpi`: what the numbers mean. Needs no daemon."""

import click
import msgspec

from acd.cli.options import as_json


@click.group()
def kpi() -> None:
    """What each number means and how it is computed."""


@kpi.command("list")
@as_json
def kpi_list(*, as_json: bool) -> None:
    """All KPIs, whether their input is there or not."""
    from kpi.catalogue import ENTRIES  # noqa: PLC0415 - other commands need not pay for the catalogue
    from kpi.catalogue_page import listed  # noqa: PLC0415 - see above

    entries = list(ENTRIES.values())
    click.echo(msgspec.json.encode(entries).decode() if as_json else listed())


@kpi.command("explain")
@click.argument("key")
@as_json
def kpi_explain(key: str, *, as_json: bool) -> None:
    """One KPI: its formula, its inputs, where the definition comes from, what is disputed."""
    from kpi.catalogue import find  # noqa: PLC0415 - see above
    from kpi.catalogue_page import explained  # noqa: PLC0415 - see above

    try:
        entry = find(key)
    except KeyError as wrong:
        raise click.ClickException(f"{wrong.args[0]}; `acd kpi list` shows them all") from None
    click.echo(msgspec.json.encode(entry).decode() if as_json else explained(entry))
