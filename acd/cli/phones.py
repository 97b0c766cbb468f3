"""`acd phones render`: the configuration of the agents' phones, for Asterisk and for the phones. Needs no daemon."""

import os
from pathlib import Path
from typing import Final

import click

VENDORS: Final = ("yealink", "grandstream", "polycom", "snom")
STYLES: Final = ("pjsip", "wizard")


@click.group()
def phones() -> None:
    """The agents' phones."""


@phones.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Directory to write to."
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("/etc/acd"),
    show_default=True,
    help="Directory of acd.toml, queues.toml, agents.toml and skills.toml.",
)
@click.option(
    "--style",
    type=click.Choice(STYLES),
    default="pjsip",
    show_default=True,
    help="Sections of pjsip.conf, or wizards of pjsip_wizard.conf.",
)
@click.option(
    "--vendor",
    type=click.Choice(VENDORS),
    help="Of phones the configuration names no vendor for on their own.",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Directory of templates in place of ours, by name.",
)
def render(out: Path, config: Path, style: str, vendor: str | None, templates: Path | None) -> None:
    """Write Asterisk's endpoints and lamps, and a file for each phone whose vendor is known; all files or none.

    Secrets of phones are made once and kept in DIR/secrets.toml.
    """
    from acd.cli import phone_files  # noqa: PLC0415 - only this command writes files
    from acd.cli.describing import Order, describe  # noqa: PLC0415 - see above
    from config.loading import load  # noqa: PLC0415 - see above
    from hardware.provisioning.description import DescriptionError  # noqa: PLC0415 - see above
    from hardware.provisioning.templates import TemplateError  # noqa: PLC0415 - see above

    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    loaded = load(config, environ=os.environ, credentials_dir=Path(credentials) if credentials else None)
    if loaded.settings is None:
        for problem in loaded.errors:
            click.echo(problem, err=True)
        raise click.ClickException(f"{config} is refused, nothing is written")
    try:
        order = Order(settings=loaded.settings, style=style, vendor=vendor)
        with phone_files.Folder(out) as folder:
            made = describe(order, folder.secrets, phone_files.read_templates(templates))
            folder.write(made.files, made.secrets)
            strange = folder.strange(made.files)
    except (DescriptionError, TemplateError, phone_files.FilesError) as wrong:
        raise click.ClickException(f"{wrong}; nothing is written") from None
    for note in (*made.notes, *strange):
        click.echo(note, err=True)
    click.echo(f"{out}: {made.phones} phones, {len(made.files)} files")
