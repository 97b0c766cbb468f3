"""A language: its tables, its prompts with their words, and the walk that turns numbers into prompts."""

from collections.abc import Iterator, Mapping
from typing import Final, NewType

import msgspec

from telephony.speech.dialogues import sentences
from telephony.speech.rules import Row, RuleSet, Token, read, token

Prompt = NewType("Prompt", str)
"""A key such as "digits/7" or "minutes": what is said, not yet which file."""
LARGEST: Final = 999_999_999
LARGEST_ORDINAL: Final = 999


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """One language, as data. Built by `build`."""

    code: str
    """ISO 639-1."""
    voice: str
    """Of espeak-ng."""
    sets: Mapping[str, RuleSet]
    phrases: Mapping[str, tuple[tuple[str, Token], ...]]
    """By name: a field and the set it is said by, or no field and a prompt."""
    words: Mapping[Prompt, str]
    """The catalogue: every prompt that can come out, and what is heard."""
    core: Mapping[Prompt, str]
    """Prompts that Asterisk's core sounds of this language have, and under which name."""

    def number(self, name: str, number: int) -> Iterator[Prompt]:
        """A number by a set. Raises ValueError where it is out of range."""
        row = self.sets[name].row(number)
        quotient, rest = divmod(number, row.divisor)
        values = {"<": quotient, ">": rest, "=": number}
        for part in row.with_rest if rest else row.without:
            if part.how:
                yield from self.number(part.name or name, values[part.how])
            else:
                yield Prompt(part.name)

    def phrase(self, name: str, fields: Mapping[str, int]) -> Iterator[Prompt]:
        """A phrase with its fields filled in."""
        for field, part in self.phrases[name]:
            if field:
                yield from self.number(part.name, fields[field])
            else:
                yield Prompt(part.name)

    def form(self, name: str, gender: str, case: str) -> str:
        """The set for a form; what the language does not tell apart is passed over, gender first."""
        wanted = (f"{name}{gender}{case}", f"{name}{case}", f"{name}{gender}", name)
        return next(each for each in wanted if each in self.sets)

    def keys(self) -> frozenset[Prompt]:
        """Every prompt that the tables can yield, read off the tables themselves."""
        tokens = [part for _, row in self._rows() for part in (*row.with_rest, *row.without)]
        tokens += [part for phrase in self.phrases.values() for _, part in phrase]
        return frozenset(Prompt(part.name) for part in tokens if not part.how)

    def problems(self) -> list[str]:
        """What is wrong with the tables: sets that are not there, prompts without words, words never said."""
        named = {
            part.name or name
            for name, row in self._rows()
            for part in (*row.with_rest, *row.without)
            if part.how
        }
        named |= {part.name for phrase in self.phrases.values() for _, part in phrase if part.how}
        keys = self.keys()
        return [
            *(f"no set {name}" for name in sorted(named - self.sets.keys())),
            *(f"no words for {key}" for key in sorted(keys - self.words.keys())),
            *(f"never said: {key}" for key in sorted(self.words.keys() - keys)),
            *(f"core sound for an unknown prompt: {key}" for key in sorted(self.core.keys() - keys)),
        ]

    def _rows(self) -> Iterator[tuple[str, Row]]:
        return ((name, row) for name, rules in self.sets.items() for row in rules.rows)


def build(  # noqa: PLR0913 - a language is these six tables
    *,
    code: str,
    voice: str,
    sets: Mapping[str, str],
    phrases: Mapping[str, str],
    words: Mapping[str, str],
    core: Mapping[str, str],
) -> Grammar:
    """A language out of its texts. In a phrase, `field=set` says a field. Raises ValueError on a line that can't be read.

    The sentences of dialogues are phrases of one prompt each.
    """
    told = sentences(code)
    return Grammar(
        code=code,
        voice=voice,
        sets={name: read(text) for name, text in sets.items()},
        phrases={
            name: tuple(map(_slot, text.split()))
            for name, text in {**phrases, **{name: name for name in told}}.items()
        },
        words={Prompt(key): text for key, text in {**words, **told}.items()},
        core={Prompt(key): sound for key, sound in core.items()},
    )


def _slot(word: str) -> tuple[str, Token]:
    field, sign, name = word.partition("=")
    return (field, token(f"={name}")) if sign else ("", token(word))


def series(pattern: str, numbers: range, text: str) -> dict[str, str]:
    """Keys with their words, one a number, `*` in the pattern."""
    return {
        pattern.replace("*", str(number)): word for number, word in zip(numbers, text.split(), strict=True)
    }


def same(*groups: Mapping[str, str] | str) -> dict[str, str]:
    """Core sounds that are named as the prompts are: catalogues of words, or keys with spaces between."""
    return {key: key for group in groups for key in (group.split() if isinstance(group, str) else group)}
