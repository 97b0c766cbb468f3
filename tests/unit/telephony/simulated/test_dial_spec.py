"""Dial's argument and the tables of outcomes."""

import pytest

from telephony.simulated.dial_spec import DEFAULT_SECONDS, parse, split
from telephony.simulated.outcomes import hung_up_ringing, joint_dialstatus

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("argument", "targets", "seconds", "options"),
    [
        ("PJSIP/1001,15,mgi", ("PJSIP/1001",), 15.0, "gim"),
        ("PJSIP/1&PJSIP/2,2.5", ("PJSIP/1", "PJSIP/2"), 2.5, ""),
        ("PJSIP/1", ("PJSIP/1",), DEFAULT_SECONDS, ""),
        ("PJSIP/1,,g", ("PJSIP/1",), DEFAULT_SECONDS, "g"),
        ("PJSIP/1,10,gb(acd^s^1(x,y))m", ("PJSIP/1",), 10.0, "bgm"),
        ('PJSIP/1,10,"g,x"', ("PJSIP/1",), 10.0, ",gx"),
        ("PJSIP/1,soon,g", ("PJSIP/1",), DEFAULT_SECONDS, "g"),
    ],
)
def test_a_dial_argument_is_read(
    argument: str, targets: tuple[str, ...], seconds: float, options: str
) -> None:
    spec = parse(argument)

    assert spec is not None
    assert (spec.targets, spec.seconds, "".join(sorted(spec.options))) == (targets, seconds, options)


@pytest.mark.parametrize("argument", ["", ",10", "1001,10", "PJSIP/1&nobody"])
def test_a_dial_argument_without_a_technology_is_invalid(argument: str) -> None:
    assert parse(argument) is None


def test_commas_inside_quotes_and_parentheses_do_not_part() -> None:
    assert split('a="1,2",b=f(3,4),c=5') == ["a=1,2", "b=f(3,4)", "c=5"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "CHANUNAVAIL"),
        (["NOANSWER", "BUSY"], "BUSY"),
        (["CHANUNAVAIL", "CONGESTION"], "CONGESTION"),
        (["NOANSWER", "CHANUNAVAIL"], "CHANUNAVAIL"),
        (["NOANSWER"], "NOANSWER"),
    ],
)
def test_several_legs_have_one_dialstatus(statuses: list[str], expected: str) -> None:
    assert joint_dialstatus(statuses) == expected


@pytest.mark.parametrize(("cause", "expected"), [(26, "CHANUNAVAIL"), (0, "CHANUNAVAIL"), (16, "NOANSWER")])
def test_a_rescinds_dialstatus_depends_on_its_cause(cause: int, expected: str) -> None:
    assert hung_up_ringing(cause).dialstatus == expected
