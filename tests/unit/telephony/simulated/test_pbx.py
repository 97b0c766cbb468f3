"""Callers and phones of the simulated PBX, and the loop they are in."""

import asyncio
import json
from pathlib import Path

import pytest

from telephony.simulated.behaviours import Answers, Mixed, RefusesConnection, Rejects, Rings, Unregistered
from telephony.simulated.caller import Caller
from telephony.simulated.pbx import SimulatedPbx
from telephony.simulated.switch import Settings
from telephony.simulated.workload import Workload, drive, staff, tally
from tests.contract.agi_desk import AgiDesk
from tests.unit.telephony.simulated.daemon import SmallDaemon

pytestmark = pytest.mark.unit


async def test_a_served_caller_hears_music_then_the_agent() -> None:
    daemon = SmallDaemon(["1001"])
    async with await daemon.open(), SimulatedPbx(Settings(agi=("127.0.0.1", daemon.port)), speed=20) as pbx:
        phone = pbx.phone("1001", Answers(after=0.2, hangs_up_after=0.4))
        caller = pbx.call("sales")
        await caller.ended()

        assert caller.heard == ["music on", "music off", "talking to 1001"]
        assert caller.status == 200
        assert list(phone.seen) == ["INVITE", "BYE"]
        assert not pbx.switch.channels


async def test_an_impatient_caller_leaves_and_a_talkative_one_stays_in_the_talk() -> None:
    daemon = SmallDaemon(["1001"])
    async with await daemon.open(), SimulatedPbx(Settings(agi=("127.0.0.1", daemon.port)), speed=20) as pbx:
        phone = pbx.phone("1001", Rings())
        caller = pbx.call("sales", patience=0.5)
        await caller.ended()
        assert not caller.has_talked
        assert phone.seen[-1] == "CANCEL Q.850;cause=16"

        phone.behaviour = Answers()
        caller = pbx.call("sales", patience=0.5, talk=2.0)
        await caller.talking()
        await caller.ended()
        assert caller.hung_up_itself


async def test_a_caller_nobody_greets_is_told_sorry_and_written_down(tmp_path: Path) -> None:
    settings = Settings(agi=("127.0.0.1", 1), grace=1.0, spool=tmp_path / "lost")
    async with SimulatedPbx(settings, speed=20) as pbx:
        pbx.faults.refuse_agi()
        caller = pbx.call("sales", "+4930555")
        await caller.ended()

    assert caller.heard == ["music on", "music off", "prompt please-try-again-later"]
    (file,) = (tmp_path / "lost").iterdir()
    record = json.loads(file.read_text())
    assert (record["queue"], record["caller"], record["call"]) == ("sales", "+4930555", "")
    assert float(record["since"]) <= record["at"]


async def test_a_tcp_contact_that_refuses_is_congestion_without_a_ring() -> None:
    async with AgiDesk() as desk, SimulatedPbx(Settings(agi=("127.0.0.1", desk.port))) as pbx:
        pbx.phone("1001", RefusesConnection())
        pbx.call("sales")
        call = await desk.next()
        await call.greet()

        assert await call.dial("PJSIP/1001") == "200 result=0"
        assert await call.variable("${DIALSTATUS}|${HANGUPCAUSE}") == "CONGESTION|34"


async def test_a_direct_call_makes_the_phone_busy_for_its_length() -> None:
    async with SimulatedPbx(Settings(agi=("127.0.0.1", 1)), speed=10) as pbx:
        phone = pbx.phone("1001")

        consult = phone.direct_call(0.3)
        assert phone.device_state == "BUSY"
        await consult.ended()

        assert phone.device_state == "NOT_INUSE"


@pytest.mark.parametrize(
    ("behaviour", "status"), [(Rejects(486), 486), (Unregistered(), 503), (Answers(), 200)]
)
async def test_an_extension_of_a_phone_gives_the_phones_answer(
    behaviour: Rejects | Unregistered | Answers, status: int
) -> None:
    async with SimulatedPbx(Settings(agi=("127.0.0.1", 1))) as pbx:
        pbx.phone("1001", behaviour)
        caller = pbx.dial_in("1001", "+49301")
        if status == 200:
            await caller.talking()
            caller.hangup()
        await caller.ended()

        assert caller.status == status


async def test_wishes_that_make_no_sense_are_refused_in_words() -> None:
    async with SimulatedPbx(Settings(agi=("127.0.0.1", 1))) as pbx:
        phone = pbx.phone("1001")

        with pytest.raises(ValueError, match="talks to no caller"):
            phone.hold()
        with pytest.raises(ValueError, match="does not ring"):
            phone.answer()
        with pytest.raises(KeyError, match="no extension"):
            phone.consult("4711")
        with pytest.raises(KeyError, match="no extension"):
            pbx.dial_in("4711", "+49301")


async def test_a_transfer_to_nowhere_is_refused_and_the_talk_goes_on() -> None:
    daemon = SmallDaemon(["1001"])
    async with await daemon.open(), SimulatedPbx(Settings(agi=("127.0.0.1", daemon.port))) as pbx:
        phone = pbx.phone("1001")
        caller = pbx.call("sales")
        await caller.talking()

        assert phone.blind_transfer("4711") == 404
        assert phone.talk is not None


async def test_a_stopped_pbx_is_quiet() -> None:
    daemon = SmallDaemon(["1001"])
    async with await daemon.open():
        async with SimulatedPbx(Settings(agi=("127.0.0.1", daemon.port))) as pbx:
            phone = pbx.phone("1001", Rings())
            caller = pbx.call("sales", patience=0.01)
            pbx.call("sales")
            await caller.ended()

        assert not pbx.switch.channels
        assert phone.device_state == "NOT_INUSE"


async def test_a_workload_is_the_same_for_the_same_seed_and_adds_up() -> None:
    daemon = SmallDaemon([str(number) for number in range(1001, 1021)])
    work = Workload(queues=("sales",), rate=20, seconds=3, answer_after=0.2, talk=0.5, declines=0.2, seed=7)
    async with (
        await daemon.open(),
        SimulatedPbx(Settings(agi=("127.0.0.1", daemon.port)), speed=20, seed=7) as pbx,
    ):
        staff(pbx, work)
        assert isinstance(pbx.phone("1001").behaviour, Mixed)
        callers: list[Caller] = []
        await drive(pbx, work, callers, 20)
        await asyncio.gather(*(caller.ended() for caller in callers))

    result = tally(callers)
    assert result.calls == len(callers) == 72
    assert result.talked == daemon.served == result.statuses["200"] == result.calls
    assert result.still_up == 0
