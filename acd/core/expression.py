"""The language queues and calls ask for agents in: text to acd.core.requirement.

    fr >= 5 and (billing >= 3 or vip)          levels: = == != < <= > >=; a bare name: has the skill at any level
    not trainee and site = paris               attributes are compared with words: = == !=
    $lang >= 5                                 $name stands for a variable of the call: a skill's name,
    $tier = gold or vip                        or a value that is compared with a word

`and` binds tighter than `or`, `not` tightest. `anybody` is satisfied by every agent, `nobody` by none. Errors carry
the column.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.requirement import (
    ANYBODY,
    ANYTHING,
    HAS,
    LEVELS,
    NOBODY,
    Requirement,
    TooComplexError,
    Words,
    attribute,
    both,
    either,
    opposite,
    skill,
)

LONGEST: Final = 4_000
MOST_TOKENS: Final = 600
DEEPEST: Final = 40

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<word>\$?[a-z0-9][a-z0-9_.-]*)|(?P<text>\"[^\"\x00-\x1f\x7f]*\")|(?P<sign><=|>=|==|!=|[=<>()]))",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"[0-9]+")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_UNQUOTABLE: Final = re.compile(r"[\"\x00-\x1f\x7f]")
_CONSTANTS: Final = {"anybody": ANYBODY, "nobody": NOBODY}
_RESERVED: Final = frozenset({"and", "or", "not", *_CONSTANTS})


class ExpressionError(ValueError):
    """The text can't be read; `column` counts from 1."""

    def __init__(self, why: str, column: int) -> None:
        """`why` says what is wrong and, where it can, what to write instead."""
        super().__init__(f"column {column}: {why}")
        self.why = why
        self.column = column


class Token(msgspec.Struct, frozen=True):
    """One word, number, quoted text or sign, and where it begins (from 1)."""

    text: str
    column: int


class Expression(msgspec.Struct, frozen=True):
    """A text that was read once; without variables it is one requirement."""

    text: str
    variables: frozenset[str]
    """Names after `$`, without it."""

    def resolve(self, values: Mapping[str, str]) -> Requirement:
        """The requirement for a call with these variables, a value for each. Raises ExpressionError."""
        return parse(self.text, values)


def read(text: str) -> Expression:
    """Check a text, whatever its variables will be. Raises ExpressionError."""
    names = frozenset(token.text[1:].lower() for token in _tokens(text) if token.text.startswith("$"))
    parse(text, dict.fromkeys(names, "x"))
    return Expression(text, names)


def parse(text: str, values: Mapping[str, str] | None = None) -> Requirement:
    """The requirement a text stands for. Raises ExpressionError, with the column."""
    parser = _Parser(_tokens(text), values or {}, len(text) + 1)
    try:
        return parser.whole()
    except TooComplexError as wrong:
        raise ExpressionError(str(wrong) or "too many alternatives: write it simpler", 1) from wrong


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise ExpressionError(
            f"longer than {LONGEST} characters: split the work into more queues", LONGEST + 1
        )
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"unexpected {text[start]!r}", start + 1)
        token = match["word"] or match["text"] or match["sign"]
        found.append(Token(token, match.end() - len(token) + 1))
        at = match.end()
        if len(found) > MOST_TOKENS:
            why = f"more than {MOST_TOKENS} words: split the work into more queues"
            raise ExpressionError(why, found[-1].column)
    return found


