"""The system that boots: a Debian 12 with systemd and Python, as small as debootstrap makes it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.machine.errors import MachineError
from tests.machine.kept import kept, say
from tests.pbx.recipe import cache_folder

SUITE: Final = "bookworm"
PYTHON: Final = "3.11"
"""The suite's own; the lock that fits it is tests/locks/run-py3.11.txt."""
PACKAGES: Final = ("systemd", "systemd-sysv", "dbus", "python3", "python3-venv")
UNUSED: Final = (
    "var/cache/apt/archives",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
)
ROUND: Final = 1
"""Raise it when the way of making changes and the lists above do not."""


@contextmanager
def debian() -> Iterator[Path]:
    """Give the folder, made first when needed (a minute). MachineError says what this machine lacks."""
    _need_tools()
    with kept(cache_folder() / SUITE, repr((ROUND, SUITE, PACKAGES, UNUSED)), _make) as root:
        yield root


def _need_tools() -> None:
    if os.geteuid() != 0:
        raise MachineError("only root can boot a machine in a folder; run the tests as root")
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    needed = {"systemd-nspawn": "systemd-container", "debootstrap": "debootstrap", "nsenter": "util-linux"}
    missing = [package for tool, package in needed.items() if shutil.which(tool, path=path) is None]
    if missing:
        raise MachineError(
            f"not installed: {', '.join(missing)}; as root: apt-get install {' '.join(missing)}"
        )


def _make(new: Path) -> None:
    say(f"making a {SUITE} with systemd in {new}, a minute")
    command = ["debootstrap", "--variant=minbase", "--force-check-gpg"]
    command += [f"--include={','.join(PACKAGES)}", SUITE, str(new)]
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}
    log = cache_folder() / f"{SUITE}-build.log"
    with log.open("w", encoding="utf-8") as sink:
        ended = subprocess.run(command, stdout=sink, stderr=subprocess.STDOUT, env=env, check=False)
    if ended.returncode != 0:
        last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
        raise MachineError(f"debootstrap failed ({last}); is Debian's mirror reachable? All of it: {log}")
    for unused in UNUSED:
        shutil.rmtree(new / unused, ignore_errors=True)
