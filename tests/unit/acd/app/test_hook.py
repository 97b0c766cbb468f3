"""An outside program that is asked: followed, late, wrong or gone, it never holds the routing up."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.hook import MOST_IN_FLIGHT, Adviser
from acd.app.journal import Journal
from acd.app.tasks import Tasks
from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName, Uniqueid
from acd.core.memory import Memory
from acd.core.router import Router
from config.routing import Hook
from config.values import Duration
from tests.unit.acd.core.stage import PBX, agent, queue, rules

pytestmark = [pytest.mark.unit, pytest.mark.asyncio(loop_scope="function")]
ANN, BOB = AgentName("ann"), AgentName("bob")


class Desk:
    """An engine with two free agents, an outside program, and what it was asked."""

    def __init__(self, directory: Path) -> None:
        journal = Journal(directory)
        memory, _ = journal.load(Memory, Memory)
        self.engine = Engine(Router(), memory, journal, EngineClock())
        self.facts: list[f.Fact] = []
        self.engine.watch(self.facts.append)
        self.failures: list[str] = []
        self.tasks = Tasks(lambda name, _: self.failures.append(name))
        self.hook: Hook | None = None
        self.adviser = Adviser(self.engine, self.tasks, lambda _: self.hook)
        self.engine.carry_out = self.carry_out
        self.asked: list[dict[str, object]] = []
        self.answer = (200, b"{}")
        self.delay = 0.0
        rule = queue(ask=True, ask_deadline=5_000_000_000)
        self.engine.handle(ev.RulesChanged(at=1, rules=rules(rule, agent("ann", fr=7), agent("bob"))))
        for name in (ANN, BOB):
            self.engine.handle(ev.AgentLoggedIn(at=self.engine.clock.now(), agent=name))

    def carry_out(self, command: cmd.Command) -> None:
        if isinstance(command, cmd.Ask):
            self.adviser.ask(command)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a small HTTP server."""
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            self.asked.append(json.loads(await reader.readexactly(length)))
            await asyncio.sleep(self.delay)
            status, body = self.answer
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
            await writer.drain()

    def arrive(self, call: str = "c1") -> None:
        self.engine.handle(
            ev.CallArrived(
                at=self.engine.clock.now(),
                call=CallId(call),
                switch=PBX,
                channel="x",
                uniqueid=Uniqueid("1"),
                queue=QueueName("sales"),
                caller="+4930123456",
                variables={"tier": "gold"},
            )
        )

    async def offered(self) -> f.Offered:
        async with asyncio.timeout(5):
            while not any(isinstance(fact, f.Offered) for fact in self.facts):
                await asyncio.sleep(0.005)
        return next(fact for fact in self.facts if isinstance(fact, f.Offered))

    def advice(self) -> f.Advice:
        return next(fact for fact in self.facts if isinstance(fact, f.Advice))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    found = Desk(tmp_path)

    connections: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await found.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found.hook = Hook(url=f"http://127.0.0.1:{port}/route", deadline=Duration(2_000))
    yield found
    await found.tasks.stop()
    await found.adviser.close()
    server.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*connections, return_exceptions=True)
    assert found.failures == []


async def test_the_question_tells_the_candidates_and_the_answer_is_followed(desk: Desk) -> None:
    desk.answer = (200, b'{"agent": "bob", "because": "gold"}')
    desk.arrive()
    assert (await desk.offered()).agent == BOB
    [question] = desk.asked
    candidates = question.pop("candidates")
    assert question == {
        "call": "c1",
        "queue": "sales",
        "caller": "+4930123456",
        "variables": {"tier": "gold"},
        "waited_ms": question["waited_ms"],
    }
    assert isinstance(candidates, list)
    assert [(one["agent"], one["skills"]) for one in candidates] == [("ann", {"fr": 7}), ("bob", {})]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((500, b"{}"), "ValueError: status 500"),
        ((200, b"bob"), "DecodeError: "),
        ((200, b'{"agent": 5}'), "ValidationError: "),
        ((200, b" " * 70_000 + b"{}"), "ValueError: an answer of 70002 bytes"),
    ],
)
async def test_an_answer_that_is_none_lets_the_strategy_decide(
    desk: Desk, answer: tuple[int, bytes], why: str
) -> None:
    desk.answer = answer
    desk.arrive()
    assert (await desk.offered()).agent == ANN
    assert desk.advice().why.startswith(why)


async def test_an_answer_that_does_not_come_in_time_is_not_waited_for(desk: Desk) -> None:
    assert desk.hook is not None
    desk.hook = Hook(url=desk.hook.url, deadline=Duration(50))
    desk.delay = 0.2
    desk.arrive()
    assert (await desk.offered()).agent == ANN
    assert desk.advice().why == "no answer within 50ms"


async def test_a_program_that_is_not_there_is_told_and_done_without(desk: Desk) -> None:
    desk.hook = Hook(url="http://127.0.0.1:1/", deadline=Duration(2_000))
    desk.arrive()
    assert (await desk.offered()).agent == ANN
    assert "Connect" in desk.advice().why


async def test_without_a_program_or_with_too_many_questions_nobody_waits(desk: Desk) -> None:
    hook, desk.hook = desk.hook, None
    desk.arrive()
    assert desk.advice().why == "no program is configured any more"
    desk.hook = hook
    desk.facts.clear()
    desk.adviser._in_flight = MOST_IN_FLIGHT
    ask = cmd.Ask(call=CallId("c9"), queue=QueueName("sales"), number=1, agents=(ANN, BOB), deadline=1)
    desk.adviser.ask(ask)
    assert desk.asked == []
