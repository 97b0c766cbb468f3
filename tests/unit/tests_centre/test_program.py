"""A program of ours ends with us, whatever happens."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.centre.program import Program, ProgramError

pytestmark = pytest.mark.unit

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
PARENT = """
import asyncio, os, signal, sys
from tests.centre.program import Program
async def main():
    program = Program("child")
    await program.start([sys.executable, "-c", "print('up', flush=True); import signal; signal.pause()"], stdout=-1)
    await program.process.stdout.readline()
    print(program.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


async def deaf() -> tuple[Program, asyncio.subprocess.Process]:
    program = Program("the deaf one")
    process = await program.start([sys.executable, "-c", DEAF], stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    return program, process


async def test_a_program_that_ignores_its_end_is_killed_and_told() -> None:
    program, process = await deaf()

    with pytest.raises(ProgramError, match=r"the deaf one did not end within 0\.05 s and was killed"):
        await program.end(within=0.05)
    assert process.returncode == -signal.SIGKILL
    assert not program.running


async def test_a_cancelled_end_kills() -> None:
    program, process = await deaf()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await program.end()
    assert process.returncode == -signal.SIGKILL


async def test_it_is_out_of_reach_of_the_terminal_s_ctrl_c() -> None:
    program, process = await deaf()
    assert os.getsid(process.pid) != os.getsid(0)
    assert await program.end(signal.SIGKILL) == -signal.SIGKILL
    assert await program.end() == 0


async def test_a_second_start_is_refused_while_the_first_runs() -> None:
    program, _ = await deaf()
    with pytest.raises(ProgramError, match="the deaf one runs already: stop it first"):
        await program.start([sys.executable, "-c", ""])
    await program.end(signal.SIGKILL)


async def test_a_killed_owner_takes_it_along() -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    told, _ = await owner.communicate()
    async with asyncio.timeout(5):
        while alive(int(told)):
            await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    """Whether the process runs; an orphan's zombie, which init has not fetched yet, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
