"""`python -m telephony.simulated` as the demo starts it."""

import asyncio
import json
import sys

import pytest

from tests.contract.ami_client import AmiClient
from tests.unit.telephony.simulated.daemon import SmallDaemon

pytestmark = pytest.mark.unit


async def test_the_command_line_prints_its_port_then_how_the_callers_fared() -> None:
    daemon = SmallDaemon(["1001", "1002"])
    async with await daemon.open():
        process = await _start(
            "--agi", f"127.0.0.1:{daemon.port}", "--agents", "2", "--rate", "3", "--seconds", "2",
            "--answer-after", "0.1", "--talk", "0.1", "--speed", "10", "--seed", "3",
        )  # fmt: skip
        assert process.stdout is not None
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
        async with AmiClient(first["ami_port"], "acd", "acd"):
            last = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))

        assert first["agents"] == ["1001", "1002"]
        assert last["calls"] > 0
        assert await process.wait() == 0


@pytest.mark.parametrize("arguments", [("--agi", "nowhere"), ("--rate", "0"), ("--speed", "0")])
async def test_options_that_make_no_sense_end_with_2_and_one_line(arguments: tuple[str, str]) -> None:
    process = await _start(*arguments)
    _, errors = await asyncio.wait_for(process.communicate(), 10)

    assert process.returncode == 2
    assert errors.decode().startswith("telephony.simulated: ")
    assert errors.decode().count("\n") == 1


async def _start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telephony.simulated", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
