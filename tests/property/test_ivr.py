"""Whatever dialogue is accepted, it ends for whatever a caller keys, and says nothing that it must hide."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.app.ivr.steps import Looked
from acd.core.dialogues import DialogueEnd, LookupEnd
from config.decoding import decode
from config.ivr import Ivr
from config.ivr_checks import Known, findings
from config.ivr_graph import leads, loops, reached
from config.ivr_nodes import Collect
from tests.unit.acd.app.ivr.floor import Desk, play

pytestmark = pytest.mark.property

NAMES = [f"n{number}" for number in range(6)]
ENDS = {
    "q": {"kind": "queue", "queue": "sales", "parameters": {"lang": "{language}", "x": "{v}"}},
    "e": {"kind": "extension", "context": "box"},
    "h": {"kind": "hangup"},
}
KEY = st.sampled_from([*NAMES, *ENDS])


def table(number: int) -> st.SearchStrategy[dict[str, Any]]:
    """A node; now and then it leads back without the caller, and is refused then."""
    later = [*NAMES[number + 1 :], *ENDS]
    ahead = st.sampled_from(later * 8 + NAMES)
    asked: dict[str, Any] = {
        "prompts": st.just(["a"]),
        "retries": st.integers(0, 10),
        "no_input": ahead,
        "on_invalid": ahead,
    }
    kinds: list[dict[str, Any]] = [
        {"kind": st.just("say"), "prompts": st.just(["a", "b"]), "number": st.just("v"), "next": ahead},
        {"kind": st.just("menu"), "keys": st.dictionaries(st.sampled_from("12*#"), KEY, min_size=1), **asked},
        {"kind": st.just("collect"), "into": st.just("v"), "most": st.integers(1, 5), "next": KEY, **asked},
        {"kind": st.just("collect"), "into": st.just("s"), "secret": st.just(True), "most": st.integers(1, 5),
         "next": KEY, **asked},
        {"kind": st.just("lookup"), "url": st.just("http://crm/{caller}"), "send": st.sampled_from([[], ["s"], ["v"]]),
         "answer": st.just({"v": {}}), "found": ahead, "not_found": ahead, "failed": ahead},
        {"kind": st.just("branch"), "variable": st.sampled_from("vs"), "cases": st.just({"1": "q"}), "otherwise": ahead},
        {"kind": st.just("when_open"), "queue": st.just("sales"), "open": ahead, "closed": ahead},
        {"kind": st.just("set"), "variables": st.just({"v": "{v}1"}), "next": ahead},
    ]  # fmt: skip
    return st.one_of([st.fixed_dictionaries(kind) for kind in kinds])


KEYS = st.lists(st.sampled_from(["", "1", "2", "*", "#", "12", "77077", "9", "1*"]), max_size=40)
LOOKED = st.lists(
    st.sampled_from(LookupEnd).map(lambda end: Looked(outcome=end, values={"v": "1"} if end == "ok" else {})),
    max_size=10,
)


@st.composite
def dialogues(draw: st.DrawFn) -> Ivr | None:
    """A dialogue if it is accepted; nodes that nobody reaches are taken out first, as its author would."""
    tables: dict[str, Any] = {name: draw(table(number)) for number, name in enumerate(NAMES)} | ENDS
    raw = {
        "start": "n0",
        "nodes": tables,
        "variables": {"v": ""},
        "most_nodes": draw(st.integers(1, 60)),
    }
    settled, wrong, _ = decode({"ivr": {"main": raw}})
    assert wrong == []
    drawn = settled.ivr["main"]
    at_hand = reached(drawn)
    raw["nodes"] = {name: table for name, table in tables.items() if name in at_hand}
    made = decode({"ivr": {"main": raw}})[0].ivr["main"]
    return None if list(findings({"main": made}, Known(None, None), whole=True)) else made


@settings(max_examples=150, deadline=None)
@given(of=dialogues(), keys=KEYS, looked=LOOKED, open_=st.booleans(), forever=st.booleans())
def test_every_accepted_dialogue_ends_whatever_is_keyed(
    of: Ivr | None, keys: list[str], looked: list[Looked], open_: bool, forever: bool
) -> None:
    if of is None:
        return
    desk = Desk(*looked, open_queues=["sales"] if open_ else [])
    asked = keys * (200 if forever else 1)
    # A node says at most its prompts for each try: 11 tries of 3 sounds and the question.
    heard = play(desk, of, asked, most=of.most_nodes * 50 + 10)

    assert heard.variables["ACD_IVR_END"] in {"queue", "extension", "done", "failed"}
    assert len(desk.ended.path) <= of.most_nodes
    if not keys:
        assert desk.ended.why == "" or of.most_nodes <= len(of.nodes)
    if desk.ended.outcome is DialogueEnd.QUEUED:
        assert heard.variables["ACD_QUEUE"] == "sales"


@settings(max_examples=100, deadline=None)
@given(of=dialogues())
def test_what_is_accepted_has_no_circle_and_no_way_into_nothing(of: Ivr | None) -> None:
    if of is None:
        return
    assert loops(of) == []
    assert all(name in of.nodes for node in of.nodes.values() for _, name in leads(node))


@settings(max_examples=100, deadline=None)
@given(of=dialogues(), keys=KEYS)
def test_of_a_secret_only_that_it_was_keyed_is_told(of: Ivr | None, keys: list[str]) -> None:
    if of is None:
        return
    desk = Desk()
    play(desk, of, keys)

    hidden = {name for name, node in of.nodes.items() if isinstance(node, Collect) and node.secret}
    told = [entry.split("=") for entry in desk.ended.path]
    for name, *keyed in told:
        if name in hidden and keyed:
            assert set(keyed[0].split(",")) <= {"***", "-"}
