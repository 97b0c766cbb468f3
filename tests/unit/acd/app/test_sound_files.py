"""Nothing outside of the monitor folder is ever read or deleted."""

import os
from pathlib import Path

import pytest

from acd.app.sound_files import OutsideError, delete, open_sound, there

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.wav").write_bytes(b"secret")
    below = tmp_path / "monitor" / "2026" / "11"
    below.mkdir(parents=True)
    (below / "a.wav").write_bytes(b"x" * 100_000)
    (tmp_path / "monitor" / "link.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "monitor" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "monitor" / "pipe.wav")
    return tmp_path / "monitor"


def test_a_file_is_read_whole_and_as_long_as_it_was(folder: Path) -> None:
    reading = open_sound(folder, "2026/11/a.wav")
    with (folder / "2026/11/a.wav").open("ab") as file:
        file.write(b"more")
    assert b"".join(reading) == b"x" * 100_000


OUTSIDE = [
    "../secret.wav",
    "2026/../../secret.wav",
    "link.wav",
    "up/secret.wav",
    "pipe.wav",
    "2026",
    "",
    ".",
    "..",
    "/etc/passwd",
    "a\0.wav",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folder(folder: Path, name: str) -> None:
    with pytest.raises((OutsideError, OSError)):
        open_sound(folder, name)
    with pytest.raises((OutsideError, OSError)):
        delete(folder, name)
    assert (folder.parent / "secret.wav").read_bytes() == b"secret"
    assert (folder / "link.wav").is_symlink()
    assert Path("/etc/passwd").exists()


def test_an_absolute_name_is_refused_even_for_a_file_in_the_folder(folder: Path) -> None:
    with pytest.raises(OutsideError):
        delete(folder, str(folder / "2026/11/a.wav"))


def test_a_file_is_deleted_and_gone(folder: Path) -> None:
    assert there(folder, "2026/11/a.wav")
    delete(folder, "2026/11/a.wav")
    assert not there(folder, "2026/11/a.wav")
    assert not there(folder, "2025/none.wav")


def test_a_folder_that_is_not_there_is_trouble_and_no_missing_file(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        there(folder.parent / "unmounted", "a.wav")


def test_no_file_stays_open_when_nobody_reads_it(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the kernel's list
    for _ in range(20):
        open_sound(folder, "2026/11/a.wav")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above
