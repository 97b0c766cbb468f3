"""Erlang B against the tables, and what traffic was offered."""

import pytest

from hardware.erlang import blocking, lines_needed, offered

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("lines", "erlangs", "share"),
    [
        (0, 5.0, 1.0),
        (1, 1.0, 0.5),
        (2, 1.0, 0.2),
        (5, 3.0, 0.1101),
        (10, 5.0, 0.0184),
        (30, 20.34, 0.0100),
        (100, 84.06, 0.0100),
        (5, 0.0, 0.0),
    ],
)
def test_the_tables_of_erlang_b_are_met(lines: int, erlangs: float, share: float) -> None:
    assert blocking(lines, erlangs) == pytest.approx(share, abs=5e-5)


def test_a_thousand_lines_do_not_overflow() -> None:
    assert 0 < blocking(1000, 1000.0) < 0.03


def test_lines_needed_is_the_first_number_that_is_enough() -> None:
    assert lines_needed(20.33, 0.01) == 30
    assert lines_needed(20.35, 0.01) == 31
    assert lines_needed(0.0, 0.01) == 0


@pytest.mark.parametrize(("most", "erlangs"), [(0.0, 5.0), (1.0, 5.0), (0.01, -1.0), (0.01, float("nan"))])
def test_senseless_questions_are_refused(most: float, erlangs: float) -> None:
    with pytest.raises(ValueError, match=r"share|erlangs"):
        lines_needed(erlangs, most)


def test_what_was_offered_is_what_was_carried_and_the_refused_part() -> None:
    assert offered(9.0, 100, 10) == pytest.approx(10.0)
    assert offered(9.0, 0, 0) == 9.0
    assert offered(0.0, 4, 4) is None
    with pytest.raises(ValueError, match="5 of 4"):
        offered(1.0, 4, 5)
