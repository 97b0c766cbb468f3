"""A look-up's question for one caller: the address with the values in it, what is sent, what is bound. Pure."""

from collections.abc import Hashable
from typing import Final
from urllib.parse import quote

import msgspec

from acd.app.ivr.visit import Visit
from config.ivr_checks import asks_secrets
from config.ivr_nodes import Lookup
from config.ivr_values import bound, split
from config.values import Secret

_DOTS: Final = frozenset({".", ".."})


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Ready to be asked; every variable in it has a value."""

    url: str = ""
    body: bytes = b""
    """JSON to POST; empty for a GET."""
    authorization: Secret = Secret()
    bind: dict[str, str] = {}
    key: Hashable = None
    """Same question, same answer; None for one that must not be kept."""


def question(visit: Visit, node: Lookup) -> Question:
    """Fill a look-up's places in. Raises ValueError for a value that would change the address's path."""
    sent = {name: visit.values[name] for name in node.send}
    bind = {name: visit.values[name] for name in bound(node.query)}
    url = "" if node.url is None else _address(node.url, visit)
    key = (url, *sent.items(), node.database, node.query, *bind.items(), repr(node.answer))
    keep = bool(node.cache) and not asks_secrets(node, visit.ivr)
    return Question(
        url=url,
        body=msgspec.json.encode(sent) if sent else b"",
        authorization=node.authorization,
        bind=bind,
        key=key if keep else None,
    )


def _address(template: str, visit: Visit) -> str:
    parts = split(template)
    values = [visit.values[name] for name in parts[1::2]]
    if any(value in _DOTS for value in values):
        raise ValueError("a value of dots would change the path")
    parts[1::2] = [quote(value, safe="") for value in values]
    return "".join(parts)
