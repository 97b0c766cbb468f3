"""Every fault, seen from the daemon's end of the wire."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from telephony.simulated.behaviours import Answers
from telephony.simulated.pbx import SimulatedPbx
from telephony.simulated.switch import Settings
from tests.contract.agi_desk import AgiDesk
from tests.contract.ami_client import AmiClient

pytestmark = pytest.mark.unit


@contextlib.asynccontextmanager
async def running(desk: AgiDesk, speed: float = 1.0) -> AsyncIterator[SimulatedPbx]:
    async with SimulatedPbx(Settings(agi=("127.0.0.1", desk.port)), speed=speed) as pbx:
        pbx.phone("1001", Answers())
        yield pbx


async def logged_in(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b"Action: Login\r\nUsername: acd\r\nSecret: acd\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"Fully Booted\r\n\r\n"), 2)
    return reader, writer


async def test_a_dropped_link_is_reset_and_can_come_back() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        reader, writer = await logged_in(pbx.ami_port)

        pbx.faults.drop_ami()

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(reader.readuntil(b"never"), 2)
        writer.close()
        _, writer = await logged_in(pbx.ami_port)
        writer.close()


async def test_a_refused_link_comes_back_on_the_same_port() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        port = pbx.ami_port

        pbx.faults.refuse_ami(0.1)

        with pytest.raises(OSError, match=r"."):
            await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(2):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await logged_in(port)
                    break
                await asyncio.sleep(0.01)
        writer.close()


async def test_a_stalled_link_accepts_and_says_nothing() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        old, writer = await logged_in(pbx.ami_port)

        pbx.faults.stall_ami()
        writer.write(b"Action: Ping\r\n\r\n")
        new, other = await asyncio.open_connection("127.0.0.1", pbx.ami_port)

        for reader in (old, new):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readline(), 0.1)
        pbx.faults.stall_ami(on=False)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(old.readline(), 2)
        writer.close()
        other.close()


async def test_a_delayed_link_is_late_and_in_order() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        reader, writer = await logged_in(pbx.ami_port)
        clock = asyncio.get_running_loop().time
        pbx.faults.delay_ami(60)

        start = clock()
        for number in range(3):
            writer.write(f"Action: Ping\r\nActionID: p{number}\r\n\r\n".encode())
        text = (await asyncio.wait_for(reader.readuntil(b"ActionID: p2\r\n"), 2)).decode()

        assert clock() - start >= 0.055
        assert text.index("p0") < text.index("p1") < text.index("p2")
        writer.close()


async def test_a_split_link_brings_single_bytes() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        reader, writer = await logged_in(pbx.ami_port)
        pbx.faults.split_ami()
        writer.write(b"Action: Ping\r\n\r\n")

        pieces = [await asyncio.wait_for(reader.read(4096), 2)]
        while not b"".join(pieces).endswith(b"\r\n\r\n"):
            pieces.append(await asyncio.wait_for(reader.read(4096), 2))

        assert b"".join(pieces).startswith(b"Response: Success\r\n")
        assert len(pieces) > 20
        writer.close()


@pytest.mark.parametrize("torn", [False, True])
async def test_garbage_comes_between_messages(torn: bool) -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        reader, writer = await logged_in(pbx.ami_port)

        pbx.faults.garbage_ami(40, torn=torn)
        writer.write(b"Action: Ping\r\n\r\n")

        junk = await asyncio.wait_for(reader.readexactly(40), 2)
        assert b"\n" not in junk
        assert await reader.readexactly(4) == (b"Resp" if torn else b"\r\n\r\n")
        writer.close()


async def test_a_half_closed_link_still_reads() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        reader, writer = await logged_in(pbx.ami_port)

        pbx.faults.half_close_ami()

        assert await asyncio.wait_for(reader.read(), 2) == b""
        assert len(pbx.manager.sessions) == 1
        writer.close()


async def test_events_can_come_twice_and_out_of_order() -> None:
    async with AgiDesk() as desk, running(desk) as pbx, AmiClient(pbx.ami_port, "acd", "acd") as ami:
        pbx.faults.duplicate_events()
        first = pbx.call("sales")
        await ami.event("Newchannel", Channel=first.channel)
        await ami.event("Newchannel", Channel=first.channel)
        pbx.faults.duplicate_events(0.0)

        pbx.faults.reorder(1.0)
        second, third = pbx.call("sales"), pbx.call("sales")
        await ami.event("Newchannel", Channel=second.channel)
        order = [event["Channel"] for event in ami.named("Newchannel")]
        assert order.index(third.channel) < order.index(second.channel)


async def test_a_dropped_session_leaves_the_caller_in_the_loop() -> None:
    async with AgiDesk() as desk, running(desk, speed=5.0) as pbx:
        caller = pbx.call("sales")
        call = await desk.next()
        await call.greet()

        pbx.faults.drop_agi(caller)

        again = await desk.next()
        await again.greet()
        assert again.env["agi_uniqueid"] == call.env["agi_uniqueid"]
        assert not caller.is_over


async def test_a_session_can_be_late_split_dirty_and_half_closed() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        pbx.faults.split_agi()
        pbx.faults.delay_agi(20)
        caller = pbx.call("sales")
        call = await desk.next()
        await call.greet()
        pbx.faults.split_agi(on=False)
        pbx.faults.delay_agi(0)

        pbx.faults.garbage_agi(caller, 30)
        junk = await call.line()
        assert junk is not None
        assert not junk.startswith("200 ")
        assert await call.ask("NOOP") == "200 result=0"
        pbx.faults.half_close_agi(caller)
        assert await call.line() is None


async def test_a_refused_session_is_tried_again() -> None:
    async with AgiDesk() as desk, running(desk, speed=5.0) as pbx:
        pbx.faults.refuse_agi()
        caller = pbx.call("sales")
        await caller.answered()
        pbx.faults.refuse_agi(on=False)

        await (await desk.next()).greet()
        assert "music on" in caller.heard


async def test_a_fault_for_a_caller_without_a_session_says_so() -> None:
    async with AgiDesk() as desk, running(desk) as pbx:
        caller = pbx.call("sales")
        await desk.next()
        caller.hangup()

        with pytest.raises(ValueError, match="no FastAGI session"):
            pbx.faults.drop_agi(caller)
