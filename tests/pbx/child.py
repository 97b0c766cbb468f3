"""One program running inside the Asterisk folder: started, watched and ended by its id."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.pbx.errors import InstanceError

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def inside(root: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` in the folder and has the kernel kill it when we die without a chance to."""
    return ["setpriv", "--pdeathsig", "KILL", "chroot", str(root), *command]


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return what a program in the folder finds in its environment: nothing of ours leaks in."""
    return {"PATH": SEARCH_PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", **extra}


class Child:
    """A process with a group of its own, its output in a file."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path) -> None:
        self._process = process
        self._gone = False
        self.output = output

    @classmethod
    async def start(
        cls, root: Path, command: Sequence[str], output: Path, env: Mapping[str, str] | None = None
    ) -> Self:
        """Start `command` in the folder `root`; standard output and error are appended to `output`."""
        with output.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                *inside(root, command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=asyncio.subprocess.STDOUT,
                env=environment(env or {}),
                start_new_session=True,
            )
        return cls(process, output)

    @property
    def pid(self) -> int:
        """The process id; chroot and setpriv exec, so it is the program's own."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    async def wait(self, within: float | None) -> int:
        """Return the exit code; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            return await self._process.wait()

    async def stop(self, within: float) -> None:
        """SIGTERM, then SIGKILL after `within` seconds. Returns when the process is gone; again does nothing."""
        if self.returncode is None:
            self.signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await self.wait(within)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to it and to what it started (AGI scripts); return when it is gone."""
        # Once only: after that the kernel may give the number to somebody else's group.
        if not self._gone:
            self._gone = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, SIGSTOP and SIGCONT included; nothing happens when the process is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


async def run_inside(root: Path, command: Sequence[str], *, within: float) -> str:
    """Run a short command in the folder and return what it printed; InstanceError when it fails or takes too long."""
    process = await asyncio.create_subprocess_exec(
        *inside(root, command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment({}),
    )
    try:
        async with asyncio.timeout(within):
            printed, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise InstanceError(f"{' '.join(command)}: no answer within {within} s") from None
    text = printed.decode(errors="replace")
    if process.returncode != 0:
        raise InstanceError(f"{' '.join(command)}: exit code {process.returncode}: {text.strip()[-300:]}")
    return text
