"""Whatever is asked for: text and value agree, operators are the boolean ones, one meaning has one form."""

from itertools import product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from acd.core.expression import ExpressionError, parse
from acd.core.ids import AgentName, PhoneName, SkillName, SwitchName
from acd.core.profiles import Staff
from acd.core.requirement import Requirement, TooComplexError, both, either, opposite, satisfied, skill_sum
from acd.core.rules import AgentRule

pytestmark = pytest.mark.property

LEVELS = (None, *range(1, 11))
SITES = ("", "a", "b", "elsewhere")
AGENTS = [
    ({SkillName(name): level for name, level in (("fr", fr), ("de", de)) if level}, {"site": site})
    for fr, de, site in product(LEVELS, LEVELS, SITES)
]
"""Everybody who can be told apart by texts of two skills, and of a site that names no more than a and b."""


def table(need: Requirement) -> list[bool]:
    """Who of all agents satisfies it."""
    return [satisfied(need, skills, attributes) for skills, attributes in AGENTS]


comparisons = st.one_of(
    st.sampled_from(
        ["fr", "de", "site = a", "site = b", "site != a", "site != b", 'site = ""', 'site != ""']
    ),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["fr", "de"]),
        st.sampled_from([">=", "<=", "=", "!="]),
        st.integers(1, 10),
    ),
)
texts = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=8,
)
FEW = ["fr >= 5", "fr < 3", "not de", "site = a", "site != a"]
few_texts = st.recursive(
    st.sampled_from(FEW),
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=4,
)


@settings(deadline=None)
@given(texts)
def test_what_a_need_says_of_itself_is_read_back(text: str) -> None:
    need = parse(text)
    assert parse(str(need)) == need


@settings(deadline=None, max_examples=60)
@given(texts, texts)
def test_both_either_and_opposite_are_the_boolean_operations(one: str, other: str) -> None:
    a, b = parse(one), parse(other)
    ours, theirs = table(a), table(b)
    assert table(both(a, b)) == [x and y for x, y in zip(ours, theirs, strict=True)]
    assert table(either(a, b)) == [x or y for x, y in zip(ours, theirs, strict=True)]
    assert table(opposite(a)) == [not x for x in ours]


@settings(deadline=None, max_examples=300)
@given(few_texts, few_texts)
@example(
    "fr >= 5 and de or not fr >= 5 and site = a", "not (not (fr >= 5 and de) and (fr >= 5 or not site = a))"
)
def test_needs_are_equal_exactly_when_they_mean_the_same(one: str, other: str) -> None:
    a, b = parse(one), parse(other)
    assert (a == b) is (table(a) == table(b))


@settings(deadline=None)
@given(texts, texts, texts)
def test_the_laws_of_logic_leave_the_form_as_it_is(one: str, two: str, three: str) -> None:
    a, b, c = parse(one), parse(two), parse(three)
    try:
        assert opposite(opposite(a)) == a
        assert either(a, both(a, b)) == a == both(a, either(a, b))
        assert both(a, b) == both(b, a) == opposite(either(opposite(a), opposite(b)))
        assert both(a, either(b, c)) == either(both(a, b), both(a, c))
        assert either(a, both(b, c)) == both(either(a, b), either(a, c))
    except TooComplexError:
        assume(False)


@settings(deadline=None)
@given(st.text(alphabet="frde 0123456789()<>=!$\"'\nandorot", max_size=40))
def test_any_text_is_read_or_refused_with_a_column_in_it(text: str) -> None:
    try:
        need = parse(text, {"fr": "de"})
    except ExpressionError as error:
        column = error.column
    else:
        assert parse(str(need)) == need
        return
    assert 1 <= column <= len(text) + 1


STAFF = Staff()
PROFILES = [
    STAFF.assign(
        AgentRule(
            name=AgentName(str(number)),
            switch=SwitchName("pbx"),
            phone=PhoneName(str(number)),
            skills=skills,
            attributes={name: value for name, value in attributes.items() if value},
        )
    )
    for number, (skills, attributes) in enumerate(AGENTS)
]


@settings(deadline=None)
@given(texts)
def test_the_bit_sets_know_who_satisfies_a_need(text: str) -> None:
    need = parse(text)
    found = STAFF.satisfying(need)
    assert [bool(found & profile.bit) for profile in PROFILES] == table(need)


@settings(deadline=None)
@given(texts)
def test_the_bit_sets_split_by_the_sum_of_skills(text: str) -> None:
    need = parse(text)
    tiers = STAFF.tiers(STAFF.satisfying(need), need.asks)
    sums = {profile.number: total for total, mask in tiers for profile in PROFILES if mask & profile.bit}
    assert sums == {
        profile.number: skill_sum(need, profile.skills)
        for profile in PROFILES
        if satisfied(need, profile.skills, profile.attributes)
    }
    assert [total for total, mask in tiers if mask] == sorted({*sums.values()}, reverse=True)
