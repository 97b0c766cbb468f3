"""Faults on demand. Each takes effect at once and lasts until it is taken back or has done its work."""

import random
from typing import Protocol

from telephony.simulated.agi_session import AgiSession
from telephony.simulated.ami_session import Disorder
from telephony.simulated.connector import TaskConnector
from telephony.simulated.manager import Manager
from telephony.simulated.outlet import Weather
from telephony.simulated.queue_loop import QueueLoop
from telephony.simulated.remote_end import RemoteEnd


class Listener(Protocol):
    """The manager port."""

    def refuse(self, seconds: float) -> None:
        """Listen no more, and again after `seconds` of real time."""


class Faults:
    """What can go wrong on the two wires. Probabilities are 0 to 1, durations milliseconds of real time."""

    def __init__(  # noqa: PLR0913 - every part of the PBX that can fail
        self,
        manager: Manager,
        connector: TaskConnector,
        listener: Listener,
        rng: random.Random,
        *,
        weather: Weather,
        disorder: Disorder,
    ) -> None:
        self._manager = manager
        self._connector = connector
        self._listener = listener
        self._rng = rng
        self._weather = weather
        self._disorder = disorder

    # The manager link.

    def drop_ami(self) -> None:
        """Reset every manager connection."""
        for session in tuple(self._manager.sessions):
            session.reset()

    def refuse_ami(self, seconds: float) -> None:
        """Drop every manager connection and refuse new ones for `seconds` of real time."""
        self._listener.refuse(seconds)
        self.drop_ami()

    def delay_ami(self, milliseconds: float) -> None:
        """Send everything on the manager link this much later; 0 takes it back."""
        self._weather.delay = milliseconds / 1000

    def split_ami(self, *, on: bool = True) -> None:
        """Make each byte a segment of its own."""
        self._weather.split = on

    def stall_ami(self, *, on: bool = True) -> None:
        """Be half-open: accept, take bytes, say nothing. Taken back, the stalled connections are reset."""
        self._weather.stalled = on
        if not on:
            self.drop_ami()

    def garbage_ami(self, size: int = 64, *, torn: bool = False) -> None:
        """Put random bytes between two messages; `torn` lets them run into the next one, which is lost, too."""
        data = self._rng.randbytes(size).replace(b"\n", b".").replace(b"\r", b".")
        for session in self._manager.sessions:
            session.send(data if torn else data + b"\r\n\r\n")

    def half_close_ami(self) -> None:
        """Send the end of the stream and go on reading."""
        for session in self._manager.sessions:
            session.half_close()

    def duplicate_events(self, probability: float = 1.0) -> None:
        """Send events twice."""
        self._disorder.duplicate = probability

    def reorder(self, probability: float = 0.5) -> None:
        """Send events after the one that follows them."""
        self._disorder.reorder = probability

    # FastAGI.

    def refuse_agi(self, *, on: bool = True) -> None:
        """Let every new FastAGI connection fail as if nobody listened."""
        self._connector.refusing = on

    def delay_agi(self, milliseconds: float) -> None:
        """Send everything on new FastAGI connections and old ones this much later; 0 takes it back."""
        self._connector.weather.delay = milliseconds / 1000

    def split_agi(self, *, on: bool = True) -> None:
        """Make each byte Asterisk sends a segment of its own."""
        self._connector.weather.split = on

    def stall_agi(self, *, on: bool = True) -> None:
        """Connect and say nothing, not even the header block."""
        self._connector.weather.stalled = on

    def drop_agi(self, caller: RemoteEnd) -> None:
        """Reset the caller's FastAGI connection; the call itself goes on in the dialplan."""
        _session(caller).break_wire()

    def garbage_agi(self, caller: RemoteEnd, size: int = 64) -> None:
        """Send random bytes as a line of the caller's session."""
        _session(caller).write_raw(self._rng.randbytes(size).replace(b"\n", b".") + b"\n")

    def half_close_agi(self, caller: RemoteEnd) -> None:
        """Send the end of the caller's session and go on reading."""
        _session(caller).half_close()


def _session(caller: RemoteEnd) -> AgiSession:
    execution = caller.execution
    if not isinstance(execution, QueueLoop) or execution.session is None:
        raise ValueError("this caller has no FastAGI session now; wait until the daemon has been asked")
    return execution.session
