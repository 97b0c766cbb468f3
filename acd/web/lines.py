"""What people are shown of trunk lines and of the host. Durations in milliseconds, shares from 0 to 1."""

import msgspec


class LineAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """A line out of order, with Asterisk's word for it."""

    switch: str
    line: str
    alarm: str


class TrunkView(msgspec.Struct, frozen=True, kw_only=True):
    """One trunk group now. `peak` and `refused` are of the present quarter of an hour."""

    name: str
    lines: int
    """Endpoints, channels and spans of the group."""
    capacity: int | None
    usable: int | None
    """The capacity less what is out of order."""
    up: int
    peak: int
    refused: int
    busy_for_ms: int
    """How long all lines have been in use; 0: they are not."""
    alarms: tuple[LineAlarm, ...]


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """One trunk group in one period. Which formulas: hardware/erlang.py."""

    since: str
    until: str
    arrived: int
    """Calls that came by the group and asked for a queue."""
    refused: int
    """Of those, refused as trunk_full."""
    carried: float
    """Erlangs, by all calls on the lines."""
    offered: float | None
    """Erlangs that would have been carried had none been refused; None: all were."""
    peak: int
    all_busy_ms: int
    all_busy_times: int
    alarms: int
    out_of_order_ms: int
    """Of all lines, added up."""
    predicted: float | None
    """Share of calls that Erlang B says these lines refuse."""
    seen: float | None
    """Share of calls that was refused; None: no call came."""
    lines_needed: int | None
    """Of which at most `target` of the calls would be refused."""


class TrunkTraffic(msgspec.Struct, frozen=True, kw_only=True):
    """One trunk group over a day or another span."""

    name: str
    capacity: int | None
    """By the configuration in force now; None for a group that is no more."""
    whole: Traffic
    """The whole span; its prediction and lines needed are those of its busiest hour."""
    busiest: str
    """When the hour began that offered most; "" when nothing was carried."""
    hours: tuple[Traffic, ...]
    """Those in which anything happened."""


class TrunkReport(msgspec.Struct, frozen=True, kw_only=True):
    """The trunk groups over a day or another span; moments in UTC."""

    since: str
    until: str
    target: float
    groups: tuple[TrunkTraffic, ...]


class StrainView(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the host that is reached: new calls are refused as overload."""

    limit: str
    value: float
    most: float
