"""What a need means for an agent, and that equal needs are equal values."""

from collections.abc import Callable
from functools import reduce
from itertools import product

import pytest

from acd.core.expression import parse
from acd.core.ids import SkillName
from acd.core.requirement import (
    ANYBODY,
    NOBODY,
    Requirement,
    TooComplexError,
    both,
    either,
    missing,
    opposite,
    requirement,
    satisfied,
    skill_sum,
)

pytestmark = pytest.mark.unit

FR, DE = SkillName("fr"), SkillName("de")


@pytest.mark.parametrize(
    ("text", "level", "expected"),
    [
        ("fr < 3", None, False),
        ("fr < 3", 2, True),
        ("fr <= 3", None, False),
        ("fr != 3", None, False),
        ("fr != 3", 4, True),
        ("fr", None, False),
        ("fr", 1, True),
        ("fr >= 5", 5, True),
        ("fr > 5", 5, False),
        ("fr == 5", 5, True),
        ("not fr >= 5", None, True),
        ("not fr >= 5", 4, True),
        ("not fr >= 5", 5, False),
        ("not fr < 3", None, True),
        ("not not fr < 3", None, False),
        ("not fr", None, True),
        ("not fr", 1, False),
        ("anybody", None, True),
        ("not anybody", None, False),
    ],
)
def test_a_skill_the_agent_lacks_is_undefined_and_never_level_nought(
    text: str, level: int | None, *, expected: bool
) -> None:
    skills = {} if level is None else {FR: level}
    assert satisfied(parse(text), skills) is expected


@pytest.mark.parametrize(
    ("text", "site", "expected"),
    [
        ("site = paris", "paris", True),
        ("site = paris", "", False),
        ("site != paris", "rome", True),
        ("site != paris", "", False),
        ("not site = paris", "", True),
        ("not site = paris", "paris", False),
        ('site = ""', "", True),
        ('site != ""', "rome", True),
        ('site = "5"', "5", True),
    ],
)
def test_an_attribute_the_agent_lacks_equals_and_differs_from_no_word(
    text: str, site: str, *, expected: bool
) -> None:
    assert satisfied(parse(text), {}, {"site": site} if site else {}) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fr >= 3 and fr >= 5", "fr >= 5"),
        ("fr = 3 or fr = 4", "fr >= 3 and fr <= 4"),
        ("fr > 4", "fr >= 5"),
        ("fr >= 5 and fr < 3", "nobody"),
        ("site = a and site = b", "nobody"),
        ("fr or not fr", "anybody"),
        ("fr or fr and de", "fr"),
        ("fr and de or fr and not de", "fr"),
        ("de and fr", "fr and de"),
        ("not (fr or de)", "not fr and not de"),
        ("fr and de or not fr and vip or de and vip", "fr and de or not fr and vip"),
        (
            "fr and not de or de and not vip or vip and not fr",
            "de and not fr or vip and not de or fr and not vip",
        ),
        ("not site = a or site = a and de", "not site = a or de"),
        ("site = b and not site = a", "site = b"),
        ("fr < 3 or fr >= 3", "fr"),
    ],
)
def test_texts_that_mean_the_same_are_one_value(one: str, other: str) -> None:
    assert parse(one) == parse(other)
    assert hash(parse(one)) == hash(parse(other))


def test_every_truth_function_of_three_literals_has_one_form_however_it_is_made() -> None:
    atoms = [parse("fr >= 5"), parse("de"), parse("site = a")]
    rows = list(product((True, False), repeat=len(atoms)))
    for function in range(1 << len(rows)):
        true = [row for i, row in enumerate(rows) if function >> i & 1]
        false = [row for i, row in enumerate(rows) if not function >> i & 1]
        as_alternatives = reduce(either, (_folded(both, atoms, row) for row in true), NOBODY)
        negated = reduce(either, (_folded(both, atoms, row) for row in false), NOBODY)
        as_conditions = reduce(
            both, (_folded(either, atoms, tuple(not wanted for wanted in row)) for row in false), ANYBODY
        )
        assert as_alternatives == as_conditions == opposite(negated)
        assert parse(str(as_alternatives)) == as_alternatives


def _folded(
    by: Callable[[Requirement, Requirement], Requirement], atoms: list[Requirement], row: tuple[bool, ...]
) -> Requirement:
    """The atoms, each turned round where the row says so, joined."""
    return reduce(by, (atom if wanted else opposite(atom) for atom, wanted in zip(atoms, row, strict=True)))


def test_a_need_made_of_levels_is_the_one_that_is_written() -> None:
    assert requirement({FR: 5, DE: 1}) == parse("de and fr >= 5")
    assert requirement({}) == ANYBODY


def test_most_skilled_adds_up_the_skills_that_are_asked_for_not_those_shunned() -> None:
    need = parse("fr >= 5 and not de")
    assert need.asks == (FR,)
    assert skill_sum(need, {FR: 7, DE: 9}) == 7
    assert skill_sum(parse("fr or de"), {FR: 7, DE: 9}) == 16
    assert skill_sum(ANYBODY, {FR: 7}) == 0


def test_what_an_agent_lacks_is_told_for_the_nearest_alternative() -> None:
    need = parse("fr >= 5 and de >= 3 or vip")
    assert missing(need, {FR: 4}) == "needs vip, has no vip"
    assert missing(parse("fr >= 5"), {FR: 4}) == "needs fr >= 5, has fr = 4"
    assert missing(parse("site = paris"), {}, {"site": "rome"}) == 'needs site = "paris", has site = rome'
    assert missing(need, {FR: 5, DE: 3}) is None
    assert missing(NOBODY, {FR: 5}) == "nobody can satisfy what is asked"


@pytest.mark.parametrize("by", [both, either])
def test_a_name_can_not_be_a_skill_and_an_attribute_at_once(
    by: Callable[[Requirement, Requirement], Requirement],
) -> None:
    with pytest.raises(TooComplexError, match="fr is used as a skill and as an attribute"):
        by(parse("fr >= 5"), parse("fr = paris"))
