"""Facts as the numbers that Prometheus scrapes: a fold, kept over restarts so that counters never fall. Pure.

`FAMILIES` names every number once; docs/grafana-dashboard.json and docs/alert-rules.yml use no others (a test checks).
Labels are queues, reasons, states: never a call's id or a caller's number, so that their number stays bounded.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from typing import Any, Final

import msgspec

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.outcomes import BlockReason
from acd.core.states import AgentState
from kpi.histogram import tally


@unique
class Kind(StrEnum):
    """What OpenMetrics calls the kinds of metrics."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


class Family(msgspec.Struct, frozen=True):
    """A metric: `name` without the `_total` of counters and the `_info` of infos."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""


_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM
FAMILIES: Final[tuple[Family, ...]] = (
    Family("acd_build", Kind.INFO, "The daemon.", ("version",)),
    Family(
        "acd_calls_offered", _C, "Calls that entered a queue, moves from other queues included.", ("queue",)
    ),
    Family("acd_calls_answered", _C, "Calls an agent answered.", ("queue",)),
    Family("acd_calls_abandoned", _C, "Callers who hung up before an answer.", ("queue", "stage")),
    Family("acd_calls_blocked", _C, "Calls refused before they entered a queue.", ("queue", "reason")),
    Family(
        "acd_calls_left",
        _C,
        "Calls that left a queue unserved, not by the caller's wish.",
        ("queue", "reason"),
    ),
    Family("acd_transfers", _C, "Callers whom agents gave away.", ("queue", "kind")),
    Family("acd_offer_results", _C, "Phones rung, by what came of it.", ("queue", "result")),
    Family("acd_dialogues", _C, "Dialogues before a queue that ended.", ("ivr", "outcome")),
    Family("acd_wait_seconds", _H, "Waits in a queue, by how they ended.", ("queue", "outcome"), "seconds"),
    Family("acd_talk_seconds", _H, "Talks, without hold.", ("queue",), "seconds"),
    Family("acd_hold_seconds", _H, "Time on hold, of talks that had any.", ("queue",), "seconds"),
    Family("acd_wrapup_seconds", _H, "Work after talks.", ("queue",), "seconds"),
    Family("acd_calls_waiting", _G, "Calls in a queue now.", ("queue",)),
    Family(
        "acd_oldest_wait_seconds",
        _G,
        "The longest wait there is now; 0: nobody waits.",
        ("queue",),
        "seconds",
    ),
    Family("acd_agents", _G, "Agents now; one in two queues counts in both.", ("queue", "state")),
    Family("acd_agents_logged_in", _G, "Agents at work, each once."),
    Family("acd_ami_connected", _G, "1: the link to that Asterisk is up and in sync.", ("switch",)),
    Family("acd_ami_reconnects", _C, "Links that came back.", ("switch",)),
    Family("acd_trunk_alarms", _G, "Lines of a trunk group that are out of order.", ("trunk",)),
    Family("acd_trunk_all_busy", _G, "1: all lines of a trunk group are in use.", ("trunk",)),
    Family(
        "acd_host_strained", _G, "1: new calls are refused because the host is at that limit.", ("limit",)
    ),
    Family("acd_starts", _C, "Starts of the daemon, by how the last one ended.", ("last_end",)),
    Family("acd_invalid_steps", _C, "Events the state tables forbid: defects of the daemon."),
    Family("acd_stale_events", _C, "Late or duplicate events, without effect."),
    Family("acd_config_generation", _G, "Of the configuration in force."),
    Family("acd_config_last_reload_success", _G, "1: the last reload was taken, or there was none."),
    Family("acd_facts", _C, "Facts since the journal was begun."),
    Family("acd_facts_lost", _C, "Facts the disk did not take, since the start."),
    Family("acd_event_log_bytes", _G, "Size of the journal.", (), "bytes"),
    Family("acd_event_log_failing", _G, "1: the disk refuses the journal."),
    Family(
        "acd_outlet_failing",
        _G,
        "1: queue_log, metrics or a webhook cannot go on and tries again.",
        ("outlet",),
    ),
    Family("acd_outlet_behind_facts", _G, "Facts an outlet has not read yet.", ("outlet",)),
    Family(
        "acd_outlet_lost_facts",
        _C,
        "Facts an outlet could not read or gave up, since the start.",
        ("outlet",),
    ),
    Family("acd_webhook_deliveries", _C, "Requests to webhooks, since the start.", ("hook", "result")),
    Family("acd_route_decision_seconds", _H, "The router's time for one event.", (), "seconds"),
)


class Spread(msgspec.Struct, omit_defaults=True):
    """How lengths are spread: as in kpi.histogram, and their sum."""

    buckets: dict[int, int] = {}
    sum_ms: int = 0


class Waiting(msgspec.Struct, frozen=True):
    """A call in line."""

    queue: QueueName
    joined: int


class State(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All that was counted, and what is now. Labels are text as it is printed: `queue="sales"`."""

    counts: dict[str, dict[str, int]] = {}
    spreads: dict[str, dict[str, Spread]] = {}
    waiting: dict[CallId, Waiting] = {}
    agents: dict[AgentName, AgentState] = {}
    links: dict[str, bool] = {}
    lost: list[str] = []
    """Links that were up since the start and are not."""
    alarms: dict[str, list[str]] = {}
    busy: list[str] = []
    strained: list[str] = []
    generation: int = 0


