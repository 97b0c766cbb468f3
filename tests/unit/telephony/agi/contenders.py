"""Our FastAGI server and panoramisk's behind one face, so that one test can ask both the same question.

A contender runs a script, a list of commands, on each call; `answers` collects what the script made of the replies.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from panoramisk import fast_agi

from telephony.agi.codec import AgiError, AgiReply
from telephony.agi.server import AgiSession
from tests.unit.telephony.agi.peers import Recorder, serving

WAIT = "(wait for somebody else)"
"""A script's step that is no command: the owner waits for an agent, say."""


class Contender(msgspec.Struct, kw_only=True):
    """What a test may ask of either.

    `over` is set when a script has ended because its caller left, `answered` is released with each answer.
    """

    address: tuple[str, int]
    answers: list[str]
    answered: asyncio.Semaphore
    errors: list[str]
    over: asyncio.Event
    cancel: Callable[[], Any]


Server = Callable[[list[str]], contextlib.AbstractAsyncContextManager[Contender]]


class Script(Recorder):
    """Our listener that runs the script."""

    def __init__(self, commands: list[str]) -> None:
        super().__init__()
        self._commands = commands
        self._steps: dict[str, int] = {}
        self.answers: list[str] = []
        self.answered = asyncio.Semaphore(0)
        self.errors: list[str] = []
        self.over = asyncio.Event()

    def session_started(self, session: AgiSession) -> None:
        super().session_started(session)
        self._next(session)

    def replied(self, session: AgiSession, reply: AgiReply) -> None:
        super().replied(session, reply)
        self.answers.append(reply.data or reply.result)
        self.answered.release()
        self._next(session)

    def failed(self, session: AgiSession, error: AgiError) -> None:
        super().failed(session, error)
        self.errors.append(error.detail)

    def hung_up(self, session: AgiSession) -> None:
        super().hung_up(session)
        self.over.set()

    def _next(self, session: AgiSession) -> None:
        step = self._steps.get(session.id, 0)
        self._steps[session.id] = step + 1
        if step < len(self._commands) and self._commands[step] != WAIT:
            try:
                session.send(self._commands[step].encode() + b"\n")
            except ValueError as error:
                self.errors.append(str(error))


@contextlib.asynccontextmanager
async def ours(commands: list[str]) -> AsyncIterator[Contender]:
    """`telephony.agi.server`."""
    script = Script(commands)
    async with serving(script) as server:
        yield Contender(
            address=server.address,
            answers=script.answers,
            answered=script.answered,
            errors=script.errors,
            over=script.over,
            cancel=server.close,
        )


@contextlib.asynccontextmanager
async def stock(commands: list[str]) -> AsyncIterator[Contender]:
    """`panoramisk.fast_agi` as it comes from PyPI."""
    answers: list[str] = []
    answered = asyncio.Semaphore(0)
    errors: list[str] = []
    over = asyncio.Event()
    tasks: list[asyncio.Task[Any]] = []

    async def route(request: fast_agi.Request) -> None:
        try:
            for command in commands:
                if command == WAIT:
                    await asyncio.sleep(60)
                reply = await request.send_command(command)
                value, data = reply["result"] if "result" in reply else ("", reply["msg"])
                answers.append(data or value)
                answered.release()
        except ValueError as error:
            errors.append(str(error))
        finally:
            over.set()

    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("sales", route)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        try:
            await application.handler(reader, writer)
        finally:
            writer.close()

    async def cancel() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=1)
        errors.extend("the cancellation was swallowed" for task in tasks if not task.cancelled())

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield Contender(
            address=server.sockets[0].getsockname(),
            answers=answers,
            answered=answered,
            errors=errors,
            over=over,
            cancel=cancel,
        )
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


CONTENDERS: dict[str, Server] = {"ours": ours, "stock": stock}
