"""The outcome table of asterisk-facts-2, section 4, row by row."""

import pytest

from acd.core.outcomes import OfferOutcome
from telephony.evidence import Evidence, outcome
from telephony.refusal import refusal

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Evidence(began=True, rang=True, cause=17, dialstatus="BUSY", dial_end="BUSY"), OfferOutcome.BUSY),
        (Evidence(began=True, rang=True, cause=21, dialstatus="CHANUNAVAIL"), OfferOutcome.REJECTED),
        (Evidence(began=True, rang=True, cause=19, dialstatus="NOANSWER"), OfferOutcome.NO_ANSWER),
        (Evidence(began=True, rang=True, cause=1, dialstatus="CHANUNAVAIL"), OfferOutcome.UNREACHABLE),
        (Evidence(began=True, rang=True, cause=18, dialstatus="CHANUNAVAIL"), OfferOutcome.UNREACHABLE),
        (Evidence(began=True, rang=True, cause=58, dialstatus="CHANUNAVAIL"), OfferOutcome.ERROR),
        (Evidence(began=True, rang=True, cause=38, dialstatus="CHANUNAVAIL"), OfferOutcome.ERROR),
        (Evidence(began=True, rang=True, cause=34, dialstatus="CONGESTION"), OfferOutcome.UNREACHABLE),
        (Evidence(began=True, rang=True, cause=127, dialstatus="CHANUNAVAIL"), OfferOutcome.ERROR),
        (Evidence(began=True, rang=True, cause=0, dialstatus="NOANSWER"), OfferOutcome.NO_ANSWER),
        (Evidence(began=True, rang=False, cause=0, dialstatus="NOANSWER"), OfferOutcome.UNREACHABLE),
        (Evidence(dialstatus="CHANUNAVAIL"), OfferOutcome.UNREACHABLE),
        (Evidence(began=True, rang=True, cause=23, dialstatus="BUSY"), OfferOutcome.REJECTED),
        (Evidence(began=True, rang=True, cause=0, dialstatus="BUSY", forwarded=True), OfferOutcome.REJECTED),
        (Evidence(began=True, rang=True, cause=16, dial_end="BUSY", picked_up=True), OfferOutcome.REJECTED),
        (Evidence(began=True, rang=True, cause=17, dial_end="BUSY", picked_up=True), OfferOutcome.BUSY),
        (
            Evidence(began=True, rang=True, cause=16, dial_end="CONGESTION", picked_up=True),
            OfferOutcome.NO_ANSWER,
        ),
        (Evidence(began=True, rang=True, cause=26, dialstatus="CHANUNAVAIL"), OfferOutcome.LOST_RACE),
        (Evidence(began=True, rang=True, rescinded=True, cause=17), OfferOutcome.RESCINDED),
        (Evidence(dialstatus="INVALIDARGS"), OfferOutcome.ERROR),
        (Evidence(began=True, rang=True, dialstatus="CANCEL"), OfferOutcome.CALLER_LEFT),
    ],
    ids=lambda value: value.value if isinstance(value, OfferOutcome) else value.words() or "nothing",
)
def test_the_strongest_evidence_decides(seen: Evidence, expected: OfferOutcome) -> None:
    assert outcome(seen) is expected


@pytest.mark.parametrize(
    ("channel", "answered", "expected"),
    [
        ("PJSIP/trunk-1", False, ("EXEC PJSIPHangup", "404")),
        ("PJSIP/trunk-1", True, ("EXEC Hangup", "1")),
        ("DAHDI/1-1", False, ("EXEC Hangup", "1")),
    ],
)
def test_a_refusal_is_a_status_on_sip_and_a_cause_elsewhere(
    channel: str, answered: bool, expected: tuple[str, str]
) -> None:
    assert refusal(channel, 404, answered=answered) == expected
