"""SIPp's scenarios against the real Asterisk, each way a call can end."""

from pathlib import Path

import msgspec
import pytest

from tests.pbx.errors import SippError
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_udp_port
from tests.pbx.settings import Agent, Settings
from tests.pbx.sipp import Plan, Sipp
from tests.pbx.tally import Tally

pytestmark = pytest.mark.integration

CALLS = 3
DIALPLAN = """\
exten => 701,1,Answer(,i)
 same => n,Wait(30)
exten => 702,1,Answer(,i)
 same => n,Wait(0.1)
exten => 703,1,Hangup(34)
exten => 704,1,Dial(PJSIP/1001,10)
 same => n,Hangup(17)
"""


@pytest.mark.parametrize(
    ("scenario", "to", "values", "expected"),
    [
        ("caller", "701", {"HOLD_MS": 100}, {"answered": CALLS}),
        ("caller", "702", {"HOLD_MS": 5_000}, {"answered": CALLS, "ended_by_peer": CALLS}),
        ("caller_cancels", "701", {"HOLD_MS": 100}, {"answered": CALLS}),
        ("caller_refused", "703", {"STATUS": 503}, {}),
    ],
)
async def test_callers_meet_the_dialplan(
    asterisk_folder: Path, scenario: str, to: str, values: dict[str, str | int], expected: dict[str, int]
) -> None:
    async with Asterisk(asterisk_folder, Settings(dialplan=DIALPLAN)) as asterisk:
        plan = Plan(scenario=scenario, to=to, values=values, server=asterisk.sip, calls=CALLS, rate=20)
        async with Sipp(asterisk_folder, plan) as callers:
            tally = await callers.finished(within=15)

            assert tally == Tally(created=CALLS, succeeded=CALLS, **expected), callers.errors()


class Meeting(msgspec.Struct, frozen=True):
    """Who calls how, who answers how, what each of them counted."""

    caller: str
    caller_values: dict[str, str | int]
    phone: str
    phone_values: dict[str, str | int]
    caller_sees: dict[str, int]
    phone_sees: dict[str, int]


BOTH_ENDS = {"answered": CALLS, "ended_by_peer": CALLS}
MEETINGS = {
    "the caller ends": Meeting("caller", {"HOLD_MS": 100}, "agent", {}, {"answered": CALLS}, BOTH_ENDS),
    "the agent ends": Meeting(
        "caller", {"HOLD_MS": 5_000}, "agent", {"TALK_MS": 100}, BOTH_ENDS, {"answered": CALLS}
    ),
    "the caller gives up": Meeting(
        "caller_cancels",
        {"WAIT_MS": 100},
        "agent",
        {"RING_MS": 5_000},
        {"taken_back": CALLS},
        {"taken_back": CALLS},
    ),
    "the agent declines": Meeting(
        "caller_refused", {"STATUS": 486}, "agent_declines", {"STATUS": 486}, {}, {}
    ),
}


@pytest.mark.parametrize("meeting", MEETINGS.values(), ids=MEETINGS)
async def test_callers_meet_phones(asterisk_folder: Path, meeting: Meeting) -> None:
    port = free_udp_port()
    settings = Settings(agents=[Agent(name="1001", contact=f"127.0.0.1:{port}")], dialplan=DIALPLAN)
    answering = Plan(scenario=meeting.phone, port=port, values=meeting.phone_values, calls=CALLS)
    async with Asterisk(asterisk_folder, settings) as asterisk, Sipp(asterisk_folder, answering) as phones:
        calling = Plan(
            scenario=meeting.caller,
            to="704",
            values=meeting.caller_values,
            server=asterisk.sip,
            calls=CALLS,
            rate=20,
        )
        async with Sipp(asterisk_folder, calling) as callers:
            seen = await callers.finished(within=15)
            assert seen == Tally(created=CALLS, succeeded=CALLS, **meeting.caller_sees), callers.errors()
        rang = await phones.finished(within=15)

        assert rang == Tally(created=CALLS, succeeded=CALLS, **meeting.phone_sees), phones.errors()


async def test_records_hold_the_end_of_a_talk(asterisk_folder: Path) -> None:
    port = free_udp_port()
    settings = Settings(agents=[Agent(name="1001", contact=f"127.0.0.1:{port}")], dialplan=DIALPLAN)
    async with (
        Asterisk(asterisk_folder, settings) as asterisk,
        Sipp(asterisk_folder, Plan(scenario="agent", port=port, calls=1)),
        Sipp(asterisk_folder, Plan(scenario="caller", to="704", server=asterisk.sip, calls=1)) as callers,
    ):
        await callers.finished(within=15)
        await asterisk.restart()
        record = asterisk.call_records.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
        events = asterisk.channel_events.read_text(encoding="utf-8")

    start, answer, end = (float(time) for time in record[:3])
    assert start < answer < end
    assert record[3] == "ANSWERED"
    assert events.count("BRIDGE_ENTER") == 2
    assert events.count("BRIDGE_EXIT") == 2


async def test_a_run_that_takes_too_long_is_ended_and_its_files_removed(asterisk_folder: Path) -> None:
    run = Sipp(asterisk_folder, Plan(scenario="agent", calls=1))
    await run.start()
    folder = run.folder

    with pytest.raises(SippError, match=r"agent is not done after 0\.1 s"):
        await run.finished(within=0.1)
    await run.stop()

    assert not folder.exists()
    assert not run.running


async def test_a_port_in_use_is_reported(asterisk_folder: Path) -> None:
    async with Sipp(asterisk_folder, Plan(scenario="agent")) as first:
        second = Sipp(asterisk_folder, Plan(scenario="agent", port=first.port))

        with pytest.raises(SippError, match="is in use: end what has it, or let port=0 choose a free one"):
            await second.start()
