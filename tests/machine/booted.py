"""A booted machine in a container of systemd-nspawn: its own processes, loopback network and systemd.

What it writes goes to memory and is gone afterwards; the folder it boots from is only read.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.machine.errors import MachineError

BOOT_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROPAGATED: Final = Path("/run/systemd/nspawn/propagate")
POLL: Final = 0.05

Ended = subprocess.CompletedProcess[str]


class Machine:
    """One booted machine; `booted` makes it."""

    def __init__(self, process: subprocess.Popen[bytes], console: Path) -> None:
        self._process = process
        self._console = console

    def run(self, command: str, *, within: float = 60.0, env: Mapping[str, str] | None = None) -> Ended:
        """Run a shell command as root inside, ending at its first failing line. `stdout` holds standard error too."""
        inside = ["nsenter", "--target", str(self._leader()), "--all", "env", "-i", f"PATH={PATH}"]
        inside += [f"{name}={value}" for name, value in (env or {}).items()]
        return subprocess.run(
            [*inside, "sh", "-ec", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=within,
        )

    def must(self, command: str, *, within: float = 60.0, env: Mapping[str, str] | None = None) -> str:
        """Run a command that has to succeed; return what it printed."""
        done = self.run(command, within=within, env=env)
        assert done.returncode == 0, f"{command}: exit code {done.returncode}:\n{done.stdout}"
        return done.stdout

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit, as `systemctl show` names it."""
        return self.must(f"systemctl show --value --property={name} {unit}").strip()

    def journal(self, unit: str, since: str = "") -> str:
        """Return the unit's log lines; `since` is a cursor of `cursor`."""
        after = f"--after-cursor={shlex.quote(since)}" if since else ""
        return self.must(f"journalctl --sync; journalctl --no-pager --output=cat --unit={unit} {after}")

    def cursor(self, unit: str) -> str:
        """Return the present end of the unit's log; "" when it has none yet."""
        # Of the unit, not of all: journalctl 252 skips one matching entry when the cursor's own does not match.
        newest = f"journalctl --no-pager --lines=1 --show-cursor --output=cat --unit={unit}"
        return self.must(f"journalctl --sync; {newest}").partition("-- cursor: ")[2].strip()

    def wait_booted(self) -> None:
        """Return when systemd has started everything; MachineError with the console when it does not."""
        with contextlib.suppress(TimeoutError):
            until(self._is_running, "booted", BOOT_SECONDS)
            return
        raise MachineError(f"the machine did not boot; its console:\n{self._console_text()}")

    def stop(self) -> None:
        """Shut down in order, by force after STOP_SECONDS."""
        for number in (
            signal.SIGTERM,
            signal.SIGTERM,
            signal.SIGKILL,
        ):  # the second one makes nspawn stop waiting
            if self._process.poll() is None:
                self._process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_SECONDS)

    def _is_running(self) -> bool:
        if self._process.poll() is not None:
            raise MachineError(
                f"systemd-nspawn ended with {self._process.returncode}: it needs root, mount and cgroups that can be "
                f"written; it said:\n{self._console_text()}"
            )
        with contextlib.suppress(MachineError):
            return self.run("systemctl is-system-running", within=10).stdout.strip() in {
                "running",
                "degraded",
            }
        return False

    def _leader(self) -> int:
        """Return the process that is number 1 inside; MachineError while there is none."""
        pid = self._process.pid
        with contextlib.suppress(OSError, IndexError):
            return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])
        raise MachineError(f"the machine is not running; its console:\n{self._console_text()}")

    def _console_text(self) -> str:
        return self._console.read_text(encoding="utf-8", errors="replace")[-3000:]


@contextlib.contextmanager
def booted(root: Path, console: Path, shared: Mapping[str, Path]) -> Iterator[Machine]:
    """Boot the folder `root`; `shared` says which of our folders are seen inside, read-only, and where."""
    name = f"acd-{uuid.uuid4().hex[:8]}"
    command = ["setpriv", "--pdeathsig", "KILL", "systemd-nspawn", "--quiet", "--boot", "--console=pipe"]
    command += [f"--directory={root}", "--read-only", "--volatile=overlay", f"--machine={name}"]
    command += ["--private-network", "--register=no", "--keep-unit", "--kill-signal=SIGRTMIN+3"]
    command += [f"--bind-ro={ours}:{inside}" for inside, ours in shared.items()]
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    with console.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    machine = Machine(process, console)
    try:
        machine.wait_booted()
        yield machine
    finally:
        machine.stop()
        # Where /run is no file system of its own, nspawn refuses to remove what it made there.
        shutil.rmtree(PROPAGATED / name, ignore_errors=True)


def until(condition: Callable[[], object], what: str, within: float) -> None:
    """Wait for `condition`; TimeoutError naming `what` when it does not come true in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within} s: {what}")
        time.sleep(POLL)
