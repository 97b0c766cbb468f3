"""`acd`: every command. Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 no daemon answers."""

import io
import os
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from acd.cli import lines, tables
from acd.cli.agents import agent
from acd.cli.callbacks import callbacks
from acd.cli.calls import call, supervise
from acd.cli.client import DEFAULT_SOCKET, Client, RefusedError, UnreachableError, read
from acd.cli.doors import queue
from acd.cli.kpi import audit, kpi
from acd.cli.options import Moment, Span, as_json, part, show
from acd.cli.phones import phones
from acd.cli.recordings import recordings
from acd.core.explain import AgentExplained
from acd.web.views import AgentView, CallStory, CallView, QueueView, ReloadResult, Status

FAILED: Final = 1
UNREACHABLE: Final = 3
DEFAULT_CONFIG: Final = "/etc/acd"

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_CONFIG),
    show_default=True,
    help="Directory of acd.toml, queues.toml, agents.toml and skills.toml.",
)


@click.group(epilog="Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 no daemon answers.")
@click.option(
    "--socket",
    type=click.Path(path_type=Path, readable=False),
    envvar="ACD_SOCKET",
    default=Path(DEFAULT_SOCKET),
    show_default=True,
    help="The daemon's control socket.",
)
@click.pass_context
def acd(context: click.Context, socket: Path) -> None:
    """Automatic call distribution for Asterisk."""
    context.obj = Client(socket)


acd.add_command(agent)
acd.add_command(call)
acd.add_command(supervise)


acd.add_command(lines.trunks)
acd.add_command(recordings)
acd.add_command(callbacks)
acd.add_command(queue)
acd.add_command(phones)
acd.add_command(kpi)
acd.add_command(audit)


