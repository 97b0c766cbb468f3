"""Groups of trunk lines: calls up, capacity, peak, full or not, lines out of order, and the use made of them. Pure.

Capacity is enforced at admission: a call that would be one too many is refused with `trunk_full`. It is already on the
line then, so the count that refuses includes the call itself.

Each line has a share of its group's capacity: a DAHDI channel one call, the other endpoints equal parts of the rest. A
line out of order takes its share away, less the calls that are up on it all the same: what arrives proves its line.
Moments are nanoseconds; they never go back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from acd.core.ids import NS_PER_MS, PhoneName, SwitchName, TrunkGroup, Uniqueid
from hardware.alarms import Alarms, Change
from hardware.trouble import Trouble

Key: TypeAlias = tuple[SwitchName, PhoneName]
Where: TypeAlias = tuple[SwitchName, Uniqueid]


class TrunkGroupRule(msgspec.Struct, frozen=True, kw_only=True):
    """One group. `endpoints` as Asterisk names them: `PJSIP/trunk-a`, a channel `DAHDI/5`, a span `DAHDI/i1`.

    `capacity` None means unlimited.
    """

    name: TrunkGroup
    endpoints: frozenset[Key]
    capacity: int | None = None

    def shares(self) -> dict[Key, float]:
        """The part of the capacity that hangs on each line."""
        if self.capacity is None:
            return dict.fromkeys(self.endpoints, 0.0)
        channels = {key for key in self.endpoints if _is_channel(key[1])}
        others = self.endpoints - channels
        parts = dict.fromkeys(channels, min(1.0, self.capacity / max(1, len(channels))))
        return parts | dict.fromkeys(others, max(0, self.capacity - len(channels)) / max(1, len(others)))


class Peak(msgspec.Struct, frozen=True):
    """More calls are up on a group than ever since the last `new_period`."""

    group: TrunkGroup
    up: int
    capacity: int | None


class Busy(msgspec.Struct, frozen=True):
    """All lines of a group are in use (`lasted_ms` 0), or were for so long."""

    group: TrunkGroup
    up: int
    lasted_ms: int


class Alarm(msgspec.Struct, frozen=True):
    """A line of a group is out of order, or in order again: `alarm` is "" then."""

    group: TrunkGroup
    switch: SwitchName
    line: PhoneName
    alarm: str


class Use(msgspec.Struct, frozen=True):
    """What was made of a group since this was last told: time of calls added up, time full, time of lines missing."""

    group: TrunkGroup
    up_ms: int
    busy_ms: int
    out_of_order_ms: int


News: TypeAlias = Peak | Busy | Alarm


class Group(msgspec.Struct, kw_only=True):
    """What is known of one group."""

    rule: TrunkGroupRule
    shares: dict[Key, float] = {}
    calls: dict[Where, PhoneName] = {}
    """Calls up, with the line each is on."""
    peak: int = 0
    refused: int = 0
    """Since the last `new_period`, as `peak`."""
    busy_since: int = 0
    missing: float = 0.0
    """Lines out of order, as parts of the capacity."""
    usable: int | None = None
    """The capacity less what is out of order and carries no call."""
    counted: int = 0
    """Until when the three times below are."""
    up_ns: int = 0
    busy_ns: int = 0
    missing_ns: float = 0.0


class Trunks:
    """The trunk groups of all switches."""

    def __init__(self) -> None:
        """No groups yet."""
        self.groups: dict[TrunkGroup, Group] = {}
        self.alarms = Alarms()
        self._group_of: dict[Key, TrunkGroup] = {}
        self._where: dict[Where, TrunkGroup] = {}
        self._recalled: dict[TrunkGroup, int] = {}
        self._synced: set[SwitchName] = set()

    # ------------------------------------------------------------ what is where

    def recall(self, trouble: Trouble) -> None:
        """What was open before a restart; nothing is told to be over before the first sync. Goes before `configure`."""
        self.alarms.recall({(alarm.switch, alarm.line): alarm.alarm for alarm in trouble.alarms})
        self._group_of = {(alarm.switch, alarm.line): alarm.trunk for alarm in trouble.alarms}
        self._recalled = dict(trouble.busy)

    def configure(self, rules: Iterable[TrunkGroupRule], at: int) -> list[News]:
        """Take new groups; calls already counted stay counted where the group stays."""
        news: list[News] = []
        fresh = {rule.name: rule for rule in rules}
        for name in [name for name in self.groups if name not in fresh]:
            news += self._ended(self.groups.pop(name), at)
        keys = {key: rule.name for rule in fresh.values() for key in rule.endpoints}
        for key in [key for key in self.alarms.words if key not in keys]:
            news += self._changed(self.alarms.forget(key), at)
        self._group_of = keys
        for rule in fresh.values():
            group = self.groups.get(rule.name)
            if group is None:
                since = self._recalled.pop(rule.name, 0)
                group = self.groups[rule.name] = Group(rule=rule, counted=at, busy_since=since)
            self._elapse(group, at)
            group.rule, group.shares = rule, rule.shares()
        for name, since in self._recalled.items():
            news += self._ended(
                Group(rule=TrunkGroupRule(name=name, endpoints=frozenset()), busy_since=since), at
            )
        self._recalled = {}
        self._where = {where: name for name, group in self.groups.items() for where in group.calls}
        for group in self.groups.values():
            news += self._weigh(group, at)
        return news

    def line_of(self, switch: SwitchName, endpoint: PhoneName) -> PhoneName | None:
        """The line a channel's endpoint is of: itself, or the span of `DAHDI/i1/5551234`."""
        span = PhoneName("/".join(endpoint.split("/", 2)[:2]))
        return next((name for name in (endpoint, span) if (switch, name) in self._group_of), None)

    def group_of(self, switch: SwitchName, endpoint: PhoneName) -> TrunkGroup | None:
        """The group an endpoint belongs to."""
        line = self.line_of(switch, endpoint)
        return None if line is None else self._group_of[switch, line]

    def lines(self, switch: SwitchName) -> list[PhoneName]:
        """All lines of one switch."""
        return sorted(name for where, name in self._group_of if where == switch)

    def up(self, group: TrunkGroup) -> int:
        """Calls up on a group now."""
        known = self.groups.get(group)
        return 0 if known is None else len(known.calls)

    def full(self, group: TrunkGroup) -> bool:
        """Whether the group is over its capacity: its newest call, already counted, is one too many."""
        known = self.groups.get(group)
        return known is not None and known.usable is not None and len(known.calls) > known.usable

    def refused(self, group: TrunkGroup) -> None:
        """A call was one too many."""
        self.groups[group].refused += 1

    # ------------------------------------------------------------ channels

    def channel_up(self, switch: SwitchName, endpoint: PhoneName, uniqueid: Uniqueid, at: int) -> list[News]:
        """A channel came to be; counted once, whoever tells of it first."""
        line = self.line_of(switch, endpoint)
        if line is None or (switch, uniqueid) in self._where:
            return []
        name = self._group_of[switch, line]
        group = self.groups[name]
        self._elapse(group, at)
        group.calls[switch, uniqueid] = line
        self._where[switch, uniqueid] = name
        return [*self._rise(group), *self._weigh(group, at)]

    def channel_down(self, switch: SwitchName, uniqueid: Uniqueid, at: int) -> list[News]:
        """A channel is gone."""
        name = self._where.pop((switch, uniqueid), None)
        group = None if name is None else self.groups.get(name)
        if group is None:
            return []
        self._elapse(group, at)
        group.calls.pop((switch, uniqueid), None)
        return self._weigh(group, at)

    def sync(self, switch: SwitchName, channels: Mapping[Uniqueid, PhoneName], at: int) -> list[News]:
        """Take the whole truth of one switch after a gap."""
        self._synced.add(switch)
        news: list[News] = []
        for where in [where for where in self._where if where[0] == switch and where[1] not in channels]:
            news += self.channel_down(*where, at)
        for uniqueid, endpoint in channels.items():
            news += self.channel_up(switch, endpoint, uniqueid, at)
        for group in self.groups.values():
            news += self._weigh(group, at)
        return news

    # ------------------------------------------------------------ lines

    def contact(self, switch: SwitchName, endpoint: PhoneName, uri: str, status: str, at: int) -> list[News]:
        """A SIP contact of an endpoint was told of."""
        key = (switch, endpoint)
        return self._changed(self.alarms.contact(key, uri, status), at) if key in self._group_of else []

    def device(self, switch: SwitchName, endpoint: PhoneName, state: str, at: int) -> list[News]:
        """An endpoint's device state was told."""
        key = (switch, endpoint)
        return self._changed(self.alarms.device(key, state), at) if key in self._group_of else []

    def dahdi(self, switch: SwitchName, line: PhoneName, alarm: str, at: int) -> list[News]:
        """A DAHDI channel's or span's alarm; "" or "No Alarm" when it has none."""
        key = (switch, line)
        return self._changed(self.alarms.dahdi(key, alarm), at) if key in self._group_of else []

    def reconcile(
        self,
        switch: SwitchName,
        devices: Mapping[PhoneName, str],
        dahdi: Mapping[PhoneName, str],
        at: int,
    ) -> list[News]:
        """The states of all lines of one switch after a gap: device states, and alarms of DAHDI lines."""
        changes: list[Change] = []
        for line in self.lines(switch):
            if line in dahdi:
                changes += self.alarms.dahdi((switch, line), dahdi[line])
            elif not line.startswith("DAHDI/") and line in devices:
                changes += self.alarms.reconcile((switch, line), devices[line])
        return self._changed(changes, at)

    # ------------------------------------------------------------ periods

    def new_period(self) -> list[News]:
        """Begin a new reporting slot: the peak starts at what is up now."""
        for group in self.groups.values():
            group.peak, group.refused = len(group.calls), 0
        return [
            Peak(name, group.peak, group.rule.capacity) for name, group in self.groups.items() if group.peak
        ]

    def account(self, at: int) -> list[Use]:
        """What was made of each group since this was last called; groups nobody used are left out."""
        uses = []
        for name, group in self.groups.items():
            self._elapse(group, at)
            spans = (group.up_ns, group.busy_ns, int(group.missing_ns))
            # Whole milliseconds are told; what is left over of them counts next time.
            told = [span // NS_PER_MS for span in spans]
            group.up_ns -= told[0] * NS_PER_MS
            group.busy_ns -= told[1] * NS_PER_MS
            group.missing_ns -= told[2] * NS_PER_MS
            if any(told):
                uses.append(Use(name, *told))
        return uses

    # ------------------------------------------------------------ inside

    def _elapse(self, group: Group, at: int) -> None:
        """Count the time since the last change at the state it had."""
        span = max(0, at - group.counted)
        group.up_ns += span * len(group.calls)
        group.busy_ns += span if group.busy_since else 0
        group.missing_ns += span * group.missing
        group.counted = at

    def _rise(self, group: Group) -> list[News]:
        up = len(group.calls)
        if up <= group.peak:
            return []
        group.peak = up
        return [Peak(group.rule.name, up, group.rule.capacity)]

    def _weigh(self, group: Group, at: int) -> list[News]:
        """What is usable now, and whether that makes the group full or ends it."""
        self._elapse(group, at)
        rule, capacity = group.rule, group.rule.capacity
        if capacity is None:
            group.usable = None
            return self._settle(group, full=False, at=at)
        out = [key for key in self.alarms.words if key in rule.endpoints]
        on = Counter((switch, line) for (switch, _), line in group.calls.items()) if out else Counter()
        group.missing = sum(group.shares[key] for key in out)
        carried = sum(min(group.shares[key], on[key]) for key in out)
        group.usable = capacity - int(group.missing - carried + 1e-9)
        in_order = len(out) < len(rule.endpoints)
        return self._settle(group, full=in_order and len(group.calls) >= group.usable, at=at)

    def _settle(self, group: Group, *, full: bool, at: int) -> list[News]:
        name, up = group.rule.name, len(group.calls)
        if full and not group.busy_since:
            group.busy_since = at
            return [Busy(name, up, 0)]
        if full or not group.busy_since or not all(key[0] in self._synced for key in group.rule.endpoints):
            return []
        return [self._over(group, at)]

    @staticmethod
    def _over(group: Group, at: int) -> Busy:
        # A span of less than a millisecond is told as one: 0 means that it begins.
        lasted = max(1, (at - group.busy_since) // NS_PER_MS)
        group.busy_since = 0
        return Busy(group.rule.name, len(group.calls), lasted)

    def _ended(self, group: Group, at: int) -> list[News]:
        """The group is no more."""
        news: list[News] = [self._over(group, at)] if group.busy_since else []
        for key in group.rule.endpoints:
            news += [
                Alarm(group.rule.name, change.switch, change.line, "") for change in self.alarms.forget(key)
            ]
        return news

    def _changed(self, changes: Iterable[Change], at: int) -> list[News]:
        """Lines that changed, and what that makes of their groups."""
        news: list[News] = []
        for change in changes:
            name = self._group_of.get((change.switch, change.line))
            if name is None:
                continue
            news.append(Alarm(name, change.switch, change.line, change.alarm))
            group = self.groups.get(name)
            if group is not None:
                news += self._weigh(group, at)
        return news


def _is_channel(endpoint: PhoneName) -> bool:
    """`DAHDI/5` is one channel; `DAHDI/i1` is a span of many."""
    return endpoint.startswith("DAHDI/") and endpoint[6:].isdecimal()
