"""The engine, its switches and lines."""

from acd.core.facts.fact import Fact
from acd.core.ids import QueueName, SwitchName, TrunkGroup
from acd.core.outcomes import SwitchedBy


class RulesApplied(Fact, frozen=True, kw_only=True, tag="rules_applied", omit_defaults=True):
    """A configuration came into force; its generation is the fact's own."""

    queues: int
    agents: int
    removed_queues: tuple[QueueName, ...] = ()
    window: int = 0
    """What "lately" means to strategies, nanoseconds."""


class QueueSwitched(Fact, frozen=True, kw_only=True, tag="queue_switched", omit_defaults=True):
    """A queue was closed, or opened, by its hours or by hand; it is open when neither closes it."""

    queue: QueueName
    closed: bool
    by: SwitchedBy
    who: str = ""
    until: int = 0
    """By hours: when they begin again, 0 when nobody knows. By hand: when it opens by itself, 0 for never."""
    message: str = ""
    """What callers are to hear meanwhile, a sound."""


class EngineStarted(Fact, frozen=True, kw_only=True, tag="engine_started", omit_defaults=True):
    """The daemon started; `clean` tells whether its last end was orderly."""

    clean: bool
    open_calls: int = 0
    version: str = ""


class EngineStopped(Fact, frozen=True, kw_only=True, tag="engine_stopped", omit_defaults=True):
    """The daemon ended in order."""

    open_calls: int = 0


class LinkLost(Fact, frozen=True, kw_only=True, tag="switch_lost", omit_defaults=True):
    """The link to an Asterisk went down."""

    switch: SwitchName
    reason: str = ""


class LinkSynced(Fact, frozen=True, kw_only=True, tag="switch_synced", omit_defaults=True):
    """The link is up again and the states agree."""

    switch: SwitchName


class TrunkPeak(Fact, frozen=True, kw_only=True, tag="trunk_peak", omit_defaults=True):
    """More calls are up on a trunk group than before in this quarter of an hour."""

    trunk: TrunkGroup
    up: int
    capacity: int | None = None


class TrunkAlarm(Fact, frozen=True, kw_only=True, tag="trunk_alarm", omit_defaults=True):
    """A line of a group is out of order, or in order again: a DAHDI span's alarm, a SIP peer out of reach."""

    trunk: TrunkGroup
    switch: SwitchName
    line: str
    """The endpoint or channel, as the group names it."""
    alarm: str = ""
    """Asterisk's word for it; empty when it is over."""


class TrunksBusy(Fact, frozen=True, kw_only=True, tag="trunks_busy", omit_defaults=True):
    """All lines of a group are in use (`lasted_ms` 0), or were for so long."""

    trunk: TrunkGroup
    up: int
    lasted_ms: int = 0


class TrunkUse(Fact, frozen=True, kw_only=True, tag="trunk_use", omit_defaults=True):
    """What was made of a group since the last such fact, about a minute: also by calls that are no business of ours."""

    trunk: TrunkGroup
    up_ms: int
    """The time of all calls that were up, added up: what it carried."""
    busy_ms: int = 0
    """How long all lines were in use."""
    out_of_order_ms: int = 0
    """The time of all lines that were out of order, added up."""


class HostStrained(Fact, frozen=True, kw_only=True, tag="host_strained", omit_defaults=True):
    """New calls are refused as overload from here on because the host is at a limit; `strained` False: no longer."""

    limit: str
    """What is scarce: loop_lag, cpu, open_files, sessions."""
    value: float
    most: float
    strained: bool = True


class Stale(Fact, frozen=True, kw_only=True, tag="stale_event", omit_defaults=True):
    """A late or duplicate event: named, counted, without effect."""

    event: str
    subject: str
    why: str


class Refuted(Fact, frozen=True, kw_only=True, tag="invalid_step", omit_defaults=True):
    """An event that the state tables do not allow: a defect of ours, counted in production, an error in tests."""

    event: str
    subject: str
    why: str
