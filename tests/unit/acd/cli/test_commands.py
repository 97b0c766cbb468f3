"""The command line against a daemon's API over a real socket."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acd.cli import tables
from acd.cli.main import acd
from acd.web.server import ControlServer
from acd.web.views import ReloadResult
from tests.unit.acd.web.floor import SmallFloor

pytestmark = pytest.mark.unit

CLI = [sys.executable, "-c", "from acd.cli.main import main; main()"]
HEAVY = (
    "acd.app",
    "litestar",
    "uvicorn",
    "uvloop",
    "panoramisk",
    "structlog",
    "sqlite3",
    "asyncio",
    "config",
)
EXAMPLE = Path(__file__).parents[4] / "config" / "example"


class Desk:
    """A floor behind a socket, and the command line in front of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.floor = SmallFloor()

    async def run(self, *args: str) -> Result:
        return await asyncio.to_thread(
            CliRunner().invoke, acd, ["--socket", str(self.place), *args], catch_exceptions=True
        )

    async def process(self, *args: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        command = [*CLI, "--socket", str(self.place), *args]
        return await asyncio.to_thread(
            subprocess.run,
            command,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=os.environ | environ,
        )


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="acd") as folder:
        found = Desk(Path(folder) / "c")
        server = ControlServer(found.floor, found.place)
        await server.start()
        yield found
        await server.stop()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("status", "1 waiting, 1 ringing, 0 talking"),
        ("status", "pbx1: up, 4 channels"),
        ("queues", "sales        1  4.2s           1        0  1 ready"),
        ("agents", "paused (lunch)  1h01m  PJSIP/1001 free"),
        ("agents", "wants help, leaves after this call, paused for too long, 4.0s left"),
        ("agents", "held back 8.0s (no answer), at another phone"),
        ("calls", "fr >= 5"),
        ("explain call c1", "bob: needs fr >= 5, has fr = 2"),
        ("explain call c1", "chosen by skills among 3 free: skill sum 7, idle 1m01s"),
        ("explain call c1", "before cid: skill sum 6, idle 90000 ms"),
        ("explain agent ann", "ann: paused (lunch)"),
        ("agent login ann", "ann is wrap up"),
        ("agent classify ann --code 1 --unresolved", "ann is wrap up"),
        ("reload", "generation 3 in force"),
        ("reload --confirm 5m", "taken back in 5m00s unless you say: acd confirm"),
        ("confirm", "generation 3 stays in force"),
        ("reload --dry-run", "nothing was applied; this would change:"),
        ("reload --dry-run", "1 waiting calls that no agent could serve any more: c1"),
        ("reload --dry-run", "2 waiting calls that only agents who are not logged in could serve"),
        ("reload --dry-run", "ann would no longer serve sales"),
        ("reload --dry-run", "bob would serve sales as well"),
        ("reload --dry-run", "old would run empty and be gone"),
        ("reload --dry-run", "step 2 of sales: no agent has fr >= 9"),
        ("explain call c1", "expected to wait 42.0s more, at step 1, the next in 20.0s, waits for ann first"),
        ("explain call c0", "2026-11-23 06:00:00.000 call_ended"),
        ("call withdraw c1", "c1 in support: waiting, place 2"),
        ("call move c1 support", "c1 in support: waiting, place 2"),
        ("call priority c1 -5", "c1 in support: waiting, place 2"),
        ("call position c1 2", "c1 in support: waiting, place 2"),
        ("queue list", "sales    closed by its hours and by eve until 1970-01-01 02:00 UTC  fire"),
        ("queue list", "support  open"),
        ("queue close sales --for 2h --message fire --as eve", "sales is closed by its hours and by eve"),
        ("queue open sales", "sales is open"),
        ("callbacks", "c1-w  callback  sales  +4930111111  1m05s       1  ann"),
        ("callbacks --queue other", "nobody waits to be called back"),
        (
            "callbacks add sales +4930111111 --at 2026-11-23T14:30+01:00",
            "c1-w: callback to +4930111111 in sales",
        ),
        ("callbacks cancel c1-w --as eve", "c1-w: callback to +4930111111 in sales"),
        ("report", "arrived"),
        (
            "trunks",
            "carrier       2  2       3            2        1  all busy for 4.2s, 1 of 3 lines out of order",
        ),
        ("trunks", "carrier: DAHDI/3 on pbx1 is out of order: Red Alarm"),
        ("trunks report", "carrier: 3 lines, busiest from 08:00"),
        ("trunks report", "08:00  100      10       2.50     2.78     3     -         1       -"),
        ("trunks report", "31.87%     10.00%  8"),
        ("trunks report --day 2026-11-23", "2026-11-23 00:00 to 2026-11-24 00:00 UTC"),
    ],
)
async def test_what_people_read(desk: Desk, command: str, shown: str) -> None:
    result = await desk.run(*command.split())

    assert result.exit_code == 0, result.output
    assert shown in result.output


