"""What holds of the loss formula whatever the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.erlang import blocking, lines_needed, offered

pytestmark = pytest.mark.property

LINES = st.integers(0, 300)
TRAFFIC = st.floats(0.001, 400, allow_nan=False)
SHARES = st.floats(0.0001, 0.9)


@given(LINES, TRAFFIC)
def test_one_more_line_blocks_less_and_more_traffic_blocks_more(lines: int, traffic: float) -> None:
    share = blocking(lines, traffic)

    assert 0 <= share <= 1
    assert blocking(lines + 1, traffic) <= share
    assert blocking(lines, traffic * 1.01) >= share


@given(TRAFFIC, SHARES)
def test_lines_needed_undoes_blocking(traffic: float, most: float) -> None:
    lines = lines_needed(traffic, most)

    assert blocking(lines, traffic) <= most
    assert lines == 0 or blocking(lines - 1, traffic) > most


@given(LINES, TRAFFIC)
def test_what_is_carried_is_never_more_than_the_lines(lines: int, traffic: float) -> None:
    assert traffic * (1 - blocking(lines, traffic)) <= lines + 1e-6


@given(st.floats(0, 300), st.integers(1, 10_000), st.integers(0, 9_999))
def test_offered_is_never_less_than_carried(carried: float, attempts: int, refused: int) -> None:
    found = offered(carried, attempts, min(refused, attempts))

    assert found is None or found >= carried
