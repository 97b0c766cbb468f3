"""A file for figures is refused before the run that makes them."""

import argparse
from pathlib import Path

import pytest

from tests.centre.output import writable

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "said"), [(".", "is a folder: name a file"), ("gone/figures.json", "there is no folder .*gone")]
)
def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=said):
        writable(str(tmp_path / name))


@pytest.mark.parametrize("there", [True, False])
def test_a_file_may_be_new_or_old(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "figures.json"
    if there:
        path.write_text("{}", encoding="utf-8")

    assert writable(str(path)) == path
