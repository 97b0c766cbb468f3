"""Digest authentication, MD5 with or without qop=auth (RFC 2617, RFC 3261 section 22.4). Pure."""

import hashlib
import re
from typing import Final

import msgspec

from tests.ua.errors import MalformedMessageError

# Which header answers which challenge: status -> (challenge, answer).
ANSWERED_BY: Final = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}


class Credentials(msgspec.Struct, frozen=True):
    """A user and its password in the clear."""

    user: str
    password: str


def parameters(value: str) -> dict[str, str]:
    """The parameters of a `Digest a="b", c=d` value, unquoted, names in lower case.

    Raises MalformedMessageError for another scheme.
    """
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise MalformedMessageError(f"authentication scheme {scheme!r} is not Digest")
    pairs = re.findall(r'([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))', rest)
    return {name.lower(): quoted or bare for name, quoted, bare in pairs}


def answer(challenge: str, who: Credentials, *, method: str, uri: str, cnonce: str) -> str:
    """The Authorization value for a challenge, with nonce count 1: each challenge is answered once.

    Raises MalformedMessageError when it asks for an algorithm or qop other than MD5 and auth.
    """
    asked = parameters(challenge)
    if asked.get("algorithm", "MD5").upper() != "MD5":
        raise MalformedMessageError(f"digest algorithm {asked['algorithm']!r} is not MD5")
    qop = _chosen_qop(asked.get("qop", ""))
    response = expected(asked, who, method=method, uri=uri, cnonce=cnonce, qop=qop)
    parts = [
        f'Digest username="{who.user}"',
        f'realm="{asked.get("realm", "")}"',
        f'nonce="{asked.get("nonce", "")}"',
        f'uri="{uri}"',
        f'response="{response}"',
        "algorithm=MD5",
    ]
    parts += [f'opaque="{asked["opaque"]}"'] if "opaque" in asked else []
    parts += [f"qop={qop}", "nc=00000001", f'cnonce="{cnonce}"'] if qop else []
    return ", ".join(parts)


def expected(asked: dict[str, str], who: Credentials, *, method: str, uri: str, cnonce: str, qop: str) -> str:
    """The digest itself: what a registrar compares an answer with."""
    secret = _md5(f"{who.user}:{asked.get('realm', '')}:{who.password}")
    action = _md5(f"{method}:{uri}")
    middle = f"00000001:{cnonce}:{qop}:" if qop else ""
    return _md5(f"{secret}:{asked.get('nonce', '')}:{middle}{action}")


def _chosen_qop(offered: str) -> str:
    choices = [choice.strip().lower() for choice in offered.split(",") if choice.strip()]
    if choices and "auth" not in choices:
        raise MalformedMessageError(f"digest qop {offered!r} does not allow auth")
    return "auth" if choices else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
