"""Prompts that a key cuts short, and the keys. Pure: lines out, replies in."""

from collections.abc import Generator, Sequence

from acd.app.scripts.voice import KEYS, HungUpError
from telephony.agi.codec import AgiReply, encode


def keys_after(prompts: Sequence[str], most: int, silence_ms: int) -> Generator[bytes, AgiReply, str]:
    """Play and read up to `most` keys, ended by # or by silence: the keys, "#" for that alone, "" for silence.

    One command reads the keys, because Asterisk drops those that are pressed between two.
    """
    first = ""
    for prompt in prompts[:-1]:
        reply = yield encode("STREAM FILE", prompt, KEYS)
        if reply.result.isdecimal() and int(reply.result) > 0:
            first = chr(int(reply.result))  # AGI tells the key as its ASCII code
            break
    if first == "#" or len(first) >= most:
        return first
    question = "" if first or not prompts else prompts[-1]
    return (yield from _read(question, first, most - len(first), silence_ms))


def _read(question: str, first: str, most: int, silence_ms: int) -> Generator[bytes, AgiReply, str]:
    reply = yield encode("GET DATA", question, str(silence_ms), str(most))
    if (
        reply.result == "-1" and question
    ):  # the sound is missing, or the caller gone: only the latter says it twice
        reply = yield encode("GET DATA", "", str(silence_ms), str(most))
    if reply.result == "-1":
        raise HungUpError
    keys = first + reply.result
    return keys or ("" if reply.data == "timeout" else "#")
