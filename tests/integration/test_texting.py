"""Texts to callers: by SIP MESSAGE over the real Asterisk, and by a gateway that answers, refuses or hangs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import TextOutcome, WorkOutcome
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Reject

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = {"ann": Who(phone="1001")}
GERMANY = '[numbers]\ncountry = "49"\n'
OWN = "+4930123456"
TEXTS = '[texts.sorry]\nbody = "Sorry, {queue} missed {number}."\n'


async def opened(centre: Centre, text: str, **queue: Any) -> None:
    """A queue whose agent is away for a moment, and a way for texts."""
    sales = {"title": "Sales", "texts": {"abandoned": "sorry"}} | queue
    await centre.open({"sales": sales}, ANN, more=GERMANY + text, texts=TEXTS)
    await centre.trunk.register()
    await centre.acd("agent", "pause", "ann")


async def abandoned(centre: Centre, caller: str = OWN) -> None:
    call = await centre.call("sales", caller=caller)
    await centre.fact(f.Queued)
    await call.answered()
    await call.hangup()
    await centre.fact(f.Abandoned)


@asynccontextmanager
async def gateway(answer: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A gateway on a free port, and what it was asked."""
    asked: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        asked.append(head + await reader.readexactly(int(length.partition(b":")[2])))
        answer(writer)

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked
    for writer in writers:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def says(status: str) -> Callable[[asyncio.StreamWriter], None]:
    def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    return answer


async def test_who_gave_up_gets_a_message_by_sip(centre: Centre) -> None:
    await opened(centre, '[text]\nsip = "pjsip:trunk-a"\n')
    await abandoned(centre)
    assert (await centre.fact(f.TextSent)).outcome is TextOutcome.SENT
    await centre.until(lambda: centre.trunk.notices, "the message")
    notice = next(one for one in centre.trunk.notices if one.method == "MESSAGE")
    assert notice.body == f"Sorry, Sales missed {OWN}.".encode()


async def test_or_by_a_gateway_with_a_token(centre: Centre) -> None:
    async with gateway(says("200 OK")) as (port, asked):
        await opened(
            centre, f'[text]\nurl = "http://127.0.0.1:{port}/"\nauthorization = "Bearer tokensecret"\n'
        )
        await abandoned(centre)
        assert (await centre.fact(f.TextSent)).outcome is TextOutcome.SENT
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert b"authorization: bearer tokensecret" in head.lower()
    assert json.loads(body)["number"] == OWN
    assert "tokensecret" not in (centre.directory / "log").read_text()


async def test_a_gateway_that_hangs_or_refuses_is_given_up_and_costs_nothing_else(centre: Centre) -> None:
    async with gateway(lambda _writer: None) as (port, asked):
        await opened(centre, f'[text]\nurl = "http://127.0.0.1:{port}/"\ndeadline = "200ms"\n')
        await abandoned(centre)
        sent = await centre.fact(f.TextSent)
        assert (sent.outcome, sent.why) == (TextOutcome.FAILED, "no answer within 200ms")
        assert len(asked) == 2, "two tries"


@pytest.mark.parametrize("caller", ["+33142000000", "anonymous"])
async def test_numbers_that_may_not_be_texted_are_not(centre: Centre, caller: str) -> None:
    await opened(centre, '[text]\nsip = "pjsip:trunk-a"\n')
    await abandoned(centre, caller)
    assert (await centre.fact(f.TextSent)).outcome is TextOutcome.NOT_ALLOWED
    assert not [one for one in centre.trunk.notices if one.method == "MESSAGE"]


async def test_a_key_brings_a_text_instead_of_waiting(centre: Centre) -> None:
    await opened(centre, '[text]\nsip = "pjsip:trunk-a"\n', keys={"4": {"text": "sorry"}})
    call = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await call.answered()
    await call.dtmf("4")
    assert (await centre.fact(f.Left)).reason.value == "key"
    assert (await centre.fact(f.TextSent)).outcome is TextOutcome.SENT
    await call.ended()


async def test_who_can_not_be_texted_waits_on(centre: Centre) -> None:
    await opened(centre, '[text]\nsip = "pjsip:trunk-a"\n', keys={"4": {"text": "sorry"}})
    call = await centre.call("sales", caller="anonymous")
    await centre.fact(f.Queued)
    await call.answered()
    await call.dtmf("4")
    await centre.acd("agent", "resume", "ann")
    await centre.fact(f.Answered)
    assert centre.facts(f.TextSent) == []


async def test_a_customer_who_can_not_be_called_back_is_told(centre: Centre) -> None:
    rule = {"dial": "PJSIP/{number}@trunk-a", "gap": "1s", "attempts": 1, "ring": "5s"}
    texts = {"callback_missed": "sorry", "not_reached": "sorry"}
    text = '[text]\nsip = "pjsip:trunk-a"\nnot_again = "0s"\n'
    await opened(centre, text, texts=texts, keys={"1": {"callback": True}}, callback=rule)
    centre.trunk.on_invite = Reject(486)
    call = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await call.answered()
    await call.dtmf("1")
    await call.dtmf("1")
    await centre.fact(f.WorkAdded)
    await centre.acd("agent", "resume", "ann")
    assert (await centre.fact(f.WorkEnded, within=15)).outcome is WorkOutcome.NOT_REACHED
    await centre.fact(f.TextSent, nth=2)
    assert [fact.outcome for fact in centre.facts(f.TextSent)] == [TextOutcome.SENT] * 2
