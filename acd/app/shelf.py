"""Where recordings are: the index made of the journal, and the monitor folders of the switches. One question at a time."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from acd.app.recorded import Index, Recorded
from acd.core.facts import Fact
from acd.web.control import ControlError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

P = ParamSpec("P")
T = TypeVar("T")
READ_AT_ONCE: Final = 67_108_864
"""Bytes of the journal, before somebody else may ask."""


class Shelf:
    """Who takes something from it or puts it back holds `one`, so that nothing is deleted while somebody holds it for the law."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads nothing yet."""
        self._daemon = daemon
        directory = Path(daemon.settings.daemon.state_dir)
        self.index = Index(directory / "recordings.sqlite", daemon.journal.directory)
        self.one = asyncio.Lock()

    async def ask(self, question: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """A question to the index, in a thread. Raises ControlError."""
        try:
            return await asyncio.to_thread(question, *args, **more)
        except (sqlite3.Error, OSError) as wrong:
            hint = "stop the daemon, remove recordings.sqlite in its state_dir, start it: the journal has all of it"
            raise ControlError(503, f"the index of recordings fails: {wrong}", hint) from wrong

    async def read_on(self) -> None:
        """Read the journal to its end, letting others ask in between. Not with `one` held. Raises ControlError."""
        whole = False
        while not whole:
            async with self.one:
                whole = await self.ask(self.index.catch_up, READ_AT_ONCE)

    async def known(self, call: str, file: str = "") -> list[Recorded]:
        """The call's recording, of several that one or the last, then others in its file. With `one` held. Raises ControlError."""
        while not await self.ask(self.index.catch_up):
            pass
        found = await self.ask(self.index.of_call, call, file)
        if not found:
            hint = f"acd recordings lists them; acd explain call {call} tells what became of it"
            raise ControlError(404, f"there is no recording of {call!r}", hint)
        return found

    def folder(self, found: Recorded) -> Path:
        """The monitor folder of the switch it was made on. Raises ControlError with what to set."""
        switches = {switch.name: switch for switch in self._daemon.settings.switches}
        alone = next(iter(switches)) if len(switches) == 1 else ""
        switch = switches.get(found.switch or alone)
        if switch is None:
            hint = "put it back into acd.toml, or take the file from there by hand"
            raise ControlError(404, f"it was recorded on {found.switch!r}, which is no [[switch]] now", hint)
        if not switch.recordings:
            hint = 'set recordings = "/var/spool/asterisk/monitor" in its [[switch]] of acd.toml and restart the daemon'
            raise ControlError(409, f"nobody said where {switch.name} keeps its recordings", hint)
        return Path(switch.recordings)

    def writable(self) -> None:
        """What can't be told must not be done. Raises ControlError while the disk takes no facts."""
        failing = self._daemon.journal.failing
        if failing:
            raise ControlError(503, f"the journal takes no facts: {failing}", "acd status")

    @property
    def stamp(self) -> dict[str, int]:
        """What every fact has."""
        return {"at": self._daemon.clock.now(), "generation": self._daemon.generation}

    def tell(self, fact: Fact) -> None:
        """State a fact."""
        self._daemon.engine.tell(fact)


def runs(file: list[Recorded]) -> bool:
    """Whether any of the calls in a file still adds to it."""
    return any(each.stopped is None and each.ended is None for each in file)
