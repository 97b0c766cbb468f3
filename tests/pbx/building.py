"""Make a new Asterisk folder: debootstrap with its default mirror, then what Debian does not package.

No mirror is named here: debootstrap knows the one of the suite.
"""

import importlib.metadata
import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tests.pbx.errors import FolderError
from tests.pbx.hosts import write_hosts
from tests.pbx.progress import say
from tests.pbx.recipe import PACKAGES, PYTHON_DISTRIBUTIONS, PYTHON_PLACE, SUITE, UNUSED

STEPS: Final = ("Retrieving", "Extracting", "Unpacking", "Configuring")
EVERY: Final = 50
"""Packages between two progress lines of a step."""


def build(new: Path, log: Path) -> None:
    """Fill the folder `new`, which must not exist. FolderError names the log when debootstrap fails."""
    say(f"building in {new}: about 200 packages, a minute or two")
    _debootstrap(new, log)
    for name in PYTHON_DISTRIBUTIONS:
        copy_distribution(name, new / PYTHON_PLACE)
    for unused in UNUSED:
        shutil.rmtree(new / unused, ignore_errors=True)
    write_hosts(new)


def _debootstrap(new: Path, log: Path) -> None:
    command = [
        "debootstrap",
        "--variant=minbase",
        "--force-check-gpg",
        f"--include={','.join(PACKAGES)}",
        SUITE,
        str(new),
    ]
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}
    with (
        log.open("w", encoding="utf-8") as sink,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            start_new_session=True,
        ) as process,
    ):
        try:
            problem = follow(process.stdout or (), sink.write)
        except BaseException:
            # debootstrap unmounts what it mounted when it gets the signal; its own children must not go on without it.
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if process.returncode != 0:
        what = problem or f"exit code {process.returncode}"
        raise FolderError(f"debootstrap failed ({what}); is Debian's mirror reachable? All of it: {log}")


def follow(lines: Iterable[str], write: Callable[[str], object]) -> str:
    """Copy debootstrap's lines to `write`, say how far it is, return its last error line ("" when there was none)."""
    done: Counter[str] = Counter()
    problem = ""
    for line in lines:
        write(line)
        kind, _, text = line.strip().partition(": ")
        step = text.partition(" ")[0]
        if kind == "E" or text.startswith("Failure"):
            problem = text
        elif step in STEPS:
            done[step] += 1
            if done[step] % EVERY == 1:
                say(f"{step.lower()} packages ({done[step]})")
    return problem


def copy_distribution(name: str, to: Path) -> None:
    """Copy the Python files of an installed, pure-Python distribution into the folder `to`."""
    for file in importlib.metadata.files(name) or ():
        if file.suffix == ".py" and ".." not in file.parts:
            (to / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), to / file)
