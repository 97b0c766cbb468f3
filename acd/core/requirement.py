"""What a call needs of an agent: skills with minimum levels, all of which must hold.

A skill the agent does not have is undefined, never level 0: it satisfies nothing.
"""

from collections.abc import Iterable, Mapping

from acd.core.ids import SkillName

Requirement = tuple[tuple[SkillName, int], ...]
"""Sorted by skill, one entry a skill: two equal needs are the same value, so it can key an index."""

NOTHING: Requirement = ()


def requirement(levels: Mapping[SkillName, int] | Iterable[tuple[SkillName, int]]) -> Requirement:
    """Normal form of minimum levels (1-10); of a skill named twice the higher level counts."""
    pairs = levels.items() if isinstance(levels, Mapping) else levels
    highest: dict[SkillName, int] = {}
    for skill, level in pairs:
        highest[skill] = max(level, highest.get(skill, level))
    return tuple(sorted(highest.items()))


def both(one: Requirement, other: Requirement) -> Requirement:
    """The requirement that asks for everything either asks for."""
    return requirement((*one, *other)) if one and other else one or other


def missing(need: Requirement, skills: Mapping[SkillName, int]) -> str | None:
    """The first unmet part in words, or None when the skills satisfy the need."""
    for skill, level in need:
        have = skills.get(skill)
        if have is None:
            return f"needs {skill}>={level}, has no {skill}"
        if have < level:
            return f"needs {skill}>={level}, has {skill}={have}"
    return None


def skill_sum(need: Requirement, skills: Mapping[SkillName, int]) -> int:
    """How skilled for this call: the sum of the levels it asks about."""
    return sum(skills.get(skill, 0) for skill, _ in need)
