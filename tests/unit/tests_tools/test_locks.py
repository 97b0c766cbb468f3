"""The dependency locks: complete for pyproject.toml, hashed, and free of addresses."""

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ROOT / "tests" / "locks"
PYTHONS = ("3.11", "3.12", "3.13")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"]
DEV = [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]


def names(lines: list[str]) -> set[str]:
    """Return the distributions a list of requirements names, ours apart."""
    found = {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower() for line in lines}
    return found - {PROJECT["project"]["name"]}


def pinned(text: str) -> set[str]:
    return set(re.findall(r"(?m)^([a-z0-9._-]+)==", text))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("purpose", "wanted"), [("run", RUN), ("dev", [*RUN, *DEV, *PROJECT["build-system"]["requires"]])]
)
def test_a_lock_pins_everything_pyproject_asks_for(python: str, purpose: str, wanted: list[str]) -> None:
    text = (LOCKS / f"{purpose}-py{python}.txt").read_text(encoding="utf-8")

    assert names(wanted) - pinned(text) == set(), "run sh tests/tools/lock.sh"


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_is_hashed_and_names_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[a-z0-9._-]+==)", text)[1:]

    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"\S*(?:://|--index-url|--extra-index|--find-links)\S*|(?m:^ *[/-][^-].*$)", text) == []


def test_every_python_we_support_has_both_locks() -> None:
    assert {path.name for path in LOCKS.glob("*.txt")} == {
        f"{purpose}-py{python}.txt" for purpose in ("run", "dev") for python in PYTHONS
    }
