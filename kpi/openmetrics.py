"""Metrics as text, in the OpenMetrics form 1.0.0 or Prometheus' older 0.0.4. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from acd.core.ids import ms
from acd.core.states import AgentState
from kpi.metrics import FAMILIES, Family, Kind, Spread, State, label_text

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CLASSIC: Final = "text/plain; version=0.0.4; charset=utf-8"
LADDER_S: Final = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600)
"""Bounds of every histogram, besides the thresholds of the configuration."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is so at the scrape and no fact tells."""

    now: int
    """Nanoseconds, as facts have them."""
    queues: tuple[str, ...] = ()
    """Configured queues: they are told also when nothing has happened there."""
    members: Mapping[str, tuple[str, ...]] = {}
    """Agent -> queues."""
    thresholds_ms: tuple[int, ...] = ()
    numbers: Mapping[str, Mapping[str, float]] = {}
    """Family -> labels as they are printed -> value, of families that are no histogram."""
    decisions: tuple[tuple[float, int], ...] = ()
    """The router's times: bound in seconds -> how many were at most that long; the last bound is infinite."""
    decisions_s: float = 0.0


def blocks(state: State, moment: Moment, *, classic: bool = False) -> Iterator[str]:
    """The page piece by piece, so that whoever prints it may rest in between."""
    present = _present(state, moment)
    for family in FAMILIES:
        yield _head(family, classic=classic)
        if family.name == "acd_route_decision_seconds":
            yield _decisions(moment)
        elif family.kind is Kind.HISTOGRAM:
            bounds = tuple(sorted({*(1000 * bound for bound in LADDER_S), *moment.thresholds_ms}))
            for labels, spread in state.spreads.get(family.name, {}).items():
                yield _histogram(family.name, labels, spread, bounds)
        else:
            values = present.get(family.name) or state.counts.get(family.name, {})
            if not values and not family.labels:
                values = {"": 0}
            yield "".join(f"{_sample(family, labels)} {value}\n" for labels, value in values.items())
    if not classic:
        yield "# EOF\n"


def _head(family: Family, *, classic: bool) -> str:
    if classic:
        name = family.name + {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(family.kind, "")
        kind = "gauge" if family.kind is Kind.INFO else family.kind.value
        return f"# HELP {name} {family.help}\n# TYPE {name} {kind}\n"
    unit = f"# UNIT {family.name} {family.unit}\n" if family.unit else ""
    return f"# TYPE {family.name} {family.kind.value}\n{unit}# HELP {family.name} {family.help}\n"


def _sample(family: Family, labels: str) -> str:
    name = family.name + {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(family.kind, "")
    return f"{name}{{{labels}}}" if labels else name


def _histogram(name: str, labels: str, spread: Spread, bounds: tuple[int, ...]) -> str:
    rows, total = [], 0
    left = sorted(spread.buckets.items(), reverse=True)
    for bound in bounds:
        while left and left[-1][0] <= bound:
            total += left.pop()[1]
        rows.append(f'{name}_bucket{{{labels},le="{bound / 1000}"}} {total}\n')
    total += sum(count for _, count in left)
    rows.append(f'{name}_bucket{{{labels},le="+Inf"}} {total}\n')
    return (
        "".join(rows) + f"{name}_count{{{labels}}} {total}\n{name}_sum{{{labels}}} {spread.sum_ms / 1000}\n"
    )


def _decisions(moment: Moment) -> str:
    name = "acd_route_decision_seconds"
    rows = [f'{name}_bucket{{le="{_bound(bound)}"}} {count}\n' for bound, count in moment.decisions]
    total = moment.decisions[-1][1] if moment.decisions else 0
    return "".join(rows) + f"{name}_count {total}\n{name}_sum {moment.decisions_s}\n" if rows else ""


def _bound(seconds: float) -> str:
    return "+Inf" if seconds == float("inf") else f"{seconds:g}"


def _present(state: State, moment: Moment) -> dict[str, dict[str, float]]:
    """Gauges made from what is now."""
    found = {name: dict(values) for name, values in moment.numbers.items()}
    found["acd_calls_waiting"], found["acd_oldest_wait_seconds"] = _line(state, moment)
    found["acd_agents"] = _agents(state, moment)
    found["acd_agents_logged_in"] = {"": len(state.agents)}
    found["acd_ami_connected"] = {label_text({"switch": name}): int(up) for name, up in state.links.items()}
    found["acd_trunk_alarms"] = {
        label_text({"trunk": name}): len(lines) for name, lines in state.alarms.items()
    }
    found["acd_trunk_all_busy"] = {label_text({"trunk": name}): 1 for name in state.busy}
    found["acd_host_strained"] = {label_text({"limit": name}): 1 for name in state.strained}
    found["acd_config_generation"] = {"": state.generation}
    return found


def _line(state: State, moment: Moment) -> tuple[dict[str, float], dict[str, float]]:
    waiting: dict[str, float] = dict.fromkeys(moment.queues, 0)
    oldest: dict[str, float] = dict.fromkeys(moment.queues, 0.0)
    for call in state.waiting.values():
        waiting[call.queue] = waiting.get(call.queue, 0) + 1
        waited = max(0, ms(moment.now) - ms(call.joined)) / 1000
        oldest[call.queue] = max(oldest.get(call.queue, 0.0), waited)
    return _by_queue(waiting), _by_queue(oldest)


def _by_queue(values: Mapping[str, float]) -> dict[str, float]:
    return {label_text({"queue": queue}): value for queue, value in values.items()}


def _agents(state: State, moment: Moment) -> dict[str, float]:
    states = [one for one in AgentState if one is not AgentState.OFFLINE]
    found: dict[str, float] = {
        label_text({"queue": queue, "state": one.value}): 0 for queue in moment.queues for one in states
    }
    for agent, one in state.agents.items():
        for queue in moment.members.get(agent, ()):
            key = label_text({"queue": queue, "state": one.value})
            found[key] = found.get(key, 0) + 1
    return found
