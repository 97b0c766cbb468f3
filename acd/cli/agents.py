"""`acd agent …`: what agents do, and what supervisors do with them."""

from collections.abc import Mapping

import click

from acd.cli.client import Client
from acd.cli.options import Span, as_json, encodable, part, show
from acd.web.views import Done

acting_as = click.option(
    "--as", "actor", default="", help="The supervisor who wants it: rights are checked and the act is told."
)
name_argument = click.argument("name")


@click.group()
def agent() -> None:
    """Log an agent in or out, pause or resume, and what is said about calls."""


def _wish(client: Client, name: str, wish: str, *, plain: bool, body: object = None, **query: object) -> None:
    path = wish_path(f"/agents/{part(name)}/{wish}", **query)
    show(client.post(path, body), Done, _done, plain=plain)


def wish_path(path: str, **query: object) -> str:
    """A path with what was given of its options. Raises click.UsageError."""
    from urllib.parse import quote, urlencode  # noqa: PLC0415 - 5 ms that other commands need not pay

    given = {key: value for key, value in query.items() if value not in ("", None)}
    words = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()
    }
    if not all(encodable(value) for value in words.values()):
        raise click.UsageError("an option is not UTF-8")
    return f"{path}?{urlencode(words, quote_via=quote)}" if words else path


def _done(done: Done) -> str:
    return f"{done.agent} is {done.state.replace('_', ' ')}"


@agent.command()
@name_argument
@click.option("--phone", default="", help="Where the agent sits, such as 1002; the own phone without it.")
@acting_as
@as_json
@click.pass_obj
def login(client: Client, name: str, phone: str, actor: str, *, as_json: bool) -> None:
    """The agent is at work."""
    _wish(client, name, "login", plain=as_json, phone=phone, actor=actor)


@agent.command()
@name_argument
@click.option("--force", is_flag=True, help="At once: a talk is cut.")
@acting_as
@as_json
@click.pass_obj
def logout(client: Client, name: str, actor: str, *, force: bool, as_json: bool) -> None:
    """The agent leaves, after the present talk. With --as it is by force."""
    _wish(client, name, "logout", plain=as_json, forced=force or None, actor=actor)


@agent.command()
@name_argument
@click.option("--reason", default="", help="What reports show: lunch, training …")
@acting_as
@as_json
@click.pass_obj
def pause(client: Client, name: str, reason: str, actor: str, *, as_json: bool) -> None:
    """No calls for a while; a phone that rings stops, a talk goes on."""
    if not encodable(reason):
        raise click.UsageError("--reason is not UTF-8")
    _wish(client, name, "pause", plain=as_json, body={"reason": reason}, actor=actor)


@agent.command()
@name_argument
@acting_as
@as_json
@click.pass_obj
def resume(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Calls again."""
    _wish(client, name, "resume", plain=as_json, actor=actor)


@agent.command()
@name_argument
@acting_as
@as_json
@click.pass_obj
def ready(client: Client, name: str, actor: str, *, as_json: bool) -> None:
    """Done with the work after a talk, before its time is up."""
    _wish(client, name, "ready", plain=as_json, actor=actor)


@agent.command("wrap-up")
@name_argument
@click.option("--not", "unwanted", is_flag=True, help="No time after all.")
@as_json
@click.pass_obj
def wrap_up(client: Client, name: str, *, unwanted: bool, as_json: bool) -> None:
    """Ask in a talk for time after it, where the queue wants to be asked."""
    _wish(client, name, "wrap-up", plain=as_json, wanted=not unwanted)


@agent.command()
@name_argument
@click.option("--by", type=Span(), help="How much longer, such as 60s; as configured without it.")
@as_json
@click.pass_obj
def extend(client: Client, name: str, by: int | None, *, as_json: bool) -> None:
    """More time for the work after a talk."""
    _wish(client, name, "extend", plain=as_json, seconds=by)


@agent.command()
@name_argument
@click.option("--code", default="", help="Disposition code of the queue: its name or its digits.")
@click.option("--topic", default="", help="What the call was about.")
@click.option("--resolved/--unresolved", default=None, help="Whether the caller's matter is settled.")
@as_json
@click.pass_obj
def classify(  # noqa: PLR0913 - one parameter an option
    client: Client, name: str, code: str, topic: str, *, resolved: bool | None, as_json: bool
) -> None:
    """Say what the present or the last call was about."""
    if not encodable(code + topic):
        raise click.UsageError("an option is not UTF-8")
    body: Mapping[str, object] = {"code": code, "topic": topic, "resolved": resolved}
    _wish(client, name, "classify", plain=as_json, body=body)


@agent.command("help")
@name_argument
@click.option("--no-more", is_flag=True, help="The wish is settled.")
@as_json
@click.pass_obj
def help_(client: Client, name: str, *, no_more: bool, as_json: bool) -> None:
    """Ask a supervisor for help."""
    _wish(client, name, "help", plain=as_json, wanted=not no_more)


@agent.command()
@name_argument
@as_json
@click.pass_obj
def malicious(client: Client, name: str, *, as_json: bool) -> None:
    """Keep who called just now, and from where."""
    _wish(client, name, "malicious", plain=as_json)


@agent.command()
@name_argument
@click.argument("text")
@acting_as
@as_json
@click.pass_obj
def message(client: Client, name: str, text: str, actor: str, *, as_json: bool) -> None:
    """Show a text on the agent's phone."""
    if not encodable(text):
        raise click.UsageError("the text is not UTF-8")
    _wish(client, name, "message", plain=as_json, body={"text": text}, actor=actor)
