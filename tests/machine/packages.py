"""The locked packages as files, for a machine without a network: fetched once, their hashes checked, kept in the cache."""

import functools
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.machine.errors import MachineError
from tests.machine.kept import kept, say
from tests.machine.release import CHECKOUT
from tests.pbx.recipe import cache_folder

BUILD_TOOLS: Final = ("setuptools", "wheel")
"""pyst2 is published as source only: pip makes a wheel of it, with these."""


@contextmanager
def locked_packages(python: str) -> Iterator[Path]:
    """Give a folder with every file that `pip install -r run-pyX.Y.txt` needs on Python `python`, such as 3.11."""
    locks = CHECKOUT / "tests" / "locks"
    run = (locks / f"run-py{python}.txt").read_text(encoding="utf-8")
    tools = "".join(pinned((locks / f"dev-py{python}.txt").read_text(encoding="utf-8"), BUILD_TOOLS))
    recipe = hashlib.sha256((run + tools).encode()).hexdigest()
    make = functools.partial(_fetch, run, tools, python)
    with kept(cache_folder() / f"packages-py{python}", recipe, make) as folder:
        yield folder


def pinned(lock: str, names: tuple[str, ...]) -> list[str]:
    """Return the entries of a lock, with their hashes, for `names`."""
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return [entry for entry in entries if entry.partition("==")[0] in names]


def _fetch(run: str, tools: str, python: str, new: Path) -> None:
    say(f"fetching the locked packages for Python {python}")
    new.mkdir()
    wanted = new / "lock.txt"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--python-version", python, "--dest", str(new), "--requirement", str(wanted)]
    # Apart: setuptools may be in both lists, and pip refuses the same name twice.
    for entries in (run, tools):
        wanted.write_text(entries, encoding="utf-8")
        fetched = subprocess.run(command, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            raise MachineError(
                f"pip could not fetch the locked packages; is the registry reachable?\n{fetched.stderr}"
            )
