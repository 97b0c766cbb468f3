"""Where facts go besides the journal: `[queue_log]`, `[metrics]` and `[[webhook]]` of acd.toml. All are off by default."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from acd.core import facts as f
from config.findings import Finding, Severity, did_you_mean, quoted
from config.values import Duration, Name, Secret

_PRIVATE: Final = {"private": True}
Listen = Annotated[
    str,
    Meta(
        pattern=r"^(|[0-9.]{7,15}:[0-9]{1,5}|\[[0-9A-Fa-f:]{2,39}\]:[0-9]{1,5})\Z",
        extra={"expects": 'an IP address and a port such as "127.0.0.1:9180" or "[::1]:9180"'},
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[A-Za-z0-9._\[\]:-]{1,255}(/[!-~]{0,2000})?\Z",
        extra={"expects": "an http:// or https:// address without a user or password"},
    ),
]


class QueueLog(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queue_log]`: a file in the form of Asterisk's queue_log."""

    file: Annotated[
        str,
        Meta(
            description="File to append to, not Asterisk's own; rotate it by renaming. Empty: none.",
            pattern=r"^(/[^\x00]*[^/\x00])?\Z",
            max_length=4096,
            extra={"expects": "an absolute path"},
            examples=["/var/lib/acd/queue_log"],
        ),
    ] = ""
    agents: Annotated[
        Literal["name", "phone"],
        Meta(description='How agents are called there: "name", or "phone" as in "PJSIP/1001".'),
    ] = "name"


class Metrics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[metrics]`: numbers for Prometheus, over HTTP at /metrics."""

    listen: Annotated[
        Listen,
        Meta(
            description="Address and port; there is no password, so keep it to this machine. Empty: none.",
            examples=["127.0.0.1:9180"],
        ),
    ] = ""


class Webhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[webhook]]`: facts sent to an address as they happen, signed, in order.

    After loading, `secret` holds the secret whichever of the four keys it came from.
    """

    name: Annotated[Name, Meta(description="Name in logs and of its place on disk.", examples=["crm"])]
    url: Annotated[
        Url, Meta(description="Where each fact is POSTed.", examples=["https://crm.example.org/acd"])
    ]
    events: Annotated[
        Annotated[tuple[str, ...], Meta(min_length=1)],
        Meta(
            description='Kinds of facts, such as "call_answered"; "call_*" for all that begin so, "*" for all.',
            examples=[["call_answered", "talk_ended"]],
        ),
    ]
    secret: Annotated[Secret, Meta(description="Signs each request, in this file.", extra=_PRIVATE)] = (
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
    timeout: Annotated[
        Duration,
        Meta(
            description="Time for one request.",
            extra={"at_least": "100ms", "at_most": "1m"},
        ),
    ] = Duration(5_000)
    give_up_after: Annotated[
        Duration,
        Meta(
            description="A fact older than this is passed over, counted and logged; until then it is tried again.",
            extra={"at_least": "1s", "at_most": "720h"},
        ),
    ] = Duration(86_400_000)


KINDS: Final = tuple(sorted(str(kind.__struct_config__.tag) for kind in f.AnyFact.__args__))
"""The tags of all facts."""


def wanted(events: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that the written kinds mean."""
    return tuple(kind for kind in KINDS if any(_means(event, kind) for event in events))


def _means(event: str, kind: str) -> bool:
    return kind.startswith(event[:-1]) if event.endswith("*") else kind == event


def check(metrics: Metrics, webhooks: tuple[Webhook, ...]) -> Iterator[Finding]:
    """Find kinds that no fact has, two hooks of one name, and doors that are open to others."""
    names: set[str] = set()
    for place, hook in enumerate(webhooks):
        here = ("webhook", place)
        if hook.name in names:
            yield Finding(path=(*here, "name"), message=f"another webhook is named {quoted(hook.name)}")
        names.add(hook.name)
        for nth, event in enumerate(hook.events):
            if not wanted((event,)):
                hint = did_you_mean(event, KINDS) or f"kinds: {', '.join(KINDS)}"
                yield Finding(path=(*here, "events", nth), message=f"no fact is {quoted(event)}", hint=hint)
        if hook.url.startswith("http:") and not _loopback(hook.url.partition("//")[2]):
            yield _open((*here, "url"), "callers' numbers go over the network in clear", "use https://")
    if metrics.listen:
        host, _, port = metrics.listen.rpartition(":")
        try:
            address = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            address = None
        if address is None or not 0 < int(port) < 65536:
            yield Finding(
                path=("metrics", "listen"),
                message="no such address",
                hint='give one such as "127.0.0.1:9180"',
            )
        elif not address.is_loopback:
            yield _open(
                ("metrics", "listen"),
                "anybody who reaches that address reads the numbers",
                "listen on 127.0.0.1, or let a firewall keep others out",
            )


def _open(path: tuple[str | int, ...], message: str, hint: str) -> Finding:
    return Finding(path=path, message=message, hint=hint, severity=Severity.WARNING)


def _loopback(rest: str) -> bool:
    host = rest.partition("/")[0]
    return host.startswith(("127.", "localhost", "[::1]"))
