"""Working folders inside the Asterisk folder (`/acd/<id>`), each owned by one living process of ours.

A lock file says who lives: it is held with flock as long as the owner runs, so folders of killed test runs are told from
running ones without guessing by age, and are removed by the next run.
"""

import fcntl
import os
import shutil
import uuid
from pathlib import Path
from typing import IO, Self

AREA = "acd"


class OwnedFolder:
    """One working folder; `host` is its path for us, `inside` for a program in the chroot."""

    def __init__(self, root: Path, name: str, lock: IO[str]) -> None:
        self.root = root
        self.name = name
        self._lock = lock

    @property
    def host(self) -> Path:
        """The path as this process sees it."""
        return self.root / AREA / self.name

    @property
    def inside(self) -> str:
        """The path as a program in the chroot sees it."""
        return f"/{AREA}/{self.name}"

    @classmethod
    def create(cls, root: Path, kind: str) -> Self:
        """Make a new folder under `root`/acd, after removing those whose owner is gone."""
        area = root / AREA
        area.mkdir(exist_ok=True)
        sweep(root)
        name, lock = _claim(area, kind)
        (area / name).mkdir()
        return cls(root, name, lock)

    def remove(self) -> None:
        """Remove the folder and give up the lock. Calling it again does nothing."""
        shutil.rmtree(self.host, ignore_errors=True)
        (self.root / AREA / f"{self.name}.lock").unlink(missing_ok=True)
        self._lock.close()


def sweep(root: Path) -> int:
    """Remove the folders under `root`/acd whose owner is gone; return how many are still owned."""
    alive = 0
    for path in sorted((root / AREA).glob("*.lock")):
        lock = _lock(path)
        if lock is None:
            alive += 1
        else:
            OwnedFolder(root, path.stem, lock).remove()
    return alive


def _claim(area: Path, kind: str) -> tuple[str, IO[str]]:
    """Return a new name and its held lock. The lock stands first: a sweep never sees a folder without an owner."""
    while True:
        name = f"{kind}-{uuid.uuid4().hex[:8]}"
        path = area / f"{name}.lock"
        lock = _lock(path)
        if lock is None:
            continue
        # A sweep of another process may have removed the file between its making and its locking.
        if path.exists() and path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
            return name, lock
        lock.close()


def _lock(path: Path) -> IO[str] | None:
    """Return the open and locked file, None when another process holds it."""
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
