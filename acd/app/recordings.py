"""Recordings: which calls, into which file, begun, silenced and ended. Asterisk's MixMonitor does the work.

A recording hangs on the caller's channel, so it goes on over transfers, both sides in one file. One that is always made,
or by lot, begins on the caller's session before the first phone rings and hears only what is bridged; one on demand
is begun over AMI, for which the manager user needs the class `system`.
"""

import asyncio
import datetime as dt
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from acd.core.calls import Call
from acd.core.facts import (
    Answered,
    CallerChanged,
    Ended,
    Fact,
    RecordingEnded,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from acd.core.ids import CallId
from acd.core.lots import lot
from acd.core.states import CallState
from acd.web.control import ControlError
from config.centre import Queue
from config.supervising import Recording, RecordingMode
from telephony.ami.errors import ActionFailedError, AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.recordings")
ONLY_BRIDGED: Final = "b"
"""MixMonitor's option: silence while the caller waits is not kept."""
APPENDED: Final = "a"
"""One that is ended and begun again goes on in its file."""
OVER_KEPT: Final = 1_000
LONGEST_CALLER: Final = 40
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_+-]")
"""A number of dots only would lead to another folder."""


class Running(msgspec.Struct):
    """A MixMonitor on a caller's channel. It outlives the call when the caller is transferred."""

    file: str
    uniqueid: str
    talked: bool = False
    """Somebody was heard: what was to be said before the first word has been said."""
    silenced: bool = False


