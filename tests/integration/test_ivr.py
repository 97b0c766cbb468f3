"""Dialogues before the queue on a real Asterisk: keys, look-ups, hang-ups, and a daemon that is away."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.dialogues import DialogueEnd, LookupEnd
from tests.centre.centre import Who
from tests.centre.link import Silence
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring
from tests.ua.outgoing import OutgoingCall

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

KEY_S = 0.25
"""A person's pace: Asterisk plays each key of an INFO for 160 ms and drops one that comes too early."""
LONG = "demo-congrats"
"""About thirty seconds, of the core sounds."""
QUEUES: dict[str, dict[str, Any]] = {
    "sales": {"require": {"fr": 1}, "wrap_up": "0s"},
    "fallback": {"wrap_up": "0s", "admit_when_nobody_logged_in": True},
}
AGENTS = {
    "ann": Who(phone="1001", skills={"fr": 7}, queues=("sales", "fallback")),
    "bob": Who(phone="1002", skills={"fr": 3}, queues=("sales", "fallback")),
}
MENU = """
[ivr.main]
start = "menu"
fallback = "fallback"
[ivr.main.nodes.menu]
kind = "menu"
prompts = ["vm-options"]
keys = { 1 = "sales", 2 = "balance", 3 = "box", 4 = "nowhere" }
timeout = "2s"
retries = 1
no_input = "rest"
on_invalid = "bye"
[ivr.main.nodes.sales]
kind = "queue"
queue = "sales"
priority = 7
parameters = { need-fr = "5", lang = "{language}" }
[ivr.main.nodes.rest]
kind = "queue"
queue = "fallback"
[ivr.main.nodes.balance]
kind = "say"
number = "dialled_digits"
spell = "caller"
next = "bye"
[ivr.main.nodes.bye]
kind = "hangup"
prompts = ["vm-goodbye"]
[ivr.main.nodes.box]
kind = "extension"
context = "tests"
exten = "900"
[ivr.main.nodes.nowhere]
kind = "extension"
context = "no-such-context"
""".replace('fallback = "fallback"', 'fallback = "fallback"\nvariables = { dialled_digits = "21" }', 1)
WHO = """
[ivr.main]
start = "pin"
[ivr.main.nodes.pin]
kind = "collect"
prompts = ["agent-pass"]
into = "pin"
least = 4
most = 6
secret = true
timeout = "2s"
next = "who"
no_input = "rest"
on_invalid = "rest"
[ivr.main.nodes.who]
kind = "lookup"
url = "http://127.0.0.1:{port}/customer"
send = ["caller", "pin"]
deadline = "600ms"
answer = {{ tier = {{ allowed = ["gold", "plain"] }} }}
found = "known"
not_found = "rest"
failed = "rest"
[ivr.main.nodes.known]
kind = "queue"
queue = "sales"
parameters = {{ tier = "{{tier}}" }}
[ivr.main.nodes.rest]
kind = "queue"
queue = "fallback"
"""


