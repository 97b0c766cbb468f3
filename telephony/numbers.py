"""Callers' numbers in one form: E.164 with a plus (ITU-T E.164, section 6), so that one caller is one number.

Carriers present the same caller as 0301234567, 4930123… or +4930…; without one form a caller who is back is somebody else.
"""

import re
from typing import Final

import msgspec

_DRESSED: Final = re.compile(r"[ ()./-]")
_DIGITS: Final = re.compile(r"[0-9]{1,15}")
SHORTEST: Final = 7
"""Digits of a public number without its prefixes; what is shorter is an extension."""


class Numbering(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers are written where the lines come from. Without a country nothing is changed."""

    country: str = ""
    trunk_prefix: str = "0"
    international_prefix: str = "00"


def e164(number: str, rule: Numbering) -> str:
    """The number with plus and country, or as it came where it is no public number (an extension, "anonymous")."""
    if not rule.country:
        return number
    bare = _DRESSED.sub("", number)
    international = bare.startswith("+")
    digits = bare.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        return number
    if international:
        return f"+{digits}"
    if rule.international_prefix and digits.startswith(rule.international_prefix):
        return f"+{digits.removeprefix(rule.international_prefix)}"
    if rule.trunk_prefix and digits.startswith(rule.trunk_prefix):
        return f"+{rule.country}{digits.removeprefix(rule.trunk_prefix)}"
    if len(digits) < SHORTEST:
        return number
    if digits.startswith(rule.country) and len(digits) >= SHORTEST + len(rule.country):
        return f"+{digits}"
    return f"+{rule.country}{digits}"
