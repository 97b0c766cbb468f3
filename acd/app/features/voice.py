"""What a script says on an AGI session, sans-I/O: a generator of command lines that is sent their replies."""

from collections.abc import Generator
from typing import Final

from telephony.agi.codec import AgiReply, encode

Script = Generator[bytes, AgiReply, None]
KEYS: Final = "0123456789*#"
FIRST_KEY_MS: Final = 8_000
NEXT_KEY_MS: Final = 4_000


class HungUpError(Exception):
    """The person is gone."""


def say(*prompts: str) -> Script:
    """Play sounds one after the other. One that is missing is passed over: the reply is -1 as after a hang-up."""
    for prompt in prompts:
        if prompt:
            yield encode("STREAM FILE", prompt, "")


def say_number(number: int) -> Script:
    """Say a number in the channel's language, as far as Asterisk knows its grammar."""
    yield encode("SAY NUMBER", str(number), "")


def ask(prompt: str, most: int) -> Generator[bytes, AgiReply, str]:
    """Play a prompt and read up to `most` digits, closed by # or by silence; keys cut the prompt short.

    WAIT FOR DIGIT rather than GET DATA, because a prompt that is missing must not end the question.
    """
    reply = yield encode("STREAM FILE", prompt, KEYS)
    keyed = _key(reply)
    digits = ""
    while keyed != "#":
        digits += keyed
        if len(digits) >= most:
            return digits
        wait = NEXT_KEY_MS if digits else FIRST_KEY_MS
        reply = yield encode("WAIT FOR DIGIT", str(wait))
        if reply.result == "-1":
            raise HungUpError
        keyed = _key(reply)
        if not keyed:
            break
    return digits


def _key(reply: AgiReply) -> str:
    """The key a reply tells of, as the ASCII code that AGI gives; "" for none."""
    return chr(int(reply.result)) if reply.result.isdecimal() and int(reply.result) > 0 else ""
