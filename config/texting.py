"""`[text]` of acd.toml and `[texts.NAME]` of queues.toml: short messages to callers. Durations are milliseconds."""

import string
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct

from config.findings import Finding, Path, did_you_mean, quoted
from config.values import Duration, Secret
from config.ways import Number

if TYPE_CHECKING:
    from config.schema import Settings

PLACES: Final = frozenset({"queue", "number", "name"})
"""What a text may name: the queue's title, the customer's number and name."""


class TextOn(Enum):
    """When a text is sent by itself."""

    ABANDONED = "abandoned"  # the caller gave up
    LEFT = "left"  # the caller left unserved, but not for a callback or a text
    ANSWERED = "answered"
    CALLBACK_ADDED = "callback_added"
    CALLBACK_MISSED = "callback_missed"  # an attempt reached nobody
    NOT_REACHED = "not_reached"  # all attempts have


class TextRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[text]`: by what way texts go out. Without one none do."""

    sip: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^pjsip:[A-Za-z0-9_.+-]{1,80}(/[A-Za-z0-9_.:@+{}-]{1,120})?\Z",
                extra={
                    "expects": 'where MessageSend goes, such as "pjsip:trunk/sip:{number}@carrier.example"'
                },
            ),
        ]
        | None,
        Meta(description="SIP MESSAGE through Asterisk; {number} is the E.164 number."),
    ] = None
    sender: Annotated[
        Annotated[str, Meta(pattern=r"^[^\r\n\x00-\x1f]{0,120}\Z", extra={"expects": "one line"})],
        Meta(description="From of a SIP MESSAGE."),
    ] = "<sip:acd@acd>"
    url: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[^\s\x00-\x1f\x7f]{1,500}\Z",
                extra={"expects": "an address that begins with http:// or https://"},
            ),
        ]
        | None,
        Meta(description='Or a gateway: POST of {"number", "text", "template", "call"}.'),
    ] = None
    authorization: Annotated[Secret, Meta(description="Its Authorization header.")] = Secret()
    deadline: Annotated[
        Duration, Meta(description="For one try.", extra={"at_least": "100ms", "at_most": "1m"})
    ] = Duration(5_000)
    tries: Annotated[Annotated[int, Meta(ge=1, le=5)], Meta(description="Then it is given up.")] = 2
    not_again: Annotated[
        Duration,
        Meta(
            description="A number gets the same text once in so long.",
            extra={"at_least": "0s", "at_most": "720h"},
        ),
    ] = Duration(3_600_000)
    allow: Annotated[
        tuple[Number, ...],
        Meta(description="Beginnings of numbers, in E.164. Absent: those of the country in [numbers]."),
    ] = ()
    deny: Annotated[tuple[Number, ...], Meta(description="Beginnings that get none.")] = ()


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[texts.NAME]`: what is said, with {queue}, {number} and {name}."""

    body: Annotated[
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=600,
                pattern=r"^[^\x00-\x1f\x7f]*\Z",
                extra={"expects": "1 to 600 characters on one line"},
            ),
        ],
        Meta(description="The text.", examples=["Sorry we missed you. We will call you back."]),
    ]


def findings(settings: "Settings") -> Iterator[Finding]:
    """Texts that are not there, places nobody fills, and no way to send."""
    for name, text in settings.texts.items():
        yield from _places(("texts", name, "body"), text.body)
    used = False
    for name, queue in settings.queues.items():
        for on, template in queue.texts.items():
            used = True
            if template not in settings.texts:
                yield _unknown(("queues", name, "texts", on.value), template, settings)
        for key, way in queue.keys.items():
            used = used or way.text is not None
            if way.text is not None and way.text not in settings.texts:
                yield _unknown(("queues", name, "keys", key, "text"), way.text, settings)
    yield from _way_out(settings, used=used)


def _way_out(settings: "Settings", *, used: bool) -> Iterator[Finding]:
    rule = settings.text
    if (rule.sip is None) is (rule.url is None) and (used or rule.sip is not None):
        yield Finding(
            path=("text",),
            message="texts go out by exactly one way",
            hint='write sip = "pjsip:trunk/sip:{number}@…" or url = "http://…"',
        )
    if rule.sip is not None and set("{}") & set(rule.sip.replace("{number}", "")):
        yield Finding(
            path=("text", "sip"),
            message="an address holds no place but {number}",
            hint='such as "pjsip:trunk/sip:{number}@carrier.example"',
        )
    if used and not rule.allow and not settings.numbers.country:
        yield Finding(
            path=("text", "allow"),
            message="no number may be texted: neither allow nor the country is known",
            hint='write [numbers] country = "49", or allow = ["+49"]',
        )


def _unknown(path: Path, template: str, settings: "Settings") -> Finding:
    return Finding(
        path=path,
        message=f"unknown text {quoted(template)}",
        hint=did_you_mean(template, settings.texts) or f"write [texts.{template}]",
    )


def _places(path: Path, body: str) -> Iterator[Finding]:
    try:
        parts = list(string.Formatter().parse(body))
    except ValueError as wrong:
        yield Finding(path=path, message=f"not a text: {wrong}", hint="close every { with a }")
        return
    for _, field, form, conversion in parts:
        if field is not None and (field not in PLACES or form or conversion):
            hint = f"there are {', '.join(f'{{{place}}}' for place in sorted(PLACES))}"
            yield Finding(path=path, message=f"nobody fills {quoted(field)}", hint=hint)
