"""What systemd hears, over a real datagram socket."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.app.notify import Notifier

pytestmark = pytest.mark.unit


def listening_on(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.setblocking(False)
    listener.bind(address)
    return listener


def open_files() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Give NOTIFY_SOCKET's value and the socket that listens there."""
    name = f"{tmp_path}/notify" if request.param == "path" else f"@{tmp_path}"
    with listening_on(name.replace("@", "\0")) as listener:
        yield name, listener


def test_lines_sent_together_arrive_as_one_message(systemd: tuple[str, socket.socket]) -> None:
    address, listener = systemd
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.send("READY=1", "STATUS=AMI 1/1 up, Zoë waits")
    notifier.send("WATCHDOG=1")
    notifier.close()

    assert listener.recv(4096).decode() == "READY=1\nSTATUS=AMI 1/1 up, Zoë waits"
    assert listener.recv(4096) == b"WATCHDOG=1"


def test_after_close_the_next_message_still_arrives(systemd: tuple[str, socket.socket]) -> None:
    address, listener = systemd
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.close()
    notifier.send("STOPPING=1")
    notifier.close()

    assert listener.recv(4096) == b"STOPPING=1"


def test_without_systemd_nothing_is_opened_or_wanted() -> None:
    before = open_files()
    notifier = Notifier({})
    notifier.send("READY=1")

    assert open_files() == before
    assert notifier.watchdog_seconds is None


def test_a_systemd_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": f"{tmp_path}/nobody"})
    notifier.send("READY=1")
    notifier.close()


def test_a_systemd_that_does_not_read_blocks_nothing(tmp_path: Path) -> None:
    with listening_on(f"{tmp_path}/notify") as listener:
        notifier = Notifier({"NOTIFY_SOCKET": f"{tmp_path}/notify"})
        for _ in range(2000):
            notifier.send("WATCHDOG=1", "STATUS=" + "x" * 200)
        notifier.close()

        assert listener.recv(4096).startswith(b"WATCHDOG=1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "10000000"}, 10.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": ""}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_watchdogs_time_is_taken_when_it_is_meant_for_us(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert Notifier(environ).watchdog_seconds == seconds