@pytest.mark.parametrize(
    "command",
    [
        *("status", "queues", "agents", "calls", "explain call c1", "explain agent ann", "reload", "report"),
        *("call withdraw c1", "call move c1 b", "call priority c1 5", "call position c1 1", "confirm"),
        *("reload --dry-run", "reload --confirm 90s"),
        *("agent login ann", "agent logout ann", "agent ready ann", "agent pause ann --reason lunch"),
        *("agent wrap-up ann", "agent extend ann", "agent classify ann --topic x", "agent help ann"),
        "agent malicious ann",
    ],
)
async def test_every_command_prints_json(desk: Desk, command: str) -> None:
    result = await desk.run(*command.split(), "--json")

    assert result.exit_code == 0, result.output
    json.loads(result.output)


async def test_a_reason_reaches_the_daemon(desk: Desk) -> None:
    await desk.run("agent", "pause", "ann", "--reason", "lunch & tea")

    assert desk.floor.wishes == ["pause ann lunch & tea"]


@pytest.mark.parametrize(
    ("command", "wish"),
    [
        ("login ann --phone 1002 --as eve", "log in ann 1002 eve"),
        ("login ann --phone a&b=c", "log in ann a&b=c"),
        ("logout ann --force", "log out ann by force"),
        ("logout ann --as eve", "log out ann  eve"),
        ("pause ann --reason lunch --as eve", "pause ann lunch eve"),
        ("ready ann", "ready ann"),
        ("wrap-up ann --not", "wrap-up ann False"),
        ("extend ann --by 1m30s", "extend ann 90"),
        ("extend ann", "extend ann None"),
        ("classify ann --code 1 --topic bill --resolved", "classify ann 1 bill True"),
        ("help ann --no-more", "help ann False"),
        ("malicious ann", "malicious ann"),
    ],
)
async def test_what_agents_and_supervisors_wish_reaches_the_daemon(
    desk: Desk, command: str, wish: str
) -> None:
    result = await desk.run("agent", *command.split())

    assert result.exit_code == 0, result.output
    assert desk.floor.wishes == [wish]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("agent", "resume", "ann"), 1, "acd: ann is not paused"),
        (("explain", "call", "c9"), 1, "acd calls lists the open ones"),
        (("report", "--slot", "7"), 1, "a multiple of 15"),
        (("report", "--since", "yesterday"), 2, "write 2026-11-23"),
        (("report", "--json", "--csv"), 2, "choose one"),
        (("dance",), 2, "No such command"),
        (("agent", "login", ""), 2, "'' is no name"),
        (("agent", "login", "a/b"), 2, "'a/b' is no name"),
        (("agent", "login", "\udcff"), 2, r"'\udcff' is no name"),
        (("explain", "call", "\udcff"), 2, r"'\udcff' is no name"),
        (("agent", "pause", "ann", "--reason", "\udcff"), 2, "--reason is not UTF-8"),
        (("agent", "pause", "ann", "--reason", "x" * 81), 1, "of length <= 80"),
    ],
)
async def test_exit_codes_and_what_is_said_on_standard_error(
    desk: Desk, args: tuple[str, ...], code: int, said: str
) -> None:
    done = await desk.process(*args)

    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


async def test_a_refused_reload_is_exit_code_1_with_every_problem(desk: Desk) -> None:
    desk.floor.reload_result = ReloadResult(
        ok=False, generation=2, problems=("queues.toml:3: error: …",), needs_restart=("agi.port",)
    )
    done = await desk.process("reload")

    assert done.returncode == 1
    assert "refused; generation 2 stays in force" in done.stdout
    assert "queues.toml:3: error" in done.stdout
    assert "needs a restart: agi.port" in done.stdout


def test_no_daemon_is_exit_code_3() -> None:
    done = subprocess.run(
        [*CLI, "--socket", "/nonexistent/c", "status"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 3
    assert "no daemon answers" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    assert "_ACD_COMPLETE" in CliRunner().invoke(acd, ["completion", shell]).output


def test_a_bad_configuration_is_told_line_by_line_with_exit_code_1(tmp_path: Path) -> None:
    result = CliRunner().invoke(acd, ["check", "--config", str(tmp_path)])

    assert result.exit_code == 1
    assert "acd.toml" in result.output


async def test_what_a_caller_sends_cannot_steer_the_terminal(desk: Desk) -> None:
    desk.floor.caller = "\x1b]0;owned\x07\x9b2J\u202e+49 Jürgen"
    people, programs = await desk.run("calls"), await desk.run("calls", "--json")

    assert r"\x1b]0;owned\x07\x9b2J\u202e+49 Jürgen" in people.output
    assert json.loads(programs.output)[0]["caller"] == desk.floor.caller


async def test_a_terminal_that_is_not_utf_8_shows_what_it_can(desk: Desk) -> None:
    desk.floor.caller = "Жора"
    done = await desk.process("calls", PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u0416\u043e\u0440\u0430" in done.stdout


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"hello\r\n", 3, "is it the daemon's control socket?"),
        (b"", 3, "RemoteDisconnected"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}', 1, "answer is not understood"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{", 3, "IncompleteRead"),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\n[]", 1, "status 502"),
    ],
)
async def test_a_strange_answer_is_told_in_one_line(
    tmp_path: Path, answer: bytes, code: int, said: str
) -> None:
    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    with tempfile.TemporaryDirectory(prefix="acd") as folder:
        desk = Desk(Path(folder) / "c")
        async with await asyncio.start_unix_server(strange, desk.place):
            done = await desk.process("status")

    assert (done.returncode, said in done.stderr, done.stderr.count("\n")) == (code, True, 1), done.stderr


