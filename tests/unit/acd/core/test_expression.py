"""Reading the language of needs: what is accepted, and where an error points."""

import time

import pytest

from acd.core.expression import ExpressionError, parse, read
from acd.core.requirement import ANYBODY, NOBODY

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("", 1, "nothing is asked for"),
        ("   ", 1, "nothing is asked for"),
        ("fr >=", 6, "expected a level or a word, found the end"),
        ("fr >= 11", 7, "a level is 1 to 10"),
        ("fr >= 0", 7, "a level is 1 to 10"),
        ("fr < 1", 6, "no level is < 1"),
        ("fr > 10", 6, "no level is > 10"),
        ("fr >= paris", 7, "is a word"),
        ("fr >= 5 de", 9, "expected 'and', 'or' or the end"),
        ("fr >= 5 and", 12, "found the end"),
        ("and fr", 1, "expected a skill or an attribute, found 'and'"),
        ("fr or or de", 7, "found 'or'"),
        ("(fr", 4, "expected ')'"),
        ("fr)", 3, "found ')'"),
        ("5 >= fr", 1, "found '5'"),
        ("fr & de", 4, "unexpected '&'"),
        ("  fr  %", 7, "unexpected '%'"),
        ("site = and", 8, "expected a level or a word, found 'and'"),
        ("site = nobody", 8, "expected a level or a word, found 'nobody'"),
        ('site = "par', 8, "unexpected"),
        ('"fr" >= 5', 1, "expected a skill or an attribute"),
        ("not " * 41 + "fr", 161, "levels deep"),
        ("(" * 41 + "fr" + ")" * 41, 41, "levels deep"),
    ],
)
def test_an_error_points_at_the_column(text: str, column: int, why: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.column == column
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("$lang >= 5", {"lang": "fr"}, "fr >= 5"),
        ("$Lang >= 5", {"lang": "FR"}, "fr >= 5"),
        ("$tier = gold or vip", {"tier": "gold"}, "anybody"),
        ("$tier = gold or vip", {"tier": "tin"}, "vip"),
        ("$tier != gold", {"tier": "tin"}, "anybody"),
        ("site = $where", {"where": "New York"}, 'site = "New York"'),
        ("$a = $b", {"a": "x", "b": "x"}, "anybody"),
    ],
)
def test_a_variable_stands_for_a_skill_or_a_word(text: str, values: dict[str, str], expected: str) -> None:
    assert parse(text, values) == parse(expected)
    assert read(text).resolve(values) == parse(expected)


@pytest.mark.parametrize(
    ("text", "values", "column"),
    [
        ("vip or $lang >= 5", {}, 8),
        ("site = $where", {}, 8),
        ("$lang >= 5", {"lang": "and"}, 1),
        ("$lang >= 5", {"lang": "5"}, 1),
        ("$lang >= 5", {"lang": ""}, 1),
        ("de and $lang", {"lang": "f r"}, 8),
        ("site = $where", {"where": 'a"b'}, 8),
        ("site = $where", {"where": "a\nb"}, 8),
    ],
)
def test_a_value_that_makes_no_sense_is_an_error_at_its_variable(
    text: str, values: dict[str, str], column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, values)
    assert caught.value.column == column


def test_the_variables_of_a_text_are_known_after_reading() -> None:
    assert read("$lang >= 5 or site = $Where and fr").variables == {"lang", "where"}


def test_words_of_the_language_are_read_in_any_case() -> None:
    assert parse("FR >= 5 AND NOT De OR Anybody") == ANYBODY
    assert parse("FR AND de") == parse("fr and de")


def test_nobody_and_anybody_are_read_back() -> None:
    assert parse(str(NOBODY)) == NOBODY
    assert parse(str(ANYBODY)) == ANYBODY


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(f"s{i} >= 5" for i in range(10_000)),
        " and ".join(f"s{i}" for i in range(10_000)),
        "(" * 10_000,
        "not " * 10_000,
        " and ".join(f"(a{i} or b{i})" for i in range(80)),
        " or ".join(f"(a{i} and not a{i + 1})" for i in range(80)),
    ],
    ids=["or", "and", "parentheses", "not", "conditions", "a chain"],
)
def test_ten_thousand_terms_are_refused_at_once(text: str) -> None:
    before = time.process_time()
    with pytest.raises(ExpressionError):
        parse(text)
    assert time.process_time() - before < 0.1
