"""The tables of queues.toml, agents.toml and skills.toml: what is waited for, and who serves it.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.daemon import Line, Word
from config.values import Duration, Endpoint, Name, Secret

Level = Annotated[int, Meta(ge=1, le=10)]
_PAUSE = {"at_least": "0s", "at_most": "1h"}


class Strategy(Enum):
    """Who is chosen among the agents that can serve a call."""

    SKILLS = "skills"  # most skilled first, longest idle among equals
    LONGEST_IDLE = "longest_idle"


class BackOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`back_off`: how long an agent gets no offer after one that failed, by its outcome."""

    no_answer: Annotated[Duration, Meta(description="The phone rang out.", extra=_PAUSE)] = Duration(10_000)
    rejected: Annotated[Duration, Meta(description="The agent declined.", extra=_PAUSE)] = Duration(30_000)
    busy: Annotated[Duration, Meta(description="The phone was busy.", extra=_PAUSE)] = Duration(5_000)
    unreachable: Annotated[Duration, Meta(description="The phone could not be reached.", extra=_PAUSE)] = (
        Duration(60_000)
    )
    error: Annotated[Duration, Meta(description="The offer failed for another cause.", extra=_PAUSE)] = (
        Duration(5_000)
    )


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME]`: one waiting line."""

    title: Annotated[Line, Meta(description="Name for people, in reports and on wallboards.")] = ""
    strategy: Annotated[Strategy, Meta(description="Who is chosen among those who can serve.")] = (
        Strategy.SKILLS
    )
    require: Annotated[
        Mapping[Name, Level],
        Meta(description="Skills an agent must have, all of them, each at this level (1-10) or above."),
    ] = {}
    priority: Annotated[
        Annotated[int, Meta(ge=-1000, le=1000)],
        Meta(description="Callers of a queue with a higher number are served first."),
    ] = 0
    max_waiting: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="Callers who may wait; the next is refused as queue_full. Absent: no limit."),
    ] = None
    ring_timeout: Annotated[
        Duration,
        Meta(
            description="How long one agent's phone rings.",
            extra={"at_least": "1s", "at_most": "5m"},
        ),
    ] = Duration(15_000)
    wrap_up: Annotated[
        Duration,
        Meta(
            description="Time for after-call work; no call is offered meanwhile.",
            extra={"at_least": "0s", "at_most": "15m"},
        ),
    ] = Duration(10_000)
    back_off: Annotated[BackOff, Meta(description="Pause of an agent after a failed offer.")] = BackOff()
    same_call_back_off: Annotated[
        Duration,
        Meta(
            description="Time before the same call is offered to the same agent again.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(30_000)
    admit_when_nobody_logged_in: Annotated[
        bool, Meta(description="Let callers wait though no agent of the queue is logged in.")
    ] = False
    open: Annotated[
        bool, Meta(description="false refuses new callers as closed; those who wait are still served.")
    ] = True
    drain: Annotated[
        bool,
        Meta(
            description="true lets the queue run empty before it is deleted, as a removed queue does: new callers "
            "are refused as closed, those who wait are served."
        ),
    ] = False
    ring_before_answer: Annotated[
        bool,
        Meta(description="Let the caller hear ringing, not yet charged, while a free agent's phone rings."),
    ] = False
    music: Annotated[Word, Meta(description="Music-on-hold class of Asterisk.")] = "default"
    answer_options: Annotated[
        Literal["i", ""],
        Meta(
            description='Options of Asterisk\'s Answer: "i" answers at once, "" waits up to 500 ms for media.'
        ),
    ] = "i"


class Agent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[agents.NAME]`: one person, the phone, the skills and the queues."""

    phone: Annotated[
        Endpoint, Meta(description="Endpoint to ring; PJSIP unless it says else.", examples=["PJSIP/1001"])
    ]
    title: Annotated[Line, Meta(description="Name for people.")] = ""
    switch: Annotated[
        Name | None, Meta(description="The Asterisk the phone is on; needed when there are several.")
    ] = None
    skills: Annotated[Mapping[Name, Level], Meta(description="Level of each skill, 1 to 10.")] = {}
    queues: Annotated[tuple[Name, ...], Meta(description="Queues this agent serves.")] = ()
    groups: Annotated[
        tuple[Name, ...], Meta(description="Groups whose queues this agent serves as well.")
    ] = ()
    pin: Annotated[
        Secret, Meta(description="Asked when the agent logs in from a phone.", extra={"private": True})
    ] = Secret()
    logged_in_at_start: Annotated[
        bool, Meta(description="Logged in when the daemon sees the agent for the first time.")
    ] = False


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[groups.NAME]` of agents.toml: queues that several agents serve together."""

    title: Annotated[Line, Meta(description="Name for people.")] = ""
    queues: Annotated[tuple[Name, ...], Meta(description="Queues the group's agents serve.")] = ()


class Skill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[skills.NAME]`: something an agent can do; queues and calls ask for a level of it."""

    title: Annotated[Line, Meta(description="Name for people.")] = ""
    description: Annotated[Line, Meta(description="What a level of it means.")] = ""
