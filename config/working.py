"""How agents work: reasons to pause, work after a talk, what is said about calls, codes dialled from a phone, lamps.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from config.values import Duration, Name

Digits = Annotated[
    str, Meta(pattern=r"^[0-9]{1,8}\Z", extra={"expects": "1 to 8 digits, as keyed on a phone"})
]
Keys = Annotated[
    str,
    Meta(pattern=r"^[0-9*#A-D]{2,8}\Z", extra={"expects": '2 to 8 keys of 0-9 * # A-D, such as "*4"'}),
]
"""Pressed in a talk, where single digits may be meant for somebody else."""
Sound = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_./-]{0,120}\Z",
        extra={"expects": "a sound file of Asterisk without its ending, such as agent-pass"},
    ),
]


class WrapUpMode(Enum):
    """How work after a talk begins and ends."""

    NONE = "none"  # there is none
    TIMED = "timed"  # until wrap_up is over or the agent is done
    DISCRETIONARY = "discretionary"  # until the agent is done
    REQUESTED = "requested"  # only when the agent asks in the talk; then as timed


class AtClosing(Enum):
    """What becomes of those who wait when their queue closes."""

    SERVE = "serve"  # they are served
    LEAVE = "leave"  # they leave as closed


class Pause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[pauses.NAME]` of agents.toml: one reason to be paused for. With none, agents may name any."""

    title: Annotated[str, Meta(max_length=80, description="Name for people.")] = ""
    key: Annotated[
        Digits | None, Meta(description="Digits that choose it after the pause code, such as 1 in *461.")
    ] = None
    paid: Annotated[bool, Meta(description="Whether the time is paid.")] = True
    productive: Annotated[bool, Meta(description="Whether the time is work: training, a meeting.")] = False
    limit: Annotated[
        Duration | None,
        Meta(
            description="A longer pause raises an alarm. Absent: as long as it takes.",
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = None


class TalkKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[features.talk_keys]`: what an agent may press in a talk; the caller hears the tones. Absent: nothing."""

    help: Annotated[Keys | None, Meta(description="Ask a supervisor for help.")] = None
    malicious: Annotated[Keys | None, Meta(description="Mark the caller as malicious.")] = None
    wrap_up: Annotated[Keys | None, Meta(description="Ask for time after the talk.")] = None
    record: Annotated[Keys | None, Meta(description="Begin or end a recording.")] = None
    pause_recording: Annotated[
        Keys | None, Meta(description="Silence in the recording, or no longer, for card data.")
    ] = None


class Features(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[features]` of acd.toml: what agents do from their phones. The codes themselves stand in Asterisk's dialplan."""

    pin_tries: Annotated[
        Annotated[int, Meta(ge=1, le=10)], Meta(description="Times a wrong PIN may be keyed in one call.")
    ] = 3
    lock_after: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        Meta(description="Wrong PINs, for one agent or from one phone, after which log-ins are refused."),
    ] = 6
    lock_for: Annotated[
        Duration,
        Meta(
            description="How long they are refused then, and how long wrong PINs count.",
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = Duration(900_000)
    extend_by: Annotated[
        Duration,
        Meta(
            description="Time that one extension adds to a wrap-up.",
            extra={"at_least": "1s", "at_most": "15m"},
        ),
    ] = Duration(60_000)
    press_to_accept: Annotated[
        Sound, Meta(description='Said before "one" to agents with accept = true, who must press it.')
    ] = "if-correct-press"
    lamps: Annotated[
        bool,
        Meta(
            description="Keep the lamps (Custom: device states) of agents and queues. Each change costs Asterisk an action, "
            "three or four a call."
        ),
    ] = False
    talk_keys: Annotated[TalkKeys, Meta(description="Keys in a talk.")] = TalkKeys()


class Numbers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[numbers]` of acd.toml: how callers' numbers are written on the lines, to be brought to E.164 (+49301234567)."""

    country: Annotated[
        str,
        Meta(
            pattern=r"^[1-9][0-9]{0,2}\Z|^\Z",
            description="Country code, such as 49. Empty: numbers stay as they come.",
            extra={"expects": "a country code of 1 to 3 digits"},
        ),
    ] = ""
    trunk_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{0,3}\Z",
            description="Put before national numbers, such as 0.",
            extra={"expects": "up to 3 digits"},
        ),
    ] = "0"
    international_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{0,5}\Z",
            description="Put before international numbers, such as 00 or 011.",
            extra={"expects": "up to 5 digits"},
        ),
    ] = "00"


Codes = Mapping[Digits, Name]
"""Digits keyed on a phone -> the code's name."""
