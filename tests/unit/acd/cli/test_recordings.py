"""`acd recordings` against an API over a real socket."""

import asyncio
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acd.cli.client import Client, RefusedError
from acd.cli.main import acd
from acd.web.server import ControlServer
from tests.unit.acd.web.floor import SmallFloor
from tests.unit.acd.web.shelf import SOUND

pytestmark = pytest.mark.unit
CLI = [sys.executable, "-c", "from acd.cli.main import main; main()"]


class Desk:
    """A library behind a socket, and the command line in front of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.floor = SmallFloor()

    async def run(self, *args: str) -> Result:
        command = ["--socket", str(self.place), "recordings", *args]
        return await asyncio.to_thread(CliRunner().invoke, acd, command)

    @property
    def wishes(self) -> list[str]:
        return self.floor.library.wishes


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="acd") as folder:
        found = Desk(Path(folder) / "c")
        server = ControlServer(found.floor, found.place)
        await server.start()
        yield found
        await server.stop()


async def test_recordings_are_listed_with_what_is_special_about_them(desk: Desk) -> None:
    shown = (await desk.run()).output
    for part in (
        "c1    2026-11-06 21:20:00  1m02s   sales  ann, bob  +4930   2026/a.wav",
        "held by eve: case 7, silenced 10.0s to 14.0s, same file as c2",
        "cut: more than 1 fit",
    ):
        assert part in shown, shown


async def test_every_option_reaches_the_library(desk: Desk) -> None:
    options = ["--queue", "a b", "--agent", "ann", "--caller", "+4930", "--limit", "5", "--as", "eve"]
    moments = ["--since", "1970-01-01T00:00:01", "--until", "1970-01-01T00:00:02"]
    found = json.loads((await desk.run(*options, *moments, "--json")).output)
    assert found["recordings"][0]["file"] == "2026/a.wav"
    assert desk.wishes == ["search a b ann +4930 1000000000 2000000000 5 eve"]


@pytest.mark.parametrize(
    "wrong",
    [["--limit", "0"], ["--since", "yesterday"], ["hold", "c1"], ["play", "a/b"], ["--as", "eve", "expire"]],
)
async def test_wrong_usage_is_refused_before_anybody_is_asked(desk: Desk, wrong: list[str]) -> None:
    assert (await desk.run(*wrong)).exit_code == 2
    assert desk.wishes == []


async def test_a_recording_is_written_as_it_is(desk: Desk) -> None:
    command = [*CLI, "--socket", str(desk.place), "recordings", "play", "c1", "--as", "eve"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, SOUND, b"")
    assert desk.wishes == ["play c1 eve "]


async def test_the_api_tells_kind_and_length_of_the_sound(desk: Desk) -> None:
    def ask() -> tuple[str | None, str | None]:
        connection = http.client.HTTPConnection("acd")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.connect(str(desk.place))
        with contextlib.closing(connection):
            connection.request("GET", "/recordings/c1/sound")
            answer = connection.getresponse()
            return answer.getheader("Content-Type"), answer.getheader("Content-Length")

    assert await asyncio.to_thread(ask) == ("audio/wav", str(len(SOUND)))


async def test_one_that_is_not_there_is_refused_and_nothing_written(desk: Desk, tmp_path: Path) -> None:
    with (tmp_path / "sound").open("wb") as sink, pytest.raises(RefusedError, match="no recording of 'c9'"):
        await asyncio.to_thread(Client(desk.place).fetch, "/recordings/c9/sound", sink)
    assert (tmp_path / "sound").stat().st_size == 0


async def test_a_hold_needs_a_reason_and_is_told_back(desk: Desk) -> None:
    assert (await desk.run("hold", "c1", "--reason", "case 7", "--as", "eve")).output == (
        "c1: held by eve: case 7\n"
    )
    assert (await desk.run("unhold", "c1")).output == "c1: not held\n"
    assert desk.wishes == ["hold c1 True case 7 eve", "hold c1 False  "]
    with pytest.raises(RefusedError):
        await asyncio.to_thread(Client(desk.place).post, "/recordings/c1/hold", {"reason": ""})


async def test_what_expires_is_told_and_a_problem_is_a_failure(desk: Desk) -> None:
    tried = await desk.run("expire", "--dry-run")
    assert (tried.exit_code, tried.output) == (
        0,
        "old.wav\n1 would be deleted, 2 old but held, 3 old but not there\n",
    )
    done = await desk.run("expire")
    assert done.exit_code == 1
    assert "not deleted: a.wav: Permission denied" in done.output
    assert desk.wishes == ["expire True", "expire False"]
