"""A daemon's AMI end, by hand: actions and their responses, and every event in the order it came."""

import asyncio
from types import TracebackType
from typing import Self

Message = dict[str, str]
WITHIN = 5.0


class AmiClient:
    """One manager connection. `events` grows; `mark` is where `event` starts to look."""

    def __init__(self, port: int, username: str, secret: str) -> None:
        self.events: list[Message] = []
        self.port = port
        self._who = (username, secret)
        self._news = asyncio.Condition()
        self._answers: dict[str, list[Message]] = {}
        self._number = 0
        self._seen: set[int] = set()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert (await self._reader.readline()).startswith(b"Asterisk Call Manager/")
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._task = self._group.create_task(self._read())
        username, secret = self._who
        answer = await self.action("Login", Username=username, Secret=secret)
        if answer["Response"] != "Success":
            await self.__aexit__(None, None, None)
            raise AssertionError(answer["Message"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        self._writer.close()
        await self._group.__aexit__(None, None, None)

    async def _read(self) -> None:
        while raw := await self._message():
            message = {}
            for line in raw.split("\r\n"):
                key, _, value = line.partition(": ")
                message[key.removesuffix(":")] = value
            async with self._news:
                number = message.get("ActionID", "")
                if number in self._answers:
                    self._answers[number].append(message)
                if "Event" in message:
                    self.events.append(message)
                self._news.notify_all()

    async def _message(self) -> str:
        try:
            return (await self._reader.readuntil(b"\r\n\r\n")).decode().strip("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""

    async def action(self, name: str, **headers: str) -> Message:
        """Send an action and return its response."""
        return (await self._ask(name, headers, ""))[0]

    async def items(self, name: str, complete: str, **headers: str) -> list[Message]:
        """Send an action that makes a list and return the list's items, without its end."""
        return (await self._ask(name, headers, complete))[1:-1]

    async def _ask(self, name: str, headers: Message, last: str) -> list[Message]:
        self._number += 1
        number = f"t{self._number}"
        found = self._answers[number] = []
        lines = [
            f"Action: {name}",
            f"ActionID: {number}",
            *(f"{key}: {value}" for key, value in headers.items()),
        ]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

        def complete() -> bool:
            return bool(found) and (not last or found[-1].get("Event") == last)

        async with asyncio.timeout(WITHIN), self._news:
            await self._news.wait_for(complete)
        return found

    async def event(self, name: str, within: float = WITHIN, **headers: str) -> Message:
        """Wait for an event that no earlier call returned, whose headers are as given."""

        def find() -> int | None:
            for index, message in enumerate(self.events):
                if (
                    index not in self._seen
                    and message["Event"] == name
                    and headers.items() <= message.items()
                ):
                    return index
            return None

        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: find() is not None)
        except TimeoutError:
            names = [message["Event"] for message in self.events]
            raise AssertionError(f"no {name} {headers} within {within} s; came: {names}") from None
        index = find()
        assert index is not None
        self._seen.add(index)
        return self.events[index]

    def named(self, *names: str, **headers: str) -> list[Message]:
        """Return the events of these names that came so far and have these headers."""
        return [
            message
            for message in self.events
            if message["Event"] in names and headers.items() <= message.items()
        ]
