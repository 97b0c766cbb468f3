"""From prompts to sound files, given the files that are there. Pure: who reads folders and logs is the shell.

A file is named as STREAM FILE takes it, below the sounds folder and without its ending: "fr/digits/7". The language's
folder is always written out, because the channel's language may be one for which another spoke.
"""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from telephony.speech.grammar import Prompt
from telephony.speech.registry import GRAMMARS, Choice, Fallback
from telephony.speech.sayings import Said

OURS: Final = "acd"
"""Below a language's folder: what Asterisk's core sounds don't have."""
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:[_-][A-Za-z0-9]{1,8})*")
_SOUND: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
"""No part begins with a dot, so none is `..`; and nothing that Asterisk takes for a separator."""
NO_OVERRIDES: Final[Mapping[str, str]] = MappingProxyType({})


class Located(msgspec.Struct, frozen=True):
    """What can be played, in order, and the prompts that have to be skipped."""

    files: tuple[str, ...]
    missing: tuple[Prompt, ...]


def locate(said: Said, present: Collection[str], overrides: Mapping[str, str] = NO_OVERRIDES) -> Located:
    """The files of what is said. `present` is a set of names as above; `overrides` is the site's sound by prompt."""
    found = [(prompt, find(prompt, said.choice, present, overrides)) for prompt in said]
    missing = dict.fromkeys(prompt for prompt, file in found if file is None)
    return Located(tuple(file for _, file in found if file is not None), tuple(missing))


def find(
    prompt: Prompt, choice: Choice, present: Collection[str], overrides: Mapping[str, str] = NO_OVERRIDES
) -> str | None:
    """The first of a prompt's candidates that is there."""
    return next((each for each in candidates(prompt, choice, overrides) if each in present), None)


def candidates(
    prompt: Prompt, choice: Choice, overrides: Mapping[str, str] = NO_OVERRIDES
) -> tuple[str, ...]:
    """Files that may serve a prompt, best first: the site's, Asterisk's, ours; each in the region's folder first."""
    sounds = (overrides.get(prompt, ""), choice.grammar.core.get(prompt, ""), f"{OURS}/{prompt}")
    return tuple(
        f"{folder}/{sound}" for sound in sounds if _SOUND.fullmatch(sound) for folder in folders(choice)
    )


def folders(choice: Choice) -> tuple[str, ...]:
    """A language's folders, the region's first. A tag comes from the channel, so one that is no tag opens no folder."""
    if choice.fallback is not Fallback.BASE or not _TAG.fullmatch(choice.asked):
        return (choice.code,)
    return tuple(dict.fromkeys((choice.asked, choice.asked.replace("-", "_"), choice.code)))


def missing_prompts(
    choice: Choice, present: Collection[str], overrides: Mapping[str, str] = NO_OVERRIDES
) -> tuple[Prompt, ...]:
    """Every prompt of a language that has no file, for a start's log and for the script that makes them."""
    return tuple(
        each for each in sorted(choice.grammar.keys()) if find(each, choice, present, overrides) is None
    )


def override_problems(overrides: Mapping[str, str]) -> list[str]:
    """What a site has to change in its own sounds."""
    known = {key for grammar in GRAMMARS.values() for key in grammar.words}
    return [
        *(
            f"no prompt is named {key!r}; telephony/speech/README.md tells how to list them"
            for key in overrides
            if key not in known
        ),
        *(
            f"{key}: {sound!r} is no name of a sound; give one below the language's folder, without `..` and ending"
            for key, sound in overrides.items()
            if not _SOUND.fullmatch(sound)
        ),
    ]
