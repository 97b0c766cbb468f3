"""`acd kpi` and `acd audit`: what the numbers mean, and whether they are right. Need no daemon."""

import os
import sys
from pathlib import Path

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


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("/etc/acd"),
    show_default=True,
    help="Directory of acd.toml, which names the directory of journal and store.",
)
@as_json
def audit(config: Path, *, as_json: bool) -> None:
    """Derive every number anew from the journal and compare; exit code 1 with the differences."""
    from acd.cli.auditing import Audit, as_text  # noqa: PLC0415 - client commands must not pay for it
    from config.loading import load  # noqa: PLC0415 - see above

    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    loaded = load(config, environ=os.environ, credentials_dir=Path(credentials) if credentials else None)
    if loaded.settings is None:
        raise click.ClickException(f"{config} is refused; `acd check` says why")
    state_dir = Path(loaded.settings.daemon.state_dir)
    done = Audit(state_dir / "journal", state_dir / loaded.settings.kpi.store).run()
    click.echo(msgspec.json.encode(done).decode() if as_json else as_text(done))
    if not done.ok:
        sys.exit(1)
