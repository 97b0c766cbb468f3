"""The control API over a real Unix socket: who may use it, what it answers, what it refuses."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from structlog.testing import capture_logs

from acd.cli.client import Client, RefusedError, UnreachableError
from acd.web.server import ControlServer, bind
from acd.web.views import Status
from tests.unit.acd.web.floor import SmallFloor

pytestmark = pytest.mark.unit


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="acd") as folder:
        yield Path(folder) / "c"


@pytest.fixture
async def floor(place: Path) -> AsyncIterator[SmallFloor]:
    shown = SmallFloor()
    server = ControlServer(shown, place)
    await server.start()
    yield shown
    await server.stop()
    assert place not in list(place.parent.iterdir())


async def get(place: Path, path: str) -> Any:
    return json.loads(await asyncio.to_thread(Client(place).get, path))


async def test_only_the_owner_and_the_group_may_speak_to_it(floor: SmallFloor, place: Path) -> None:
    assert stat.S_IMODE(os.lstat(place).st_mode) == 0o660


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/healthz", "ok"),
        ("/status", "generation"),
        ("/explain/call/c1", "offers"),
        ("/explain/agent/ann", "why"),
        ("/report", "balance"),
    ],
)
async def test_every_view_is_answered(floor: SmallFloor, place: Path, path: str, key: str) -> None:
    assert key in await get(place, path)


@pytest.mark.parametrize("path", ["/queues", "/agents", "/calls", "/decisions?limit=5"])
async def test_every_list_is_answered(floor: SmallFloor, place: Path, path: str) -> None:
    assert len(await get(place, path)) == 1


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/agents/nobody/login", None, r"there is no agent 'nobody' \(acd agents lists them\)"),
        ("/agents/ann/resume", None, "ann is not paused"),
        ("/agents/ann/pause", {"reason": "a\nb"}, "Validation failed .* matching regex .*"),
        ("/agents/ann/pause", {"reason": "ends\n"}, "Validation failed .* matching regex .*"),
        ("/agents/ann/pause", {"reason": "\x9b2J"}, "Validation failed .* matching regex .*"),
        ("/agents/ann/pause", {"reason": "x" * 81}, "Validation failed .* of length <= 80.*"),
        ("/agents/ann/pause", {"raison": "x"}, "Validation failed .* unknown field `raison`.*"),
        ("/agents/ann/dance", None, "Not Found"),
        ("/calls/c1/move", {"queue": "nowhere"}, r"there is no queue 'nowhere' \(acd queues lists them\)"),
        ("/calls/c1/move", {}, "Validation failed .* missing required field `queue`.*"),
        ("/calls/c1/priority", {"priority": 1001}, "Validation failed .* <= 1000.*"),
        ("/calls/c1/position", {"position": 0}, "Validation failed .* >= 1.*"),
        ("/reload?confirm_s=0", None, r"Validation failed .*\(confirm_s: .*"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_with_its_reason(
    floor: SmallFloor, place: Path, path: str, body: object, reason: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        await asyncio.to_thread(Client(place).post, path, body)

    assert re.fullmatch(reason, str(refused.value))
    assert floor.wishes == []


@pytest.mark.parametrize(
    "query", ["since=-1", f"since={2**63}", f"until={2**63}", "minutes=0", "minutes=-15", "since=yesterday"]
)
async def test_a_report_of_senseless_bounds_names_the_parameter(
    floor: SmallFloor, place: Path, query: str
) -> None:
    with pytest.raises(RefusedError, match=rf"Validation failed .*\({query.partition('=')[0]}: "):
        await get(place, f"/report?{query}")


async def test_a_fault_of_the_daemon_is_told_by_kind_and_logged_whole(place: Path) -> None:
    class Broken(SmallFloor):
        def status(self) -> Status:
            raise KeyError("a secret detail")

    server = ControlServer(Broken(), place)
    await server.start()
    with capture_logs() as logs, pytest.raises(RefusedError) as refused:
        await get(place, "/status")
    await server.stop()

    assert str(refused.value) == "the daemon failed: KeyError (its log says more)"
    assert [(line["event"], line["path"], repr(line["exc_info"])) for line in logs] == [
        ("api_failed", "/status", "KeyError('a secret detail')")
    ]


async def test_a_control_api_that_dies_is_logged_at_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("no more")

    monkeypatch.setattr(uvicorn.Server, "serve", fail)
    server = ControlServer(SmallFloor(), place)
    with capture_logs() as logs:
        await server.start()
        await server.stop()

    assert [(line["event"], str(line["exc_info"])) for line in logs] == [("control_api_failed", "no more")]


async def test_signals_stay_the_owners_while_the_api_serves(floor: SmallFloor, place: Path) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    await get(place, "/healthz")

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_a_restart_on_the_same_path_serves_again(place: Path) -> None:
    for _ in range(2):
        server = ControlServer(SmallFloor(), place)
        await server.start()
        assert (await get(place, "/status"))["generation"] == 2
        await server.stop()


async def test_many_clients_at_once_are_all_answered(floor: SmallFloor, place: Path) -> None:
    answers = await asyncio.gather(*(get(place, "/status") for _ in range(50)))

    assert [answer["generation"] for answer in answers] == [2] * 50


async def test_the_interface_describes_itself_without_any_outside_host(
    floor: SmallFloor, place: Path
) -> None:
    schema = await get(place, "/schema/openapi.json")

    assert schema["openapi"].startswith("3.1")
    assert {"/status", "/reload", "/agents/{agent}/pause"} <= schema["paths"].keys()


def test_a_socket_that_a_killed_daemon_left_is_taken_over(place: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(place))
    left.close()

    bind(place).close()


def test_a_socket_that_answers_is_left_alone(place: Path) -> None:
    with bind(place), pytest.raises(OSError, match="another daemon answers there; stop it or name another"):
        bind(place)
    assert place.exists()


def test_a_file_in_the_way_is_not_removed(place: Path) -> None:
    place.write_text("precious")

    with pytest.raises(OSError, match="is in the way"):
        bind(place)
    assert place.read_text() == "precious"


def test_a_path_too_long_for_a_socket_says_so() -> None:
    with pytest.raises(OSError, match="longer than 107 bytes; choose a shorter control_socket"):
        bind(Path("/tmp") / ("x" * 110))


def test_no_daemon_is_told_with_what_to_do(place: Path) -> None:
    with pytest.raises(UnreachableError, match="no daemon answers; start it"):
        Client(place).get("/status")
