"""The folder with the real Asterisk: made once, proven, kept, reused.

`python -m tests.pbx.folder` prints its path and exits 0, or says in one line why there is none and exits 1.
"""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.pbx.building import build
from tests.pbx.errors import FolderError, PbxError
from tests.pbx.owned import sweep
from tests.pbx.progress import say
from tests.pbx.proof import prove
from tests.pbx.recipe import cache_folder, recipe_id
from tests.pbx.removal import remove_tree

STAMP: Final = "acd-recipe"
"""Name of the file in the folder that says which recipe made it; written last, after the proof."""


def obtain(cache: Path | None = None) -> Path:
    """Return the folder, building it first when there is none of this recipe. FolderError says what is missing.

    Blocks for about a minute and a half when it builds; it runs an event loop of its own, so call it from a thread
    (asyncio.to_thread) when one is running. Several at once wait for each other and build once.
    """
    cache = cache or cache_folder()
    place = cache / "asterisk"
    if is_current(place):
        _need_root()
        return place
    need_tools()
    cache.mkdir(parents=True, exist_ok=True)
    with _one_builder(cache / "asterisk.lock"):
        _remove_leftovers(cache)
        if not is_current(place):
            _replace(place)
    return place


def is_current(place: Path) -> bool:
    """Tell whether a folder made by the present recipe, and proven, is there."""
    stamp = place / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == recipe_id()


def need_tools() -> None:
    """Raise FolderError when this machine cannot build the folder."""
    _need_root()
    missing = [name for name in ("debootstrap", "gpgv", "setpriv", "chroot") if _which(name) is None]
    if missing:
        raise FolderError(f"{', '.join(missing)} is not installed; run `make setup` as root")


def _need_root() -> None:
    if os.geteuid() != 0:
        raise FolderError("only root can make and enter it; run as root")


def _which(name: str) -> str | None:
    """Look also where only root's PATH leads: debootstrap is in /usr/sbin."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


@contextlib.contextmanager
def _one_builder(lock: Path) -> Iterator[None]:
    with lock.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run builds the Asterisk folder; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_leftovers(cache: Path) -> None:
    """Remove half-built folders of killed runs (we hold the lock, so nobody builds) and old ones nobody uses."""
    for path in cache.glob("asterisk.new.*"):
        remove_tree(path)
    for path in cache.glob("asterisk.old.*"):
        if sweep(path) == 0:
            remove_tree(path)


def _replace(place: Path) -> None:
    """Build beside `place`, prove, and only then take its name. Until then the last good one stays."""
    new = place.with_name(f"asterisk.new.{os.getpid()}")
    try:
        build(new, log=place.with_name("asterisk-build.log"))
        say("proving: an Asterisk starts in it, answers AMI, runs our dialplan's Python")
        version = prove(new)
        (new / STAMP).write_text(f"{recipe_id()}\n", encoding="utf-8")
    except OSError as error:
        remove_tree(new)
        raise FolderError(f"building in {new} failed: {error}") from error
    except BaseException:
        remove_tree(new)
        raise
    if place.exists():
        place.rename(place.with_name(f"asterisk.old.{os.getpid()}"))
    new.rename(place)
    # What ran in the old one still does: it stays until a later run finds it unused.
    _remove_leftovers(place.parent)
    say(f"ready: {version} in {place}")


def main() -> int:
    """Print the folder's path."""
    try:
        path = obtain()
    except PbxError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("interrupted; nothing was left half done")
        return 130
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