def main() -> None:
    """Entry point."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8
    try:
        acd.main(standalone_mode=False)
    except UnreachableError as wrong:
        _quit(str(wrong), UNREACHABLE)
    except RefusedError as wrong:
        _quit(str(wrong), FAILED)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        _quit("interrupted", FAILED)
    except BrokenPipeError:
        # The reader, a pager or head, has seen enough; nothing is left to tell anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _quit(message: str, code: int) -> None:
    click.echo(f"acd: {message}", err=True)
    sys.exit(code)


# ---------------------------------------------------------------- the daemon


@acd.command()
@config_option
def run(config: Path) -> None:
    """Run the daemon in the foreground."""
    from acd.app.daemon import run as serve  # noqa: PLC0415 - client commands must not pay for the daemon's imports

    sys.exit(serve(config))


@acd.command()
@config_option
@as_json
def check(config: Path, *, as_json: bool) -> None:
    """Check a configuration, and the schedule it names, without touching the daemon."""
    from config.loading import load  # noqa: PLC0415 - only this command reads files
    from config.schedule_file import schedule_problems  # noqa: PLC0415 - as above

    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    loaded = load(config, environ=os.environ, credentials_dir=Path(credentials) if credentials else None)
    of_schedule = schedule_problems(config, loaded.settings) if loaded.settings is not None else ()
    problems = [str(problem) for problem in (*loaded.problems, *of_schedule)]
    ok = loaded.settings is not None and not of_schedule
    if as_json:
        click.echo(msgspec.json.encode({"ok": ok, "problems": problems}).decode())
    else:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(f"{config}: {'ok' if ok else 'refused'}")
    if not ok:
        sys.exit(FAILED)


@acd.command()
@click.option("--dry-run", is_flag=True, help="Apply nothing; tell what would change, and for whom.")
@click.option(
    "--confirm", type=Span(), help="Take the change back after so long, unless `acd confirm` comes."
)
@as_json
@click.pass_obj
def reload(client: Client, *, dry_run: bool, confirm: int | None, as_json: bool) -> None:
    """Read the configuration again; a bad file changes nothing and is told here."""
    if dry_run and confirm is not None:
        raise click.UsageError("--dry-run applies nothing that --confirm could take back: choose one")
    given = {"dry_run": "true" if dry_run else None, "confirm_s": confirm}
    query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
    raw = client.post(f"/reload?{query}" if query else "/reload")
    result = show(raw, ReloadResult, tables.reload, plain=as_json)
    if not result.ok:
        sys.exit(FAILED)


@acd.command()
@as_json
@click.pass_obj
def confirm(client: Client, *, as_json: bool) -> None:
    """Keep a change that `acd reload --confirm` made."""
    show(client.post("/confirm"), ReloadResult, tables.confirmed, plain=as_json)


# ---------------------------------------------------------------- views


@acd.command()
@as_json
@click.pass_obj
def status(client: Client, *, as_json: bool) -> None:
    """The daemon in one look."""
    show(client.get("/status"), Status, tables.status, plain=as_json)


@acd.command()
@as_json
@click.pass_obj
def queues(client: Client, *, as_json: bool) -> None:
    """All queues."""
    show(client.get("/queues"), list[QueueView], tables.queues, plain=as_json)


@acd.command()
@as_json
@click.pass_obj
def agents(client: Client, *, as_json: bool) -> None:
    """All agents."""
    show(client.get("/agents"), list[AgentView], tables.agents, plain=as_json)


@acd.command()
@as_json
@click.pass_obj
def calls(client: Client, *, as_json: bool) -> None:
    """All open calls, those who wait in their order."""
    show(client.get("/calls"), list[CallView], tables.calls, plain=as_json)


@acd.group()
def explain() -> None:
    """Why a call waits, why an agent is idle."""


@explain.command("call")
@click.argument("call")
@as_json
@click.pass_obj
def explain_call(client: Client, call: str, *, as_json: bool) -> None:
    """Why a call is where it is, and every offer made for it."""
    show(client.get(f"/explain/call/{part(call)}"), CallStory, tables.call_story, plain=as_json)


@explain.command("agent")
@click.argument("agent")
@as_json
@click.pass_obj
def explain_agent(client: Client, agent: str, *, as_json: bool) -> None:
    """What an agent does, and why each waiting call is not theirs."""
    show(client.get(f"/explain/agent/{part(agent)}"), AgentExplained, tables.agent_story, plain=as_json)


# ---------------------------------------------------------------- numbers


@acd.command()
@click.option("--since", type=Moment(), help="From when (UTC); the start of today without it.")
@click.option("--until", type=Moment(), help="Until when (UTC); now without it.")
@click.option("--slot", type=int, help="Minutes of a period, a multiple of 15; the whole without it.")
@click.option(
    "--within", type=Span(), help="Answered within that counts as in time, instead of as configured."
)
@click.option("--short", type=Span(), help="Abandoned within that counts as short, instead of as configured.")
@click.option(
    "--repeat-hours",
    type=click.IntRange(1, 168),
    help="Within that a call of the same caller is a repeat; 168.",
)
@as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print as CSV.")
@click.pass_obj
def report(  # noqa: PLR0913 - one parameter an option
    client: Client,
    *,
    since: int | None,
    until: int | None,
    slot: int | None,
    within: int | None,
    short: int | None,
    repeat_hours: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """The numbers of a period, per queue, agent and trunk group."""
    from kpi.rendering import as_csv as csv_of  # noqa: PLC0415 - only this command renders reports
    from kpi.rendering import as_text  # noqa: PLC0415 - see above
    from kpi.report import Report  # noqa: PLC0415 - see above

    if as_json and as_csv:
        raise click.UsageError("--json and --csv: choose one")
    given = {
        "since": since,
        "until": until,
        "minutes": slot,
        "service_level_ms": None if within is None else within * 1000,
        "short_abandon_ms": None if short is None else short * 1000,
        "repeat_ms": None if repeat_hours is None else repeat_hours * 3_600_000,
    }
    query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
    raw = client.get(f"/report?{query}")
    view = read(raw, Report)
    # as_text makes names printable itself; CSV is for programs, so that names stay as they are.
    click.echo(raw.decode() if as_json else (csv_of if as_csv else as_text)(view))


@acd.command()
@config_option
@as_json
@click.pass_obj
def doctor(client: Client, config: Path, *, as_json: bool) -> None:
    """Check what the daemon needs of its Asterisk, and print what to mend."""
    from acd.cli.doctor import Verdict, examine  # noqa: PLC0415 - only this command speaks AMI
    from config.loading import load  # noqa: PLC0415 - see above

    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    loaded = load(config, environ=os.environ, credentials_dir=Path(credentials) if credentials else None)
    if loaded.settings is None:
        _quit(f"{config} is refused; `acd check` says why", FAILED)
        return
    rows = examine(loaded.settings, client.path)
    click.echo(msgspec.json.encode(rows).decode() if as_json else tables.findings(rows))
    if any(row.verdict is Verdict.FAILED for row in rows):
        sys.exit(FAILED)


@acd.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the shell's completion script: `eval "$(acd completion bash)"`."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only this command needs it

    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(found(acd, {}, "acd", "_ACD_COMPLETE").source())
