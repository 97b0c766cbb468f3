"""From SIP messages on the wire to the times that people feel. Pure.

ring latency: from the caller's 200 to the INVITE at the phone that then rings for this caller.
idle gap: from an agent's BYE to the next INVITE at the same phone, while callers wait.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from tests.bench.routing_wire import Seen, caller_number, is_request
from tests.ua.address import uri_of
from tests.ua.message import Message, Request, Response

MS: Final = 1_000_000


class Ports(msgspec.Struct, frozen=True):
    """Who is who on the wire: UDP ports."""

    server: int
    callers: int
    phones: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What a load looked like, in ns. Callers by number, phones by name; each list in order of time."""

    answered: dict[str, int]
    """Caller -> when Asterisk's first 200 to the INVITE was sent."""
    rung: dict[str, int]
    """Caller -> when the first INVITE for this caller went to a phone."""
    offers: list[tuple[int, str]]
    """Every first INVITE to a phone: when, which."""
    ends: list[tuple[int, str]]
    """Every first BYE of a phone: when, which."""


def tell(seen: Sequence[Seen], ports: Ports) -> Story:
    """Pick what counts from the messages; retransmissions do not."""
    story = Story(answered={}, rung={}, offers=[], ends=[])
    phone_of: dict[str, str] = {}
    ended: set[str] = set()
    for one in sorted(seen, key=lambda one: one.at):
        message = one.message
        if one.target == ports.phones and isinstance(message, Request) and message.method == "INVITE":
            if message.call_id not in phone_of:
                phone_of[message.call_id] = uri_of(message.uri).user
                story.offers.append((one.at, phone_of[message.call_id]))
                story.rung.setdefault(caller_number(message), one.at)
        elif one.source == ports.phones and is_request(message, "BYE"):
            if message.call_id not in ended and message.call_id in phone_of:
                ended.add(message.call_id)
                story.ends.append((one.at, phone_of[message.call_id]))
        elif one.target == ports.callers and _answers(message):
            story.answered.setdefault(caller_number(message), one.at)
    return story


def _answers(message: Message) -> bool:
    return isinstance(message, Response) and (message.status, message.cseq_method) == (200, "INVITE")


def ring_latencies(story: Story, *, skip: int = 0) -> list[float]:
    """Milliseconds for each caller who was answered and rang a phone; the first `skip` callers warm up only."""
    callers = sorted(story.answered, key=lambda caller: story.answered[caller])[skip:]
    return [(story.rung[one] - story.answered[one]) / MS for one in callers if one in story.rung]


def idle_gaps(story: Story, *, waiting: int = 1) -> list[float]:
    """Milliseconds for each BYE of a phone at which at least `waiting` callers waited."""
    following: dict[str, list[int]] = {}
    for at, phone in story.offers:
        following.setdefault(phone, []).append(at)
    return [
        (next(then for then in following[phone] if then > at) - at) / MS
        for at, phone in story.ends
        if waiting_at(story, at) >= waiting and following[phone][-1] > at
    ]


def waiting_at(story: Story, at: int) -> int:
    """Callers who were answered before and had not rung a phone yet."""
    return sum(
        1
        for caller, answered in story.answered.items()
        if answered < at and story.rung.get(caller, at + 1) > at
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies, by the nearest rank; ValueError when there are none."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
