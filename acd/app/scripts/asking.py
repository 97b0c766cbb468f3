"""Prompts, prompts that a key cuts short, and the keys. Pure: lines out, replies in.

Asterisk answers -1 for a sound that is missing as for a caller who is gone. A second command tells: a session whose caller
is gone answers it no more, or with -1 again.
"""

from collections.abc import Callable, Generator, Sequence

from acd.app.scripts.voice import KEYS, HungUpError, Spoken
from telephony.agi.codec import AgiReply, encode

Missing = Callable[[str], None]
"""Told of a sound that is not there."""


def say(missing: Missing, *prompts: str) -> Spoken:
    """Play sounds one after the other; missing ones, and "", are passed over."""
    for prompt in filter(None, prompts):
        yield from _play(missing, prompt, "")


def _play(missing: Missing, prompt: str, keys: str) -> Generator[bytes, AgiReply, str]:
    """Play a sound; the key of `keys` that cut it short, or ""."""
    reply = yield encode("STREAM FILE", prompt, keys)
    if reply.result == "-1":
        status = yield encode("CHANNEL STATUS")
        if status.result == "-1":
            raise HungUpError
        missing(prompt)
        return ""
    # AGI tells the key as its ASCII code.
    return chr(int(reply.result)) if reply.result.isdecimal() and int(reply.result) > 0 else ""


def keys_after(
    missing: Missing, prompts: Sequence[str], most: int, silence_ms: int
) -> Generator[bytes, AgiReply, str]:
    """Play and read up to `most` keys, ended by # or by silence: the keys, "#" for that alone, "" for silence.

    One command reads the keys, because Asterisk drops those that are pressed between two.
    """
    first = ""
    for prompt in prompts[:-1]:
        first = yield from _play(missing, prompt, KEYS)
        if first:
            break
    if first == "#" or len(first) >= most:
        return first
    question = "" if first or not prompts else prompts[-1]
    keys, silent = yield from _read(missing, question, most - len(first), silence_ms)
    return first + keys or ("" if silent else "#")


def _read(
    missing: Missing, question: str, most: int, silence_ms: int
) -> Generator[bytes, AgiReply, tuple[str, bool]]:
    """The keys, and whether silence ended them."""
    reply = yield encode("GET DATA", question, str(silence_ms), str(most))
    if reply.result == "-1" and question:
        reply = yield encode("GET DATA", "", str(silence_ms), str(most))
        if reply.result != "-1":
            missing(question)
    if reply.result == "-1":
        raise HungUpError
    return reply.result, reply.data == "timeout"
