"""`acd call …` and `acd supervise …`: what supervisors do with calls."""

import click

from acd.cli import tables
from acd.cli.agents import acting_as, wish_path
from acd.cli.client import Client
from acd.cli.options import as_json, encodable, part, show
from acd.web.views import CallDone, CallRecording, Done


@click.group()
def call() -> None:
    """Move, raise or take out a waiting call; record a talk."""


def _about(client: Client, path: str, body: object = None, *, plain: bool) -> None:
    show(client.post(path, body), CallDone, tables.call_done, plain=plain)


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def withdraw(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Take a call out of its queue; the caller goes on in the dialplan."""
    _about(client, wish_path(f"/calls/{part(name)}/withdraw", actor=actor), plain=as_json)


@call.command()
@click.argument("name")
@click.argument("queue")
@acting_as
@as_json
@click.pass_obj
def move(client: Client, name: str, queue: str, actor: str, *, as_json: bool) -> None:
    """Send a call on to another queue; it keeps the time it has waited."""
    if not encodable(queue):
        raise click.UsageError("the queue is not UTF-8")
    _about(client, wish_path(f"/calls/{part(name)}/move", actor=actor), {"queue": queue}, plain=as_json)


@call.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("number", type=click.IntRange(-1000, 1000))
@acting_as
@as_json
@click.pass_obj
def priority(client: Client, name: str, number: int, actor: str, *, as_json: bool) -> None:
    """Give a call another priority; its queue's own is added."""
    _about(
        client, wish_path(f"/calls/{part(name)}/priority", actor=actor), {"priority": number}, plain=as_json
    )


@call.command()
@click.argument("name")
@click.argument("place", type=click.IntRange(1, 1_000_000))
@acting_as
@as_json
@click.pass_obj
def position(client: Client, name: str, place: int, actor: str, *, as_json: bool) -> None:
    """Put a call at another place of its queue, as far as priorities allow."""
    _about(
        client, wish_path(f"/calls/{part(name)}/position", actor=actor), {"position": place}, plain=as_json
    )


@call.command()
@click.argument("name")
@click.argument("agent")
@acting_as
@as_json
@click.pass_obj
def pick(client: Client, name: str, agent: str, actor: str, *, as_json: bool) -> None:
    """Give a waiting call to one agent, whatever they serve."""
    if not encodable(agent):
        raise click.UsageError("the agent is not UTF-8")
    path = wish_path(f"/calls/{part(name)}/pick", actor=actor)
    show(client.post(path, {"agent": agent}), CallDone, tables.call_done, plain=as_json)


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def drop(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """End a waiting call: its caller is hung up."""
    show(
        client.post(wish_path(f"/calls/{part(name)}/drop", actor=actor)),
        CallDone,
        tables.call_done,
        plain=as_json,
    )


# ---------------------------------------------------------------- recordings and supervision


def _record(client: Client, path: str, *, plain: bool) -> None:
    show(client.post(path), CallRecording, _recording, plain=plain)


def _recording(view: CallRecording) -> str:
    what = "silenced" if view.silenced else "recording" if view.recording else "no longer recorded"
    return f"{view.call}: {what}, {view.file}"


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def record(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Record a talk from here on."""
    _record(client, wish_path(f"/calls/{part(name)}/record", actor=actor), plain=as_json)


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def unrecord(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Record it no longer."""
    _record(client, wish_path(f"/calls/{part(name)}/record", wanted=False, actor=actor), plain=as_json)


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def silence(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Let the recording hear silence while card data is said."""
    _record(client, wish_path(f"/calls/{part(name)}/silence", actor=actor), plain=as_json)


@call.command()
@click.argument("name")
@acting_as
@as_json
@click.pass_obj
def unsilence(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Let it hear again."""
    _record(client, wish_path(f"/calls/{part(name)}/silence", wanted=False, actor=actor), plain=as_json)


@click.command()
@click.argument("kind", type=click.Choice(["listen", "whisper", "barge"]))
@click.argument("agent")
@click.option("--phone", default="", help="Where to ring, such as 1003; the supervisor's own without it.")
@acting_as
@as_json
@click.pass_obj
def supervise(  # noqa: PLR0913 - one parameter an option
    client: Client, kind: str, agent: str, phone: str, actor: str, *, as_json: bool
) -> None:
    """Be rung and let into an agent's talk."""
    raw = client.post(wish_path(f"/agents/{part(agent)}/supervise/{kind}", actor=actor, phone=phone))
    show(raw, Done, lambda done: f"ringing; {done.agent} is {done.state}", plain=as_json)
