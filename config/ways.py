"""Ways out of a queue: by a limit, by a step, by a key, by a menu of keys. And how callers are called back.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from config.daemon import Line
from config.values import Duration, Name
from config.working import Sound

Key = Annotated[str, Meta(pattern=r"^[0-9*#A-D]\Z", extra={"expects": "one key of 0-9 * # A-D"})]
Extension = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_*#+-]{1,40}\Z", extra={"expects": "an extension of the dialplan"}),
]
Context = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{1,79}\Z", extra={"expects": "a context of the dialplan"})
]
Number = Annotated[
    str, Meta(pattern=r"^\+?[0-9]{2,15}\Z", extra={"expects": "a telephone number, digits only"})
]


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way out: exactly one of these."""

    queue: Annotated[Name | None, Meta(description="Another queue, keeping the time waited.")] = None
    extension: Annotated[Extension | None, Meta(description="An extension of the dialplan.")] = None
    context: Annotated[Context, Meta(description="Where the extension is.")] = "default"
    external: Annotated[
        Number | None,
        Meta(description="A number outside, dialled through the context that ACD_OUTSIDE names."),
    ] = None
    voicemail: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9_-]{1,40}(@[A-Za-z0-9_-]{1,40})?\Z",
                extra={"expects": 'a box such as "200" or "200@default"'},
            ),
        ]
        | None,
        Meta(description="A box of Asterisk's VoiceMail."),
    ] = None
    message: Annotated[
        bool, Meta(description="A message that the queue's agents are given as work, at the caller's place.")
    ] = False
    callback: Annotated[
        bool, Meta(description="To be called back at the place in the line; needs [queues.NAME.callback].")
    ] = False
    text: Annotated[Name | None, Meta(description="For keys: a text, [texts.NAME], instead of waiting.")] = (
        None
    )
    menu: Annotated[Name | None, Meta(description="For keys: more keys, [queues.NAME.menus.MENU].")] = None


