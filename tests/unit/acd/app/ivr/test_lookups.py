"""Look-ups against a server on loopback and an SQLite file: answered, late, wrong, gone, kept."""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.app.ivr.answers import MisfitError, values_of
from acd.app.ivr.cache import Cache
from acd.app.ivr.lookups import MOST_BYTES, MOST_IN_FLIGHT, Lookups
from acd.app.ivr.steps import Looked
from acd.core.dialogues import LookupEnd
from config.ivr_nodes import Answer, AnswerType, Collect, Lookup
from config.values import Duration, Secret
from tests.unit.acd.app.ivr.floor import ivr, visit

pytestmark = [pytest.mark.unit]
ASYNC = pytest.mark.asyncio(loop_scope="function")
MAIN = ivr("""
[ivr.main]
start = "bye"
variables = { pin = "" }
[ivr.main.nodes.bye]
kind = "hangup"
""")
TIER = {"tier": Answer(allowed=("gold", "plain")), "agent": Answer(field="last.agent", required=False)}


def lookup(**fields: Any) -> Lookup:
    ways = {"found": "bye", "not_found": "bye", "failed": "bye"}
    return Lookup(**{"deadline": Duration(2_000), "answer": TIER, **ways, **fields})


class Server:
    """Answers each request with what it was told, after a delay; notes requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.status = 200
        self.body: bytes = b'{"tier": "gold", "last": {"agent": "ann"}}'
        self.head = b""
        self.delay = 0.0
        self.port = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/c?number={{caller}}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with (
            contextlib.closing(writer),
            contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError),
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (int(x[16:]) for x in head.lower().split("\r\n") if x.startswith("content-length: ")), 0
                )
                self.requests.append(head + (await reader.readexactly(length)).decode())
                await asyncio.sleep(self.delay)
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s"
                    % (self.status, len(self.body), self.head, self.body)
                )
                await writer.drain()

    async def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    told = Server()
    listening = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.port = listening.sockets[0].getsockname()[1]
    yield told
    listening.close()
    await told.stop()


@pytest_asyncio.fixture
async def lookups() -> AsyncIterator[Lookups]:
    made = Lookups(time.monotonic_ns)
    yield made
    await made.close()


@ASYNC
async def test_an_answer_becomes_values(server: Server, lookups: Lookups) -> None:
    looked = await lookups.ask(visit(MAIN), lookup(url=server.url))

    assert looked == Looked(outcome=LookupEnd.OK, values={"tier": "gold", "agent": "ann"})
    assert server.requests[0].startswith("GET /c?number=%2B4930123 HTTP/1.1")


@ASYNC
async def test_variables_are_posted_and_a_secret_is_not_in_the_address(
    server: Server, lookups: Lookups
) -> None:
    await lookups.ask(visit(MAIN, pin="4711"), lookup(url=server.url, send=("caller", "pin")))

    head, _, body = server.requests[0].partition("\r\n\r\n")
    assert head.startswith("POST /c?number")
    assert "4711" not in head
    assert json.loads(body) == {"caller": "+4930123", "pin": "4711"}


@ASYNC
async def test_a_program_knows_us_by_a_header_that_nothing_shows(server: Server, lookups: Lookups) -> None:
    node = lookup(url=server.url, authorization=Secret("Bearer t0k3n"))

    await lookups.ask(visit(MAIN), node)

    assert "authorization: bearer t0k3n" in server.requests[0].lower()
    assert "t0k3n" not in repr(node)


@ASYNC
async def test_a_value_is_one_part_of_the_address_whatever_it_holds(server: Server, lookups: Lookups) -> None:
    node = lookup(url=f"http://127.0.0.1:{server.port}/c/{{caller}}/x")

    await lookups.ask(visit(MAIN, caller="a/../b?c=d&e#f"), node)
    up = await lookups.ask(visit(MAIN, caller=".."), node)

    assert server.requests[0].startswith("GET /c/a%2F..%2Fb%3Fc%3Dd%26e%23f/x HTTP")
    assert (up.outcome, len(server.requests)) == (LookupEnd.ERROR, 1)


@ASYNC
@pytest.mark.parametrize(
    ("status", "body", "outcome", "why"),
    [
        (404, b"", LookupEnd.NOT_FOUND, ""),
        (204, b"", LookupEnd.NOT_FOUND, ""),
        (200, b"null", LookupEnd.NOT_FOUND, ""),
        (500, b"{}", LookupEnd.ERROR, "status 500"),
        (302, b"", LookupEnd.ERROR, "status 302"),
        (200, b"<html>", LookupEnd.MISFIT, "the answer is no JSON"),
        (200, b"[1]", LookupEnd.MISFIT, "the answer is no object"),
        (200, b"{}", LookupEnd.MISFIT, "tier is missing"),
        (200, b'{"tier": "silver"}', LookupEnd.MISFIT, "tier is none of those allowed"),
        (200, b'{"tier": 5}', LookupEnd.MISFIT, "tier is no text of one line"),
        (200, b'{"tier": "gold", "last": 7}', LookupEnd.OK, ""),
        (200, b"x" * (MOST_BYTES + 1), LookupEnd.MISFIT, f"the answer has more than {MOST_BYTES} bytes"),
    ],
)
async def test_what_is_answered_counts_as(
    server: Server, lookups: Lookups, status: int, body: bytes, outcome: LookupEnd, why: str
) -> None:
    server.status, server.body = status, body

    looked = await lookups.ask(visit(MAIN), lookup(url=server.url))

    assert (looked.outcome, looked.why) == (outcome, why)


@ASYNC
async def test_a_server_that_hangs_costs_the_deadline_and_no_more(server: Server, lookups: Lookups) -> None:
    server.delay = 30
    began = time.monotonic()

    looked = await lookups.ask(visit(MAIN), lookup(url=server.url, deadline=Duration(100)))

    assert (looked.outcome, looked.why) == (LookupEnd.DEADLINE, "no answer within 100ms")
    assert time.monotonic() - began < 1.0


@ASYNC
async def test_an_answer_that_trickles_costs_no_more(lookups: Lookups) -> None:
    async def trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"{")
                await writer.drain()
                await asyncio.sleep(0.02)

    listening = await asyncio.start_server(trickle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]

    looked = await lookups.ask(visit(MAIN), lookup(url=f"http://127.0.0.1:{port}/", deadline=Duration(100)))

    assert looked.outcome is LookupEnd.DEADLINE
    listening.close()


@ASYNC
async def test_nobody_there_is_an_error_that_names_no_caller(lookups: Lookups) -> None:
    looked = await lookups.ask(visit(MAIN), lookup(url="http://127.0.0.1:9/{caller}"))

    assert (looked.outcome, looked.why) == (LookupEnd.ERROR, "ConnectError")


@ASYNC
async def test_the_same_question_is_asked_once_as_long_as_the_answer_holds(
    server: Server, lookups: Lookups
) -> None:
    kept = lookup(url=server.url, cache=Duration(60_000))

    first = await lookups.ask(visit(MAIN), kept)
    again = await lookups.ask(visit(MAIN), kept)
    other = await lookups.ask(visit(MAIN, caller="+4940"), kept)

    assert [looked.cached for looked in (first, again, other)] == [False, True, False]
    assert again.values == first.values
    assert len(server.requests) == 2


@ASYNC
async def test_a_failure_is_not_kept(server: Server, lookups: Lookups) -> None:
    kept = lookup(url=server.url, cache=Duration(60_000))
    server.status = 500
    await lookups.ask(visit(MAIN), kept)
    server.status = 200

    assert (await lookups.ask(visit(MAIN), kept)).outcome is LookupEnd.OK


@ASYNC
async def test_an_answer_by_a_secret_is_not_kept(server: Server, lookups: Lookups) -> None:
    pin = Collect(
        prompts=("x",), into="pin", most=4, secret=True, next="bye", no_input="bye", on_invalid="bye"
    )
    main = type(MAIN)(start="bye", nodes={**MAIN.nodes, "pin": pin}, variables=MAIN.variables)
    kept = lookup(url=server.url, send=("pin",), cache=Duration(60_000))

    for _ in range(2):
        await lookups.ask(visit(main, pin="4711"), kept)

    assert len(server.requests) == 2


@ASYNC
async def test_too_many_at_once_are_refused_at_once(server: Server, lookups: Lookups) -> None:
    server.delay = 30
    node = lookup(url=server.url, deadline=Duration(1_000))

    looked = await asyncio.gather(*(lookups.ask(visit(MAIN), node) for _ in range(MOST_IN_FLIGHT + 5)))

    assert [each.why for each in looked].count(f"busy: {MOST_IN_FLIGHT} are asked") == 5


# ---------------------------------------------------------------- SQLite


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crm?.sqlite".replace("?", "")
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE customers (number TEXT, tier TEXT, agent TEXT, vip INTEGER)")
        made.execute("INSERT INTO customers VALUES ('+4930123', 'gold', 'ann', 1)")
        made.commit()
    return path


def select(path: Path, query: str, **fields: Any) -> Lookup:
    answer = {"tier": Answer(), "vip": Answer(type=AnswerType.YES_NO)}
    return lookup(database=str(path), query=query, answer=answer, **fields)


BY_NUMBER = "SELECT tier, vip FROM customers WHERE number = :caller"


@ASYNC
async def test_a_row_becomes_values(database: Path, lookups: Lookups) -> None:
    looked = await lookups.ask(visit(MAIN), select(database, BY_NUMBER))

    assert looked == Looked(outcome=LookupEnd.OK, values={"tier": "gold", "vip": "yes"})


@ASYNC
async def test_no_row_is_not_found_and_quotes_are_only_quotes(database: Path, lookups: Lookups) -> None:
    looked = await lookups.ask(visit(MAIN, caller="' OR '1'='1"), select(database, BY_NUMBER))

    assert looked.outcome is LookupEnd.NOT_FOUND


@ASYNC
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT nothing FROM customers", "OperationalError"),
        ("SELECT tier, :Other AS vip FROM customers", "ProgrammingError"),
        ("WITH x AS (SELECT 1) INSERT INTO customers SELECT 1, 2, 3, 4", "OperationalError"),
    ],
)
async def test_what_the_database_refuses_is_an_error(
    database: Path, lookups: Lookups, query: str, why: str
) -> None:
    looked = await lookups.ask(visit(MAIN), select(database, query))

    assert (looked.outcome, looked.why) == (LookupEnd.ERROR, why)


@ASYNC
async def test_a_query_without_end_is_cut_and_its_thread_is_free_again(
    database: Path, lookups: Lookups
) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS tier FROM n"
    began = time.monotonic()

    looked = await asyncio.gather(
        *(lookups.ask(visit(MAIN), select(database, endless, deadline=Duration(100))) for _ in range(8))
    )
    after = await lookups.ask(visit(MAIN), select(database, BY_NUMBER))

    assert {each.outcome for each in looked} <= {LookupEnd.DEADLINE, LookupEnd.ERROR}
    assert after.outcome is LookupEnd.OK
    assert time.monotonic() - began < 2.0


@ASYNC
async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, lookups: Lookups) -> None:
    looked = await lookups.ask(visit(MAIN), select(tmp_path / "none.sqlite", BY_NUMBER))

    assert looked.outcome is LookupEnd.ERROR
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- answers and cache


@pytest.mark.parametrize(
    ("rule", "got", "value"),
    [
        (Answer(), "x", "x"),
        (Answer(field="a.b"), {"a": {"b": "x"}}, None),
        (Answer(type=AnswerType.WHOLE), 5, "5"),
        (Answer(type=AnswerType.WHOLE), True, None),
        (Answer(type=AnswerType.WHOLE), 5.0, None),
        (Answer(type=AnswerType.WHOLE, highest=4), 5, None),
        (Answer(type=AnswerType.YES_NO), False, "no"),
        (Answer(type=AnswerType.YES_NO), 1, "yes"),
        (Answer(type=AnswerType.YES_NO), 2, None),
        (Answer(type=AnswerType.YES_NO), "yes", None),
        (Answer(longest=3), "four", None),
        (Answer(), "two\nlines", None),
        (Answer(), b"bytes", None),
        (Answer(required=False), None, ""),
        (Answer(), None, None),
    ],
)
def test_a_field_is_taken_or_the_answer_refused(rule: Answer, got: object, value: str | None) -> None:
    answer = {"it": rule}
    if value is None:
        with pytest.raises(MisfitError) as wrong:
            values_of(answer, {"it": got})
        assert "four" not in str(wrong.value)
    else:
        assert values_of(answer, {"it": got}) == {"it": value}


def test_a_column_may_have_a_dot_in_its_name() -> None:
    assert values_of({"it": Answer(field="c.tier")}, {"c.tier": "x"}) == {"it": "x"}
    assert values_of({"it": Answer(field="c.tier")}, {"c": {"tier": "x"}}) == {"it": "x"}


def test_a_cache_forgets_what_is_old_and_what_is_too_much() -> None:
    cache: Cache[str] = Cache(2)
    cache.put("a", "A", until=10)
    cache.put("b", "B", until=99)

    assert (cache.get("a", 9), cache.get("a", 10)) == ("A", None)
    cache.put("c", "C", until=99)
    assert cache.get("b", 11) == "B"
    cache.put("d", "D", until=99)
    assert ([cache.get(key, 11) for key in "abcd"], len(cache)) == ([None, "B", None, "D"], 2)
