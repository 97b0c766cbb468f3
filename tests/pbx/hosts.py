"""The folder's /etc/hosts. Asterisk looks two names up: the machine's own and a root server's.

Where they are not in the file, every call waits for the DNS of a place without one: steps of 5 s that look like ours.
"""

import os
import socket
from pathlib import Path
from typing import Final

ROOT_SERVER: Final = "A.ROOT-SERVERS.NET"


def hosts_text(of_machine: str, name: str) -> str:
    """Return the machine's hosts file with its own name and the root server on loopback. Pure."""
    return f"{of_machine.rstrip()}\n127.0.0.1 {name} {ROOT_SERVER}\n"


def write_hosts(root: Path) -> None:
    """Bring the folder's hosts file up to date in one step: other instances may be reading it."""
    machine = Path("/etc/hosts")
    # A container made by debootstrap has none.
    known = machine.read_text(encoding="utf-8") if machine.exists() else "127.0.0.1 localhost\n"
    text = hosts_text(known, socket.gethostname())
    place = root / "etc" / "hosts"
    if place.exists() and place.read_text(encoding="utf-8") == text:
        return
    half = place.with_name(f"hosts.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.rename(place)
