"""What was open when the daemon ended, as a fold over its facts: alarms, full groups, strained limits."""

import msgspec

from acd.core import facts as f
from acd.core.ids import PhoneName, SwitchName, TrunkGroup


class Alarmed(msgspec.Struct, frozen=True):
    """A line out of order."""

    trunk: TrunkGroup
    switch: SwitchName
    line: PhoneName
    alarm: str


class Trouble(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Encodes to JSON for the snapshot."""

    alarms: list[Alarmed] = []
    busy: dict[TrunkGroup, int] = {}
    """Since when a group is full, nanoseconds."""
    strained: dict[str, float] = {}
    """Limits of the host that were reached, with their most."""

    def apply(self, fact: f.Fact) -> None:
        """Take one more fact in, in the order of the journal."""
        match fact:
            case f.TrunkAlarm():
                key = (fact.switch, fact.line)
                self.alarms = [alarm for alarm in self.alarms if (alarm.switch, alarm.line) != key]
                if fact.alarm:
                    self.alarms.append(Alarmed(fact.trunk, fact.switch, PhoneName(fact.line), fact.alarm))
            case f.TrunksBusy(lasted_ms=0):
                self.busy[fact.trunk] = fact.at
            case f.TrunksBusy():
                self.busy.pop(fact.trunk, None)
            case f.HostStrained(strained=True):
                self.strained[fact.limit] = fact.most
            case f.HostStrained():
                self.strained.pop(fact.limit, None)
            case _:
                pass
