"""Keys pressed by a person who dialled a code and listens to the questions."""

import asyncio

from tests.centre.centre import Centre
from tests.ua.outgoing import OutgoingCall

KEY_S = 0.25
"""A person's pace: Asterisk plays each key of an INFO for 160 ms and drops one that comes too early."""


async def keyed(centre: Centre, phone: str, code: str, *keys: str) -> OutgoingCall:
    """Dial a code on a phone, and key each answer when the question is being said."""
    call = await centre.phones[phone].invite(code)
    await call.answered()
    for digits in keys:
        await call.rtp.heard(call.rtp.received + 10, 5)
        for digit in digits:
            await call.dtmf(digit)
            await asyncio.sleep(KEY_S)
    return call
