"""The router decides as the reference router does, whatever the rules and whatever happens."""

import pytest
from hypothesis import HealthCheck, given, settings

from acd.core.rules import Rules
from tests.oracle.drawing import Move, play, scripts

pytestmark = pytest.mark.property


@settings(
    max_examples=3000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(scripts())
def test_both_routers_make_the_same_offers_and_end_the_same_calls(script: tuple[Rules, list[Move]]) -> None:
    play(script)
