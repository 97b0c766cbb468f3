"""Which numbers may be called back: what a caller keys must not become a call to a premium line or abroad. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from acd.app.waiting.dialogue import begins_with
from config.ways import Callback
from telephony.numbers import Numbering, e164

_PUBLIC: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""E.164: up to 15 digits with the country code (ITU-T E.164, section 6); shorter than 7 is no subscriber."""


def permitted(number: str, allow: Sequence[str], deny: Sequence[str], numbering: Numbering) -> str:
    """The number in E.164, or "" when it is none or not permitted: without a list, only those of the own country are."""
    full = e164(number, numbering)
    if not _PUBLIC.fullmatch(full):
        return ""
    beginnings = allow or ((numbering.country,) if numbering.country else ())
    return full if begins_with(full, beginnings) and not begins_with(full, deny) else ""


def allowed(number: str, rule: Callback, numbering: Numbering) -> str:
    """The same by what a queue's callbacks may be to."""
    return permitted(number, rule.allow, rule.deny, numbering)
