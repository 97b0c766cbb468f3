"""Remove a folder that a system was set up in."""

import shutil
import subprocess
from pathlib import Path


def mounts_below(folder: Path, mountinfo: str) -> list[str]:
    """Return the mount points in or under `folder`, deepest first. `mountinfo` is the text of /proc/self/mountinfo."""
    points = [line.split(" ")[4].replace("\\040", " ") for line in mountinfo.splitlines()]
    return sorted((point for point in points if Path(point).is_relative_to(folder)), key=len, reverse=True)


def remove_tree(folder: Path) -> None:
    """Remove `folder`, after unmounting what a killed debootstrap left mounted there (/proc, /sys).

    Leaves the folder alone when something stays mounted: nothing of the machine's own may be removed through it.
    """
    mountinfo = Path("/proc/self/mountinfo")
    for point in mounts_below(folder, mountinfo.read_text(encoding="utf-8")):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
    if not mounts_below(folder, mountinfo.read_text(encoding="utf-8")):
        shutil.rmtree(folder, ignore_errors=True)
