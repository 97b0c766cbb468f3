"""Log lines of facts: bound to the call, numbers redacted where wanted."""

import json
from collections.abc import Iterator

import pytest
import structlog

from acd.app import factlog, logs
from acd.core import facts as f
from acd.core.ids import CallId, QueueName, SwitchName, Uniqueid
from acd.core.outcomes import BlockReason

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def arrived() -> f.Arrived:
    return f.Arrived(
        at=1,
        generation=3,
        call=CallId("c1"),
        queue=QueueName("sales"),
        switch=SwitchName("pbx1"),
        channel="PJSIP/trunk-1",
        uniqueid=Uniqueid("1.1"),
        caller="+4930123",
        caller_name="Zoë",
    )


@pytest.mark.parametrize(("redacted", "caller"), [(True, "…23"), (False, "+4930123")])
def test_a_line_is_json_bound_to_its_call_with_the_number_as_allowed(
    capfdbinary: pytest.CaptureFixture[bytes], redacted: bool, caller: str
) -> None:
    logs.configure("json", "debug", redacted=redacted)
    factlog.write(arrived())
    line = json.loads(capfdbinary.readouterr().err)

    assert (line["event"], line["call"], line["caller"], line["level"]) == (
        "call_arrived",
        "c1",
        caller,
        "debug",
    )


def test_lesser_facts_are_for_debugging(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure("json", "info", redacted=False)
    factlog.write(f.Stale(at=1, event="HoldEnded", subject="c1.1", why="no such talk"))

    assert capfdbinary.readouterr().err == b""


def test_a_refused_step_is_a_warning(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure("json", "info", redacted=False)
    factlog.write(f.Refuted(at=1, event="TalkEnded", subject="c1", why="not allowed"))
    line = json.loads(capfdbinary.readouterr().err)

    assert (line["event"], line["late_event"], line["level"]) == ("invalid_step", "TalkEnded", "warning")


def test_every_fact_can_be_logged_on_a_terminal_too(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "debug", redacted=True)
    factlog.write(f.Blocked(at=1, call=CallId("c1"), queue=QueueName("sales"), reason=BlockReason.CLOSED))

    assert "call_blocked" in capfd.readouterr().err
