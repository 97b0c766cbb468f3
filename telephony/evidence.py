"""What Asterisk's words for the end of an offer mean, as one literal table.

Verified on Asterisk 22.10, one row a test (tests/integration/test_outcomes.py). The order of evidence: our own intent,
then the leg's hang-up cause (Q.850), then DIALSTATUS, then DialEnd, because DialEnd says NOANSWER for nearly
everything and DIALSTATUS is CHANUNAVAIL for refusals and dead phones alike.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.outcomes import OfferOutcome

BY_CAUSE: Final[Mapping[int, OfferOutcome]] = {
    1: OfferOutcome.UNREACHABLE,  # 404: the phone does not know itself by that name
    17: OfferOutcome.BUSY,  # 486, 600
    18: OfferOutcome.UNREACHABLE,  # 408
    19: OfferOutcome.NO_ANSWER,  # 480: do-not-disturb on many phones
    21: OfferOutcome.REJECTED,  # 603, 403
    23: OfferOutcome.REJECTED,  # 302 under Dial option i, see `forwarded`: forwarding a queue call is declining it
    26: OfferOutcome.LOST_RACE,  # answered elsewhere, when we did not rescind
    34: OfferOutcome.UNREACHABLE,  # 503, or a refused TCP connection
    38: OfferOutcome.ERROR,  # 500
    58: OfferOutcome.ERROR,  # 488: no codec in common
    127: OfferOutcome.ERROR,  # 487 without our asking
}
"""By the leg's hang-up cause. Cause 0 depends on whether the phone rang; other causes fall through to DIALSTATUS."""

NORMAL_CLEARING: Final = 16

BY_DIALSTATUS: Final[Mapping[str, OfferOutcome]] = {
    "BUSY": OfferOutcome.BUSY,
    "NOANSWER": OfferOutcome.NO_ANSWER,
    "CHANUNAVAIL": OfferOutcome.UNREACHABLE,
    "CONGESTION": OfferOutcome.UNREACHABLE,
    "CANCEL": OfferOutcome.CALLER_LEFT,
    "INVALIDARGS": OfferOutcome.ERROR,
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that was seen of one offer's end. `cause` is None while no leg has hung up."""

    rescinded: bool = False
    began: bool = False
    """Asterisk made a leg at all."""
    rang: bool = False
    cause: int | None = None
    dialstatus: str = ""
    dial_end: str = ""
    picked_up: bool = False
    """The agent had to hear or press something before the talk, and there was none (features_acd.conf, acd-talk)."""
    forwarded: bool = False
    """The phone answered 302. Which cause its leg gets is a race in Asterisk: 23 or 0."""

    def words(self) -> str:
        """The evidence as text, for the fact and for explain."""
        parts = [
            f"cause {self.cause}" if self.cause is not None else "",
            f"DIALSTATUS {self.dialstatus}" if self.dialstatus else "",
            f"DialEnd {self.dial_end}" if self.dial_end else "",
            "not accepted" if self.picked_up else "",
            "forwarded" if self.forwarded else "",
            "" if self.began else "no leg was made",
        ]
        return ", ".join(filter(None, parts))


def outcome(seen: Evidence) -> OfferOutcome:
    """The outcome of an offer that led to no talk."""
    if seen.rescinded:
        return OfferOutcome.RESCINDED
    if seen.forwarded:
        return OfferOutcome.REJECTED
    if seen.picked_up and seen.cause in (None, NORMAL_CLEARING):
        unheard = "CONGESTION" in (seen.dialstatus, seen.dial_end)
        return OfferOutcome.NO_ANSWER if unheard else OfferOutcome.REJECTED
    if seen.cause == 0:
        return OfferOutcome.NO_ANSWER if seen.rang else OfferOutcome.UNREACHABLE
    if seen.cause is not None and seen.cause in BY_CAUSE:
        return BY_CAUSE[seen.cause]
    if not seen.began and seen.dialstatus in ("", "CHANUNAVAIL"):
        return OfferOutcome.UNREACHABLE
    return BY_DIALSTATUS.get(seen.dialstatus or seen.dial_end, OfferOutcome.ERROR)
