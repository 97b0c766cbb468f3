"""What a script says on an AGI session, sans-I/O: a generator of command lines that is sent their replies."""

from collections.abc import Awaitable, Callable, Generator
from typing import Final

import msgspec

from telephony.agi.codec import AgiReply, encode


class Meanwhile(msgspec.Struct, frozen=True):
    """Yielded instead of a line: the script goes on when this is done; what came of it is the function's to keep.

    Nothing is said meanwhile, and whoever hangs up cancels it. It must have a deadline of its own and raise nothing.
    """

    work: Callable[[], Awaitable[None]]


Script = Generator[bytes | Meanwhile, AgiReply, None]
Spoken = Generator[bytes, AgiReply, None]
"""A part of a script that only speaks."""
KEYS: Final = "0123456789*#"
SILENCE_MS: Final = 6_000
"""After the sounds, and after each key."""


class HungUpError(Exception):
    """The person is gone."""


def say(*prompts: str) -> Spoken:
    """Play sounds one after the other. One that is missing is passed over: the reply is -1 as after a hang-up."""
    for prompt in prompts:
        if prompt:
            yield encode("STREAM FILE", prompt, "")


def say_number(number: int) -> Spoken:
    """Say a number in the channel's language, as far as Asterisk knows its grammar."""
    yield encode("SAY NUMBER", str(number), "")


def ask(most: int, *sounds: str) -> Generator[bytes, AgiReply, str]:
    """Play sounds and read up to `most` digits, closed by # or by silence; the first key cuts the sounds short.

    One command for the keys, because Asterisk drops those that are pressed between two. GET DATA plays one sound only.
    """
    first = ""
    for sound in sounds[:-1]:
        reply = yield encode("STREAM FILE", sound, KEYS)
        if reply.result.isdecimal() and int(reply.result) > 0:
            first = chr(int(reply.result))  # AGI tells the key as its ASCII code
            break
    if first == "#" or len(first) >= most:
        return first.rstrip("#")
    question = "" if first else sounds[-1]
    reply = yield encode("GET DATA", question, str(SILENCE_MS), str(most - len(first)))
    if reply.result == "-1":
        raise HungUpError
    return first + reply.result
