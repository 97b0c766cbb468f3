"""What a call needs of an agent, in one normal form, so that equal needs are equal values and can key an index.

A need is true or false of an agent's skills (levels 1 to 10) and attributes (words). It is kept as alternatives of
literals: an agent serves who satisfies every literal of one alternative. A literal names one skill or attribute and the
values allowed, so `and` on the same name is an intersection and `not` a complement: no operators are left to reorder.

A skill the agent does not have is undefined, never level 0: every comparison with it is false, and only `not` turns that
round. The text form is parsed by acd.core.expression.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

import msgspec

from acd.core.ids import SkillName
from acd.core.terms import (
    ANYTHING,
    HAS,
    LEVELS,
    MISSING,
    MOST_TERMS,
    Literal,
    Term,
    TooComplexError,
    Words,
    complement,
    joined,
    normal,
)

__all__ = [
    "ANYBODY",
    "ANYTHING",
    "HAS",
    "LEVELS",
    "MISSING",
    "NOBODY",
    "Requirement",
    "TooComplexError",
    "Words",
    "at_least",
    "attribute",
    "both",
    "either",
    "missing",
    "opposite",
    "requirement",
    "satisfied",
    "skill",
    "skill_sum",
]


class Requirement(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """Alternatives, sorted: one of them must hold. None at all can't be satisfied; an empty one always is."""

    terms: tuple[Term, ...] = ((),)

    @property
    def anybody(self) -> bool:
        """Whether every agent will do."""
        return () in self.terms

    @property
    def nobody(self) -> bool:
        """Whether no agent could ever do."""
        return not self.terms

    @property
    def asks(self) -> tuple[SkillName, ...]:
        """The skills an agent is asked to have, by name: what "most skilled" adds up."""
        return tuple(
            sorted(
                {
                    SkillName(name)
                    for term in self.terms
                    for name, allowed in term
                    if isinstance(allowed, int) and not allowed & MISSING
                }
            )
        )

    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The skills and the attributes it speaks of."""
        literals = [literal for term in self.terms for literal in term]
        skills = frozenset(name for name, allowed in literals if isinstance(allowed, int))
        return skills, frozenset(name for name, allowed in literals if isinstance(allowed, Words))

    def __str__(self) -> str:
        """The need as an operator could have written it; `acd.core.expression.parse` reads it back."""
        if self.nobody:
            return "nobody"
        if self.anybody:
            return "anybody"
        return " or ".join(" and ".join(_text(literal) for literal in term) for term in self.terms)


ANYBODY: Final = Requirement()
NOBODY: Final = Requirement(())


# ---------------------------------------------------------------- making


def skill(name: str, allowed: int) -> Requirement:
    """A skill within a mask of levels."""
    if allowed == ANYTHING:
        return ANYBODY
    return Requirement((((name, allowed),),)) if allowed else NOBODY


def attribute(name: str, words: Words) -> Requirement:
    """An attribute with one of these values."""
    if not words.named:
        return ANYBODY if words.others else NOBODY
    return Requirement((((name, words),),))


def at_least(level: int) -> int:
    """The mask of a minimum level."""
    return ANYTHING >> level << level if level > 0 else HAS


def requirement(levels: Mapping[SkillName, int] | Iterable[tuple[SkillName, int]]) -> Requirement:
    """All of these skills, each at this level (1-10) or above."""
    pairs = levels.items() if isinstance(levels, Mapping) else levels
    need = ANYBODY
    for name, level in pairs:
        need = both(need, skill(name, at_least(level)))
    return need


def both(one: Requirement, other: Requirement) -> Requirement:
    """What an agent must satisfy to satisfy each. Raises TooComplexError."""
    if one.anybody or one == other:
        return other
    if other.anybody:
        return one
    if len(one.terms) * len(other.terms) > MOST_TERMS**2:
        raise TooComplexError
    return Requirement(normal(filter(None, (joined(a, b) for a, b in product(one.terms, other.terms)))))


def either(one: Requirement, other: Requirement) -> Requirement:
    """What an agent must satisfy to satisfy one of them. Raises TooComplexError."""
    if one.anybody or other.anybody:
        return ANYBODY
    return Requirement(normal((*one.terms, *other.terms)))


def opposite(need: Requirement) -> Requirement:
    """Satisfied exactly when `need` is not. Raises TooComplexError."""
    result = ANYBODY
    for term in need.terms:
        broken = NOBODY
        for name, allowed in term:
            broken = either(broken, _one_name(name, complement(allowed)))
        result = both(result, broken)
    return result


def _one_name(name: str, allowed: int | Words) -> Requirement:
    return skill(name, allowed) if isinstance(allowed, int) else attribute(name, allowed)


# ---------------------------------------------------------------- asking


def satisfied(
    need: Requirement, skills: Mapping[SkillName, int], attributes: Mapping[str, str] | None = None
) -> bool:
    """Whether an agent with these will do."""
    return any(all(_holds(literal, skills, attributes or {}) for literal in term) for term in need.terms)


def missing(
    need: Requirement, skills: Mapping[SkillName, int], attributes: Mapping[str, str] | None = None
) -> str | None:
    """What the agent lacks for the nearest alternative, in words, or None when the need is satisfied."""
    lacking = [
        [literal for literal in term if not _holds(literal, skills, attributes or {})] for term in need.terms
    ]
    if not lacking:
        return "nobody can satisfy what is asked"
    nearest = min(lacking, key=len)
    if not nearest:
        return None
    return ", ".join(_lack(literal, skills, attributes or {}) for literal in nearest)


def skill_sum(need: Requirement, skills: Mapping[SkillName, int]) -> int:
    """How skilled for this call: the sum of the levels it asks about."""
    return sum(skills.get(name, 0) for name in need.asks)


def _holds(literal: Literal, skills: Mapping[SkillName, int], attributes: Mapping[str, str]) -> bool:
    name, allowed = literal
    if isinstance(allowed, int):
        return bool(allowed >> skills.get(SkillName(name), 0) & 1)
    return allowed.allows(attributes.get(name, ""))


def _lack(literal: Literal, skills: Mapping[SkillName, int], attributes: Mapping[str, str]) -> str:
    name, allowed = literal
    if isinstance(allowed, int):
        have = skills.get(SkillName(name))
        return f"needs {_text(literal)}, has {'no ' + name if have is None else f'{name} = {have}'}"
    value = attributes.get(name)
    return f"needs {_text(literal)}, has {f'{name} = {value}' if value else 'no ' + name}"


# ---------------------------------------------------------------- words


def _text(literal: Literal) -> str:
    name, allowed = literal
    if isinstance(allowed, int):
        return _levels_text(name, allowed)
    return _words_text(name, allowed)


def _levels_text(name: str, allowed: int) -> str:
    if allowed & MISSING:
        inside = ANYTHING & ~allowed
        return (
            f"not {_levels_text(name, inside)}"
            if _ranges(inside)[1:] == []
            else f"not ({_levels_text(name, inside)})"
        )
    if allowed == HAS:
        return name
    parts = [_range_text(name, first, last) for first, last in _ranges(allowed)]
    if len(parts) == 1:
        return parts[0]
    return f"({' or '.join(parts)})"


def _ranges(allowed: int) -> list[tuple[int, int]]:
    """Runs of allowed levels."""
    found: list[tuple[int, int]] = []
    for level in LEVELS:
        if allowed >> level & 1:
            if found and found[-1][1] == level - 1:
                found[-1] = (found[-1][0], level)
            else:
                found.append((level, level))
    return found


def _range_text(name: str, first: int, last: int) -> str:
    if first == last:
        return f"{name} = {first}"
    if last == LEVELS[-1]:
        return f"{name} >= {first}"
    if first == LEVELS[0]:
        return f"{name} <= {last}"
    return f"({name} >= {first} and {name} <= {last})"


def _words_text(name: str, words: Words) -> str:
    if words.others and "" in words.named:
        named = [value for value in words.named if value]
        text = " and ".join(f'{name} != "{value}"' for value in named)
        return text or f'{name} != ""'
    if words.others:
        return " and ".join(f'not {name} = "{value}"' for value in words.named)
    parts = [f'{name} = "{value}"' if value else f'not {name} != ""' for value in words.named]
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"
