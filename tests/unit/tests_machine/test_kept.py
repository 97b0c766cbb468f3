"""Folders made once: reused, made anew by another recipe, never half made, never taken from under a user."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machine.kept import kept
from tests.machine.packages import pinned

pytestmark = pytest.mark.unit

LOCK = "# made by x\nsix==1.16.0 \\\n    --hash=sha256:aa\n    # via y\nwheel==0.48 \\\n    --hash=sha256:bb\nwheel-x==1\n"


def folder_with(text: str) -> Callable[[Path], None]:
    def make(new: Path) -> None:
        new.mkdir()
        (new / "content").write_text(text, encoding="utf-8")

    return make


def content(place: Path) -> str:
    return (place / "content").read_text(encoding="utf-8")


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def test_the_second_use_makes_nothing(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with kept(tmp_path / "a", "recipe", folder_with(text)) as place:
            assert content(place) == "first"


def test_another_recipe_makes_it_anew_and_removes_the_old_one(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with kept(tmp_path / "a", text, folder_with(text)) as place:
            assert content(place) == text

    assert names(tmp_path) == ["a", "a.lock"]


def test_one_that_cannot_be_made_leaves_the_good_one(tmp_path: Path) -> None:
    def fail(new: Path) -> None:
        new.mkdir()
        raise RuntimeError("no mirror")

    with kept(tmp_path / "a", "old", folder_with("good")):
        pass
    with pytest.raises(RuntimeError, match="no mirror"), kept(tmp_path / "a", "new", fail):
        pass

    assert names(tmp_path) == ["a", "a.lock"]
    assert content(tmp_path / "a") == "good"


def test_the_old_one_stays_as_long_as_somebody_uses_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(kept(tmp_path / "a", "old", folder_with("old")))
        stack.enter_context(kept(tmp_path / "a", "new", folder_with("new")))
        (old,) = tmp_path.glob("a.old.*")

        assert content(old) == "old"
    with kept(tmp_path / "a", "new", folder_with("never")):
        assert names(tmp_path) == ["a", "a.lock"]


def test_entries_are_taken_from_a_lock_whole_and_by_their_exact_name() -> None:
    assert pinned(LOCK, ("wheel",)) == ["wheel==0.48 \\\n    --hash=sha256:bb\n"]
