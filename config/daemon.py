"""The tables of acd.toml: the daemon itself, its doors (AGI, AMI), its books (journal, KPI) and the trunks.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from enum import Enum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.values import Duration, Endpoint, Name, Network, Secret

AbsolutePath = Annotated[
    str, Meta(pattern=r"^/[^\x00]*\Z", max_length=4096, extra={"expects": "an absolute path"})
]
Host = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_.:%-]{1,253}\Z", extra={"expects": "a host name or an IP address"})
]
Port = Annotated[int, Meta(ge=1, le=65535)]
Line = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]*\Z",
        max_length=200,
        extra={"expects": "one line of at most 200 characters"},
    ),
]
# PJSIPHangup takes the SIP codes of a final failure (asterisk-facts-2, refusals before answer).
SipStatus = Annotated[int, Meta(ge=400, le=699)]
# A word that goes into an AMI header or a dialplan argument as it is.
Word = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_.-]{1,80}\Z", extra={"expects": "1 to 80 characters from A-Z a-z 0-9 _ . -"}),
]

# A secret is easily written into the key beside it, so no message repeats any of them.
_PRIVATE = {"private": True}


class LogFormat(Enum):
    """How log lines look: `auto` is coloured text on a terminal and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(Enum):
    """The least severe level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Daemon(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[daemon]`: where it lives and what it logs."""

    node: Annotated[
        Name, Meta(description="Name of this daemon in facts and logs; unique per installation.")
    ] = "acd"
    state_dir: Annotated[
        AbsolutePath, Meta(description="Directory of the journal, the KPI store and the lock.")
    ] = "/var/lib/acd"
    control_socket: Annotated[
        AbsolutePath, Meta(description="Unix socket that the `acd` command talks to; at most 107 bytes.")
    ] = "/run/acd/control.sock"
    log_format: Annotated[LogFormat, Meta(description="Form of the log lines.")] = LogFormat.AUTO
    log_level: Annotated[LogLevel, Meta(description="Least severe level that is logged.")] = LogLevel.INFO
    redact_numbers: Annotated[
        bool, Meta(description="Log callers' numbers as their last two digits only.")
    ] = False


