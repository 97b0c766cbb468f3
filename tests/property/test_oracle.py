"""The router decides as the reference router does, whatever the rules and whatever happens."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.drawing import Script, play, scripts

pytestmark = pytest.mark.property


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(scripts())
def test_both_routers_make_the_same_offers_and_end_the_same_calls(script: Script) -> None:
    play(script)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(scripts())
def test_classes_given_up_as_soon_as_they_are_empty_change_nothing(script: Script) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("acd.core.waiting.MOST_EMPTY", 0)
        play(script)
