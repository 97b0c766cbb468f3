"""What the Asterisk folder is made of. A change here makes the next run build a new folder."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SUITE: Final = "sid"
"""Debian 12 and Ubuntu 24.04 have no Asterisk 22; Debian's sid does, and SIPp 3.8."""

PACKAGES: Final = (
    "asterisk",
    "asterisk-core-sounds-en-wav",
    "asterisk-moh-opsound-wav",
    "python3",  # runs the dialplan's script for lost calls
    "sip-tester",  # SIPp
)

PYTHON_DISTRIBUTIONS: Final = ("pyst2", "six")
"""Copied from our own environment, where the lock's hashes were checked: what a classic AGI script imports."""

PYTHON_PLACE: Final = "usr/lib/python3/dist-packages"
"""On the import path of every Python 3 of Debian, whatever its version."""

UNUSED: Final = (
    "var/cache/apt/archives",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
)
"""Emptied after the build, about 200 MB."""

ROUND: Final = 1
"""Raise it when the way of building changes and the lists above do not."""


def recipe_id() -> str:
    """Return the id that the folder's stamp must hold."""
    text = repr((ROUND, SUITE, PACKAGES, PYTHON_DISTRIBUTIONS, PYTHON_PLACE, UNUSED))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return where the folder is kept: $ACD_CACHE, else acd-router in $XDG_CACHE_HOME, else in ~/.cache."""
    env = os.environ if environment is None else environment
    if env.get("ACD_CACHE"):
        return Path(env["ACD_CACHE"]).absolute()
    caches = env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or Path.home()) / ".cache"
    return Path(caches).absolute() / "acd-router"
