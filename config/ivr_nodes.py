"""The nodes of an IVR, one table a kind. Every description here is what the reference manual prints."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Final

from msgspec import Meta, Struct

from config.ivr_values import (
    TIMEOUT,
    WAIT,
    Key,
    Mask,
    Parameter,
    Prompts,
    Text,
    Url,
    Variable,
    Word,
)
from config.values import Duration, Name, Secret

WRONG: Final = ("option-is-invalid",)
Retries = Annotated[int, Meta(ge=0, le=10)]


class Say(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="say"):
    """Say something, then go on."""

    prompts: Annotated[Prompts, Meta(description="Said one after the other.")] = ()
    number: Annotated[
        Variable | None,
        Meta(
            description="Then the variable, a whole number from 0 to 999999999, is said in the call's language."
        ),
    ] = None
    spell: Annotated[Variable | None, Meta(description="Then the variable's digits are said one by one.")] = (
        None
    )
    next: Annotated[Name, Meta(description="The node to go on with.", examples=["menu"])]


class Menu(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="menu"):
    """Ask for one key."""

    prompts: Annotated[Prompts, Meta(description="Said until a key is pressed.", examples=[["site/menu"]])]
    keys: Annotated[
        Mapping[Key, Name],
        Meta(description='The node by key: { 1 = "sales", "*" = "menu" }.', examples=[{"1": "sales"}]),
    ]
    timeout: Annotated[
        Duration, Meta(description="Silence after the prompts that counts as no key.", extra=WAIT)
    ] = TIMEOUT
    retries: Annotated[
        Retries, Meta(description="How many times it is asked again after no key or a wrong one.")
    ] = 2
    wrong: Annotated[Prompts, Meta(description="Said after a wrong key.")] = WRONG
    no_input: Annotated[
        Name, Meta(description="The node when the last try brought no key.", examples=["sales"])
    ]
    on_invalid: Annotated[
        Name, Meta(description="The node when the last try brought a wrong key.", examples=["sales"])
    ]


class Collect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="collect"):
    """Ask for digits, ended by #, by silence or by as many as are wanted."""

    prompts: Annotated[
        Prompts, Meta(description="Said until a key is pressed.", examples=[["site/customer-number"]])
    ]
    into: Annotated[Variable, Meta(description="The variable they become.", examples=["customer"])]
    least: Annotated[Annotated[int, Meta(ge=1, le=40)], Meta(description="Fewer digits are wrong.")] = 1
    most: Annotated[
        Annotated[int, Meta(ge=1, le=40)],
        Meta(description="So many digits end it.", examples=[8]),
    ]
    masks: Annotated[
        tuple[Mask, ...],
        Meta(
            description="The digits must be as one of these says: X is 0-9, Z 1-9, N 2-9, a last . one or more."
        ),
    ] = ()
    lowest: Annotated[
        Annotated[int, Meta(ge=0, le=10**15)] | None, Meta(description="A lower number is wrong.")
    ] = None
    highest: Annotated[
        Annotated[int, Meta(ge=0, le=10**15)] | None, Meta(description="A higher number is wrong.")
    ] = None
    secret: Annotated[
        bool,
        Meta(
            description="true for PINs and the like: never in a log, a fact, an address or a call's parameters; only "
            "look-ups (send, query) and branches may use it."
        ),
    ] = False
    timeout: Annotated[
        Duration,
        Meta(description="Silence after the prompts or after a digit that ends it.", extra=WAIT),
    ] = TIMEOUT
    retries: Annotated[
        Retries, Meta(description="How many times it is asked again after no digits or wrong ones.")
    ] = 2
    wrong: Annotated[Prompts, Meta(description="Said after wrong digits.")] = WRONG
    next: Annotated[Name, Meta(description="The node to go on with.", examples=["look-up"])]
    no_input: Annotated[
        Name, Meta(description="The node when the last try brought no digits.", examples=["menu"])
    ]
    on_invalid: Annotated[
        Name, Meta(description="The node when the last try brought wrong ones.", examples=["menu"])
    ]


