"""Place and wait as sound files."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from acd.app.announcement import Said
from acd.app.speaking import Speaking
from config.announcing import Announcements
from config.speech import Speech

pytestmark = pytest.mark.unit

RULE = Announcements(position=True, wait=True, position_most=10)


def speaking(**speech: Any) -> Speaking:
    settings = SimpleNamespace(speech=Speech(**speech))
    return Speaking(SimpleNamespace(settings=settings))  # type: ignore[arg-type]  # all it reads


def test_without_a_folder_every_sound_is_taken_to_be_there() -> None:
    said = speaking().line(Said(place=3, minutes=2), "en", RULE)
    assert "en/digits/3" in said or any(file.endswith("3") for file in said)
    assert any("minutes" in file for file in said)


def test_nothing_to_say_is_nothing() -> None:
    assert speaking().line(Said(), "en", RULE) == ()


@pytest.mark.parametrize(("language", "folder"), [("fr", "fr/"), ("de_AT", "de"), ("ja", "ru/"), ("", "ru/")])
def test_the_channels_language_speaks_or_the_default(language: str, folder: str) -> None:
    said = speaking(language="ru").line(Said(place=2), language, RULE)
    assert said
    assert all(file.startswith(folder) for file in said)


def test_beyond_the_limit_more_is_said() -> None:
    found = speaking()
    assert found.line(Said(place=10, place_more=True), "en", RULE) != found.line(Said(place=10), "en", RULE)
    assert found.line(Said(minutes=30, minutes_more=True), "en", RULE) != found.line(
        Said(minutes=30), "en", RULE
    )


async def test_missing_sounds_are_passed_over_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "en" / "digits").mkdir(parents=True)
    (tmp_path / "en" / "digits" / "4.wav").touch()
    found = speaking(sounds=str(tmp_path))
    await found.look()
    assert found.line(Said(place=4), "en", RULE) == ("en/digits/4",)
    assert found.line(Said(place=4), "en", RULE) == ("en/digits/4",)


async def test_a_folder_that_cannot_be_read_keeps_nobody_silent() -> None:
    found = speaking(sounds="/no/such/folder")
    await found.look()
    assert found.line(Said(place=4), "en", RULE)


def test_the_sites_own_sounds_come_first() -> None:
    plain = speaking().line(Said(place=1), "en", RULE)
    own = speaking(prompts={"you-are-next": "site/you-are-next"}).line(Said(place=1), "en", RULE)
    assert own != plain
    assert own == ("en/site/you-are-next",)
