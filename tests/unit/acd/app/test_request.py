"""What a caller's AGI request asks for."""

from typing import Any

import pytest

from acd.app.request import Asked, understand
from acd.core.expression import parse
from acd.core.ids import AgentName, CallId, QueueName, SkillName
from acd.core.requirement import requirement
from telephony.agi.codec import AgiRequest

pytestmark = pytest.mark.unit
ANN, BOB = AgentName("ann"), AgentName("bob")


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
                require=requirement({SkillName("billing"): 3, SkillName("fr"): 5}),
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
        (asked(need_and="5"), Asked(queue=QueueName("sales"), ignored=("need-and",))),
        (asked(**{"need-fr or vip": "5"}), Asked(queue=QueueName("sales"), ignored=("need-fr or vip",))),
        (asked(colour="red"), Asked(queue=QueueName("sales"), variables={"colour": "red"})),
        (asked(Colour="red"), Asked(queue=QueueName("sales"), ignored=("Colour",))),
        (asked(colour="r$d"), Asked(queue=QueueName("sales"), ignored=("colour",))),
        (asked(need="fr >= 5 and vip"), Asked(queue=QueueName("sales"), require=parse("fr >= 5 and vip"))),
        (asked(need="fr >="), Asked(queue=QueueName("sales"), ignored=("need",))),
        (asked(need="$lang >= 5"), Asked(queue=QueueName("sales"), ignored=("need",))),
        (
            asked(need=" or ".join(f"a{n}" for n in range(9_999))),
            Asked(queue=QueueName("sales"), ignored=("need",)),
        ),
        (asked(credit="90"), Asked(queue=QueueName("sales"), credit=90_000_000_000)),
        (asked(credit="-1"), Asked(queue=QueueName("sales"), ignored=("credit",))),
        (asked(position="3"), Asked(queue=QueueName("sales"), position=3)),
        (asked(position="0"), Asked(queue=QueueName("sales"), ignored=("position",))),
        (asked(prefer="ann:90,bob"), Asked(queue=QueueName("sales"), prefer=((ANN, 90), (BOB, 50)))),
        (asked(prefer="ann:101"), Asked(queue=QueueName("sales"), ignored=("prefer",))),
        (asked(agent="ann"), Asked(queue=QueueName("sales"), direct=ANN)),
        (asked(agent="$(id)"), Asked(queue=QueueName("sales"), ignored=("agent",))),
    ],
)
def test_a_request_is_understood_and_what_makes_no_sense_is_named_and_left_out(
    given: Any, expected: Asked
) -> None:
    assert given == expected
