"""Look-ups over HTTP and of SQLite files: never longer than their deadline, never an exception, answers kept for a while."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec
import structlog

from acd.app.ivr.answers import MisfitError, values_of
from acd.app.ivr.asked import Question, question
from acd.app.ivr.cache import Cache
from acd.app.ivr.steps import Looked
from acd.app.ivr.visit import Visit
from acd.core.dialogues import LookupEnd
from config.ivr_nodes import Lookup

log = structlog.get_logger("acd.ivr")
MOST_IN_FLIGHT: Final = 200
MOST_KEPT: Final = 10_000
MOST_BYTES: Final = 65_536
THREADS: Final = 4
"""For databases: one on a disk that hangs holds up look-ups of databases and nothing else."""
STEPS: Final = 10_000
"""Of SQLite's machine between two looks at the clock: about a millisecond."""
WARN_EVERY_NS: Final = 60_000_000_000
NOT_THERE: Final = frozenset({httpx.codes.NOT_FOUND, httpx.codes.NO_CONTENT})


class _NotFoundError(Exception):
    """Whoever was asked knows nothing."""


class _NoAnswerError(Exception):
    """Why there is none, without caller data."""


class Lookups:
    """Asks, for all dialogues."""

    def __init__(self, now: Callable[[], int]) -> None:
        """`now`: nanoseconds."""
        self._now = now
        self._kept: Cache[Looked] = Cache(MOST_KEPT)
        self._client: httpx.AsyncClient | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ivr-sql")
        self._in_flight = 0
        self._warned_at = 0
        self._failed = 0
        # Its lines hold addresses, and those hold callers' numbers.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    async def ask(self, visit: Visit, node: Lookup) -> Looked:
        """Ask for a caller; raises nothing."""
        try:
            asked = question(visit, node)
        except ValueError as wrong:
            return self._told(visit, Looked(outcome=LookupEnd.ERROR, why=str(wrong)))
        known = None if asked.key is None else self._kept.get(asked.key, self._now())
        if known is not None:
            return msgspec.structs.replace(known, cached=True)
        if self._in_flight >= MOST_IN_FLIGHT:
            return self._told(visit, Looked(outcome=LookupEnd.ERROR, why=f"busy: {MOST_IN_FLIGHT} are asked"))
        self._in_flight += 1
        try:
            looked = await self._ask(node, asked)
        finally:
            self._in_flight -= 1
        if asked.key is not None and looked.outcome in {LookupEnd.OK, LookupEnd.NOT_FOUND}:
            self._kept.put(asked.key, looked, self._now() + node.cache.ns)
        return self._told(visit, looked)

    async def close(self) -> None:
        """Close the connections that were kept."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, node: Lookup, asked: Question) -> Looked:
        try:
            async with asyncio.timeout(node.deadline / 1000):
                got = await (self._fetch(asked) if asked.url else self._select(node, asked))
            return Looked(outcome=LookupEnd.OK, values=values_of(node.answer, got))
        except TimeoutError:
            return Looked(outcome=LookupEnd.DEADLINE, why=f"no answer within {node.deadline.text}")
        except _NotFoundError:
            return Looked(outcome=LookupEnd.NOT_FOUND)
        except MisfitError as wrong:
            return Looked(outcome=LookupEnd.MISFIT, why=str(wrong))
        except _NoAnswerError as wrong:
            return Looked(outcome=LookupEnd.ERROR, why=str(wrong))
        except Exception as wrong:  # noqa: BLE001 - whatever an outside program does, the call goes on
            return Looked(outcome=LookupEnd.ERROR, why=type(wrong).__name__)

    # ------------------------------------------------------------ HTTP

    async def _fetch(self, asked: Question) -> object:
        """The decoded body, of at most MOST_BYTES and not unpacked: a small packed one may be a large one."""
        if self._client is None:
            room = httpx.Limits(max_connections=MOST_IN_FLIGHT)
            self._client = httpx.AsyncClient(timeout=None, limits=room, trust_env=False)  # noqa: S113 - the deadline is around it
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if asked.authorization:
            headers["Authorization"] = asked.authorization.reveal()
        if asked.body:
            headers["Content-Type"] = "application/json"
        method = "POST" if asked.body else "GET"
        async with self._client.stream(
            method, asked.url, content=asked.body or None, headers=headers
        ) as response:
            if response.status_code in NOT_THERE:
                raise _NotFoundError
            if response.status_code != httpx.codes.OK:
                raise _NoAnswerError(f"status {response.status_code}")
            body = b""
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    raise MisfitError(f"the answer has more than {MOST_BYTES} bytes")
        return _decoded(body)

    # ------------------------------------------------------------ SQLite

    async def _select(self, node: Lookup, asked: Question) -> object:
        loop = asyncio.get_running_loop()
        row = await loop.run_in_executor(
            self._threads, first_row, node.database, node.query, asked.bind, node.deadline / 1000
        )
        if row is None:
            raise _NotFoundError
        return row

    # ------------------------------------------------------------ telling

    def _told(self, visit: Visit, looked: Looked) -> Looked:
        """One warning a minute: what is down must not fill the log."""
        if looked.outcome in {LookupEnd.OK, LookupEnd.NOT_FOUND}:
            return looked
        self._failed += 1
        now = self._now()
        if now - self._warned_at >= WARN_EVERY_NS or not self._warned_at:
            self._warned_at = now
            log.warning(
                "lookup_failed", ivr=visit.visitor.ivr, node=visit.node, why=looked.why, failed=self._failed
            )
        return looked


def _decoded(body: bytes) -> object:
    try:
        got: object = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise MisfitError("the answer is no JSON") from None
    if got is None:
        raise _NotFoundError
    return got


def first_row(database: str, query: str, bind: dict[str, str], seconds: float) -> dict[str, Any] | None:
    """The first row by its columns' names; blocks, but no longer than that. Raises sqlite3.Error."""
    until = time.monotonic() + seconds
    connection = sqlite3.connect(f"file:{quote(database)}?mode=ro", uri=True, timeout=seconds)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        found = connection.execute(query, bind)
        row = found.fetchone()
        names = [column[0] for column in found.description]
        return None if row is None else dict(zip(names, row, strict=True))
    finally:
        connection.close()
