"""`acd recordings …`: find what was recorded, hear it, hold it for the law, delete what is too old."""

import datetime as dt
import sys

import click

from acd.cli import tables
from acd.cli.agents import acting_as, wish_path
from acd.cli.client import Client
from acd.cli.options import Moment, as_json, encodable, part, show
from acd.web.library import Expired, RecordingList, RecordingView


@click.group(invoke_without_command=True)
@click.option("--queue", default="", help="Of this queue.")
@click.option("--agent", default="", help="In which this agent is heard.")
@click.option("--since", type=Moment(), help="Begun then or later (UTC): 2026-11-23 or 2026-11-23T08:00.")
@click.option("--until", type=Moment(), help="Begun before (UTC).")
@click.option("--caller", default="", help="The caller's number, or its last digits.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."
)
@acting_as
@as_json
@click.pass_context
def recordings(  # noqa: PLR0913 - one parameter an option
    context: click.Context,
    *,
    queue: str,
    agent: str,
    since: int | None,
    until: int | None,
    caller: str,
    limit: int,
    actor: str,
    as_json: bool,
) -> None:
    """Recordings, newest first. A command has options of its own, behind its name."""
    if context.invoked_subcommand is not None:
        _nothing_before(context)
        return
    asked = {"queue": queue, "agent": agent, "caller": caller, "limit": limit, "actor": actor}
    path = wish_path("/recordings", **asked, since=since, until=until)
    show(context.obj.get(path), RecordingList, listing, plain=as_json)


def _nothing_before(context: click.Context) -> None:
    """`--as` in the wrong place would otherwise be the operator's wish."""
    for name in context.params:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"put options behind {context.invoked_subcommand!r}, not before it")


@recordings.command()
@click.argument("call")
@click.option("--file", default="", help="Which, where a call has two; the last without it.")
@acting_as
@click.pass_obj
def play(client: Client, call: str, file: str, actor: str) -> None:
    """Write a recording's file to the standard output: `acd recordings play CALL > call.wav`."""
    if sys.stdout.isatty():
        raise click.UsageError(f"this is sound: acd recordings play {call} > file.wav")
    client.fetch(wish_path(f"/recordings/{part(call)}/sound", actor=actor, file=file), sys.stdout.buffer)


@recordings.command()
@click.argument("call")
@click.option("--reason", required=True, help="Why it must be kept: a case, a name.")
@acting_as
@as_json
@click.pass_obj
def hold(client: Client, call: str, reason: str, actor: str, *, as_json: bool) -> None:
    """Keep a recording, whatever its age."""
    if not encodable(reason):
        raise click.UsageError("--reason is not UTF-8")
    raw = client.post(wish_path(f"/recordings/{part(call)}/hold", actor=actor), {"reason": reason})
    show(raw, RecordingView, _held, plain=as_json)


@recordings.command()
@click.argument("call")
@acting_as
@as_json
@click.pass_obj
def unhold(client: Client, call: str, actor: str, *, as_json: bool) -> None:
    """Let it go when it is older than its queue keeps recordings."""
    raw = client.post(wish_path(f"/recordings/{part(call)}/unhold", actor=actor))
    show(raw, RecordingView, _held, plain=as_json)


@recordings.command()
@click.option("--dry-run", is_flag=True, help="Delete nothing; tell what would be.")
@as_json
@click.pass_obj
def expire(client: Client, *, dry_run: bool, as_json: bool) -> None:
    """Delete recordings older than their queue keeps them (`keep`), but those that are held. The daemon does so each day."""
    raw = client.post(wish_path("/recordings/expire", dry_run=dry_run or None))
    done = show(raw, Expired, expired, plain=as_json)
    if done.problems:
        sys.exit(1)


# ---------------------------------------------------------------- text


def listing(view: RecordingList) -> str:
    """One line a recording; under it what is special about it."""
    heads = ("call", "began (UTC)", "lasted", "queue", "agents", "caller", "file", "")
    rows = [
        (
            each.call,
            _clock(each.began),
            tables.span(each.lasted_ms),
            each.queue,
            ", ".join(each.agents),
            each.caller,
            each.file,
            ", ".join(_remarks(each)),
        )
        for each in view.recordings
    ]
    parts = [tables.table(heads, rows)] if rows else ["no recordings"]
    return "\n".join([*parts, *([f"cut: {view.cut}"] if view.cut else [])])


def _remarks(view: RecordingView) -> list[str]:
    remarks = ["runs"] if view.runs else []
    remarks += [f"held by {view.held_by}: {view.held_reason}"] if view.held else []
    remarks += [f"silenced {_span(view, silence.since, silence.until)}" for silence in view.silenced]
    return remarks + ([f"same file as {', '.join(view.shared_with)}"] if view.shared_with else [])


def _span(view: RecordingView, since: int, until: int | None) -> str:
    """In time from the first word."""
    begin, end = (
        tables.span(max(0, moment - view.began) // 1_000_000) for moment in (since, until or view.began)
    )
    return f"{begin} to {end}" if until is not None else f"from {begin} on"


def _clock(moment: int) -> str:
    return dt.datetime.fromtimestamp(moment / 1e9, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def _held(view: RecordingView) -> str:
    return (
        f"{view.call}: held by {view.held_by}: {view.held_reason}" if view.held else f"{view.call}: not held"
    )


def expired(view: Expired) -> str:
    """Which files, how many, and what stood in the way."""
    what = "would be deleted" if view.dry_run else "deleted"
    kept = f"{view.deleted} {what}, {view.held} old but held, {view.gone} old but not there"
    return "\n".join([*view.files, kept, *(f"not deleted: {problem}" for problem in view.problems)])
