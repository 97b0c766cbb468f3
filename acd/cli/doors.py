"""`acd queue …`: close a queue at once and whatever its hours say, and open it again."""

import datetime as dt

import click

from acd.cli import tables
from acd.cli.agents import acting_as, wish_path
from acd.cli.client import Client
from acd.cli.options import Span, as_json, encodable, part, show
from acd.web.opening import DoorView


@click.group()
def queue() -> None:
    """Close and open queues by hand."""


@queue.command()
@click.argument("name")
@click.option("--for", "seconds", type=Span(), default=None, help="Open again after so long: 30m, 2h.")
@click.option(
    "--message", default="", help="A sound that callers hear; without one they are refused by a status."
)
@acting_as
@as_json
@click.pass_obj
def close(  # noqa: PLR0913 - one parameter an option
    client: Client, *, name: str, seconds: int | None, message: str, actor: str, as_json: bool
) -> None:
    """Let nobody in. Who waits is served or leaves, as the queue says."""
    if not encodable(message):
        raise click.UsageError("the message is not UTF-8")
    wish = {"message": message, "seconds": seconds}
    show(
        client.post(wish_path(f"/queues/{part(name)}/close", actor=actor), wish),
        DoorView,
        door,
        plain=as_json,
    )


@queue.command("open")
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def open_(client: Client, *, name: str, actor: str, as_json: bool) -> None:
    """Let callers in again, unless the hours close it."""
    show(client.post(wish_path(f"/queues/{part(name)}/open", actor=actor)), DoorView, door, plain=as_json)


@queue.command("list")
@as_json
@click.pass_obj
def list_(client: Client, *, as_json: bool) -> None:
    """Which queues let callers in, and why not."""
    show(client.get("/doors"), list[DoorView], listing, plain=as_json)


def door(view: DoorView) -> str:
    """One queue in a line."""
    return f"{view.queue} is {state(view)}"


def state(view: DoorView) -> str:
    """Open, or closed by what and until when."""
    if view.open:
        return "open"
    by = [*(["by its hours"] if view.by_hours else []), *([f"by {view.who}"] if view.by_hand else [])]
    until = "" if not view.opens else f" until {_clock(view.opens)}"
    return " ".join(["closed", " and ".join(by)]).strip() + until


def listing(views: list[DoorView]) -> str:
    """The table."""
    return tables.table(("queue", "", "message"), [(view.queue, state(view), view.message) for view in views])


def _clock(moment: int) -> str:
    return dt.datetime.fromtimestamp(moment / 1e9, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
