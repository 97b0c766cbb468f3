"""A booted machine in a container of systemd-nspawn: its own processes, loopback network and systemd.

What it writes goes to memory and is gone afterwards; the folder it boots from is only read.
"""

import contextlib
import fcntl
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
LOCK: Final = Path("/run/acd-boot-test.lock")
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
        with contextlib.suppress(MachineError, ProcessLookupError):
            os.kill(_only_child(self._process.pid), signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

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
        return _only_child(_only_child(self._process.pid))

    def _console_text(self) -> str:
        return self._console.read_text(encoding="utf-8", errors="replace")[-3000:]


@contextlib.contextmanager
def booted(root: Path, console: Path, shared: Mapping[str, Path]) -> Iterator[Machine]:
    """Boot the folder `root`; `shared` says which of our folders are seen inside, read-only, and where."""
    name = f"acd-{uuid.uuid4().hex[:8]}"
    # A process namespace around it: when we are killed, the kernel ends unshare, with it nspawn and all inside.
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += ["systemd-nspawn", "--quiet", "--boot", "--console=pipe", "--kill-signal=SIGRTMIN+3"]
    command += [f"--directory={root}", "--read-only", "--volatile=overlay", f"--machine={name}"]
    command += ["--private-network", "--register=no", "--keep-unit"]
    command += [f"--bind-ro={ours}:{inside}" for inside, ours in shared.items()]
    with _only_one(), console.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
            start_new_session=True,
        )
        machine = Machine(process, console)
        try:
            machine.wait_booted()
            yield machine
        finally:
            machine.stop()
            # Where /run is no file system of its own, nspawn refuses to remove what it made there.
            for left in PROPAGATED.glob("acd-*"):
                shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Wait for another run's machine to end: without a host's systemd both would be in one control group."""
    with LOCK.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _only_child(pid: int) -> int:
    """Return the process that `pid` started and waits for; MachineError when there is none (yet, or any more)."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])
    raise MachineError("the machine is not running")


def until(condition: Callable[[], object], what: str, within: float) -> None:
    """Wait for `condition`; TimeoutError naming `what` when it does not come true in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within} s: {what}")
        time.sleep(POLL)
