"""Files below Asterisk's monitor folder. No name leads out of it: each part is opened in its folder, links are not followed."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

CHUNK: Final = 65_536
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class OutsideError(Exception):
    """The name does not stay in the folder, or is no plain file."""


@contextmanager
def _parent(folder: Path, name: str) -> Iterator[tuple[int, str]]:
    """The open folder that the file is in, and its name there. Raises OutsideError and OSError."""
    parts = PurePosixPath(name).parts
    if not parts or "\0" in name or any(part in ("/", "..") for part in parts):
        raise OutsideError(f"{name!r} is no name below {folder}")
    here = os.open(folder, _FOLDER)
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here, parts[-1]
    finally:
        os.close(here)


class Reading(Iterator[bytes]):
    """So many bytes of an open file; closed at the end, or when nobody wants any more of it."""

    def __init__(self, file: int, size: int) -> None:
        """`file`: a descriptor, owned from here on."""
        self.size = size
        self._file = file
        self._left = size

    def __next__(self) -> bytes:
        """The next piece. Raises OSError."""
        data = os.read(self._file, min(CHUNK, self._left)) if self._left else b""
        if not data:
            self.close()
            raise StopIteration
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Read no more."""
        file, self._file, self._left = self._file, -1, 0
        if file >= 0:
            os.close(file)

    def __del__(self) -> None:
        """A client that is gone before the first piece was sent ends no iteration."""
        self.close()


def open_sound(folder: Path, name: str) -> Reading:
    """The open file, as long as it is now. Raises OutsideError and OSError."""
    with _parent(folder, name) as (where, last):
        # O_NONBLOCK: a pipe in the folder must not hold us up.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        file = os.open(last, flags, dir_fd=where)
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        os.close(file)
        raise OutsideError(f"{name!r} is no plain file")
    return Reading(file, found.st_size)


def there(folder: Path, name: str) -> bool:
    """Whether the file is there. Raises OutsideError, and OSError when the folder itself can't be read."""
    os.close(os.open(folder, _FOLDER))
    try:
        with _parent(folder, name) as (where, last):
            return stat.S_ISREG(os.stat(last, dir_fd=where, follow_symlinks=False).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def delete(folder: Path, name: str) -> None:
    """Take the file away. Raises OutsideError and OSError."""
    with _parent(folder, name) as (where, last):
        if not stat.S_ISREG(os.stat(last, dir_fd=where, follow_symlinks=False).st_mode):
            raise OutsideError(f"{name!r} is no plain file")
        os.unlink(last, dir_fd=where)
