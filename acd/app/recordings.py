"""Recordings: which calls, into which file, begun, silenced and ended. Asterisk's MixMonitor does the work.

A recording hangs on the caller's channel, so it goes on over transfers, both sides in one file. One that is always made,
or by lot, begins on the caller's session before the first phone rings and hears only what is bridged; one on demand
is begun over AMI, for which the manager user needs the class `system`.
"""

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import structlog

from acd.core.calls import Call
from acd.core.facts import (
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
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.+-]")


class Recordings:
    """Every call that is being recorded, with its file."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows the ends of calls; knows those recorded before a restart."""
        self._daemon = daemon
        calls = daemon.engine.router.floor.calls.values()
        self.files = {call.id: call.recording for call in calls if call.recording}
        self.silenced = {call.id for call in calls if call.silenced}
        daemon.engine.watch(self._see)

    def _see(self, fact: Fact) -> None:
        if isinstance(fact, Ended):
            self.files.pop(fact.call, None)
            self.silenced.discard(fact.call)

    # ------------------------------------------------------------ by rule

    def due(self, call: Call) -> str:
        """The file of a call that is to be recorded by its queue's rule and is not yet; "" for the others."""
        rule = self._rule(call)
        if call.id in self.files or rule.mode not in (RecordingMode.ALWAYS, RecordingMode.SHARE):
            return ""
        drawn = lot(0, call.id, 0) * 100
        return self.file_of(call) if rule.mode is RecordingMode.ALWAYS or drawn < rule.share else ""

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
            caller=_UNSAFE.sub("", call.caller) or "unknown",
            year=f"{moment:%Y}",
            month=f"{moment:%m}",
            day=f"{moment:%d}",
            time=f"{moment:%H%M%S}",
        )

    # ------------------------------------------------------------ on demand

    async def start(self, name: str, by: str) -> str:
        """Record a call from here on; its file. Raises ControlError."""
        call = self._talking(name)
        if call.id in self.files:
            raise ControlError(409, f"{name} is being recorded already", f"acd call unrecord {name}")
        if self._rule(call).mode is RecordingMode.NEVER:
            raise ControlError(403, f"{call.queue} may not be recorded", "mode = in [queues.NAME.recording]")
        file = self.file_of(call)
        headers = {"Channel": call.channel, "File": file, "Options": ONLY_BRIDGED}
        await self._act(call, "MixMonitor", headers)
        self._started(call, file, by)
        return file

    async def stop(self, name: str, by: str) -> str:
        """End a recording."""
        call, file = self._recorded(name)
        await self._act(call, "StopMixMonitor", {"Channel": call.channel})
        del self.files[call.id]
        self.silenced.discard(call.id)
        self._tell(RecordingEnded(**self._stamp, call=call.id, queue=call.queue, by=by))
        return file

    async def silence(self, name: str, by: str, *, silent: bool) -> str:
        """Let the recording go on with silence, or hear again."""
        call, file = self._recorded(name)
        if (call.id in self.silenced) is silent:
            raise ControlError(409, f"the recording of {name} is {'silenced' if silent else 'heard'} already")
        headers = {"Channel": call.channel, "Direction": "both", "State": "1" if silent else "0"}
        await self._act(call, "MixMonitorMute", headers)
        kind = RecordingPaused if silent else RecordingResumed
        (self.silenced.add if silent else self.silenced.discard)(call.id)
        self._tell(kind(**self._stamp, call=call.id, queue=call.queue, by=by))
        return file

    def toggle(self, call: CallId, by: str) -> bool:
        """Begin or end in the background, as from a phone; whether it is to run."""
        runs = call not in self.files
        self._daemon.tasks.start(
            f"record {call}", self._quietly((self.start if runs else self.stop)(call, by))
        )
        return runs

    def toggle_silence(self, call: CallId, by: str) -> None:
        """The same for silence."""
        silent = call not in self.silenced
        self._daemon.tasks.start(f"silence {call}", self._quietly(self.silence(call, by, silent=silent)))

    async def _quietly(self, wish: "object") -> None:
        try:
            await wish  # type: ignore[misc]  # one of the three above
        except ControlError as refused:
            log.warning("recording_refused", why=refused.message, hint=refused.hint)

    # ------------------------------------------------------------ small things

    def _talking(self, name: str) -> Call:
        call = self._daemon.engine.router.floor.calls.get(CallId(name))
        if call is None:
            raise ControlError(404, f"no call {name!r} is open", "acd calls lists them")
        if call.state is not CallState.TALKING:
            raise ControlError(409, f"{name} is in no talk", "only a talk can be recorded")
        return call

    def _recorded(self, name: str) -> tuple[Call, str]:
        call = self._daemon.engine.router.floor.calls.get(CallId(name))
        if call is None or call.id not in self.files:
            raise ControlError(409, f"{name} is not being recorded", f"acd call record {name}")
        return call, self.files[call.id]

    async def _act(self, call: Call, action: str, headers: dict[str, str]) -> None:
        try:
            await self._daemon.exchange.links[call.switch].action(action, headers)
        except ActionFailedError as wrong:
            hint = "the manager user needs `system` in its write classes for recordings on demand"
            raise ControlError(409, f"Asterisk refuses {action}: {wrong}", hint) from wrong
        except AmiError as wrong:
            raise ControlError(503, f"{call.switch} does not answer: {wrong}", "acd status") from wrong

    def _started(self, call: Call, file: str, why: str) -> None:
        self.files[call.id] = file
        self._tell(RecordingStarted(**self._stamp, call=call.id, queue=call.queue, file=file, why=why))

    @property
    def _stamp(self) -> dict[str, int]:
        return {"at": self._daemon.clock.now(), "generation": self._daemon.generation}

    def _tell(self, fact: Fact) -> None:
        self._daemon.engine.tell(fact)
