"""Each fault of panoramisk 1.4's FastAGI server, asked of it and of ours. Numbers: research/libraries.md, section 2.

The stock side is a strict expected failure: the day a release cures one, its test fails and tells us so.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.unit.telephony.agi.contenders import CONTENDERS, WAIT, Contender
from tests.unit.telephony.agi.peers import Asterisk, block

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[4]
BLOCK = block(network_script="sales")


def both(reason: str) -> list[ParameterSet]:
    """Ours, and the stock server failing for a reason."""
    return [
        pytest.param("ours"),
        pytest.param(
            "stock",
            marks=pytest.mark.xfail(strict=True, reason=reason, raises=(AssertionError, TimeoutError)),
        ),
    ]


async def answer(asterisk: Asterisk, *replies: bytes) -> list[bytes]:
    """Answer one command after the other; give the commands."""
    commands = []
    for reply in replies:
        commands.append(await asterisk.line())
        asterisk.say(reply)
    return commands


async def settled(contender: Contender, count: int) -> None:
    """Wait until a script has so many answers."""
    async with asyncio.timeout(2):
        for _ in range(count):
            await contender.answered.acquire()


@contextlib.asynccontextmanager
async def a_call(name: str, commands: list[str]) -> AsyncIterator[tuple[Contender, Asterisk]]:
    """A contender with that script and a caller in it."""
    async with CONTENDERS[name](commands) as contender:
        asterisk = await Asterisk.call(contender.address, BLOCK)
        try:
            yield contender, asterisk
        finally:
            await asterisk.close()


@pytest.mark.parametrize(
    "name", both("1: the loop spins for ever on a peer that closes before its header block")
)
def test_a_peer_that_connects_and_leaves_does_not_freeze_the_process(name: str) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.unit.telephony.agi.freeze", name],
            cwd=ROOT, capture_output=True, timeout=3, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        done = None
    assert done is not None, "frozen"
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) > 10


@pytest.mark.parametrize("name", both("2: HANGUP is taken for a reply, every later one is off by one"))
async def test_a_hangup_line_is_no_commands_reply(name: str) -> None:
    async with a_call(name, ["GET VARIABLE A", "GET VARIABLE B"]) as (contender, asterisk):
        await answer(asterisk, b"HANGUP\n200 result=1 (valueA)\n", b"200 result=1 (valueB)\n")
        await settled(contender, 2)
        assert contender.answers == ["valueA", "valueB"]


@pytest.mark.parametrize("name", both("3: end of file amid a command is ValueError: int('')"))
async def test_the_end_of_a_connection_amid_a_command_is_a_hang_up_and_no_error(name: str) -> None:
    async with a_call(name, ["GET VARIABLE A"]) as (contender, asterisk):
        await asterisk.line()
        await asterisk.close()
        async with asyncio.timeout(2):
            await contender.over.wait()
        assert (contender.answers, contender.errors) == ([], [])


@pytest.mark.parametrize("name", both("3: nobody tells a script that waits elsewhere that its caller left"))
async def test_a_hang_up_is_known_while_nothing_is_being_asked(name: str) -> None:
    async with a_call(name, ["NOOP", WAIT]) as (contender, asterisk):
        await answer(asterisk, b"200 result=0\n")
        await settled(contender, 1)
        await asterisk.close()
        async with asyncio.timeout(0.5):
            await contender.over.wait()


@pytest.mark.parametrize("name", both("4: usage is read as two lines, the next command gets the rest"))
async def test_usage_of_several_lines_is_one_reply(name: str) -> None:
    usage = b"520-Invalid command syntax.  Proper usage follows:\nUsage: NOOP\nDoes nothing.\n520 End of proper usage.\n"
    async with a_call(name, ["NOOP x", "GET VARIABLE B"]) as (contender, asterisk):
        await answer(asterisk, usage, b"200 result=1 (valueB)\n")
        await settled(contender, 2)
        assert contender.answers[1] == "valueB"


@pytest.mark.parametrize("name", both("4: a variable that holds `hangup` is read as a hang-up"))
async def test_a_variable_that_holds_the_word_hangup_is_a_variable(name: str) -> None:
    async with a_call(name, ["GET VARIABLE A"]) as (contender, asterisk):
        await answer(asterisk, b"200 result=1 (hangup)\n")
        await settled(contender, 1)
        assert contender.answers == ["hangup"]


@pytest.mark.parametrize(
    "name", both("5: CancelledError is swallowed, so a shutdown believes the task ended well")
)
async def test_a_shutdown_ends_sessions_and_nothing_swallows_it(name: str) -> None:
    async with a_call(name, ["NOOP", WAIT]) as (contender, asterisk):
        await answer(asterisk, b"200 result=0\n")
        await settled(contender, 1)
        await contender.cancel()
        assert await asterisk.ended() == b""
        assert contender.errors == []


@pytest.mark.parametrize("name", both("6: a line feed in a command is a second command"))
async def test_a_line_feed_in_a_command_does_not_reach_the_wire(name: str) -> None:
    async with a_call(name, ["NOOP x\nEXEC System reboot"]) as (contender, asterisk):
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while line := await asterisk.reader.readline():
                    said += line
        assert b"EXEC System" not in said
        assert contender.errors != []
