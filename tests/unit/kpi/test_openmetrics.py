"""The page that Prometheus reads: well formed in both forms, told of every family, and named right by dashboard and alerts."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, QueueName
from acd.core.outcomes import AbandonStage, BlockReason, EndedBy
from acd.core.states import AgentState
from kpi.metrics import FAMILIES, Kind, Metrics, State
from kpi.openmetrics import Moment, blocks

pytestmark = pytest.mark.unit
DOCS = Path(__file__).parents[3] / "docs"
NS = 1_000_000_000
SALES = QueueName("sales")
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? ([0-9.e+-]+|\+Inf)')
NAMED = re.compile(r"\b(acd_[a-z_]+)\b")
ENDS = {
    Kind.COUNTER: ("_total",),
    Kind.GAUGE: ("",),
    Kind.INFO: ("_info",),
    Kind.HISTOGRAM: ("_bucket", "_count", "_sum"),
}
EXPOSED = {family.name + end for family in FAMILIES for end in ENDS[family.kind]}


def call(number: int) -> dict[str, Any]:
    return {"call": CallId(f"c{number}"), "queue": SALES}


def told() -> Metrics:
    """A call waiting for 30 s, one answered after 15.1 s, one given up, one blocked, ann talking."""
    metrics = Metrics(State())
    for number in (1, 2, 3):
        metrics.apply(f.Queued(at=0, joined=0, **call(number)))
    known = {**call(1), "offer": OfferId("c1.1"), "agent": AgentName("ann")}
    metrics.apply(f.Answered(at=1, wait_ms=15_100, ring_ms=1, **known))
    metrics.apply(f.Talked(at=2, talk_ms=61_000, hold_ms=500, by=EndedBy.AGENT, **known))
    metrics.apply(f.Abandoned(at=2, stage=AbandonStage.RINGING, wait_ms=5000, **call(2)))
    metrics.apply(f.Blocked(at=2, call=CallId("x"), queue=QueueName("any"), reason=BlockReason.UNKNOWN_QUEUE))
    metrics.apply(f.LinkLost(at=2, switch="pbx1", reason="starting"))  # type: ignore[arg-type]
    metrics.apply(f.LinkSynced(at=2, switch="pbx1"))  # type: ignore[arg-type]
    change = {"before": AgentState.READY, "after": AgentState.TALKING, "lasted_ms": 0}
    metrics.apply(f.StateChanged(at=2, agent=AgentName("ann"), **change))  # type: ignore[arg-type]
    return metrics


def page(metrics: Metrics, *, classic: bool = False) -> str:
    moment = Moment(
        now=30 * NS,
        queues=("sales", "support"),
        members={"ann": ("sales", "support")},
        thresholds_ms=(17_500,),
        numbers={"acd_build": {'version="1"': 1}, "acd_facts": {"": 7}},
        decisions=((0.001, 3), (float("inf"), 4)),
        decisions_s=0.25,
    )
    return "".join(blocks(metrics.state, moment, classic=classic))


def samples(text: str) -> dict[str, float]:
    """Name with labels -> value; every line that is no comment must be a sample, and none comes twice."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    found = dict(line.rsplit(" ", 1) for line in lines)
    assert len(found) == len(lines)
    return {name: float(value) for name, value in found.items()}


def test_numbers_are_those_of_the_facts() -> None:
    found = samples(page(told()))
    assert found['acd_calls_offered_total{queue="sales"}'] == 3
    assert found['acd_calls_abandoned_total{queue="sales",stage="ringing"}'] == 1
    assert found['acd_calls_blocked_total{queue="",reason="unknown_queue"}'] == 1
    assert found['acd_calls_waiting{queue="sales"}'] == 1
    assert found['acd_calls_waiting{queue="support"}'] == 0
    assert found['acd_oldest_wait_seconds{queue="sales"}'] == 30
    assert found['acd_agents{queue="support",state="talking"}'] == 1
    assert found['acd_agents{queue="support",state="ready"}'] == 0
    assert found['acd_ami_connected{switch="pbx1"}'] == 1
    assert 'acd_ami_reconnects_total{switch="pbx1"}' not in found, "a start is no reconnect"
    assert found["acd_facts_total"] == 7