class AnswerType(Enum):
    """What a field of an answer must be."""

    TEXT = "text"
    WHOLE = "whole"  # a whole number
    YES_NO = "yes_no"  # true or false, in SQL 1 or 0; the variable is "yes" or "no"


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`answer.VARIABLE` of a look-up: the field that becomes the variable, and what it may be."""

    field: Annotated[
        str,
        Meta(
            description="The field, or the column in SQL; dots go into objects: customer.tier. Absent: named as the variable.",
            pattern=r"^[A-Za-z0-9_.-]{0,80}\Z",
            extra={"expects": "a field such as tier or customer.tier"},
        ),
    ] = ""
    type: Annotated[AnswerType, Meta(description="What it must be.")] = AnswerType.TEXT
    allowed: Annotated[tuple[Text, ...], Meta(description="The texts it may be. Empty: any.")] = ()
    longest: Annotated[Annotated[int, Meta(ge=1, le=200)], Meta(description="Characters of a text.")] = 64
    lowest: Annotated[
        Annotated[int, Meta(ge=-(10**9), le=10**9)], Meta(description="The least whole number.")
    ] = -(10**9)
    highest: Annotated[
        Annotated[int, Meta(ge=-(10**9), le=10**9)], Meta(description="The greatest whole number.")
    ] = 10**9
    required: Annotated[
        bool, Meta(description="false: it may be missing or null, and the variable is empty then.")
    ] = True


class Lookup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="lookup"):
    """Ask a program over HTTP, or an SQLite file. Where a variable it uses is empty, nothing is asked: not_found."""

    url: Annotated[
        Url | None,
        Meta(
            description="Where to ask; a variable stands as {variable} behind the host, percent-encoded. The answer is a JSON "
            "object; status 404 or 204 means not found."
        ),
    ] = None
    send: Annotated[
        tuple[Variable, ...],
        Meta(description="Variables to POST as a JSON object. Empty: a GET."),
    ] = ()
    authorization: Annotated[
        Secret,
        Meta(
            description='Sent as the header Authorization: "Bearer …". Then nobody else may read this file.',
            extra={"private": True},
        ),
    ] = Secret()
    database: Annotated[
        str,
        Meta(
            description="SQLite file to ask instead; it is opened to be read only.",
            pattern=r"^(/[^\x00?#]{1,1000})?\Z",
            extra={"expects": "an absolute path"},
        ),
    ] = ""
    query: Annotated[
        str,
        Meta(
            description="SELECT whose first row is the answer; a variable stands as :variable, and is bound, never pasted in.",
            pattern=r"(?i)^((select|with)\s[^\x00;]{1,2000})?\Z",
            extra={"expects": "one SELECT without a semicolon"},
        ),
    ] = ""
    deadline: Annotated[
        Duration,
        Meta(
            description="Without an answer by then: failed.",
            extra={"at_least": "50ms", "at_most": "10s"},
        ),
    ] = Duration(1_000)
    cache: Annotated[
        Duration,
        Meta(
            description="How long an answer holds for the same question. 0s: not at all; never with a secret.",
            extra={"at_least": "0s", "at_most": "24h"},
        ),
    ] = Duration(0)
    answer: Annotated[Mapping[Variable, Answer], Meta(description="Variables to take from the answer.")] = {}
    found: Annotated[Name, Meta(description="The node when there is an answer.", examples=["known"])]
    not_found: Annotated[Name, Meta(description="The node when there is none.", examples=["menu"])]
    failed: Annotated[
        Name,
        Meta(
            description="The node when it came too late, not at all or not as `answer` says.",
            examples=["menu"],
        ),
    ]


class Branch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="branch"):
    """Go on by the value of a variable."""

    variable: Annotated[Variable, Meta(description="The variable looked at.", examples=["tier"])]
    cases: Annotated[
        Mapping[Text, Name],
        Meta(description='The node by value: { gold = "vip" }.', examples=[{"gold": "vip"}]),
    ]
    otherwise: Annotated[Name, Meta(description="The node for any other value.", examples=["menu"])]


class WhenOpen(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="when_open"
):
    """Go on by whether a queue is open, by its hours and by hand."""

    queue: Annotated[Name, Meta(description="The queue.", examples=["sales"])]
    open: Annotated[Name, Meta(description="The node when it is.", examples=["menu"])]
    closed: Annotated[Name, Meta(description="The node when it is not.", examples=["closed"])]


class SetTo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="set"):
    """Give variables values."""

    variables: Annotated[
        Mapping[Variable, Text],
        Meta(description='Values, with {variable} in them: { tier = "gold" }.'),
    ] = {}
    language: Annotated[
        str,
        Meta(
            description="Language of the call from here on, as Asterisk names its folder of sounds.",
            pattern=r"^([a-z]{2,3}([_-][A-Za-z]{2,8})?)?\Z",
            extra={"expects": "a language such as fr or en_GB"},
        ),
    ] = ""
    next: Annotated[Name, Meta(description="The node to go on with.", examples=["menu"])]


class ToQueue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="queue"):
    """Let the call wait in a queue. The end of the dialogue."""

    prompts: Annotated[Prompts, Meta(description="Said before.")] = ()
    queue: Annotated[Name, Meta(description="The queue.", examples=["sales"])]
    priority: Annotated[
        Annotated[int, Meta(ge=-1000, le=1000)] | None,
        Meta(description="Of the call. Absent: what parameters say, or the queue's."),
    ] = None
    parameters: Annotated[
        Mapping[Parameter, Text],
        Meta(
            description='As in ACD_QUERY, with {variable} in them: { need-fr = "5", lang = "{language}", prefer = "{agent}:90" }. '
            "One with an empty variable is left out."
        ),
    ] = {}


class Extension(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="extension"
):
    """Go on in the dialplan. The end of the dialogue."""

    prompts: Annotated[Prompts, Meta(description="Said before.")] = ()
    context: Annotated[Word, Meta(description="Context of the dialplan.", examples=["voicemail"])]
    exten: Annotated[Word, Meta(description="Extension in it.")] = "s"
    priority: Annotated[Annotated[int, Meta(ge=1, le=10_000)], Meta(description="Priority in it.")] = 1


class HangUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="hangup"):
    """Say good-bye and hang up. The end of the dialogue."""

    prompts: Annotated[Prompts, Meta(description="Said before.")] = ()
    served: Annotated[
        bool,
        Meta(
            description="The caller has what they called for: contained. false: sent away, as out of hours."
        ),
    ] = True


Node = Say | Menu | Collect | Lookup | Branch | WhenOpen | SetTo | ToQueue | Extension | HangUp
