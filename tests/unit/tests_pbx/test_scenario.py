"""SIPp scenarios and command lines as text, and its statistics read back."""

import xml.etree.ElementTree as ET

import pytest

from tests.pbx.errors import SippError
from tests.pbx.scenario import PLACE, SCENARIOS, load
from tests.pbx.sipp import Plan, command
from tests.pbx.tally import Tally, read_tally

pytestmark = pytest.mark.unit

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.xml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_is_whole_xml_with_no_place_left_open(name: str) -> None:
    text = load(name, {})

    assert PLACE.findall(text) == []
    assert ET.fromstring(text).get("name") == name


def test_a_value_lands_where_its_place_is() -> None:
    assert 'timeout="777"' in load("caller", {"HOLD_MS": 777})


def test_a_value_cannot_break_the_xml() -> None:
    text = load("caller", {"QUERY": "a=1&b=<2>"})

    assert ET.fromstring(text).get("name") == "caller"


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [("nosuch", {}, "there are agent, "), ("caller", {"HOLD": 1}, "no scenario has a place for HOLD")],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    name: str, values: dict[str, str | int], message: str
) -> None:
    with pytest.raises(SippError, match=message):
        load(name, values)


def test_a_caller_dials_its_server_at_a_rate() -> None:
    plan = Plan(
        scenario="caller", server=("127.0.0.1", 12002), to="sales", calls=5, rate=2.5, limit=3, trace=True
    )
    words = command(plan, "/acd/sipp-x", 40000, 40001)
    line = " ".join(words)

    assert "-p 40000" in line
    assert "-cp 40001" in line
    assert "-m 5" in line
    assert "-l 3" in line
    assert "-r 2500 -rp 1000000" in line
    assert "-message_file /acd/sipp-x/messages.log" in line
    assert words[-1] == "127.0.0.1:12002"


def test_a_phone_dials_nobody() -> None:
    words = command(Plan(scenario="agent", port=40000), "/acd/sipp-x", 40000, 40001)

    assert "-s" not in words
    assert "-m" not in words


HEADER = "StartTime;TotalCallCreated;CurrentCall;SuccessfulCall(C);FailedCall(C);Retransmissions(C);GenericCounter1(C);GenericCounter2(C);GenericCounter3(C);\n"


@pytest.mark.parametrize(
    ("text", "tally"),
    [
        ("", Tally()),
        (HEADER, Tally()),
        (
            HEADER + "now;3;1;2;0;0;2;1;0;\n",
            Tally(created=3, open=1, succeeded=2, answered=2, ended_by_peer=1),
        ),
        (
            HEADER + "now;3;1;2;0;0;2;1;0;\nnow;9;9",
            Tally(created=3, open=1, succeeded=2, answered=2, ended_by_peer=1),
        ),
    ],
    ids=["no file yet", "no row yet", "one row", "a row half written"],
)
def test_the_last_complete_row_counts(text: str, tally: Tally) -> None:
    assert read_tally(text) == tally