class _Parser:
    """Recursive descent over the tokens; the requirement is built on the way."""

    def __init__(self, tokens: list[Token], values: Mapping[str, str], end: int) -> None:
        self._tokens = tokens
        self._values = values
        self._end = end
        self._at = 0
        self._depth = 0

    def whole(self) -> Requirement:
        if not self._tokens:
            raise ExpressionError('nothing is asked for; write "anybody" to mean that', 1)
        need = self._any_of()
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            raise ExpressionError(f"expected 'and', 'or' or the end, found {token.text!r}", token.column)
        return need

    def _any_of(self) -> Requirement:
        need = self._all_of()
        while self._take("or"):
            need = either(need, self._all_of())
        return need

    def _all_of(self) -> Requirement:
        need = self._one()
        while self._take("and"):
            need = both(need, self._one())
        return need

    def _one(self) -> Requirement:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"more than {DEEPEST} levels deep", self._here())
        if self._take("not"):
            need = opposite(self._one())
        elif self._take("("):
            need = self._any_of()
            if not self._take(")"):
                raise ExpressionError("expected ')'", self._here())
        else:
            need = self._comparison()
        self._depth -= 1
        return need

    def _comparison(self) -> Requirement:
        name = self._next("a skill or an attribute")
        constant = _CONSTANTS.get(name.text.lower())
        if constant is not None:
            return constant
        if name.text[0] in '"<>=!)' or name.text.lower() in _RESERVED or _NUMBER.fullmatch(name.text):
            raise ExpressionError(f"expected a skill or an attribute, found {name.text!r}", name.column)
        sign = next((s for s in ("=", "==", "!=", "<", "<=", ">", ">=") if self._take(s)), None)
        if sign is None:
            return skill(self._name(name), HAS)
        value = self._next("a level or a word")
        if _NUMBER.fullmatch(value.text):
            return self._level(name, sign, value)
        return self._word(name, sign, value)

    def _level(self, name: Token, sign: str, value: Token) -> Requirement:
        level = int(value.text)
        if level not in LEVELS:
            raise ExpressionError(f"a level is 1 to 10, not {value.text}", value.column)
        equal = 1 << level
        above = ANYTHING >> (level + 1) << (level + 1)
        below = HAS & (equal - 1)
        allowed = {
            "=": equal,
            "==": equal,
            "!=": HAS & ~equal,
            "<": below,
            "<=": below | equal,
            ">": above,
            ">=": above | equal,
        }[sign]
        if not allowed:
            raise ExpressionError(f"no level is {sign} {level}", value.column)
        return skill(self._name(name), allowed)

    def _word(self, name: Token, sign: str, value: Token) -> Requirement:
        if sign not in ("=", "==", "!="):
            raise ExpressionError(f"{sign!r} compares levels 1 to 10, {value.text!r} is a word", value.column)
        if value.text.lower() in _RESERVED or value.text[0] in "<>=!()":
            raise ExpressionError(f"expected a level or a word, found {value.text!r}", value.column)
        word = self._variable(value) if value.text[0] == "$" else value.text.strip('"')
        if _UNQUOTABLE.search(word):
            raise ExpressionError(
                f"{value.text} stands for {word!r}: no word has such characters", value.column
            )
        if name.text.startswith("$"):
            same = self._variable(name) == word
            return ANYBODY if same is (sign != "!=") else NOBODY
        if sign == "!=":
            return attribute(name.text.lower(), Words(tuple(sorted({"", word})), others=True))
        return attribute(name.text.lower(), Words((word,)))

    def _name(self, token: Token) -> str:
        name = self._variable(token).lower() if token.text.startswith("$") else token.text.lower()
        if not _WORD.fullmatch(name) or name in _RESERVED or _NUMBER.fullmatch(name):
            raise ExpressionError(f"{token.text} stands for {name!r}, which names no skill", token.column)
        return name

    def _variable(self, token: Token) -> str:
        value = self._values.get(token.text[1:].lower())
        if value is None:
            raise ExpressionError(f"{token.text} has no value", token.column)
        return value

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].text.lower() == text:
            self._at += 1
            return True
        return False

    def _next(self, wanted: str) -> Token:
        if self._at == len(self._tokens):
            raise ExpressionError(f"expected {wanted}, found the end", self._end)
        self._at += 1
        return self._tokens[self._at - 1]

    def _here(self) -> int:
        return self._tokens[self._at].column if self._at < len(self._tokens) else self._end