class Overflow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.overflow]`: where callers go instead of being refused or let go, by why."""

    full: Annotated[Way | None, Meta(description="max_waiting callers wait already.")] = None
    long_wait: Annotated[
        Way | None, Meta(description="The wait to expect, or the line, is longer than the queue allows.")
    ] = None
    nobody: Annotated[Way | None, Meta(description="Nobody is there to serve whom the queue asks for.")] = (
        None
    )
    closed: Annotated[Way | None, Meta(description="The queue is closed, or closes while they wait.")] = None
    timed_out: Annotated[Way | None, Meta(description="They have waited for max_wait.")] = None
    no_agents: Annotated[Way | None, Meta(description="Nobody of stay_needs is left.")] = None


class KeyMenu(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.menus.MENU]`: said to a caller who waits on, with the keys that then mean something."""

    prompts: Annotated[tuple[Sound, ...], Meta(description="Sounds that name the keys.", examples=[["menu"]])]
    keys: Annotated[
        Mapping[Key, Way], Meta(description="What each key does.", examples=[{"1": {"queue": "support"}}])
    ]
    tries: Annotated[
        Annotated[int, Meta(ge=1, le=5)], Meta(description="How often it is said; then the caller waits on.")
    ] = 2
    timeout: Annotated[
        Duration,
        Meta(description="Silence after the sounds.", extra={"at_least": "1s", "at_most": "30s"}),
    ] = Duration(5_000)


class First(Enum):
    """Who is rung first for a callback."""

    AGENT = "agent"  # the agent hears the customer's phone ring
    CUSTOMER = "customer"  # the agent is held ready meanwhile, and rung once the customer is there


class Callback(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.callback]`: callers may be called back; they keep their place meanwhile."""

    dial: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9]+/[A-Za-z0-9_.@+/{}-]{1,100}\Z",
                extra={"expects": 'what Asterisk dials, with {number}, such as "PJSIP/{number}@trunk"'},
            ),
        ],
        Meta(
            description="What is dialled; {number} is the E.164 number.",
            examples=["Local/{number}@from-internal"],
        ),
    ]
    first: Annotated[First, Meta(description="Who is rung first.")] = First.AGENT
    caller_id: Annotated[
        Number | None, Meta(description="The number the customer sees. Absent: the trunk's.")
    ] = None
    ring: Annotated[
        Duration,
        Meta(description="How long the customer's phone rings.", extra={"at_least": "5s", "at_most": "2m"}),
    ] = Duration(30_000)
    attempts: Annotated[
        Annotated[int, Meta(ge=1, le=10)], Meta(description="How often a customer is tried.")
    ] = 3
    gap: Annotated[
        Duration,
        Meta(description="Between two attempts.", extra={"at_least": "1s", "at_most": "24h"}),
    ] = Duration(900_000)
    expiry: Annotated[
        Duration,
        Meta(
            description="After so long nobody is called back any more.",
            extra={"at_least": "1m", "at_most": "720h"},
        ),
    ] = Duration(86_400_000)
    hours: Annotated[
        Name | None, Meta(description="Customers are only called within these hours. Absent: at any time.")
    ] = None
    allow: Annotated[
        tuple[Number, ...],
        Meta(
            description="Beginnings of numbers that may be called, in E.164. Absent: those of the country in [numbers]."
        ),
    ] = ()
    deny: Annotated[
        tuple[Number, ...], Meta(description="Beginnings that may not, such as premium rates.")
    ] = ()
    ask_time: Annotated[
        bool, Meta(description="Let callers key when they want to be called, four digits such as 1430.")
    ] = False
    timezone: Annotated[
        str,
        Meta(
            description="Whose clock keyed times are meant by.",
            pattern=r"^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}\Z",
            extra={"expects": 'a time zone such as "Europe/Berlin" or "UTC"'},
        ),
    ] = "UTC"
    prefix: Annotated[Line, Meta(description="Put before the customer's name on the agent's display.")] = (
        "Callback: "
    )
    ask_number: Annotated[bool, Meta(description="Let callers key another number than their own.")] = True


class Transcribe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.message.transcribe]`: who turns a message into text: an address or a program."""

    url: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[^\s\x00-\x1f\x7f]{1,500}\Z",
                extra={"expects": "an address that begins with http:// or https://"},
            ),
        ]
        | None,
        Meta(description='Asked by POST with {"work", "queue", "file"}; answers {"text": …}.'),
    ] = None
    command: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...],
        Meta(
            description="Program and arguments, without a shell; the file comes last, its output is the text."
        ),
    ] = ()
    deadline: Annotated[
        Duration,
        Meta(description="Without text by then there is none.", extra={"at_least": "1s", "at_most": "10m"}),
    ] = Duration(60_000)


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME.message]`: messages that callers leave instead of waiting, for the queue's agents."""

    most: Annotated[
        Duration,
        Meta(description="How long one may be.", extra={"at_least": "5s", "at_most": "15m"}),
    ] = Duration(120_000)
    silence: Annotated[
        Duration,
        Meta(description="Silence that ends it.", extra={"at_least": "2s", "at_most": "1m"}),
    ] = Duration(5_000)
    least: Annotated[
        Duration,
        Meta(description="A shorter one is thrown away.", extra={"at_least": "0s", "at_most": "30s"}),
    ] = Duration(1_000)
    transcribe: Annotated[Transcribe | None, Meta(description="Who turns it into text.")] = None


def kind_of(way: Way) -> str:
    """The one kind a way is of; "" when it is none or several."""
    given = {
        "queue": way.queue is not None,
        "extension": way.extension is not None,
        "external": way.external is not None,
        "voicemail": way.voicemail is not None,
        "message": way.message,
        "callback": way.callback,
        "text": way.text is not None,
        "menu": way.menu is not None,
    }
    kinds = [kind for kind, there in given.items() if there]
    return kinds[0] if len(kinds) == 1 else ""
