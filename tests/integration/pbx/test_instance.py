"""Private instances of the real Asterisk: they boot, answer, crash, come back, and leave nothing behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.pbx.errors import InstanceError
from tests.pbx.instance import SHIPPED, Asterisk
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER, Settings

pytestmark = pytest.mark.integration

DEADLINE_S = 20.0


async def log_in(asterisk: Asterisk, user: str) -> tuple[bytes, bytes]:
    """Return the banner and the answer to a login."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection(*asterisk.manager)
        try:
            writer.write(f"Action: Login\r\nUsername: {user}\r\nSecret: {MANAGER_SECRET}\r\n\r\n".encode())
            return await reader.readuntil(b"\r\n"), await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
            await writer.wait_closed()


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def module_names(text: str) -> list[str]:
    return [line.removeprefix("load = ") for line in text.splitlines() if line.startswith("load = ")]


async def test_an_instance_answers_and_leaves_no_process_and_no_folder(asterisk_folder: Path) -> None:
    asterisk = Asterisk(asterisk_folder)
    await asterisk.start()
    home, pid = asterisk.home, asterisk.pid
    try:
        assert "Asterisk 22." in await asterisk.cli("core show version")
        for user in (TESTS_USER, "acd"):
            banner, answer = await log_in(asterisk, user)
            assert banner.startswith(b"Asterisk Call Manager/")
            assert b"Response: Success" in answer
        assert is_alive(pid)
    finally:
        await asterisk.stop()

    assert not is_alive(pid)
    assert not home.exists()
    assert not home.with_name(f"{home.name}.lock").exists()
    assert not asterisk.running


async def test_every_module_we_ship_runs(asterisk_folder: Path) -> None:
    wanted = module_names((SHIPPED / "modules_acd.conf").read_text(encoding="utf-8"))
    async with Asterisk(asterisk_folder, Settings(queues="[general]\n")) as asterisk:
        shown = await asterisk.cli("module show")

    running = {line.split()[0] for line in shown.splitlines() if " Running " in line}
    assert [name for name in [*wanted, "app_queue.so"] if name not in running] == []
    assert len(wanted) > 50


async def test_the_log_of_a_start_holds_no_error_and_no_warning(asterisk_folder: Path) -> None:
    async with Asterisk(asterisk_folder) as asterisk:
        async with asyncio.timeout(DEADLINE_S):
            while "Asterisk Ready" not in (log := asterisk.log.read_text(encoding="utf-8")):
                await asyncio.sleep(0.01)

    assert [line for line in log.splitlines() if " ERROR[" in line or " WARNING[" in line] == []


async def test_two_instances_run_side_by_side(asterisk_folder: Path) -> None:
    async with Asterisk(asterisk_folder) as one, Asterisk(asterisk_folder) as two:
        await one.cli("database put test key one")

        assert one.home != two.home
        assert {one.sip, one.manager}.isdisjoint({two.sip, two.manager})
        assert "Value: one" in await one.cli("database get test key")
        assert "not found" in await two.cli("database get test key")


async def test_a_crash_keeps_database_and_ports(asterisk_folder: Path) -> None:
    async with Asterisk(asterisk_folder) as asterisk:
        ports, first = (asterisk.sip, asterisk.manager), asterisk.pid
        await asterisk.cli("database put test key kept")
        await asterisk.restart()
        await asterisk.kill()
        assert not asterisk.running
        await asterisk.restart()

        assert asterisk.pid != first
        assert (asterisk.sip, asterisk.manager) == ports
        assert "Value: kept" in await asterisk.cli("database get test key")


async def test_a_start_that_fails_says_where_the_logs_are_and_leaves_nothing(asterisk_folder: Path) -> None:
    asterisk = Asterisk(asterisk_folder)
    asterisk.boot_within = 0.001

    with pytest.raises(InstanceError, match=r"did not finish booting within 0\.001 s\. Logs: ") as caught:
        await asterisk.start()

    assert not asterisk.running
    logs = Path(str(caught.value).split("Logs: ")[1].splitlines()[0])
    assert (logs / "console").exists()


OWNER = """\
import asyncio, sys
from pathlib import Path
from tests.pbx.instance import Asterisk

async def main():
    asterisk = Asterisk(Path(sys.argv[1]))
    await asterisk.start()
    print(asterisk.pid, asterisk.home, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_test_run_takes_its_asterisk_along_and_the_next_cleans_up(
    asterisk_folder: Path,
) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OWNER,
        str(asterisk_folder),
        stdout=asyncio.subprocess.PIPE,
        cwd=SHIPPED.parents[1],
    )
    assert owner.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        pid, home = (await owner.stdout.readline()).decode().split()
        assert is_alive(int(pid))
        owner.send_signal(signal.SIGKILL)
        await owner.wait()
        while is_alive(int(pid)):
            await asyncio.sleep(0.01)

    area = asterisk_folder / "acd"
    assert Path(home).name in {path.name for path in area.iterdir()}
    async with Asterisk(asterisk_folder):
        assert Path(home).name not in {path.name for path in area.iterdir()}


async def test_the_lost_call_script_runs_in_the_folder(asterisk_folder: Path) -> None:
    lost = "exten => 700,1,AGI(acd_lost_call.py,sales,call-7,1,2)\n"
    async with Asterisk(asterisk_folder, Settings(dialplan=lost, modules=("res_clioriginate",))) as asterisk:
        await asterisk.cli("channel originate Local/700@tests application Wait 1")
        async with asyncio.timeout(DEADLINE_S):
            while not (found := list(asterisk.lost_calls.glob("*.json"))):
                await asyncio.sleep(0.01)

        assert '"call": "call-7"' in found[0].read_text(encoding="utf-8")
        assert os.access(asterisk.home / "agi-bin" / "acd_lost_call.py", os.X_OK)
