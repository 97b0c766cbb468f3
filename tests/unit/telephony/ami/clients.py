"""Ours and stock panoramisk behind one face, so that each fault is one test over both."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import panoramisk

from telephony.ami.link import AmiLink
from telephony.ami.messages import Event
from telephony.ami.notices import Inbox, LinkDown, LinkFault, LinkUp
from telephony.ami.settings import LinkSettings


def settings(port: int, /, **changes: Any) -> LinkSettings:
    """Return settings for a loopback peer, quick enough for a test."""
    quick = {"retry_first": 0.01, "retry_most": 0.05, "retry_credentials": 0.05, "action_deadline": 5.0}
    return LinkSettings(
        **{
            "switch": "a",
            "host": "127.0.0.1",
            "port": port,
            "username": "acd",
            "secret": "s3cret",
            **quick,
            **changes,
        }
    )


class Ours:
    """AmiLink, run by a task group of the test."""

    patience = 5.0

    def __init__(self, port: int, on_event: Callable[[Inbox], None] | None = None, **changes: Any) -> None:
        self.inbox: list[Inbox] = []
        self.faults: list[LinkFault] = []
        self.on_event = on_event
        self.link = AmiLink(
            settings(port, **changes),
            self._deliver,
            time.monotonic_ns,
            random.Random(1),
            report=self.faults.append,
        )

    def _deliver(self, item: Inbox) -> None:
        self.inbox.append(item)
        if self.on_event is not None and not isinstance(item, (LinkUp, LinkDown)):
            self.on_event(item)

    def events(self) -> list[Event]:
        """Return the events delivered, without FullyBooted."""
        return [
            item for item in self.inbox if isinstance(item, Event) and type(item).__name__ != "FullyBooted"
        ]

    def channels(self) -> list[str]:
        """Return the channel of each event delivered."""
        return [str(getattr(event, "channel", "")) for event in self.events()]

    def ready(self) -> bool:
        """Whether actions can be sent."""
        return self.link.up

    def refused(self) -> bool:
        """Whether wrong credentials are reported."""
        return any(fault.kind == "wrong_credentials" for fault in self.faults)

    def ask(self, name: str, **headers: str) -> Awaitable[object]:
        """Send an action, panoramisk's way."""
        return self.link.send_action({"Action": name, **headers})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Ours"]:
        """Keep the link running inside the block."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run())
            try:
                yield self
            finally:
                self.close()

    def close(self) -> None:
        """End the link."""
        self.link.close()


class _Said(logging.Handler):
    """Keeps warnings as text."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


class Stock:
    """panoramisk.Manager as it comes."""

    # Its faults show at once on loopback; waiting longer only makes the expected failures slow.
    patience = 0.15

    def __init__(self, port: int, on_event: Callable[[Any], None] | None = None, **changes: Any) -> None:
        self.seen: list[Any] = []
        self.on_event = on_event
        self.said: list[str] = []
        self.manager = panoramisk.Manager(
            host="127.0.0.1",
            port=port,
            username="acd",
            secret="s3cret",
            reconnect_timeout=0,
            ping_delay=0 if "ping_every" in changes else 10,
            ping_interval=1,
        )
        self.manager.reconnect_timeout = changes.get("retry_credentials", changes.get("retry_first", 0))
        self.manager.log = logging.getLogger(f"stock-{port}")
        self.manager.log.propagate = False
        self.manager.log.addHandler(_Said(self.said))
        self.manager.register_event("*", self._take)

    def _take(self, _manager: object, event: Any) -> None:
        if event.event == "FullyBooted":
            return
        self.seen.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def channels(self) -> list[str]:
        """Return the channel of each event delivered."""
        return [event.channel for event in self.seen]

    def ready(self) -> bool:
        """Whether the login was answered."""
        return self.manager.authenticated

    def refused(self) -> bool:
        """Whether its log says anything about the login at warning level; a callback for it does not exist."""
        return any("auth" in line.lower() or "login" in line.lower() for line in self.said)

    def ask(self, name: str, **headers: str) -> Awaitable[object]:
        """Send an action."""
        return self.manager.send_action({"Action": name, **headers})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Stock"]:
        """Keep the manager connected inside the block, and from coming back after it."""
        task = self.manager.connect()
        try:
            yield self
        finally:
            self.manager.connect = lambda *_a, **_k: None  # type: ignore[method-assign]  # stock close() reconnects
            await asyncio.wait({task})
            self.manager.close()

    def close(self) -> None:
        """End the manager."""
        self.manager.close()


class Client(Protocol):
    """What a fault's test may use."""

    patience: float

    def __init__(self, port: int, on_event: Callable[[Any], None] | None = None, **changes: Any) -> None: ...
    def channels(self) -> list[str]:
        """Return the channel of each event delivered."""

    def ready(self) -> bool:
        """Whether actions can be sent."""

    def refused(self) -> bool:
        """Whether wrong credentials are reported."""

    def ask(self, name: str, **headers: str) -> Awaitable[object]:
        """Send an action."""

    def running(self) -> Any:
        """Keep the client connected inside the block."""

    def close(self) -> None:
        """End the client."""
