"""`acd callbacks …`: who is to be called back, and messages for agents."""

import click

from acd.cli import tables
from acd.cli.agents import acting_as, wish_path
from acd.cli.client import Client
from acd.cli.options import as_json, encodable, part, show
from acd.web.work import WorkView

SHOWN = 60
"""Characters of a message's text in the table; --json has all."""


@click.group(invoke_without_command=True)
@click.option("--queue", default="", help="Of this queue.")
@as_json
@click.pass_context
def callbacks(context: click.Context, *, queue: str, as_json: bool) -> None:
    """Open callbacks and messages, longest wait first."""
    if context.invoked_subcommand is None:
        show(context.obj.get(wish_path("/callbacks", queue=queue)), list[WorkView], listing, plain=as_json)


@callbacks.command()
@click.argument("queue")
@click.argument("number")
@click.option("--name", default="", help="Shown to the agent.")
@click.option("--at", default="", help="Not before then: 2026-11-23T14:30+01:00.")
@click.option("--priority", type=click.IntRange(-1000, 1000), default=0, help="The queue's own is added.")
@acting_as
@as_json
@click.pass_obj
def add(  # noqa: PLR0913 - one parameter an option
    client: Client,
    *,
    queue: str,
    number: str,
    name: str,
    at: str,
    priority: int,
    actor: str,
    as_json: bool,
) -> None:
    """Let somebody be called back, as soon as an agent is free or at a time."""
    if not all(map(encodable, (queue, number, name, at))):
        raise click.UsageError("the arguments are not UTF-8")
    wish = {"queue": queue, "number": number, "name": name, "at": at, "priority": priority}
    show(client.post(wish_path("/callbacks", actor=actor), wish), WorkView, one, plain=as_json)


@callbacks.command()
@click.argument("work")
@acting_as
@as_json
@click.pass_obj
def cancel(client: Client, work: str, actor: str, *, as_json: bool) -> None:
    """Take one away; not from somebody who is at it."""
    path = wish_path(f"/callbacks/{part(work)}/cancel", actor=actor)
    show(client.post(path), WorkView, one, plain=as_json)


def one(view: WorkView) -> str:
    """A line about one."""
    return f"{view.work}: {view.kind.value} to {view.number or 'nobody'} in {view.queue}"


def listing(views: list[WorkView]) -> str:
    """The table of open work."""
    if not views:
        return "nobody waits to be called back"
    return tables.table(
        ("work", "kind", "queue", "number", "waited", "tries", "agent", "text"),
        [
            (
                view.work,
                view.kind.value,
                view.queue,
                view.number,
                tables.span(view.waited_ms),
                view.attempts,
                view.agent,
                view.text[:SHOWN],
            )
            for view in views
        ],
    )
