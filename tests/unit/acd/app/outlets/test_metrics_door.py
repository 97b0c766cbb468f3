"""The page for Prometheus over HTTP, and counts that a restart neither loses nor repeats."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.app.journal import Journal
from acd.app.outlets.follower import Place
from acd.app.outlets.metrics_door import MOST_AT_ONCE, Counting, Door, Saved
from acd.core import facts as f
from acd.core.ids import CallId, QueueName
from kpi.metrics import State
from kpi.openmetrics import OPENMETRICS, Moment

pytestmark = pytest.mark.unit


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal")
    opened.load(dict, dict)
    yield opened
    opened.close()


def counting(folder: Path) -> Counting:
    return Counting(folder / "journal", folder / "metrics.json", lambda: Saved(place=Place(), state=State()))


def queued(journal: Journal, count: int) -> None:
    for number in range(count):
        journal.append(
            [f.Queued(at=number, joined=number, call=CallId(f"c{number}"), queue=QueueName("sales"))]
        )


def offered(counts: Counting) -> int:
    text = counts.page(Moment(now=0), classic=False).decode()
    found = [line for line in text.splitlines() if line.startswith("acd_calls_offered_total{")]
    return int(found[0].rsplit(" ", 1)[1]) if found else 0


def until_offered(counts: Counting, count: int) -> None:
    limit = time.monotonic() + 10
    while offered(counts) != count:
        assert time.monotonic() < limit, offered(counts)
        time.sleep(0.01)


def test_counts_go_on_over_a_restart_and_repeat_nothing_after_a_kill(
    tmp_path: Path, journal: Journal
) -> None:
    queued(journal, 500)
    first = counting(tmp_path)
    first.start()
    until_offered(first, 500)
    first.stop()
    kept = (tmp_path / "metrics.json").read_bytes()
    queued(journal, 20)
    second = counting(tmp_path)
    second.start()
    until_offered(second, 520)
    second.stop()
    (tmp_path / "metrics.json").write_bytes(kept)  # as after a kill: what was kept last is older
    third = counting(tmp_path)
    third.start()
    until_offered(third, 520)
    third.stop()


@pytest.fixture
def door() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    opened = Door(address, lambda classic: b"classic\n" if classic else b"# EOF\n")
    opened.start()
    yield address
    opened.stop()


@pytest.mark.parametrize(
    ("accept", "kind", "body"),
    [
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1", OPENMETRICS, b"# EOF\n"),
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8", b"classic\n"),
    ],
)
def test_the_form_is_the_one_that_was_asked_for(door: str, accept: str, kind: str, body: bytes) -> None:
    asked = urllib.request.Request(f"http://{door}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert (answer.headers["Content-Type"], answer.read()) == (kind, body)


def test_there_is_no_other_page(door: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://{door}/", timeout=5)


def test_an_address_in_use_is_told_with_what_to_do(door: str) -> None:
    with pytest.raises(OSError, match=r"cannot listen on .*in use; give \[metrics\] listen an address"):
        Door(door, lambda _classic: b"")


def test_connections_that_say_nothing_are_closed_beyond_a_few(door: str) -> None:
    host, _, port = door.partition(":")
    silent = [socket.create_connection((host, int(port)), timeout=5) for _ in range(MOST_AT_ONCE)]
    with socket.create_connection((host, int(port)), timeout=5) as one_more:
        assert one_more.recv(1) == b""
    for connection in silent:
        connection.close()
