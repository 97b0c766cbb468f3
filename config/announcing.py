"""What callers hear while they wait. Every description here is what the reference manual prints."""

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from config.values import Duration
from config.working import Sound


class Order(Enum):
    """How messages follow each other."""

    ORDER = "order"
    SHUFFLE = "shuffle"


class Announcements(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.announcements]`. The moment an agent is found, whatever plays is cut."""

    join: Annotated[Sound, Meta(description="Said once, when the caller begins to wait.")] = ""
    messages: Annotated[
        tuple[Sound, ...], Meta(description="Said again and again while the caller waits, one at a time.")
    ] = ()
    order: Annotated[Order, Meta(description="Messages in their order, or shuffled for each caller.")] = (
        Order.ORDER
    )
    first: Annotated[
        Duration,
        Meta(
            description="From the beginning of the wait to the first message.",
            extra={"at_least": "1s", "at_most": "1h"},
        ),
    ] = Duration(20_000)
    every: Annotated[
        Duration,
        Meta(description="From the end of a message to the next.", extra={"at_least": "5s", "at_most": "1h"}),
    ] = Duration(45_000)
    position: Annotated[bool, Meta(description="Say the place in the line before a message.")] = False
    position_most: Annotated[
        Annotated[int, Meta(ge=2, le=100)], Meta(description='Beyond it is said "more than" so many.')
    ] = 10
    wait: Annotated[bool, Meta(description="Say the wait to expect before a message.")] = False
    wait_step: Annotated[
        Duration,
        Meta(description="Rounded up to a multiple of this.", extra={"at_least": "1m", "at_most": "30m"}),
    ] = Duration(60_000)
    wait_most: Annotated[
        Duration,
        Meta(description='Beyond it is said "more than" so much.', extra={"at_least": "1m", "at_most": "2h"}),
    ] = Duration(1_800_000)
    only_when_changed: Annotated[
        bool, Meta(description="Say place and wait only when they are other than said last.")
    ] = True
