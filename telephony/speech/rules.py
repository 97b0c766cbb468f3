r"""Tables of how a number is said, read from text and applied: the notation that every language is written in.

A line is `FIRST[-LAST[+STEP]][/DIVISOR]: tokens`. A number follows the line with the greatest FIRST that is not above it. DIVISOR
is the greatest power of ten in FIRST where none is given; the number divided by it is the quotient, and the rest.
A line that comes later takes the place of an earlier one of the same FIRST, so a feminine is its masculine and a few lines more.

| token | says |
|---|---|
| `key` | that prompt; `*` in it is FIRST |
| `<` `<set` | the quotient, by this set or another |
| `>` `>set` | the rest |
| `=set` | the number itself by another set |
| `[ a ]` | a, unless the rest is 0 |
| `[ a \| b ]` | a, or b if the rest is 0 |
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import msgspec

_LINE: Final = re.compile(r"([0-9]+)(?:-([0-9]+)(?:\+([0-9]+))?)?(?:/([0-9]+))?: *(.*)")
_REFERENCES: Final = "<>="


class Token(msgspec.Struct, frozen=True):
    """`how` is one of `<>=` and `name` a set ("" is the set it stands in), or `how` is "" and `name` a prompt's key."""

    how: str
    name: str


class Row(msgspec.Struct, frozen=True):
    """One FIRST: what is said with a rest, and without."""

    divisor: int
    with_rest: tuple[Token, ...]
    without: tuple[Token, ...]


class RuleSet(msgspec.Struct, frozen=True):
    """Rows by their FIRST, ascending; the first FIRST is the least number that can be said."""

    firsts: tuple[int, ...]
    rows: tuple[Row, ...]

    def row(self, number: int) -> Row:
        """The row that a number follows. Raises ValueError below the first."""
        at = bisect_right(self.firsts, number) - 1
        if at < 0:
            raise ValueError(f"{number} can't be said: the least is {self.firsts[0]}")
        return self.rows[at]


def read(text: str) -> RuleSet:
    """The set that a text describes. Raises ValueError with the line that can't be read."""
    rows: dict[int, Row] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        rows.update(_read_line(line))
    firsts = tuple(sorted(rows))
    return RuleSet(firsts, tuple(rows[first] for first in firsts))


def _read_line(line: str) -> Iterator[tuple[int, Row]]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"no line of a grammar: {line!r}; write FIRST[-LAST[+STEP]][/DIVISOR]: tokens")
    first, last, step, divisor, body = match.groups()
    for number in range(int(first), int(last or first) + 1, int(step or 1)):
        power = 10 ** (len(str(number)) - 1)
        yield number, _row(int(divisor or power), body.replace("*", str(number)))


def _row(divisor: int, body: str) -> Row:
    with_rest: list[Token] = []
    without: list[Token] = []
    targets: tuple[list[Token], ...] = (with_rest, without)
    for word in body.split():
        if word == "[":
            targets = (with_rest,)
        elif word == "|":
            targets = (without,)
        elif word == "]":
            targets = (with_rest, without)
        else:
            for target in targets:
                target.append(token(word))
    return Row(divisor, tuple(with_rest), tuple(without))


def token(word: str) -> Token:
    """A word of a line."""
    return Token(word[0], word[1:]) if word[0] in _REFERENCES else Token("", word)
