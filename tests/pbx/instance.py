"""A private Asterisk: own configuration, ports, database, logs and spool; gone without a trace when stopped."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.pbx.child import Child, run_inside
from tests.pbx.errors import InstanceError
from tests.pbx.hosts import write_hosts
from tests.pbx.owned import OwnedFolder
from tests.pbx.ports import PortBlock
from tests.pbx.readiness import await_booted
from tests.pbx.rendering import render
from tests.pbx.settings import Places, Settings

SHIPPED: Final = Path(__file__).resolve().parents[2] / "telephony" / "dialplan"
FOLDERS: Final = ("etc", "lib", "log", "log/cdr-custom", "log/cel-custom", "spool", "run", "agi-bin")
BOOT_S: Final = 20.0
STOP_S: Final = 5.0
CLI_S: Final = 10.0
LAST_LINES: Final = 8
STORIES_KEPT: Final = 5


class Asterisk:
    """One Asterisk in the folder `root` (see folder.obtain), started by `start()` or `async with`.

    The ports stay the same over kill() and restart(), and so do database, logs and spool. stop() removes everything.
    """

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        self.root = root
        self.settings = settings or Settings()
        self.boot_within = BOOT_S
        self._ports: PortBlock | None = None
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
    def sip(self) -> tuple[str, int]:
        """Where SIP is answered, UDP and TCP."""
        return "127.0.0.1", self._block.sip

    @property
    def manager(self) -> tuple[str, int]:
        """Where AMI is answered. Users: `acd` (the daemon's) and `tests` (everything); see settings.MANAGER_SECRET."""
        return "127.0.0.1", self._block.manager

    @property
    def home(self) -> Path:
        """The instance's folder: etc, lib, log, spool, run, agi-bin."""
        return self._home.host

    @property
    def log(self) -> Path:
        """Asterisk's log, verbose lines included."""
        return self.home / "log" / "full"

    @property
    def lost_calls(self) -> Path:
        """Where the dialplan's script writes down calls that met no daemon."""
        return self.home / "spool" / "acd-lost"

    @property
    def call_records(self) -> Path:
        """CSV of ended calls, fields as rendering.CALL_RECORD_FIELDS. Made with the first one."""
        return self.home / "log" / "cdr-custom" / "calls.csv"

    @property
    def channel_events(self) -> Path:
        """CSV of channel events, fields as rendering.CHANNEL_EVENT_FIELDS. Made with the first one."""
        return self.home / "log" / "cel-custom" / "events.csv"

    @property
    def pid(self) -> int:
        """Process id of Asterisk itself."""
        if self._child is None:
            raise InstanceError("Asterisk is not started: await start() first")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Make folder and configuration, start, return when fully booted. InstanceError names the kept logs."""
        self._ports = PortBlock.claim()
        try:
            self._owned = OwnedFolder.create(self.root, "asterisk")
            write_hosts(self.root)
            self._write_files(self._owned)
            await self._launch()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End Asterisk and remove its folder. Works in every state, also twice."""
        if self._child is not None:
            await self._child.stop(STOP_S)
            self._child = None
        if self._owned is not None:
            self._owned.remove()
            self._owned = None
        if self._ports is not None:
            self._ports.release()
            self._ports = None

    async def kill(self) -> None:
        """SIGKILL, as in a crash; everything on disk stays. restart() brings it back."""
        if self._child is not None:
            await self._child.kill()

    async def restart(self) -> None:
        """End it (if it still runs) and start it again in the same folder, on the same ports."""
        if self._child is not None:
            await self._child.stop(STOP_S)
        await self._launch()

    async def cli(self, command: str) -> str:
        """Return what a console command prints ("core show channels")."""
        place = f"{self._home.inside}/etc/asterisk.conf"
        return await run_inside(self.root, ["asterisk", "-C", place, "-rx", command], within=CLI_S)

    def keep_logs(self, to: Path) -> Path:
        """Copy etc and log into the folder `to` (made when missing) and return it: for a failed test."""
        for part in ("etc", "log"):
            shutil.copytree(self.home / part, to / part, dirs_exist_ok=True)
        return to

    def write_config(self, name: str, text: str) -> None:
        """Replace one file of etc; `cli("dialplan reload")` (or the module's reload) makes it count."""
        (self.home / "etc" / name).write_text(text, encoding="utf-8")

    @property
    def _block(self) -> PortBlock:
        if self._ports is None:
            raise InstanceError("Asterisk has no ports: await start() first")
        return self._ports

    @property
    def _home(self) -> OwnedFolder:
        if self._owned is None:
            raise InstanceError("Asterisk has no folder: await start() first")
        return self._owned

    def _write_files(self, owned: OwnedFolder) -> None:
        for name in FOLDERS:
            (owned.host / name).mkdir()
        places = Places(
            home=owned.inside, sip=self._block.sip, manager=self._block.manager, rtp=self._block.rtp
        )
        for name, text in render(self.settings, places).items():
            (owned.host / "etc" / name).write_text(text, encoding="utf-8")
        for shipped in SHIPPED.glob("*.conf"):
            shutil.copy(shipped, owned.host / "etc")
        for script in SHIPPED.glob("*.py"):
            (owned.host / "agi-bin" / script.name).write_bytes(script.read_bytes())
            (owned.host / "agi-bin" / script.name).chmod(0o755)

    async def _launch(self) -> None:
        inside = self._home.inside
        self._child = await Child.start(
            self.root,
            ["asterisk", "-f", "-C", f"{inside}/etc/asterisk.conf"],
            self.home / "log" / "console",
            {"ACD_SPOOL": f"{inside}/spool/acd-lost"},
        )
        try:
            await await_booted(self._child, self._block.manager, within=self.boot_within)
        except InstanceError as error:
            raise InstanceError(f"{error}. {self._story()}") from None

    def _story(self) -> str:
        """Copy the logs out of the folder that is about to go, and return where they are and how they end."""
        shelf = self.root.parent / "failed-starts"
        kept = self.keep_logs(shelf / self._home.name)
        for old in sorted(shelf.iterdir(), key=lambda path: path.stat().st_mtime)[:-STORIES_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        lines = [
            line
            for name in ("console", "full")
            if (kept / "log" / name).exists()
            for line in (kept / "log" / name).read_text(errors="replace").splitlines()[-LAST_LINES:]
        ]
        return "\n".join([f"Logs: {kept / 'log'}", *lines])