async def test_the_socket_comes_from_the_environment_too(desk: Desk) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [*CLI, "status"],
        capture_output=True,
        text=True,
        timeout=20,
        env=os.environ | {"ACD_SOCKET": str(desk.place)},
    )

    assert done.returncode == 0, done.stderr


async def test_a_reader_who_has_seen_enough_is_no_error(desk: Desk) -> None:
    command = shlex.join([*CLI, "--socket", str(desk.place), "report", "--json"])
    done = await asyncio.to_thread(
        subprocess.run, ["sh", "-c", f"{command} | true"], capture_output=True, text=True, timeout=20
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_help_names_every_exit_code() -> None:
    assert "0 done, 1 failed or refused, 2 wrong usage, 3 no daemon answers" in " ".join(
        CliRunner().invoke(acd, ["--help"]).output.split()
    )


def test_a_check_reads_the_schedule_too(tmp_path: Path) -> None:
    for file in EXAMPLE.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    with (tmp_path / "acd.toml").open("a") as settings:
        settings.write('[shifts]\nfile = "shifts.csv"\n')
    told = {}
    for name, rows in {"good": "", "bad": "nobody,2026-03-02T08:00,2026-03-02T16:00\n"}.items():
        (tmp_path / "shifts.csv").write_text("agent,start,end\n" + rows)
        done = CliRunner().invoke(
            acd, ["check", "--config", str(tmp_path), "--json"], env={"ACD_AMI_SECRET": "secret"}
        )
        told[name] = (done.exit_code, json.loads(done.stdout)["problems"])

    assert told["good"] == (0, [])
    assert told["bad"][0] == 1
    assert told["bad"][1][0].startswith('shifts.csv:2: error: unknown agent "nobody"')


def test_a_checked_configuration_is_json_too(tmp_path: Path) -> None:
    refused = CliRunner().invoke(acd, ["check", "--config", str(tmp_path), "--json"])
    good = CliRunner().invoke(
        acd, ["check", "--config", str(EXAMPLE), "--json"], env={"ACD_AMI_SECRET": "secret"}
    )

    assert (refused.exit_code, json.loads(refused.output)["ok"]) == (1, False)
    assert len(json.loads(refused.output)["problems"]) == 4
    assert (good.exit_code, json.loads(good.output)) == (0, {"ok": True, "problems": []})


async def test_a_whole_client_command_imports_neither(desk: Desk) -> None:
    """As `acd status` runs, to its last line: nothing lazy slips in."""
    code = (
        "import atexit, sys; from acd.cli.main import main; "
        f"atexit.register(lambda: print([name for name in {HEAVY} if name in sys.modules])); main()"
    )
    command = [sys.executable, "-c", code, "--socket", str(desk.place), "status"]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_client_commands_import_neither_the_daemon_nor_the_web_framework() -> None:
    code = f"import sys; import acd.cli.main; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0.0s"), (59_940, "59.9s"), (187_000, "3m07s"), (7_500_000, "2h05m")]
)
def test_spans_are_read_at_a_glance(ms: int, text: str) -> None:
    assert tables.span(ms) == text


def test_an_empty_table_has_its_heads() -> None:
    assert tables.table(("a", "b"), []) == "a  b"


@pytest.mark.parametrize(
    ("command", "wish"),
    [
        ("supervise whisper ann --as eve --phone 1003", "whisper ann eve 1003"),
        ("call record c1 --as eve", "record c1 eve"),
        ("call unrecord c1", "unrecord c1"),
        ("call silence c1", "silence c1 True"),
        ("call pick c1 ann --as eve", "pick c1 ann eve"),
        ("call drop c1", "drop c1"),
        ("agent message ann hello --as eve", "message ann hello eve"),
        ("call unsilence c1 --as eve", "silence c1 False eve"),
    ],
)
async def test_supervision_reaches_the_daemon(desk: Desk, command: str, wish: str) -> None:
    result = await desk.run(*command.split(), "--json")

    assert result.exit_code == 0, result.output
    assert desk.floor.wishes == [wish]
