"""The state tables, and the diagrams of the README that are made from them."""

from pathlib import Path

import pytest

from acd.core.states import (
    AGENT_STEPS,
    CALL_STEPS,
    RESTING,
    AgentState,
    CallState,
    CallStep,
    InvalidStepError,
    check_agent_step,
    next_call_state,
)

pytestmark = pytest.mark.unit

README = Path(__file__).parents[4] / "acd" / "core" / "README.md"
BEGIN = "<!-- generated: tests/unit/acd/core/test_states.py -->\n"
END = "<!-- end -->"


def drawn() -> str:
    """Both tables as Markdown."""
    lines = ["Calls:", "", "| state | step | next |", "|---|---|---|"]
    lines += [
        f"| {state} | {step} | {after} |"
        for state, steps in CALL_STEPS.items()
        for step, after in steps.items()
    ]
    resting = ", ".join(sorted(RESTING))
    lines += [
        "",
        f"Agents (*resting* is any of {resting}):",
        "",
        "| state | may be followed by |",
        "|---|---|",
    ]
    for state, after in AGENT_STEPS.items():
        lines.append(f"| {state} | {', '.join(['*resting*', *sorted(after - RESTING)])} |")
    return "\n".join(lines) + "\n"


def test_the_readme_shows_the_tables_as_they_are() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]

    assert shown == drawn(), f"put this between the marks of {README}:\n{drawn()}"


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("step", list(CallStep))
def test_a_call_s_step_is_in_the_table_or_refused_with_its_story(state: CallState, step: CallStep) -> None:
    if step in CALL_STEPS[state]:
        assert next_call_state("c1", state, step) is CALL_STEPS[state][step]
        return
    with pytest.raises(InvalidStepError, match=f"c1: '{step}' is not allowed in state '{state}'"):
        next_call_state("c1", state, step)


def test_an_ended_call_goes_nowhere() -> None:
    assert CALL_STEPS[CallState.ENDED] == {}


def test_nobody_talks_who_was_not_offered_a_call() -> None:
    assert [before for before in AgentState if AgentState.TALKING in AGENT_STEPS[before]] == [
        AgentState.OFFERED,
        AgentState.ON_HOLD,
    ]
    assert AgentState.ON_HOLD not in AGENT_STEPS[AgentState.OFFERED]
    with pytest.raises(InvalidStepError):
        check_agent_step("ann", AgentState.READY, AgentState.TALKING)
