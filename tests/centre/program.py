"""A process of ours that never outlives us."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from typing import IO, Final

DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
"""So that even a `kill -9` of the tests leaves nothing behind; setpriv execs, the process id is the program's own."""
STOP_S: Final = 10.0


class ProgramError(RuntimeError):
    """The program did not start, or did not stop when asked to."""


class Program:
    """One process in a session of its own: the terminal's Ctrl-C reaches us only, and we decide who stops when."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: asyncio.subprocess.Process | None = None

    async def start(
        self,
        words: Sequence[str],
        *,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> asyncio.subprocess.Process:
        """Start `words`; ProgramError when the one before still runs."""
        if self.running:
            raise ProgramError(f"{self.name} runs already: stop it first")
        self.process = await asyncio.create_subprocess_exec(
            *DIES_WITH_US, *words, stdout=stdout, stderr=stderr, env=env, start_new_session=True
        )
        return self.process

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id."""
        if self.process is None:
            raise ProgramError(f"{self.name} does not run: start it first")
        return self.process.pid

    async def end(self, number: signal.Signals = signal.SIGTERM, *, within: float = STOP_S) -> int:
        """Send the signal, wait for the end, return the exit code; 0 when there was nothing to end.

        ProgramError after `within` seconds. Whatever goes wrong, cancellation included, the process is killed.
        """
        process, self.process = self.process, None
        if process is None:
            return 0
        try:
            if process.returncode is None:
                process.send_signal(number)
            async with asyncio.timeout(within):
                return await process.wait()
        except TimeoutError:
            raise ProgramError(f"{self.name} did not end within {within:g} s and was killed") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
