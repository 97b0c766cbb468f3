"""Trunks between the wires and the journal: what AMI says of lines, told to the pure books, and their news as facts."""

from collections.abc import Iterable

from acd.app.engine import Engine
from acd.core import facts as f
from acd.core.ids import PhoneName, SwitchName, Uniqueid
from hardware.trunks import Alarm, Busy, News, Peak, TrunkGroupRule, Trunks
from telephony.ami import messages as ami
from telephony.ami.errors import ActionFailedError
from telephony.ami.link import AmiLink

DAHDI = "DAHDI/"


class Trunking:
    """The trunk groups of all switches, with a clock and a journal."""

    def __init__(self, engine: Engine) -> None:
        """No groups until `configure`."""
        self.books = Trunks()
        self._engine = engine

    def configure(self, rules: Iterable[TrunkGroupRule]) -> None:
        """Take new groups."""
        self._tell(self.books.configure(rules, self._now()))

    def channel_up(self, switch: SwitchName, endpoint: PhoneName, uniqueid: Uniqueid) -> None:
        """A channel came to be, whoever tells of it."""
        self._tell(self.books.channel_up(switch, endpoint, uniqueid, self._now()))

    def channel_down(self, switch: SwitchName, uniqueid: Uniqueid) -> None:
        """A channel is gone."""
        self._tell(self.books.channel_down(switch, uniqueid, self._now()))

    def read(self, switch: SwitchName, event: ami.Event) -> None:
        """An AMI event that may tell of a line's order."""
        now = self._now()
        match event:
            case ami.ContactStatus():
                endpoint = PhoneName(f"PJSIP/{event.endpoint_name or event.aor}")
                self._tell(self.books.contact(switch, endpoint, event.uri, event.contact_status, now))
            case ami.DeviceStateChange():
                self._tell(self.books.device(switch, PhoneName(event.device), event.state, now))
            case ami.Alarm() | ami.SpanAlarm():
                self._tell(self.books.dahdi(switch, _line(event), event.alarm, now))
            case ami.AlarmClear() | ami.SpanAlarmClear():
                self._tell(self.books.dahdi(switch, _line(event), "", now))
            case _:
                pass

    def sync(
        self,
        switch: SwitchName,
        channels: dict[Uniqueid, PhoneName],
        devices: dict[PhoneName, str],
        dahdi: dict[PhoneName, str],
    ) -> None:
        """The whole truth of one switch after a gap: its channels and the order of its lines."""
        self._tell(self.books.reconcile(switch, devices, dahdi, self._now()))
        self._tell(self.books.sync(switch, channels, self._now()))

    def new_period(self) -> None:
        """A new quarter of an hour begins: the use of the old one is told before, by `account`."""
        self._tell(self.books.new_period())

    def account(self) -> None:
        """Write down the use made of the lines since this was last called."""
        now, generation = self._now(), self._generation()
        for use in self.books.account(now):
            self._engine.tell(
                f.TrunkUse(
                    at=now,
                    generation=generation,
                    trunk=use.group,
                    up_ms=use.up_ms,
                    busy_ms=use.busy_ms,
                    out_of_order_ms=use.out_of_order_ms,
                )
            )

    def _tell(self, news: Iterable[News]) -> None:
        for item in news:
            self._engine.tell(_fact(item, self._now(), self._generation()))

    def _now(self) -> int:
        return self._engine.clock.now()

    def _generation(self) -> int:
        return self._engine.router.floor.rules.generation


def _line(event: ami.Alarm | ami.AlarmClear | ami.SpanAlarm | ami.SpanAlarmClear) -> PhoneName:
    if isinstance(event, ami.Alarm | ami.AlarmClear):
        return PhoneName(f"{DAHDI}{event.dahdi_channel}")
    return PhoneName(f"{DAHDI}i{event.span}")


def _fact(news: News, at: int, generation: int) -> f.Fact:
    match news:
        case Peak(group, up, capacity):
            return f.TrunkPeak(at=at, generation=generation, trunk=group, up=up, capacity=capacity)
        case Busy(group, up, lasted_ms):
            return f.TrunksBusy(at=at, generation=generation, trunk=group, up=up, lasted_ms=lasted_ms)
        case Alarm(group, switch, line, alarm):
            return f.TrunkAlarm(
                at=at, generation=generation, trunk=group, switch=switch, line=line, alarm=alarm
            )


async def dahdi_alarms(link: AmiLink, lines: Iterable[PhoneName], deadline: float) -> dict[PhoneName, str]:
    """The alarms of DAHDI channels and spans, "No Alarm" and "OK" among them; nothing when no line is DAHDI's.

    An Asterisk without chan_dahdi does not know the actions, and one without hardware refuses them: nothing is known.
    """
    found: dict[PhoneName, str] = {}
    if not any(line.startswith(DAHDI) for line in lines):
        return found
    for action in ("DAHDIShowChannels", "DAHDIShowStatus"):
        try:
            rows = await link.collect(action, {}, f"{action}Complete", deadline)
        except ActionFailedError:
            continue
        for row in rows:
            if isinstance(row, ami.DAHDIShowChannels):
                found[PhoneName(f"{DAHDI}{row.dahdi_channel}")] = row.alarm
            elif isinstance(row, ami.DAHDIShowStatus):
                found[PhoneName(f"{DAHDI}i{row.span}")] = row.alarms
    return found