class Metrics:
    """The fold. Facts come once and in the order of the journal."""

    def __init__(self, state: State) -> None:
        """`state` is changed in place."""
        self.state = state

    def apply(self, fact: f.Fact) -> None:
        """Take one more fact in."""
        fold = _FOLDS.get(type(fact))
        if fold is not None:
            fold(self, fact)

    def _count(self, family: str, **labels: str) -> None:
        counts = self.state.counts.setdefault(family, {})
        key = label_text(labels)
        counts[key] = counts.get(key, 0) + 1

    def _measure(self, family: str, length_ms: int, **labels: str) -> None:
        spread = self.state.spreads.setdefault(family, {}).setdefault(label_text(labels), Spread())
        tally(spread.buckets, length_ms)
        spread.sum_ms += length_ms

    # ------------------------------------------------------------ calls

    def _queued(self, fact: f.Queued) -> None:
        self._count("acd_calls_offered", queue=fact.queue)
        self.state.waiting[fact.call] = Waiting(fact.queue, fact.joined)

    def _answered(self, fact: f.Answered) -> None:
        self._count("acd_calls_answered", queue=fact.queue)
        self._waited(fact.call, fact.queue, "answered", fact.wait_ms)

    def _abandoned(self, fact: f.Abandoned) -> None:
        self._count("acd_calls_abandoned", queue=fact.queue, stage=fact.stage.value)
        self._waited(fact.call, fact.queue, "abandoned", fact.wait_ms)

    def _left(self, fact: f.Left) -> None:
        self._count("acd_calls_left", queue=fact.queue, reason=fact.reason.value)
        self._waited(fact.call, fact.queue, "left", fact.wait_ms)

    def _waited(self, call: CallId, queue: str, outcome: str, wait_ms: int) -> None:
        self.state.waiting.pop(call, None)
        self._measure("acd_wait_seconds", wait_ms, queue=queue, outcome=outcome)

    def _blocked(self, fact: f.Blocked) -> None:
        # Names of queues that there are not come from outside, and are as many as somebody likes.
        queue = "" if fact.reason is BlockReason.UNKNOWN_QUEUE else fact.queue
        self._count("acd_calls_blocked", queue=queue, reason=fact.reason.value)

    def _ended(self, fact: f.Ended) -> None:
        self.state.waiting.pop(fact.call, None)

    # ------------------------------------------------------------ agents

    def _transferred(self, fact: f.Transferred) -> None:
        self._count("acd_transfers", queue=fact.queue, kind=fact.kind.value)

    def _offer_ended(self, fact: f.OfferEnded) -> None:
        self._count("acd_offer_results", queue=fact.queue, result=fact.outcome.value)

    def _talked(self, fact: f.Talked) -> None:
        self._measure("acd_talk_seconds", fact.talk_ms, queue=fact.queue)
        if fact.hold_ms:
            self._measure("acd_hold_seconds", fact.hold_ms, queue=fact.queue)

    def _wrapped_up(self, fact: f.WrapUpEnded) -> None:
        self._measure("acd_wrapup_seconds", fact.wrap_up_ms, queue=fact.queue)

    def _changed(self, fact: f.StateChanged) -> None:
        if fact.after is AgentState.OFFLINE:
            self.state.agents.pop(fact.agent, None)
        else:
            self.state.agents[fact.agent] = fact.after

    def _dialogue(self, fact: f.IvrEnded) -> None:
        self._count("acd_dialogues", ivr=fact.ivr, outcome=fact.outcome.value)

    # ------------------------------------------------------------ engine

    def _link_lost(self, fact: f.LinkLost) -> None:
        self.state.links[fact.switch] = False
        if fact.reason != "starting" and fact.switch not in self.state.lost:
            self.state.lost.append(fact.switch)

    def _link_synced(self, fact: f.LinkSynced) -> None:
        if fact.switch in self.state.lost:
            self.state.lost.remove(fact.switch)
            self._count("acd_ami_reconnects", switch=fact.switch)
        self.state.links[fact.switch] = True

    def _started(self, fact: f.EngineStarted) -> None:
        self._count("acd_starts", last_end="clean" if fact.clean else "killed")
        # A switch that is configured no more is not told of; those that are begin with a fact each.
        self.state.links.clear()
        self.state.lost.clear()

    def _rules(self, fact: f.RulesApplied) -> None:
        self.state.generation = fact.generation

    def _alarm(self, fact: f.TrunkAlarm) -> None:
        lines = self.state.alarms.setdefault(fact.trunk, [])
        line = f"{fact.switch} {fact.line}"
        if line in lines:
            lines.remove(line)
        if fact.alarm:
            lines.append(line)

    def _busy(self, fact: f.TrunksBusy) -> None:
        _switch(self.state.busy, fact.trunk, on=not fact.lasted_ms)

    def _strained(self, fact: f.HostStrained) -> None:
        _switch(self.state.strained, fact.limit, on=fact.strained)

    def _stale(self, _fact: f.Stale) -> None:
        self._count("acd_stale_events")

    def _refuted(self, _fact: f.Refuted) -> None:
        self._count("acd_invalid_steps")


