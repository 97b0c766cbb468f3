"""The folder's place, stamp, leftovers and errors, without building one."""

import os
import shutil
from pathlib import Path

import pytest

from tests.pbx.building import copy_distribution, follow
from tests.pbx.errors import FolderError
from tests.pbx.folder import STAMP, is_current, obtain
from tests.pbx.hosts import hosts_text, write_hosts
from tests.pbx.owned import OwnedFolder, sweep
from tests.pbx.ports import PortBlock, free_udp_port, is_bound
from tests.pbx.recipe import cache_folder, recipe_id
from tests.pbx.removal import mounts_below

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"ACD_CACHE": "/a", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/a"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/acd-router"),
        ({"ACD_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/acd-router"),
    ],
)
def test_the_cache_is_outside_the_checkout(environment: dict[str, str], expected: str) -> None:
    assert cache_folder(environment) == Path(expected)


@pytest.mark.parametrize(("stamp", "current"), [(None, False), ("another", False), (recipe_id(), True)])
def test_only_a_folder_of_the_present_recipe_is_current(
    tmp_path: Path, stamp: str | None, current: bool
) -> None:
    if stamp is not None:
        (tmp_path / STAMP).write_text(f"{stamp}\n", encoding="utf-8")

    assert is_current(tmp_path) is current


def test_a_user_who_is_not_root_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(
        FolderError, match=r"run as root \(without a real Asterisk: make demo PBX=simulated\)"
    ):
        obtain(tmp_path)


def test_a_machine_without_debootstrap_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name, path: None if name == "debootstrap" else f"/bin/{name}")

    with pytest.raises(FolderError, match="debootstrap is not installed; run `make setup` as root") as caught:
        obtain(tmp_path)

    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_error_of_debootstrap_is_found_and_every_line_kept() -> None:
    lines = [
        "I: Retrieving apt 2.9\n",
        "W: Failure trying to run: chroot x\n",
        "E: Failed getting release file\n",
    ]
    kept: list[str] = []

    assert follow(lines, kept.append) == "Failed getting release file"
    assert kept == lines


def test_pyst2_is_copied_so_that_it_can_be_imported(tmp_path: Path) -> None:
    copy_distribution("pyst2", tmp_path)

    assert (tmp_path / "asterisk" / "agi.py").is_file()
    assert all(path.suffix == ".py" for path in tmp_path.rglob("*") if path.is_file())


def test_both_names_that_asterisk_looks_up_are_on_loopback() -> None:
    text = hosts_text("127.0.0.1 localhost\n", "pbx")

    assert text == "127.0.0.1 localhost\n127.0.0.1 pbx A.ROOT-SERVERS.NET\n"


def test_the_hosts_file_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    write_hosts(tmp_path)
    before = (tmp_path / "etc" / "hosts").stat().st_ino
    write_hosts(tmp_path)

    assert (tmp_path / "etc" / "hosts").stat().st_ino == before
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["hosts"]


def test_a_folder_is_swept_only_when_its_owner_is_gone(tmp_path: Path) -> None:
    mine = OwnedFolder.create(tmp_path, "asterisk")
    (tmp_path / "acd" / "sipp-dead").mkdir()
    (tmp_path / "acd" / "sipp-dead.lock").touch()

    assert sweep(tmp_path) == 1
    assert sorted(path.name for path in (tmp_path / "acd").iterdir()) == [mine.name, f"{mine.name}.lock"]

    mine.remove()
    mine.remove()
    assert list((tmp_path / "acd").iterdir()) == []
    assert sweep(tmp_path) == 0


def test_mounts_in_a_folder_are_found_deepest_first() -> None:
    table = "".join(
        f"1 2 0:3 / {point} rw - x x rw\n" for point in ("/", "/c/new/proc", "/c/new/proc/sys", "/c/newer")
    )

    assert mounts_below(Path("/c/new"), table) == ["/c/new/proc/sys", "/c/new/proc"]


def test_two_instances_never_share_a_port() -> None:
    one, two = PortBlock.claim(), PortBlock.claim()
    try:
        ranges = [range(block.base, block.rtp[1] + 1) for block in (one, two)]
        assert not set(ranges[0]) & set(ranges[1])
        assert all(
            block.sip in span and block.manager in span
            for block, span in zip((one, two), ranges, strict=True)
        )
    finally:
        one.release()
        two.release()


def test_a_free_port_is_not_bound_and_a_claimed_one_is() -> None:
    block = PortBlock.claim()
    try:
        assert is_bound(block.base)
        assert not is_bound(free_udp_port())
    finally:
        block.release()
