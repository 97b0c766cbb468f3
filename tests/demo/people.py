"""Agents with habits on real SIP phones, and callers by SIPp."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

from tests.centre.centre import Centre
from tests.demo.floor import HABITS, STREAMS, TRANSFER_TO, Habit, Stream
from tests.pbx.sipp import Plan, Sipp
from tests.ua.behaviour import Answer, Behaviour, Reject, Ring
from tests.ua.errors import NotSeenError, RefusedError, WrongStateError
from tests.ua.incoming import IncomingCall
from tests.ua.phone import Phone

GONE = (NotSeenError, RefusedError, WrongStateError)
"""The other side was quicker: normal when both may hang up."""


def behave(habit: Habit, dice: random.Random) -> Behaviour:
    """What to do with the next ring."""
    chance = dice.random()
    if chance < habit.declines:
        return Reject(486)
    if chance < habit.declines + habit.ignores:
        return Ring()
    return Answer(after=habit.answers_after * dice.uniform(0.5, 1.5))


async def work(phone: Phone, habit: Habit, dice: random.Random) -> None:
    """Answer calls for ever; end some, give some away."""
    phone.on_invite = lambda _: behave(habit, dice)
    while True:
        with contextlib.suppress(NotSeenError):
            await _talk(await phone.next_call(within=3600), habit, dice)


async def _talk(call: IncomingCall, habit: Habit, dice: random.Random) -> None:
    chance = dice.random()
    with contextlib.suppress(*GONE):
        await call.answered()
        if chance > habit.hangs_up + habit.transfers:
            return
        await asyncio.sleep(dice.uniform(2.0, 6.0))
        if call.ended_at:
            return
        if chance < habit.transfers:
            await call.refer(TRANSFER_TO)
        else:
            await call.hangup()


@contextlib.asynccontextmanager
async def staff(centre: Centre) -> AsyncIterator[None]:
    """Everybody at work while the context lasts."""
    async with asyncio.TaskGroup() as agents:
        tasks = [
            agents.create_task(
                work(centre.phone(name), HABITS.get(name, Habit()), random.Random(name)), name=f"agent {name}"
            )
            for name in centre.phone_of
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


@contextlib.asynccontextmanager
async def callers(root: Path, server: tuple[str, int]) -> AsyncIterator[None]:
    """One SIPp a stream while the context lasts."""
    async with contextlib.AsyncExitStack() as running:
        for stream in STREAMS:
            await running.enter_async_context(Sipp(root, _plan(stream, server)))
        yield


def _plan(stream: Stream, server: tuple[str, int]) -> Plan:
    return Plan(
        scenario="caller",
        values={"CALLER": stream.caller, "HOLD_MS": stream.stays_ms},
        server=server,
        to=stream.queue,
        rate=stream.rate,
    )
