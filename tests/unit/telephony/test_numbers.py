"""Callers' numbers in one form."""

import pytest

from telephony.numbers import Numbering, e164

pytestmark = pytest.mark.unit

GERMANY = Numbering(country="49")
AMERICA = Numbering(country="1", trunk_prefix="1", international_prefix="011")
ITALY = Numbering(country="39", trunk_prefix="")


@pytest.mark.parametrize(
    ("rule", "came", "number"),
    [
        (GERMANY, "030 123-4567", "+49301234567"),
        (GERMANY, "+49 (30) 1234567", "+49301234567"),
        (GERMANY, "0049301234567", "+49301234567"),
        (GERMANY, "49301234567", "+49301234567"),
        (GERMANY, "301234567", "+49301234567"),
        (GERMANY, "1001", "1001"),
        (GERMANY, "anonymous", "anonymous"),
        (GERMANY, "", ""),
        (GERMANY, "+", "+"),
        (AMERICA, "12125551234", "+12125551234"),
        (AMERICA, "2125551234", "+12125551234"),
        (AMERICA, "01149301234567", "+49301234567"),
        (ITALY, "0612345678", "+390612345678"),
        (Numbering(), "030 1234567", "030 1234567"),
    ],
)
def test_one_caller_has_one_number(rule: Numbering, came: str, number: str) -> None:
    assert e164(came, rule) == number
    assert e164(e164(came, rule), rule) == number