class Agi(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[agi]`: the FastAGI door that Asterisk's dialplan knocks at."""

    host: Annotated[Host, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port; the dialplan's ACD_AGI must name the same.")] = 4573
    allow: Annotated[
        tuple[Network, ...], Meta(description="Addresses and networks that may connect; others are closed.")
    ] = (Network("127.0.0.0/8"), Network("::1/128"))
    max_sessions: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        Meta(description="Calls held at once; beyond it calls are refused as overload."),
    ] = 10_000
    max_ungreeted: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)],
        Meta(description="Connections without a complete request; the oldest is evicted for a new one."),
    ] = 256
    greeting_timeout: Annotated[
        Duration,
        Meta(
            description="Time a peer has to send its request.",
            extra={"at_least": "100ms", "at_most": "30s"},
        ),
    ] = Duration(2_000)


class Switch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[switch]]`: one Asterisk and its manager (AMI) account.

    After loading, `secret` holds the secret whichever of the four keys it came from.
    """

    name: Annotated[Name, Meta(description="Name of this Asterisk in every id.", examples=["pbx1"])]
    host: Annotated[Host, Meta(description="Address of its manager interface.")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="TCP port of its manager interface.")] = 5038
    username: Annotated[Word, Meta(description="Manager account.")] = "acd"
    secret: Annotated[Secret, Meta(description="The account's secret, in this file.", extra=_PRIVATE)] = (
        Secret()
    )
    secret_file: Annotated[
        str,
        Meta(description="File with the secret; a relative path starts at this directory.", extra=_PRIVATE),
    ] = ""
    secret_env: Annotated[str, Meta(description="Environment variable with the secret.", extra=_PRIVATE)] = ""
    secret_credential: Annotated[
        str,
        Meta(description="Name of a systemd credential (LoadCredential=) with the secret.", extra=_PRIVATE),
    ] = ""
    channel_events: Annotated[
        str,
        Meta(
            description="Asterisk's own log of channel ends (cel_acd.conf), for talks that end while the daemon is away.",
            pattern=r"^(/[^\x00]*)?\Z",
            extra={"expects": "an absolute path"},
        ),
    ] = ""
    recordings: Annotated[
        str,
        Meta(
            description="Asterisk's monitor folder as this machine sees it, to play and delete recordings.",
            pattern=r"^(/[^\x00]*)?\Z",
            extra={"expects": "an absolute path"},
            examples=["/var/spool/asterisk/monitor"],
        ),
    ] = ""
    ping_every: Annotated[
        Duration,
        Meta(
            description="Silence on the link after which it is asked for a sign of life.",
            extra={"at_least": "1s", "at_most": "5m"},
        ),
    ] = Duration(10_000)
    ping_deadline: Annotated[
        Duration,
        Meta(
            description="Time for that sign of life; then the link is closed and built again.",
            extra={"at_least": "100ms", "at_most": "1m"},
        ),
    ] = Duration(5_000)
    reconnect_first: Annotated[
        Duration,
        Meta(
            description="Pause before the first new try after a lost link; it doubles, with jitter.",
            extra={"at_least": "10ms", "at_most": "1m"},
        ),
    ] = Duration(250)
    reconnect_cap: Annotated[
        Duration,
        Meta(
            description="Longest pause between two tries.",
            extra={"at_least": "100ms", "at_most": "10m"},
        ),
    ] = Duration(10_000)


class Journal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[journal]`: the append-only log of facts."""

    segment_bytes: Annotated[
        Annotated[int, Meta(ge=65_536, le=4_294_967_296)],
        Meta(description="Size at which a new segment file is begun."),
    ] = 67_108_864
    fsync_every: Annotated[
        Duration,
        Meta(
            description="Most a power cut may take; a killed daemon loses nothing.",
            extra={"at_least": "10ms", "at_most": "1m"},
        ),
    ] = Duration(1_000)
    snapshot_every: Annotated[
        Duration,
        Meta(
            description="Time between snapshots; a start replays what came after the last.",
            extra={"at_least": "1s", "at_most": "1h"},
        ),
    ] = Duration(60_000)


class Kpi(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[kpi]`: the numbers' store and the two thresholds that every report names."""

    store: Annotated[
        Annotated[str, Meta(min_length=1, max_length=4096, extra={"expects": "a path"})],
        Meta(description="SQLite file; a relative path starts at state_dir."),
    ] = "kpi.sqlite"
    slot_minutes: Annotated[
        Literal[15], Meta(description="Length of a slot in minutes (UTC). Only 15: longer ones are sums.")
    ] = 15
    short_abandon: Annotated[
        Duration,
        Meta(
            description="A caller who leaves before this counts as a short abandon.",
            extra={"at_least": "0s", "at_most": "10m"},
        ),
    ] = Duration(5_000)
    service_level_threshold: Annotated[
        Duration,
        Meta(
            description="A call answered within this counts towards the service level.",
            extra={"at_least": "1s", "at_most": "1h"},
        ),
    ] = Duration(20_000)


class Engine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[engine]`: how long an outage may last before a call counts as lost."""

    engine_grace: Annotated[
        Duration,
        Meta(
            description="Music and retries in the dialplan while the daemon is away; ACD_GRACE is the same.",
            extra={"at_least": "2s", "at_most": "10m"},
        ),
    ] = Duration(30_000)
    reentry_timeout: Annotated[
        Duration,
        Meta(
            description="After a start, time for a waiting caller of the journal to come back by AGI.",
            extra={"at_least": "2s", "at_most": "10m"},
        ),
    ] = Duration(10_000)
    orphan_timeout: Annotated[
        Duration,
        Meta(
            description="Time after which a call that its switch no longer lists is closed as lost_by_platform.",
            extra={"at_least": "100ms", "at_most": "10m"},
        ),
    ] = Duration(5_000)
    lost_calls_dir: Annotated[
        AbsolutePath, Meta(description="Where the dialplan's script spools the calls of an outage.")
    ] = "/var/spool/asterisk/acd-lost"


class Routing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[routing]`: what holds for the matching in all queues."""

    window: Annotated[
        Duration,
        Meta(
            description='What "lately" means to the strategies least_occupied and fewest_calls.',
            extra={"at_least": "1m", "at_most": "2h"},
        ),
    ] = Duration(3_600_000)
    starved_after: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)],
        Meta(
            description="A call that others overtook so many times, and each time so many more, is told of."
        ),
    ] = 20
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**31)],
        Meta(description="Of the strategy random: the same seed draws the same lots."),
    ] = 0


class Refusals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[refusals]`: the SIP status a caller gets before answer, per reason."""

    unknown_queue: Annotated[SipStatus, Meta(description="No queue of that name.")] = 404
    queue_full: Annotated[SipStatus, Meta(description="max_waiting callers wait already.")] = 486
    nobody_logged_in: Annotated[SipStatus, Meta(description="No agent of the queue is logged in.")] = 480
    closed: Annotated[SipStatus, Meta(description="The queue is closed or draining.")] = 480
    trunk_full: Annotated[SipStatus, Meta(description="The trunk group has no line left.")] = 503
    overload: Annotated[SipStatus, Meta(description="The daemon takes no more calls.")] = 503
    long_wait: Annotated[SipStatus, Meta(description="The wait to expect is over the queue's limit.")] = 480


class TrunkGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[trunk_group]]`: endpoints that calls arrive on, counted together."""

    name: Annotated[Name, Meta(description="Name in facts and reports.", examples=["carrier"])]
    endpoints: Annotated[
        Annotated[tuple[Endpoint, ...], Meta(min_length=1)],
        Meta(description="Trunk endpoints of Asterisk.", examples=[["trunk-a"]]),
    ]
    capacity: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        Meta(description="Calls up at once; the next is refused as trunk_full.", examples=[30]),
    ]
    switch: Annotated[
        Name | None, Meta(description="The Asterisk the endpoints are on; needed when there are several.")
    ] = None


class Reload(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[reload]`: when the files are read again, besides `acd reload` and SIGHUP."""

    watch: Annotated[
        bool, Meta(description="Reload when a file changes (needs the `watch` extra installed).")
    ] = False