class Crm:
    """A program that is asked: notes bodies, answers after a delay."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer = b'{"tier": "gold"}'
        self.delay = 0.0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            self.asked.append(json.loads(await reader.readexactly(length)))
            await asyncio.sleep(self.delay)
            writer.write(b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n%s" % (len(self.answer), self.answer))
            await writer.drain()


@asynccontextmanager
async def crm() -> AsyncIterator[Crm]:
    told = Crm()
    async with await asyncio.start_server(told.serve, "127.0.0.1", 0) as listening:
        told.port = listening.sockets[0].getsockname()[1]
        yield told


async def opened(centre: Centre, text: str) -> None:
    (centre.directory / "ivr.toml").write_text(text)
    await centre.open(QUEUES, AGENTS)
    for phone in centre.phones.values():
        phone.script.append(Ring())


async def spoken_to(call: OutgoingCall, packets: int = 25) -> None:
    """Half a second more of sound."""
    await call.rtp.heard(call.rtp.received + packets, 5)


async def press(call: OutgoingCall, keys: str) -> None:
    for key in keys:
        await call.dtmf(key)
        await asyncio.sleep(KEY_S)


async def dial(centre: Centre, ivr: str = "main", **options: str) -> OutgoingCall:
    call = await centre.call(f"ivr-{ivr}", **options)
    await call.answered()
    return call


async def end(centre: Centre, nth: int = 1, within: float = 8.0) -> f.IvrEnded:
    return await centre.fact(f.IvrEnded, nth=nth, within=within)


async def test_a_key_leads_into_a_queue_with_requirement_priority_and_credit(centre: Centre) -> None:
    await opened(centre, MENU)
    call = await dial(centre)
    await spoken_to(call, 60)
    await press(call, "1")

    ended = await end(centre)
    assert (ended.outcome, ended.queue, ended.path) == (DialogueEnd.QUEUED, "sales", ("menu=1", "sales"))
    queued = await centre.fact(f.Queued, queue="sales")
    started = (await centre.fact(f.IvrStarted)).at
    assert (queued.priority, queued.needs) == (7, "fr >= 5")
    assert 1_000_000_000 <= queued.credit <= queued.at - started
    arrived = await centre.fact(f.Arrived)
    assert (arrived.uniqueid, arrived.caller) == (ended.uniqueid, "+4930123")
    assert (await centre.fact(f.Offered)).agent == "ann", "bob has not fr 5"


async def test_a_wrong_key_is_told_then_silence_leads_to_where_it_says(centre: Centre) -> None:
    await opened(centre, MENU)
    call = await dial(centre)
    await spoken_to(call)
    await press(call, "9")
    said = call.rtp.received
    await call.rtp.heard(said + 100, 8)

    ended = await end(centre, within=20)
    assert (ended.outcome, ended.queue, ended.path) == (
        DialogueEnd.QUEUED,
        "fallback",
        ("menu=9,-", "rest"),
    )


async def test_a_caller_served_by_the_dialogue_is_contained_and_counted(centre: Centre) -> None:
    await opened(centre, MENU)
    call = await dial(centre)
    await spoken_to(call)
    await press(call, "2")
    await call.ended(20)

    ended = await end(centre)
    assert (ended.outcome, ended.queue) == (DialogueEnd.CONTAINED, None)
    assert centre.facts(f.Arrived) == []
    figures = await centre.figures("ivr", "main")
    assert (figures["dialogues_contained"], figures["dialogues_ended"]) == (1, 1)
    report = await centre.acd("report")
    assert "contain" in report.stdout


async def test_an_extension_goes_on_in_the_dialplan_and_one_that_is_not_there_to_the_fallback(
    centre: Centre,
) -> None:
    await opened(centre, MENU)
    there, nowhere = await dial(centre), await dial(centre)
    await spoken_to(there)
    await press(there, "3")
    assert (await end(centre)).outcome is DialogueEnd.TRANSFERRED
    await press(nowhere, "4")

    await centre.fact(f.Queued, queue="fallback")
    assert there.ending is None
    assert len(centre.facts(f.Arrived)) == 1


async def test_secret_digits_reach_the_program_and_neither_journal_nor_log(centre: Centre) -> None:
    async with crm() as asked:
        await opened(centre, WHO.format(port=asked.port))
        call = await dial(centre)
        await spoken_to(call)
        await press(call, "47#")
        await spoken_to(call)
        await press(call, "918273")

        ended = await end(centre)
    assert ended.path == ("pin=***,***", "who", "known")
    assert asked.asked == [{"caller": "+4930123", "pin": "918273"}]
    assert (await centre.fact(f.LookupDone)).outcome is LookupEnd.OK
    queued = await centre.fact(f.Queued, queue="sales")
    assert queued.variables == {"tier": "gold"}
    journal = b"".join(path.read_bytes() for path in (centre.directory / "state" / "journal").iterdir())
    assert b"918273" not in journal + (centre.directory / "log").read_bytes()


async def test_a_program_that_hangs_costs_its_deadline_and_the_call_is_routed(centre: Centre) -> None:
    async with crm() as asked:
        asked.delay = 4
        await opened(centre, WHO.format(port=asked.port))
        call = await dial(centre)
        await spoken_to(call)
        await press(call, "918273")

        done = await centre.fact(f.LookupDone)
        queued = await centre.fact(f.Queued, queue="fallback")
    assert (done.outcome, done.node) == (LookupEnd.DEADLINE, "who")
    assert 600 <= done.took_ms <= 900
    assert queued.at - done.at < 500_000_000
    assert (await end(centre)).path[-1] == "rest"


async def test_an_answer_that_does_not_fit_is_a_failure_and_no_crash(centre: Centre) -> None:
    async with crm() as asked:
        asked.answer = b'{"tier": "platinum\\u0000", "x": [1]}'
        await opened(centre, WHO.format(port=asked.port))
        call = await dial(centre)
        await spoken_to(call)
        await press(call, "918273")

        done = await centre.fact(f.LookupDone)
        await centre.fact(f.Queued, queue="fallback")
    assert (done.outcome, done.why) == (LookupEnd.MISFIT, "tier is no text of one line")


VIP = """
[ivr.main]
start = "who"
[ivr.main.nodes.who]
kind = "lookup"
database = "{path}"
query = "SELECT level, agent FROM customers WHERE number = :caller"
answer = {{ level = {{ type = "whole", lowest = 0, highest = 100 }}, agent = {{ required = false }} }}
found = "vip"
not_found = "rest"
failed = "rest"
[ivr.main.nodes.vip]
kind = "queue"
queue = "sales"
parameters = {{ priority = "{{level}}", prefer = "{{agent}}:90" }}
[ivr.main.nodes.rest]
kind = "queue"
queue = "fallback"
"""


async def test_a_known_caller_has_priority_and_the_last_agent_by_sql(centre: Centre) -> None:
    path = centre.directory / "crm.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE customers (number TEXT, level INTEGER, agent TEXT)")
        made.execute("INSERT INTO customers VALUES ('+4930123', 50, 'bob')")
        made.commit()
    await opened(centre, VIP.format(path=path))

    await dial(centre)

    assert (await centre.fact(f.Queued, queue="sales")).priority == 50
    assert (await centre.fact(f.Offered)).agent == "bob", "ann has the higher skill"
    await dial(centre, caller="+49301")
    assert (await centre.fact(f.LookupDone, nth=2)).outcome is LookupEnd.NOT_FOUND
    await centre.fact(f.Queued, queue="fallback")


KINDS = {
    "say": 'kind = "say"\nprompts = ["demo-congrats"]\nnext = "end"',
    "menu": 'kind = "menu"\nprompts = ["demo-congrats"]\nkeys = { 1 = "end" }\nno_input = "end"\non_invalid = "end"',
    "collect": 'kind = "collect"\nprompts = ["demo-congrats"]\ninto = "x"\nmost = 5\nnext = "end"\n'
    'no_input = "end"\non_invalid = "end"',
    "queue": 'kind = "queue"\nprompts = ["demo-congrats"]\nqueue = "sales"',
    "extension": 'kind = "extension"\nprompts = ["demo-congrats"]\ncontext = "tests"\nexten = "900"',
    "hangup": 'kind = "hangup"\nprompts = ["demo-congrats"]',
}
LEADING = ("say", "menu", "collect")


async def test_a_hang_up_in_any_node_ends_the_dialogue_at_once(centre: Centre) -> None:
    text = "".join(
        f'[ivr.{name}]\nstart = "here"\n[ivr.{name}.nodes.here]\n{node}\n'
        + (f'[ivr.{name}.nodes.end]\nkind = "hangup"\n' if name in LEADING else "")
        for name, node in KINDS.items()
    )
    async with crm() as asked:
        asked.delay = 30
        text += f"""
