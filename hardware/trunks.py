"""Groups of trunk endpoints: how many calls are up on each, its capacity, and the peak. Pure accounting.

Capacity is enforced at admission: a call that would be one too many is refused with `trunk_full`. It is already on the
line then, so the count that refuses includes the call itself.
"""

from collections.abc import Iterable

import msgspec

from acd.core.ids import PhoneName, SwitchName, TrunkGroup, Uniqueid


class TrunkGroupRule(msgspec.Struct, frozen=True, kw_only=True):
    """One group: endpoints as Dial() names them, e.g. `PJSIP/trunk-a`. `capacity` None means unlimited."""

    name: TrunkGroup
    endpoints: frozenset[tuple[SwitchName, PhoneName]]
    capacity: int | None = None


class Peak(msgspec.Struct, frozen=True):
    """More calls are up on a group than ever since the last `new_period`."""

    group: TrunkGroup
    up: int
    capacity: int | None


class Trunks:
    """The trunk groups of all switches."""

    def __init__(self) -> None:
        """No groups yet."""
        self._rules: dict[TrunkGroup, TrunkGroupRule] = {}
        self._group_of: dict[tuple[SwitchName, PhoneName], TrunkGroup] = {}
        self._up: dict[TrunkGroup, set[tuple[SwitchName, Uniqueid]]] = {}
        self._where: dict[tuple[SwitchName, Uniqueid], TrunkGroup] = {}
        self._peak: dict[TrunkGroup, int] = {}

    def configure(self, rules: Iterable[TrunkGroupRule]) -> None:
        """Take new groups; calls already counted stay counted where the group stays."""
        self._rules = {rule.name: rule for rule in rules}
        self._group_of = {key: rule.name for rule in self._rules.values() for key in rule.endpoints}
        self._up = {name: self._up.get(name, set()) for name in self._rules}
        self._where = {channel: name for name, channels in self._up.items() for channel in channels}

    def group_of(self, switch: SwitchName, endpoint: PhoneName) -> TrunkGroup | None:
        """The group an endpoint belongs to."""
        return self._group_of.get((switch, endpoint))

    def up(self, group: TrunkGroup) -> int:
        """Calls up on a group now."""
        return len(self._up.get(group, ()))

    def full(self, group: TrunkGroup) -> bool:
        """Whether the group is over its capacity: its newest call, already counted, is one too many."""
        rule = self._rules.get(group)
        return rule is not None and rule.capacity is not None and self.up(group) > rule.capacity

    def channel_up(self, switch: SwitchName, endpoint: PhoneName, uniqueid: Uniqueid) -> Peak | None:
        """A channel came to be; counted once, whoever tells of it first."""
        group = self._group_of.get((switch, endpoint))
        if group is None:
            return None
        self._up[group].add((switch, uniqueid))
        self._where[switch, uniqueid] = group
        up = self.up(group)
        if up <= self._peak.get(group, 0):
            return None
        self._peak[group] = up
        return Peak(group, up, self._rules[group].capacity)

    def channel_down(self, switch: SwitchName, uniqueid: Uniqueid) -> None:
        """A channel is gone."""
        group = self._where.pop((switch, uniqueid), None)
        if group is not None and group in self._up:
            self._up[group].discard((switch, uniqueid))

    def sync(self, switch: SwitchName, channels: dict[Uniqueid, PhoneName]) -> list[Peak]:
        """Take the whole truth of one switch after a gap."""
        for where in [where for where in self._where if where[0] == switch and where[1] not in channels]:
            self.channel_down(*where)
        peaks = [self.channel_up(switch, endpoint, uniqueid) for uniqueid, endpoint in channels.items()]
        return [peak for peak in peaks if peak is not None]

    def new_period(self) -> list[Peak]:
        """Begin a new reporting slot: the peak starts at what is up now."""
        self._peak = {name: self.up(name) for name in self._rules}
        return [Peak(name, up, self._rules[name].capacity) for name, up in self._peak.items() if up]
