"""SIP URIs and name-addr values as From, Contact, Route and Refer-To carry them (RFC 3261 sections 19.1, 20.10). Pure."""

import re
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from tests.ua.errors import MalformedMessageError

DEFAULT_PORT: Final = 5060
_URI: Final = re.compile(
    r"(?P<scheme>sips?|tel):(?:(?P<user>[^@]*)@)?(?P<host>\[[^\]]+\]|[^:;?]+)"
    r"(?::(?P<port>\d+))?(?P<params>;[^?]*)?(?:\?(?P<headers>.*))?",
    re.IGNORECASE,
)

Endpoint = tuple[str, int]


class Uri(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed URI: `port` 0 when none is written, `params` as written with their leading `;`."""

    scheme: str = "sip"
    user: str = ""
    host: str
    port: int = 0
    params: str = ""
    headers: str = ""

    @property
    def endpoint(self) -> Endpoint:
        """Where requests for this URI go over UDP; names are not resolved, tests live on loopback addresses."""
        return self.host, self.port or DEFAULT_PORT

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{self.params}{headers}"


def parse_uri(text: str) -> Uri:
    """The URI's parts; raises MalformedMessageError when it is none."""
    found = _URI.fullmatch(text.strip())
    if found is None:
        raise MalformedMessageError(f"no SIP URI: {text!r}")
    return Uri(
        scheme=found["scheme"].lower(),
        user=found["user"] or "",
        host=found["host"],
        port=int(found["port"] or 0),
        params=found["params"] or "",
        headers=found["headers"] or "",
    )


def uri_text(value: str) -> str:
    """The URI inside a From, To, Contact, Route or Refer-To value, with or without angle brackets."""
    bracketed = re.search(r"<([^>]*)>", value)
    return bracketed[1] if bracketed else value.split(";", 1)[0].strip()


def uri_of(value: str) -> Uri:
    """As `uri_text`, parsed."""
    return parse_uri(uri_text(value))


def display_of(value: str) -> str:
    """The display name of a name-addr value without its quotes; "" when there is none."""
    name = value.partition("<")[0].strip() if "<" in value else ""
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name


def untagged(value: str) -> str:
    """A From or To value without its header parameters, always in angle brackets."""
    name = value.partition("<")[0].strip() if "<" in value else ""
    return f"{name} <{uri_text(value)}>".lstrip()


def replaces_header(call_id: str, *, to_tag: str, from_tag: str) -> str:
    """A Replaces value (RFC 3891); `to_tag` is the tag of whoever receives the replacing INVITE."""
    return f"{call_id};to-tag={to_tag};from-tag={from_tag}"


def refer_to(target: Uri, *, replaces: str = "") -> str:
    """A Refer-To value; `replaces` travels percent-encoded as a header of the URI (RFC 3515, 3891)."""
    headers = f"Replaces={quote(replaces, safe='')}" if replaces else ""
    return f"<{msgspec.structs.replace(target, headers=headers)}>"


def embedded_replaces(value: str) -> str:
    """The Replaces value inside a Refer-To; "" when it has none."""
    for pair in uri_of(value).headers.split("&"):
        name, _, content = pair.partition("=")
        if name.lower() == "replaces":
            return unquote(content)
    return ""
