"""Which grammar speaks for a language tag."""

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

import msgspec

from telephony.speech.grammar import Grammar, Prompt
from telephony.speech.languages import de, en, es, fr, ru, zh

GRAMMARS: Final[Mapping[str, Grammar]] = MappingProxyType(
    {module.GRAMMAR.code: module.GRAMMAR for module in (de, en, es, fr, ru, zh)}
)


@unique
class Fallback(StrEnum):
    """How far from what was asked for."""

    NONE = "none"
    BASE = "base"
    """The language without its region: fr for fr_CA."""
    DEFAULT = "default"
    """Another language: nobody has written a grammar for this one."""


class Choice(msgspec.Struct, frozen=True):
    """What was asked for, the code of the grammar that speaks, and whether it had to be another."""

    asked: str
    code: str
    fallback: Fallback

    @property
    def grammar(self) -> Grammar:
        """The tables."""
        return GRAMMARS[self.code]


def choose(asked: str, default: str = "en") -> Choice:
    """The grammar for a tag such as "fr", "fr_CA" or "pt-BR". Raises ValueError where the default itself has none."""
    if default not in GRAMMARS:
        raise ValueError(
            f"no grammar for the default language {default!r}; give one of {', '.join(sorted(GRAMMARS))}"
        )
    tag = asked.replace("-", "_").lower()
    base = tag.partition("_")[0]
    if tag in GRAMMARS:
        return Choice(asked, tag, Fallback.NONE)
    if base in GRAMMARS:
        return Choice(asked, base, Fallback.BASE)
    return Choice(asked, default, Fallback.DEFAULT)


def keys(code: str) -> frozenset[Prompt]:
    """Every prompt that a language can ever yield. Raises KeyError for a language without a grammar."""
    return GRAMMARS[code].keys()