def _switch(names: list[str], name: str, *, on: bool) -> None:
    if name in names:
        names.remove(name)
    if on:
        names.append(name)


_FOLDS: Final[Mapping[type[f.Fact], Callable[[Metrics, Any], None]]] = {
    f.Queued: Metrics._queued,  # noqa: SLF001 - the class's own table
    f.Answered: Metrics._answered,  # noqa: SLF001
    f.Abandoned: Metrics._abandoned,  # noqa: SLF001
    f.Left: Metrics._left,  # noqa: SLF001
    f.Blocked: Metrics._blocked,  # noqa: SLF001
    f.Ended: Metrics._ended,  # noqa: SLF001
    f.Transferred: Metrics._transferred,  # noqa: SLF001
    f.OfferEnded: Metrics._offer_ended,  # noqa: SLF001
    f.Talked: Metrics._talked,  # noqa: SLF001
    f.WrapUpEnded: Metrics._wrapped_up,  # noqa: SLF001
    f.StateChanged: Metrics._changed,  # noqa: SLF001
    f.IvrEnded: Metrics._dialogue,  # noqa: SLF001
    f.LinkLost: Metrics._link_lost,  # noqa: SLF001
    f.LinkSynced: Metrics._link_synced,  # noqa: SLF001
    f.EngineStarted: Metrics._started,  # noqa: SLF001
    f.RulesApplied: Metrics._rules,  # noqa: SLF001
    f.TrunkAlarm: Metrics._alarm,  # noqa: SLF001
    f.TrunksBusy: Metrics._busy,  # noqa: SLF001
    f.HostStrained: Metrics._strained,  # noqa: SLF001
    f.Stale: Metrics._stale,  # noqa: SLF001
    f.Refuted: Metrics._refuted,  # noqa: SLF001
}
KINDS: Final = tuple(_FOLDS)
"""The facts that are counted."""

_ESCAPED: Final = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n"}


def label_text(labels: Mapping[str, str]) -> str:
    """Labels as they are printed between braces."""
    return ",".join(f'{name}="{value.translate(_ESCAPED)}"' for name, value in labels.items())
