"""What an administrator gets: the wheel, and the files of the checkout that the installation steps name."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
OURS: Final = ("acd", "telephony", "kpi", "config", "hardware")
"""The five import packages of the distribution."""
BUILT_FROM: Final = ("pyproject.toml", "README.md", "LICENSE", *OURS)
BESIDE: Final = ("systemd", "config/example", "tests/locks")
"""What the steps use besides the wheel, at the paths of the checkout."""


def build_wheel(work: Path) -> Path:
    """Build the wheel from a copy of the sources (nothing is left in the checkout) and return its path."""
    source = work / "source"
    _copy(BUILT_FROM, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(work / "dist")]
    built = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, f"the wheel did not build:\n{built.stdout}{built.stderr}"
    (wheel,) = (work / "dist").glob("*.whl")
    return wheel


def lay_out(wheel: Path, to: Path) -> None:
    """Put into the folder `to` what the installation steps expect in the current directory."""
    _copy(BESIDE, to)
    (to / "dist").mkdir()
    shutil.copy(wheel, to / "dist")


def _copy(names: tuple[str, ...], to: Path) -> None:
    for name in names:
        source, place = CHECKOUT / name, to / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
