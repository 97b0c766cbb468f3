"""The parts of a queue and of an agent that have keys of their own: steps, preferences, pauses, an outside program.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from config.daemon import Word
from config.values import Duration, Name
from config.ways import Way

Level = Annotated[int, Meta(ge=1, le=10)]
REST = {"at_least": "0s", "at_most": "1h"}
Needs = Annotated[
    Mapping[Name, Level] | Annotated[str, Meta(extra={"expression": True})],
    Meta(
        extra={
            "expects": "a table such as { fr = 5 }, or an expression such as "
            '"fr >= 5 and (billing >= 3 or vip)"'
        }
    ),
]
"""A table of minimum levels, or an expression: then config.values.Needed, which is a str."""
Value = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z",
        extra={"expects": "1 to 64 characters from A-Z a-z 0-9 _ . : -"},
    ),
]


class Strategy(Enum):
    """Who is chosen among the agents that can serve a call. Ties go to the longest idle."""

    SKILLS = "skills"  # the highest sum of levels over the skills asked for
    LEAST_SKILLED = "least_skilled"  # the lowest that serves: keeps the experts free
    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"  # the smallest share of working time spent busy, lately
    FEWEST_CALLS = "fewest_calls"  # the fewest calls answered within the window
    ROUND_ROBIN = "round_robin"  # the next in agents.toml after whoever was rung last
    LINEAR = "linear"  # the first in agents.toml who is free
    SIMULTANEOUS = "simultaneous"  # all free phones at once, the first answer counts
    PROGRESSIVE = "progressive"  # the longest idle first, then more phones beside it
    RANDOM = "random"  # by lot, each agent with their weight


class Skip(Enum):
    """When a step is not waited for."""

    NEVER = "never"
    NOBODY_LOGGED_IN = "nobody_logged_in"
    NOBODY_READY = "nobody_ready"


class Choose(Enum):
    """How a free agent chooses among queues that have a caller for them."""

    ORDER = "order"
    GREATEST_NEED = "greatest_need"
    WEIGHT = "weight"
    SERVICE_LEVEL = "service_level"
    PERCENT = "percent"


class Presence(Enum):
    """What an agent may be doing while logged in."""

    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    DIRECT_CALL = "direct_call"
    UNREACHABLE = "unreachable"


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[queues.NAME.steps]]`: what changes for a call that has waited in this queue so long. Steps add up."""

    after: Annotated[
        Duration,
        Meta(
            description="Since the call entered this queue; each step later than the one before.",
            extra={"at_least": "1s", "at_most": "24h"},
            examples=["20s"],
        ),
    ]
    require: Annotated[
        Needs | None, Meta(description="Asked for from here on instead of what the queue asks for.")
    ] = None
    drop_call_needs: Annotated[
        bool, Meta(description="From here on what the call itself asks for is no longer asked.")
    ] = False
    add_groups: Annotated[
        tuple[Name, ...],
        Meta(description="Groups whose agents may be offered the call as well, whatever they serve."),
    ] = ()
    raise_priority: Annotated[
        Annotated[int, Meta(ge=-1000, le=1000)], Meta(description="Added to the call's priority.")
    ] = 0
    music: Annotated[
        Word | None, Meta(description="Music-on-hold class from here on. Absent: as before.")
    ] = None
    overflow: Annotated[
        Name | None, Meta(description="Queue the call goes on to, keeping the time it has waited.")
    ] = None
    to: Annotated[
        Way | None,
        Meta(
            description='A way out, such as { voicemail = "200" }; with callback = true the caller is asked and waits on.'
        ),
    ] = None


class Serve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`queues.NAME` of an agent or a group: how they serve that queue."""

    level: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        Meta(description="Queues of a lower number are looked at first; those of one level together."),
    ] = 1
    delay: Annotated[
        Duration,
        Meta(
            description="Only calls that have waited this long.",
            extra={"at_least": "0s", "at_most": "24h"},
        ),
    ] = Duration(0)
    reserve: Annotated[
        bool, Meta(description="Only while the queue's estimated wait is over its reserve_above.")
    ] = False


class Autopause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`autopause`: offers missed in a row, by outcome, after which an agent is paused. Absent: never."""

    no_answer: Annotated[Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Rang out.")] = None
    rejected: Annotated[Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Declined.")] = None
    busy: Annotated[Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Phone busy.")] = None
    unreachable: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Phone not to be reached.")
    ] = None
    error: Annotated[Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Failed otherwise.")] = None


class Hook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`hook`: an outside program that is asked whom to offer a call to, where more than one agent is free for it."""

    url: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[^\s\x00-\x1f\x7f]{1,500}\Z",
                extra={"expects": "an address that begins with http:// or https://"},
            ),
        ],
        Meta(description="Where to POST the question.", examples=["http://127.0.0.1:8080/route"]),
    ]
    deadline: Annotated[
        Duration,
        Meta(
            description="Without an answer by then the strategy decides.",
            extra={"at_least": "10ms", "at_most": "5s"},
        ),
    ] = Duration(300)


Serves = Annotated[
    tuple[Name, ...] | Mapping[Name, Serve],
    Meta(
        extra={
            "expects": 'names such as ["sales"], or a table such as { sales = {}, support = { level = 2 } }'
        }
    ),
]
