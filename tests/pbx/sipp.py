"""SIPp of the Asterisk folder: callers and phones in numbers, without sound.

A run's ports are its own and fresh: SIPp leaves retransmissions behind that a next run on the same port would meet.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from tests.pbx.child import Child
from tests.pbx.errors import SippError
from tests.pbx.hosts import write_hosts
from tests.pbx.owned import OwnedFolder
from tests.pbx.ports import free_udp_port, is_bound
from tests.pbx.scenario import load
from tests.pbx.tally import Tally, read_tally

START_S: Final = 5.0
STOP_S: Final = 2.0
LOOK_AGAIN_S: Final = 0.01
GOOD: Final = 0
SOME_FAILED: Final = 1


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run of SIPp.

    `scenario` is a file of scenarios/ without .xml, `values` what to fill in (scenario.DEFAULTS lists them). Callers
    name `server` and `to`, the user part they dial; phones name `port`, where Asterisk has their contacts.
    """

    scenario: str
    values: Mapping[str, str | int] = {}
    server: tuple[str, int] | None = None
    to: str = "sales"
    port: int = 0
    """Local UDP port; 0: a free one is chosen."""
    calls: int = 0
    """-m: end after so many calls; 0: run until stopped."""
    rate: float = 10.0
    """-r: new calls a second."""
    limit: int = 0
    """-l: calls up at once; 0: SIPp's own limit."""
    trace: bool = False
    """Keep every SIP message (messages.log)."""


class Sipp:
    """A running SIPp: `async with Sipp(root, plan) as run: tally = await run.finished(within=30)`."""

    def __init__(self, root: Path, plan: Plan) -> None:
        self.root = root
        self.plan = plan
        self.port = plan.port or free_udp_port()
        self._owned: OwnedFolder | None = None
        self._child: Child | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def folder(self) -> Path:
        """Where the run's files are: scenario.xml, stat.csv, errors.log, screen, messages.log."""
        if self._owned is None:
            raise SippError("SIPp is not started: await start() first")
        return self._owned.host

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Write the scenario, start SIPp, return when its port is open (or it is done already)."""
        text = load(self.plan.scenario, self.plan.values)
        if is_bound(self.port):
            raise SippError(
                f"UDP port {self.port} is in use: end what has it, or let port=0 choose a free one"
            )
        self._owned = OwnedFolder.create(self.root, "sipp")
        write_hosts(self.root)
        (self.folder / "scenario.xml").write_text(text, encoding="utf-8")
        words = command(self.plan, self._owned.inside, self.port, free_udp_port())
        self._child = await Child.start(self.root, words, self.folder / "screen")
        await self._await_bound(self._child)

    async def finished(self, within: float) -> Tally:
        """Return the final tally once `calls` calls are over; SippError when it takes longer or SIPp breaks off.

        Failed calls are for the test to judge: they are in the tally, their reasons in `errors()`.
        """
        if self._child is None:
            raise SippError("SIPp is not started: await start() first")
        try:
            code = await self._child.wait(within)
        except TimeoutError:
            raise SippError(
                f"SIPp {self.plan.scenario} is not done after {within} s: {self.tally()}. {self.errors()}"
            ) from None
        if code not in (GOOD, SOME_FAILED):
            raise SippError(f"SIPp {self.plan.scenario} broke off (exit code {code}): {self._last_words()}")
        return self.tally()

    def tally(self) -> Tally:
        """Return the counts as of the last second."""
        place = self.folder / "stat.csv"
        return read_tally(place.read_text(encoding="utf-8") if place.exists() else "")

    def errors(self) -> str:
        """Return what SIPp wrote about unexpected messages."""
        place = self.folder / "errors.log"
        return place.read_text(errors="replace") if place.exists() else ""

    async def stop(self) -> None:
        """End SIPp and remove its files. Works in every state, also twice."""
        if self._child is not None:
            await self._child.stop(STOP_S)
            self._child = None
        if self._owned is not None:
            self._owned.remove()
            self._owned = None

    async def _await_bound(self, child: Child) -> None:
        try:
            async with asyncio.timeout(START_S):
                while child.returncode is None and not is_bound(self.port):
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise SippError(
                f"SIPp did not open port {self.port} within {START_S} s: {self._last_words()}"
            ) from None
        if child.returncode not in (None, GOOD, SOME_FAILED):
            raise SippError(f"SIPp {self.plan.scenario} did not start: {self._last_words()}")

    def _last_words(self) -> str:
        screen = (self.folder / "screen").read_text(errors="replace")
        return (self.errors() or screen)[-600:]


def command(plan: Plan, inside: str, port: int, control: int) -> list[str]:
    """Return SIPp's command line. Pure: the ports were chosen by others (`control`: SIPp's remote-control port)."""
    words = ["sipp", "-sf", f"{inside}/scenario.xml", "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-aa"]
    words += ["-cp", str(control), "-timer_resol", "1"]
    words += [
        "-trace_stat",
        "-stf",
        f"{inside}/stat.csv",
        "-fd",
        "1",
        "-trace_err",
        "-error_file",
        f"{inside}/errors.log",
    ]
    if plan.trace:
        words += ["-trace_msg", "-message_file", f"{inside}/messages.log"]
    if plan.calls:
        words += ["-m", str(plan.calls)]
    if plan.limit:
        words += ["-l", str(plan.limit)]
    if plan.server is not None:
        # -r takes whole numbers: a rate of 2.5 is 2500 calls in 1000 s' worth of milliseconds.
        words += ["-s", plan.to, "-r", str(round(plan.rate * 1000)), "-rp", "1000000"]
        words += [f"{plan.server[0]}:{plan.server[1]}"]
    return words