def test_histograms_have_the_thresholds_of_the_configuration_among_their_bounds() -> None:
    found = samples(page(told()))
    labels = 'queue="sales",outcome="answered"'
    within = {
        bound: found[f'acd_wait_seconds_bucket{{{labels},le="{bound}"}}']
        for bound in ("15.0", "17.5", "+Inf")
    }
    assert within == {"15.0": 0, "17.5": 1, "+Inf": 1}
    assert found[f"acd_wait_seconds_sum{{{labels}}}"] == 15.1
    assert found[f"acd_wait_seconds_count{{{labels}}}"] == 1
    assert (
        found['acd_route_decision_seconds_bucket{le="+Inf"}']
        == found["acd_route_decision_seconds_count"]
        == 4
    )


@pytest.mark.parametrize("classic", [False, True])
def test_both_forms_are_well_formed(classic: bool) -> None:
    text = page(told(), classic=classic)
    assert set(samples(text)) == set(samples(page(told())))
    assert text.endswith("# EOF\n") != classic
    kinds = dict(re.findall(r"# TYPE (\S+) (\S+)", text))
    assert kinds["acd_calls_offered_total" if classic else "acd_calls_offered"] == "counter"
    assert len(kinds) == len(FAMILIES)
    assert {re.match(r"[a-z_]+", name)[0] for name in samples(text)} <= EXPOSED  # type: ignore[index]


def test_a_link_that_was_lost_and_came_back_is_a_reconnect() -> None:
    metrics = told()
    metrics.apply(f.LinkLost(at=3, switch="pbx1", reason="closed"))  # type: ignore[arg-type]
    assert samples(page(metrics))['acd_ami_connected{switch="pbx1"}'] == 0
    metrics.apply(f.LinkSynced(at=4, switch="pbx1"))  # type: ignore[arg-type]
    assert samples(page(metrics))['acd_ami_reconnects_total{switch="pbx1"}'] == 1


def test_a_restart_goes_on_with_the_same_numbers() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(told().state), type=State)
    assert page(Metrics(kept)) == page(told())


def test_labels_are_escaped() -> None:
    metrics = Metrics(State())
    metrics.apply(f.Queued(at=0, joined=0, call=CallId("c"), queue=QueueName('a"b\\c\nd')))
    assert 'acd_calls_offered_total{queue="a\\"b\\\\c\\nd"} 1\n' in page(metrics)


def test_the_dashboard_uses_metrics_that_there_are_and_labels_they_have() -> None:
    board = json.loads((DOCS / "grafana-dashboard.json").read_text())
    named = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    named += [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    assert len(named) > 25
    for expression in named:
        _check(expression)


def test_the_alert_rules_use_metrics_that_there_are_and_labels_they_have() -> None:
    text = (DOCS / "alert-rules.yml").read_text()
    rules = re.findall(r"- alert: (\w+)\n\s+expr: (>-\n(?:\s{10}.*\n)+|.*\n)", text)
    assert len(rules) == text.count("- alert:") > 15
    assert len({name for name, _ in rules}) == len(rules)
    for name, expression in rules:
        if name != "AcdDown":
            _check(expression)
    assert set(re.findall(r"query \\\"(\w+)", text)) <= EXPOSED


def _check(expression: str) -> None:
    used = set(NAMED.findall(expression))
    assert used, expression
    assert used <= EXPOSED, used - EXPOSED
    labels = {
        label
        for family in FAMILIES
        if any(name.startswith(family.name) for name in used)
        for label in family.labels
    }
    for selector in re.findall(r"\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)=", selector)) <= labels | {"le"}, expression
    for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
        assert set(group.replace(" ", "").split(",")) <= labels | {"le"}, expression
