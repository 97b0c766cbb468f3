"""What a caller's AGI request asks for."""

from typing import Any

import pytest

from acd.app.request import Asked, understand
from acd.core.ids import CallId, QueueName, SkillName
from telephony.agi.codec import AgiRequest

pytestmark = pytest.mark.unit


def asked(*args: str, **parameters: str) -> Asked:
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    return understand(
        AgiRequest(network_script="sales", uniqueid="1", channel="c", args=args, parameters=named)
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (asked(), Asked(queue=QueueName("sales"))),
        (
            asked(need_fr="5", need_billing="3", priority="2"),
            Asked(
                queue=QueueName("sales"),
                require=((SkillName("billing"), 3), (SkillName("fr"), 5)),
                priority=2,
            ),
        ),
        (
            asked("c1", "c0", "77"),
            Asked(queue=QueueName("sales"), call=CallId("c1"), parent=CallId("c0"), joined=77),
        ),
        (asked("", "", ""), Asked(queue=QueueName("sales"))),
        (asked("a b", "$(id)", "soon"), Asked(queue=QueueName("sales"))),
        (asked(need_fr="11"), Asked(queue=QueueName("sales"), ignored=("need-fr",))),
        (asked(need_fr="five"), Asked(queue=QueueName("sales"), ignored=("need-fr",))),
        (asked(priority="9999999999999999999999"), Asked(queue=QueueName("sales"), ignored=("priority",))),
        (asked(colour="red"), Asked(queue=QueueName("sales"), ignored=("colour",))),
    ],
)
def test_a_request_is_understood_and_what_makes_no_sense_is_named_and_left_out(
    given: Any, expected: Asked
) -> None:
    assert given == expected