class Recordings:
    """Every call that is being recorded, with its file."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows the ends of calls; knows those recorded before a restart."""
        self._daemon = daemon
        calls = daemon.engine.router.floor.calls.values()
        self._running = {
            call.id: Running(call.recording, call.uniqueid, call.state is CallState.TALKING, call.silenced)
            for call in calls
            if call.recording
        }
        self._over: OrderedDict[CallId, Running] = OrderedDict()
        """Of calls that have ended: of a transferred caller it goes on."""
        self._asked: set[CallId] = set()
        """Calls for which Asterisk has been asked something and has not answered."""
        self._unwanted: set[CallId] = set()
        """Calls in a queue that is never recorded, whose channel brought a recording along."""
        daemon.engine.watch(self._see)

    def _see(self, fact: Fact) -> None:
        if isinstance(fact, Answered) and fact.call in self._running:
            self._running[fact.call].talked = True
        elif isinstance(fact, CallerChanged) and fact.parent is not None:
            # After what follows from the same event: a fact told now would be told in the midst of it.
            asyncio.get_running_loop().call_soon(self._exchanged, fact)
        elif isinstance(fact, Ended):
            self._unwanted.discard(fact.call)
            if fact.call in self._running:
                self._over[fact.call] = self._running.pop(fact.call)
            if len(self._over) > OVER_KEPT:
                self._over.popitem(last=False)

    # ------------------------------------------------------------ by rule

    def due(self, call: Call) -> str:
        """The file of a call that is to be recorded by its queue's rule and is not yet; "" for the others.

        The recording of a caller who was transferred goes on, unless this queue is never recorded.
        """
        rule = self._rule(call)
        if call.id not in self._running:
            self._take_over(call, rule)
        elif rule.mode is RecordingMode.NEVER:
            self._tell(RecordingEnded(**self._stamp, call=call.id, queue=call.queue, by=call.queue))
            del self._running[call.id]
            self._unwanted.add(call.id)
        if call.id in self._running or rule.mode not in (RecordingMode.ALWAYS, RecordingMode.SHARE):
            return ""
        drawn = lot(0, call.id, 0) * 100
        return self.file_of(call) if rule.mode is RecordingMode.ALWAYS or drawn < rule.share else ""

    def unwanted(self, call: Call) -> bool:
        """Whether the caller's session must end what was begun in another queue before the first phone rings."""
        return call.id in self._unwanted and self._rule(call).mode is RecordingMode.NEVER

    def consent(self, call: Call, due: str) -> str:
        """What the caller is told before the first word is recorded; "" afterwards, and for who is not recorded."""
        runs = self._running.get(call.id)
        unheard = bool(due) if runs is None else not runs.talked
        return self._rule(call).consent if unheard else ""

    def _take_over(self, call: Call, rule: Recording) -> None:
        """The caller's channel brings a recording along from the call before."""
        parent = call.parent
        before = None if parent is None else self._running.get(parent) or self._over.get(parent)
        if parent is None or before is None or before.uniqueid != call.uniqueid:
            return
        self._over.pop(parent, None)
        if rule.mode is RecordingMode.NEVER:
            self._unwanted.add(call.id)
        else:
            self._goes_on(call, before, parent)

    def _goes_on(self, call: Call, before: Running, parent: CallId) -> None:
        self._started(call, before.file, f"goes on from {parent}")
        self._running[call.id] = msgspec.structs.replace(before)
        if before.silenced:
            self._tell(RecordingPaused(**self._stamp, call=call.id, queue=call.queue, by=parent))

    def _exchanged(self, fact: CallerChanged) -> None:
        """An attended transfer put another channel into the call; what was recorded on the old one has ended with it."""
        call = self._daemon.engine.router.floor.calls.get(fact.call)
        if call is None or fact.parent is None:
            return
        lost, rule = self._running.pop(call.id, None), self._rule(call)
        if lost is not None:
            self._tell(RecordingEnded(**self._stamp, call=call.id, queue=call.queue, by="transfer"))
        self._take_over(call, rule)
        if self.unwanted(call):
            stop = self._act(call, "StopMixMonitor", {"Channel": call.channel})
            self._daemon.tasks.start(f"unrecord {call.id}", self._quietly(stop))
        # Who is talking already can be told nothing any more.
        if lost is not None and call.id not in self._running and not (rule.consent and lost.talked):
            again = self._begin_again(call, lost)
            self._daemon.tasks.start(f"record {call.id} again", self._quietly(again))

    async def _begin_again(self, call: Call, lost: Running) -> None:
        """On the channel that is in the call now."""
        headers = {"Channel": call.channel, "File": lost.file, "Options": ONLY_BRIDGED + APPENDED}
        await self._act(call, "MixMonitor", headers)
        now = self._daemon.engine.router.floor.calls.get(call.id)
        if now is not call or call.channel != headers["Channel"]:
            await self._act(call, "StopMixMonitor", {"Channel": headers["Channel"]})
            return
        self._started(call, lost.file, "transfer")
        self._running[call.id].talked = lost.talked

    def begun(self, call: Call, file: str) -> None:
        """The caller's session has begun it."""
        why = self._rule(call).mode.value
        self._started(call, file, why)

    def _rule(self, call: Call) -> Recording:
        return self._daemon.settings.queues.get(call.queue, Queue()).recording

    def file_of(self, call: Call) -> str:
        """The file's name, by the queue's template and the moment the call came (UTC). Callers' numbers are made safe."""
        moment = dt.datetime.fromtimestamp(call.arrived / 1e9, dt.UTC)
        return self._rule(call).file.format(
            queue=call.queue,
            call=call.id,
            caller=_UNSAFE.sub("", call.caller)[:LONGEST_CALLER] or "unknown",
            year=f"{moment:%Y}",
            month=f"{moment:%m}",
            day=f"{moment:%d}",
            time=f"{moment:%H%M%S}",
        )

    # ------------------------------------------------------------ on demand

    async def start(self, name: str, by: str) -> str:
        """Record a call from here on; its file. Raises ControlError."""
        call = self._talking(name)
        if call.id in self._running:
            raise ControlError(409, f"{name} is being recorded already", f"acd call unrecord {name}")
        if self._rule(call).mode is RecordingMode.NEVER:
            raise ControlError(403, f"{call.queue} may not be recorded", "mode = in [queues.NAME.recording]")
        file = self.file_of(call)
        headers = {"Channel": call.channel, "File": file, "Options": ONLY_BRIDGED + APPENDED}
        with self._alone(call):
            await self._act(call, "MixMonitor", headers)
            if not self._talks_on(call, headers["Channel"]):
                await self._quietly(self._act(call, "StopMixMonitor", {"Channel": headers["Channel"]}))
                raise _over_meanwhile(call)
        self._started(call, file, by)
        self._running[call.id].talked = True
        return file

    async def stop(self, name: str, by: str) -> str:
        """End a recording."""
        call, file = self._recorded(name)
        with self._alone(call):
            await self._act(call, "StopMixMonitor", {"Channel": call.channel})
            if self._running.pop(call.id, None) is None:
                raise _over_meanwhile(call)
        self._tell(RecordingEnded(**self._stamp, call=call.id, queue=call.queue, by=by))
        return file

    async def silence(self, name: str, by: str, *, silent: bool) -> str:
        """Let the recording go on with silence, or hear again."""
        call, file = self._recorded(name)
        if self._running[call.id].silenced is silent:
            raise ControlError(409, f"the recording of {name} is {'silenced' if silent else 'heard'} already")
        headers = {"Channel": call.channel, "Direction": "both", "State": "1" if silent else "0"}
        runs = self._running[call.id]
        with self._alone(call):
            await self._act(call, "MixMonitorMute", headers)
            runs.silenced = silent  # also of a caller who was transferred in this moment
            if call.id not in self._running:
                raise _over_meanwhile(call)
        kind = RecordingPaused if silent else RecordingResumed
        self._tell(kind(**self._stamp, call=call.id, queue=call.queue, by=by))
        return file

    def toggle(self, call: CallId, by: str) -> None:
        """Begin or end in the background, as by a key in the talk."""
        self._daemon.tasks.start(f"record {call}", self._quietly(self.turned(call, by)))

    async def turned(self, call: CallId, by: str) -> bool:
        """Begin or end; whether it runs now. Raises ControlError."""
        if call in self._running:
            await self.stop(call, by)
            return False
        await self.start(call, by)
        return True

    def toggle_silence(self, call: CallId, by: str) -> None:
        """The same for silence."""
        silent = call in self._running and not self._running[call].silenced
        self._daemon.tasks.start(f"silence {call}", self._quietly(self.silence(call, by, silent=silent)))

    async def _quietly(self, wish: "object") -> None:
        try:
            await wish  # type: ignore[misc]  # one of the three above
        except ControlError as refused:
            log.warning("recording_refused", why=refused.message, hint=refused.hint)

    # ------------------------------------------------------------ small things

    @contextmanager
    def _alone(self, call: Call) -> Iterator[None]:
        """One thing at a time for each call: two begun at once would be two MixMonitors, of which one could be ended."""
        if call.id in self._asked:
            raise ControlError(409, f"the recording of {call.id} is being changed", "try again in a moment")
        self._asked.add(call.id)
        try:
            yield
        finally:
            self._asked.discard(call.id)

    def _talks_on(self, call: Call, channel: str) -> bool:
        """Whether that talk still goes on, with the same caller."""
        now = self._daemon.engine.router.floor.calls.get(call.id)
        return now is call and call.state is CallState.TALKING and call.channel == channel

    def _talking(self, name: str) -> Call:
        call = self._daemon.engine.router.floor.calls.get(CallId(name))
        if call is None:
            raise ControlError(404, f"no call {name!r} is open", "acd calls lists them")
        if call.state is not CallState.TALKING:
            raise ControlError(409, f"{name} is in no talk", "only a talk can be recorded")
        return call

    def _recorded(self, name: str) -> tuple[Call, str]:
        call = self._daemon.engine.router.floor.calls.get(CallId(name))
        if call is None or call.id not in self._running:
            raise ControlError(409, f"{name} is not being recorded", f"acd call record {name}")
        return call, self._running[call.id].file

    async def _act(self, call: Call, action: str, headers: dict[str, str]) -> None:
        try:
            await self._daemon.exchange.links[call.switch].action(action, headers)
        except ActionFailedError as wrong:
            hint = "the manager user needs `system` in its write classes for recordings on demand"
            raise ControlError(409, f"Asterisk refuses {action}: {wrong}", hint) from wrong
        except AmiError as wrong:
            raise ControlError(503, f"{call.switch} does not answer: {wrong}", "acd status") from wrong
        except ValueError as wrong:
            raise ControlError(
                409, f"Asterisk can't be asked for {action}: {wrong}", "shorten `file`"
            ) from wrong

    def _started(self, call: Call, file: str, why: str) -> None:
        self._running[call.id] = Running(file, call.uniqueid)
        self._tell(RecordingStarted(**self._stamp, call=call.id, queue=call.queue, file=file, why=why))

    @property
    def _stamp(self) -> dict[str, int]:
        return {"at": self._daemon.clock.now(), "generation": self._daemon.generation}

    def _tell(self, fact: Fact) -> None:
        self._daemon.engine.tell(fact)


def _over_meanwhile(call: Call) -> ControlError:
    return ControlError(409, f"the talk of {call.id} ended in that moment", "acd calls lists the open ones")
