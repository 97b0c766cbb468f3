"""What AMI says of lines becomes facts. No DAHDI hardware: its events are played as chan_dahdi.c writes them."""

from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.journal import Journal
from acd.app.trunking import Trunking, dahdi_alarms
from acd.core import facts as f
from acd.core.ids import PhoneName, SwitchName, TrunkGroup, Uniqueid
from acd.core.memory import Memory
from acd.core.router import Router
from hardware.trunks import TrunkGroupRule
from telephony.ami import messages as ami
from telephony.ami.codec import AmiMessage
from telephony.ami.errors import ActionFailedError
from telephony.ami.link import AmiLink

pytestmark = pytest.mark.unit

PBX, LINES, SIP = SwitchName("pbx1"), TrunkGroup("isdn"), TrunkGroup("carrier")


class Bench:
    """Trunking over a real engine, and every fact it told."""

    def __init__(self, directory: Path) -> None:
        journal, memory = Journal(directory), Memory()
        journal.load(Memory, Memory)
        self.engine = Engine(Router.recalled(memory.copy(), strict=True), memory, journal, EngineClock())
        self.facts: list[f.Fact] = []
        self.engine.watch(self.facts.append)
        self.trunking = Trunking(self.engine)
        dahdi = frozenset((PBX, PhoneName(f"DAHDI/{name}")) for name in ("1", "2", "i2"))
        self.trunking.configure(
            [
                TrunkGroupRule(name=LINES, endpoints=dahdi, capacity=32),
                TrunkGroupRule(
                    name=SIP, endpoints=frozenset({(PBX, PhoneName("PJSIP/trunk-a"))}), capacity=2
                ),
            ]
        )
        self.trunking.sync(PBX, {}, {}, {})

    def play(self, *lines: str) -> None:
        """One event as it comes over the wire."""
        headers: dict[str, str | list[str]] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            headers[name] = value
        event = ami.decode(AmiMessage(headers))
        assert event is not None
        self.trunking.read(PBX, event)

    @property
    def alarms(self) -> list[tuple[str, str, str]]:
        return [(fact.trunk, fact.line, fact.alarm) for fact in self.facts if isinstance(fact, f.TrunkAlarm)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_alarm_of_a_dahdi_channel_and_its_end_are_facts(bench: Bench) -> None:
    bench.play("Event: Alarm", "Privilege: system,all", "DAHDIChannel: 2", "Alarm: Red Alarm")
    bench.play("Event: Alarm", "Privilege: system,all", "DAHDIChannel: 2", "Alarm: Yellow Alarm")
    bench.play("Event: AlarmClear", "Privilege: system,all", "DAHDIChannel: 2")
    bench.play("Event: Alarm", "Privilege: system,all", "DAHDIChannel: 9", "Alarm: Red Alarm")

    assert bench.alarms == [("isdn", "DAHDI/2", "Red Alarm"), ("isdn", "DAHDI/2", "")]


def test_an_alarm_of_a_span_is_one_of_its_line_and_takes_its_part_of_the_capacity(bench: Bench) -> None:
    bench.play("Event: SpanAlarm", "Privilege: system,all", "Span: 2", "Alarm: Red Alarm")
    assert bench.trunking.books.groups[LINES].usable == 2
    bench.play("Event: SpanAlarmClear", "Privilege: system,all", "Span: 2")

    assert bench.alarms == [("isdn", "DAHDI/i2", "Red Alarm"), ("isdn", "DAHDI/i2", "")]
    assert bench.trunking.books.groups[LINES].usable == 32


def test_a_contact_that_goes_and_comes_is_an_alarm_and_its_end(bench: Bench) -> None:
    contact = ("Event: ContactStatus", "URI: sip:a", "AOR: trunk-a", "EndpointName: trunk-a")
    bench.play(*contact, "ContactStatus: Unreachable")
    bench.play("Event: DeviceStateChange", "Device: PJSIP/trunk-a", "State: UNAVAILABLE")
    bench.play(*contact, "ContactStatus: Reachable")

    assert bench.alarms == [("carrier", "PJSIP/trunk-a", "Unreachable"), ("carrier", "PJSIP/trunk-a", "")]


def test_a_full_group_its_peak_and_its_use_are_facts(bench: Bench) -> None:
    for number in (1, 2):
        bench.trunking.channel_up(PBX, PhoneName("PJSIP/trunk-a"), Uniqueid(f"1.{number}"))
    bench.trunking.channel_down(PBX, Uniqueid("1.1"))
    bench.trunking.channel_down(PBX, Uniqueid("1.2"))
    told = [fact for fact in bench.facts if not isinstance(fact, f.TrunkUse)]

    assert [type(fact).__name__ for fact in told] == ["TrunkPeak", "TrunkPeak", "TrunksBusy", "TrunksBusy"]
    begun, over = (fact for fact in told if isinstance(fact, f.TrunksBusy))
    assert (begun.trunk, begun.up, begun.lasted_ms, over.lasted_ms > 0) == (SIP, 2, 0, True)


def test_a_call_over_a_span_is_counted_on_its_group(bench: Bench) -> None:
    bench.trunking.channel_up(PBX, PhoneName("DAHDI/i2/5551234"), Uniqueid("1.7"))

    assert bench.trunking.books.up(LINES) == 1


class Lists(AmiLink):
    """A link that answers the two lists of chan_dahdi."""

    def __init__(self, **answers: list[ami.Event]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def collect(
        self, name: str, headers: object, complete_event: str, deadline: float | None = None
    ) -> list[ami.Event]:
        self.asked.append(name)
        if name not in self.answers:
            raise ActionFailedError(f"{name}: Invalid/unknown command")
        return self.answers[name]


async def test_what_chan_dahdi_lists_after_a_reconnect_is_the_truth(bench: Bench) -> None:
    bench.play("Event: Alarm", "DAHDIChannel: 1", "Alarm: Red Alarm")
    link = Lists(
        DAHDIShowChannels=[
            ami.DAHDIShowChannels(dahdi_channel="1", alarm="No Alarm"),
            ami.DAHDIShowChannels(dahdi_channel="2", alarm="Blue Alarm"),
        ],
        DAHDIShowStatus=[ami.DAHDIShowStatus(span=2, alarms="OK")],
    )
    found = await dahdi_alarms(link, bench.trunking.books.lines(PBX), 5)
    bench.trunking.sync(PBX, {}, {}, found)

    assert bench.alarms[1:] == [("isdn", "DAHDI/1", ""), ("isdn", "DAHDI/2", "Blue Alarm")]


async def test_an_asterisk_without_dahdi_says_nothing_and_is_not_asked_for_sip_lines() -> None:
    link = Lists()

    assert await dahdi_alarms(link, [PhoneName("PJSIP/trunk-a")], 5) == {}
    assert link.asked == []
    assert await dahdi_alarms(link, [PhoneName("DAHDI/1")], 5) == {}
    assert link.asked == ["DAHDIShowChannels", "DAHDIShowStatus"]
