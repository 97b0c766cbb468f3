"""Folders that are made once and kept in the cache: built beside their place, named only when whole.

A stamp inside says by which recipe; a changed recipe makes a new folder, and the old one goes once nobody uses it.
"""

import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from tests.pbx.removal import remove_tree

STAMP: Final = "acd-recipe"


def say(line: str) -> None:
    """Print a progress line at once."""
    print(f"boot test: {line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def kept(place: Path, recipe: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give the folder at `place`, after `make(new folder)` when there is none by this recipe; it stays while in use."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_leftovers(place)
        if not _made_by(place, recipe):
            _replace(place, recipe, make)
        user = (place / STAMP).open(encoding="utf-8")
        fcntl.flock(user, fcntl.LOCK_SH)
    with user:
        yield place


def _made_by(place: Path, recipe: str) -> bool:
    stamp = place / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == recipe


def _replace(place: Path, recipe: str, make: Callable[[Path], None]) -> None:
    new = place.with_name(f"{place.name}.new.{os.getpid()}")
    try:
        make(new)
        (new / STAMP).write_text(recipe, encoding="utf-8")
    except BaseException:
        remove_tree(new)
        raise
    if place.exists():
        place.rename(place.with_name(f"{place.name}.old.{os.getpid()}"))
    new.rename(place)
    _remove_leftovers(place)


def _remove_leftovers(place: Path) -> None:
    """Remove half-made folders of killed runs (we hold the lock, so nobody makes one) and unused old ones."""
    for path in place.parent.glob(f"{place.name}.new.*"):
        remove_tree(path)
    for path in place.parent.glob(f"{place.name}.old.*"):
        with _alone(path) as alone:
            if alone:
                remove_tree(path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[IO[str] | None]:
    """Give the locked stamp, None when somebody still uses the folder."""
    with (path / STAMP).open("a", encoding="utf-8") as stamp:
        try:
            fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield stamp
