"""Who may do what over whom, and what is recorded. Every description here is what the reference manual prints."""

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from config.routing import Value
from config.values import Duration, Endpoint, Name, Secret
from config.working import Digits, Sound


class Power(Enum):
    """What a supervisor may do to the agents of the own teams and to the calls of their queues."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    RECORD = "record"
    PLAY = "play"  # find and hear recordings
    STATE = "state"  # log agents in and out, pause, resume, make ready
    CALLS = "calls"  # pick, move, re-prioritise and drop waiting calls
    MESSAGE = "message"


class Supervisor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[supervisors.NAME]` of agents.toml: one person with powers over agents. May be an agent by the same name."""

    phone: Annotated[
        Endpoint | None, Meta(description="Where listening rings, when it is asked for by API.")
    ] = None
    switch: Annotated[Name | None, Meta(description="The Asterisk the phone is on.")] = None
    number: Annotated[
        Digits | None, Meta(description="Keyed with the PIN before a supervisor's code. Absent: no codes.")
    ] = None
    pin: Annotated[Secret, Meta(description="Asked on the phone.", extra={"private": True})] = Secret()
    teams: Annotated[
        tuple[Value, ...],
        Meta(
            description='Values of the attribute "team" of the agents under this supervisor, and with them the waiting '
            "calls of queues they serve. Empty: all."
        ),
    ] = ()
    may: Annotated[tuple[Power, ...], Meta(description="The powers. Empty: none.")] = ()


class RecordingMode(Enum):
    """Which calls are recorded."""

    NEVER = "never"  # nor may anybody ask for it
    DEMAND = "demand"  # when agent or supervisor ask
    SHARE = "share"  # so many in a hundred, and on demand
    ALWAYS = "always"


class Recording(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.recording]`: by MixMonitor, both sides in one file, over transfers as long as the caller stays.

    A transfer into a queue with mode = "never" ends it.
    """

    mode: Annotated[RecordingMode, Meta(description="Which calls.")] = RecordingMode.DEMAND
    share: Annotated[Annotated[int, Meta(ge=0, le=100)], Meta(description="With share: in a hundred.")] = 10
    file: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_./{}-]{1,200}\Z",
            description="Name below Asterisk's monitor folder, with {queue} {call} {caller} {year} {month} {day} {time}.",
            extra={"expects": "a file name of A-Z a-z 0-9 _ . / - and {fields}"},
        ),
    ] = "{year}/{month}/{day}/{queue}-{time}-{call}.wav"
    consent: Annotated[
        Sound, Meta(description="Said to the caller before the first word is recorded. Empty: nothing.")
    ] = ""
    keep: Annotated[
        Duration | None,
        Meta(
            description="Older recordings are deleted each day and by `acd recordings expire`, unless held. Absent: kept.",
            extra={"at_least": "1h", "at_most": "100000h"},
        ),
    ] = None


class AutoAnswer(Enum):
    """The header that lets a phone answer by itself; vendors differ."""

    NONE = "none"
    CALL_INFO = "call_info"  # Call-Info: <sip:…>;answer-after=0 (Snom, Grandstream, Yealink)
    ALERT_INFO = "alert_info"  # Alert-Info: <…>;info=alert-autoanswer;delay=0 (Yealink, Fanvil)
    RING_ANSWER = "ring_answer"  # Alert-Info: ring-answer (Polycom)
    INTERCOM = "intercom"  # Alert-Info: intercom=true (Snom)
