"""One daemon per state directory: two would write one journal and ring one phone twice."""

import fcntl
import os
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another daemon holds the state directory."""


class StateLock:
    """An advisory lock that the kernel lets go when the process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        """Take the lock; AlreadyRunningError when another process has it."""
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._path = directory / "lock"
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(self._fd, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise AlreadyRunningError(
                f"{directory} is in use by the daemon with process id {owner}: stop it, or give this one another "
                "state_dir in acd.toml"
            ) from None
        os.ftruncate(self._fd, 0)
        os.write(self._fd, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another daemon start."""
        os.close(self._fd)
