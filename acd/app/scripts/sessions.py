"""AGI sessions that are about no waiting caller: each runs one script, which is fed the replies to what it says."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog

from acd.app.scripts.voice import HungUpError, Meanwhile, Script
from acd.app.tasks import Tasks
from acd.core.ids import SwitchName
from telephony.agi.codec import AgiReply, AgiRequest
from telephony.agi.session import AgiSession, SessionError

log = structlog.get_logger("acd.scripts")
DONE: Final = AgiReply(200, "0")
"""What a script is sent after a Meanwhile."""


class SessionDesk(Protocol):
    """Makes the script for one session; `agi://HOST/KIND/NAME?…` belongs to the desk registered as KIND."""

    def script(self, session: AgiSession, switch: SwitchName) -> Script:
        """What is to be said. Should raise nothing: a caller of nonsense hears a script that says so."""

    def rescue(self, session: AgiSession, wrong: Exception) -> Script | None:
        """What to say after the script raised; None ends the session and has it logged as a fault of ours."""


class _Open(msgspec.Struct):
    session: AgiSession
    script: Script
    desk: SessionDesk
    task: asyncio.Task[None] | None = None


class ScriptSessions:
    """Every session whose address is `KIND/…`, by kind."""

    def __init__(self, tasks: Callable[[], Tasks]) -> None:
        """No session yet. `tasks` has what scripts wait for."""
        self._tasks = tasks
        self._desks: dict[str, SessionDesk] = {}
        self._open: dict[str, _Open] = {}

    def register(self, kind: str, desk: SessionDesk) -> None:
        """Let a desk have the sessions of a kind."""
        self._desks[kind] = desk

    def takes(self, request: AgiRequest) -> bool:
        """Whether a session is about something else than a queue."""
        kind, slash, _ = request.network_script.partition("/")
        return bool(slash) and kind in self._desks

    def started(self, session: AgiSession, switch: SwitchName) -> None:
        """Somebody is here."""
        desk = self._desks[session.request.network_script.partition("/")[0]]
        self._open[session.id] = _Open(session, desk.script(session, switch), desk)
        self._go_on(session.id, None)

    def replied(self, session: AgiSession, reply: AgiReply) -> bool:
        """Feed a reply to its script. False: the session is not one of these."""
        if session.id not in self._open:
            return False
        if reply.code == 200:
            self._go_on(session.id, reply)
        else:
            self._end(session.id)
        return True

    def ended(self, session: AgiSession) -> bool:
        """The person hung up, or the session is over. False: not one of these, or over already."""
        found = self._open.pop(session.id, None)
        if found is not None:
            self._drop(found)
        return found is not None

    def _go_on(self, key: str, reply: AgiReply | None) -> None:
        found = self._open[key]
        try:
            said = next(found.script) if reply is None else found.script.send(reply)
            if isinstance(said, Meanwhile):
                work = self._meanwhile(key, found, said)
                found.task = self._tasks().start(f"script {key}", work)
            else:
                found.session.send(said)
        except (StopIteration, HungUpError, SessionError):
            self._end(key)
        except Exception as wrong:
            instead = found.desk.rescue(found.session, wrong)
            if instead is None:
                log.exception("script_failed", script=found.session.request.network_script)
                self._end(key)
            else:
                found.script = instead
                self._go_on(key, None)

    async def _meanwhile(self, key: str, found: _Open, said: Meanwhile) -> None:
        try:
            await said.work()
        except Exception:
            log.exception("script_work_failed", script=found.session.request.network_script)
        found.task = None
        if self._open.get(key) is found:
            self._go_on(key, DONE)

    def _end(self, key: str) -> None:
        found = self._open.pop(key, None)
        if found is not None:
            self._drop(found)
            found.session.close()

    def _drop(self, found: _Open) -> None:
        if found.task is not None:
            found.task.cancel()
        found.script.close()
