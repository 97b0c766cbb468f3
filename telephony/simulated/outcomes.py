"""Asterisk's words for how a dial or a call ended, as literal tables.

Seen on a real Asterisk 22.10 with SIP phones that gave each answer in turn; tests/contract asks both the real and
the simulated PBX for every row.
"""

from collections.abc import Collection
from typing import Final

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """The trace of a leg that was not answered: DialEnd's DialStatus, the channel's DIALSTATUS, Hangup's Cause."""

    dial_end: str
    dialstatus: str
    cause: int


REFUSALS: Final[dict[int, Refusal]] = {
    403: Refusal("NOANSWER", "CHANUNAVAIL", 21),
    404: Refusal("NOANSWER", "CHANUNAVAIL", 1),
    408: Refusal("NOANSWER", "CHANUNAVAIL", 18),
    480: Refusal("NOANSWER", "NOANSWER", 19),
    486: Refusal("BUSY", "BUSY", 17),
    487: Refusal("NOANSWER", "CHANUNAVAIL", 127),
    488: Refusal("NOANSWER", "CHANUNAVAIL", 58),
    500: Refusal("NOANSWER", "CHANUNAVAIL", 38),
    503: Refusal("CONGESTION", "CONGESTION", 34),
    600: Refusal("BUSY", "BUSY", 17),
    603: Refusal("NOANSWER", "CHANUNAVAIL", 21),
}
"""By the phone's final SIP status, after DialState RINGING."""

TIMED_OUT: Final = Refusal("NOANSWER", "NOANSWER", 0)
CONNECTION_REFUSED: Final = Refusal("CONGESTION", "CONGESTION", 34)
REDIRECTED: Final = Refusal("BUSY", "BUSY", 23)
"""A 302 under Dial's option i; its DialEnd BUSY follows a DialEnd CANCEL with the Forward."""

_NOANSWER_CAUSES: Final = frozenset({16, 19})


def hung_up_ringing(cause: int) -> Refusal:
    """Return the trace of a ringing leg ended by AMI Hangup with `cause` (0 when none was given)."""
    return Refusal("NOANSWER", "NOANSWER" if cause in _NOANSWER_CAUSES else "CHANUNAVAIL", cause)


_WEIGHT: Final = ("BUSY", "CONGESTION", "CHANUNAVAIL", "NOANSWER")


def joint_dialstatus(statuses: Collection[str]) -> str:
    """Return the DIALSTATUS of a Dial of several legs from each leg's own; no leg at all is CHANUNAVAIL."""
    return next((word for word in _WEIGHT if word in statuses), "CHANUNAVAIL")


SIP_BY_CAUSE: Final[dict[int, int]] = {
    1: 404,
    3: 404,
    17: 486,
    18: 408,
    19: 480,
    20: 480,
    21: 403,
    27: 502,
    31: 480,
    34: 503,
    38: 500,
    42: 503,
    58: 488,
    127: 500,
}
"""The final SIP status an unanswered caller gets for a hang-up cause; every other cause gives 603."""

CAUSE_BY_SIP: Final[dict[int, int]] = {
    403: 21,
    404: 1,
    429: 127,
    480: 19,
    486: 17,
    503: 34,
    600: 17,
    603: 21,
    608: 127,
}
"""The statuses PJSIPHangup is known to send, with the hang-up cause each leaves."""

CAUSE_TEXT: Final[dict[int, str]] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    3: "No route to destination",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    23: "Redirected to new destination",
    26: "Answered elsewhere",
    27: "Destination out of order",
    31: "Normal, unspecified",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    42: "Switching equipment congestion",
    58: "Bearer capability not available",
    127: "Interworking, unspecified",
}