[ivr.lookup]
start = "here"
variables = {{ x = "1" }}
[ivr.lookup.nodes.here]
kind = "lookup"
url = "http://127.0.0.1:{asked.port}/x"
send = ["x"]
deadline = "10s"
found = "end"
not_found = "end"
failed = "end"
[ivr.lookup.nodes.end]
kind = "hangup"
"""
        await opened(centre, text)
        for nth, name in enumerate((*KINDS, "lookup"), 1):
            call = await dial(centre, name)
            if name == "lookup":
                await centre.until(lambda: bool(asked.asked), "the question")
            else:
                await spoken_to(call)
            await call.hangup()
            ended = await end(centre, nth)
            expected = DialogueEnd.CONTAINED if name == "hangup" else DialogueEnd.ABANDONED
            assert (ended.ivr, ended.outcome, ended.node, ended.queue) == (name, expected, "here", None)
    assert not centre.facts(f.Arrived)
    assert not centre.facts(f.LookupDone)


async def test_while_the_daemon_is_away_calls_wait_in_the_fallback_queue(centre: Centre) -> None:
    await opened(centre, MENU)
    call = await dial(centre)
    await spoken_to(call)
    await centre.kill_daemon()
    late = await dial(centre)
    await spoken_to(late)
    await centre.start_daemon()

    await centre.fact(f.Queued, nth=2, queue="fallback")
    assert centre.facts(f.IvrEnded) == [], "the first died with the daemon, the second never began"


async def test_an_orderly_stop_tells_that_the_dialogue_failed(centre: Centre) -> None:
    await opened(centre, MENU)
    call = await dial(centre)
    await spoken_to(call)
    await centre.stop_daemon()

    ended = await end(centre)
    assert (ended.outcome, ended.why) == (DialogueEnd.FAILED, "the session was closed")
    await centre.start_daemon()
    await centre.fact(f.Queued, queue="fallback")


async def test_a_dialogue_that_is_not_there_leads_to_the_fallback(centre: Centre) -> None:
    await opened(centre, MENU)
    await dial(centre, "nonsense")

    await centre.fact(f.Queued, queue="fallback")
    assert "unknown_ivr" in (centre.directory / "log").read_text()


async def test_a_silent_daemon_costs_two_seconds(centre: Centre) -> None:
    await opened(centre, MENU)
    await centre.kill_daemon()
    async with Silence(centre.agi_port):
        call = await dial(centre)
        silent = call.rtp.received
        await call.rtp.heard(silent + 25, 5)  # the music of the fallback queue
    await centre.start_daemon()

    assert (await centre.fact(f.Queued)).queue == "fallback"


FRENCH = """
[ivr.main]
start = "french"
[ivr.main.nodes.french]
kind = "set"
language = "fr"
next = "menu"
[ivr.main.nodes.menu]
kind = "menu"
prompts = ["no-such-sound", "not-there-either"]
keys = { "#" = "sales", "*" = "sales" }
no_input = "gone"
on_invalid = "gone"
[ivr.main.nodes.sales]
kind = "queue"
queue = "sales"
parameters = { lang = "{language}" }
[ivr.main.nodes.gone]
kind = "hangup"
served = false
"""


async def test_missing_sounds_cost_no_call_and_the_language_goes_along(centre: Centre) -> None:
    await opened(centre, FRENCH)
    call = await dial(centre)
    await centre.until(
        lambda: (centre.directory / "log").read_text().count("sound_missing") == 1, "the sound"
    )
    await press(call, "#")

    queued = await centre.fact(f.Queued, queue="sales")
    assert queued.variables == {"lang": "fr"}
    channel = (await centre.fact(f.IvrStarted)).channel
    assert "Language: fr" in await centre.pbx.cli(f"core show channel {channel}")
