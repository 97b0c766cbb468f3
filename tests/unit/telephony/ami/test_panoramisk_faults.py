"""Each reproduced fault of stock panoramisk's AMI, by its number in libraries.md: ours passes, stock is a strict xfail."""

import asyncio
import itertools
from typing import Any

import pytest

from tests.unit.telephony.ami.clients import Client, Ours, Stock
from tests.unit.telephony.ami.peer import Peer, listening, ok, refused, silence, until

pytestmark = pytest.mark.unit


def both(fault: str) -> pytest.MarkDecorator:
    """Run a test on ours, and on stock where it must fail by `fault`."""
    xfail = pytest.mark.xfail(strict=True, raises=AssertionError, reason=f"stock panoramisk, fault {fault}")
    return pytest.mark.parametrize(
        "make", [pytest.param(Ours, id="ours"), pytest.param(Stock, id="stock", marks=xfail)]
    )


def event(channel: str, *lines: str) -> bytes:
    return "\r\n".join(["Event: Newstate", f"Channel: {channel}", *lines, "", ""]).encode()


async def ready(client: Client) -> None:
    await until(client.ready, "the client is logged in")


async def outcome(client: Client, awaitable: Any) -> object:
    """Return the result or the exception of an action, an AssertionError when neither comes."""
    done, _ = await asyncio.wait({awaitable}, timeout=client.patience)
    assert done, "the action's future never ends"
    return awaitable.exception() or awaitable.result()


@both("7: CR/LF in a header injects an action")
async def test_a_line_break_in_a_value_sends_nothing(make: type[Client]) -> None:
    async with listening() as peer, make(peer.port).running() as client:
        await ready(client)

        try:
            client.ask("Setvar", Value="x\r\n\r\nAction: Command\r\nActionID: 9\r\nCommand: core stop now")
        except ValueError:
            client.ask("CoreStatus")
        await until(peer.last.names, "something arrived")

        assert b"core stop now" not in peer.last.received


@both("8: text is decoded per TCP segment")
async def test_a_letter_split_over_two_segments_stays_whole(make: type[Client]) -> None:
    async with listening() as peer, make(peer.port).running() as client:
        await ready(client)
        whole = event("PJSIP/Müller")
        cut = whole.index("ü".encode()) + 1

        seen = len(client.channels())
        peer.last.write(whole[:cut])
        await _read_by_the_client()
        peer.last.write(whole[cut:])
        await until(lambda: len(client.channels()) > seen, "the event arrived")

        assert client.channels()[-1] == "PJSIP/Müller"


async def _read_by_the_client() -> None:
    """Let the client read what was written: the kernel has it, so a few turns of the shared loop suffice."""
    for _ in range(20):
        await asyncio.sleep(0)


@both("9: a raising callback drops the link and the rest of the segment")
async def test_a_raising_inbox_costs_neither_the_link_nor_the_next_events(make: type[Client]) -> None:
    def fail_on_third(seen: Any) -> None:
        if seen.channel == "3":
            raise RuntimeError("a fault in the inbox")

    async with listening() as peer, make(peer.port, on_event=fail_on_third).running() as client:
        await ready(client)
        _mute_loop_errors()

        peer.last.write(b"".join(event(str(number)) for number in range(1, 6)))

        await until(lambda: client.channels() == list("12345"), "all five events arrived", client.patience)
        assert len(peer.connections) == 1


@both("10: pending actions are sent again after a reconnect")
async def test_nothing_is_sent_again_after_a_reconnect(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Originate"] = silence
        async with make(peer.port).running() as client:
            await ready(client)
            asked = client.ask("Originate", Channel="PJSIP/1001")
            await until(peer.last.names, "the action arrived")

            peer.last.transport.abort()
            await until(lambda: len(peer.connections) > 1 and client.ready(), "the client is back")
            following = client.ask("CoreStatus")
            await until(lambda: "CoreStatus" in peer.last.names(), "the next action arrived")

            sent = [name for connection in peer.connections for name in connection.names()]
            assert sent == ["Originate", "CoreStatus"]
            await asyncio.wait({asked, following})


@both("11: futures of a lost link stay pending")
async def test_pending_actions_fail_at_once_when_the_link_drops(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Originate"] = silence
        async with make(peer.port).running() as client:
            await ready(client)
            asked = client.ask("Originate", Channel="PJSIP/1001")
            await until(peer.last.names, "the action arrived")

            peer.answers["Login"] = silence
            peer.last.transport.abort()

            assert isinstance(await outcome(client, asked), Exception)


@both("12: the future of QueueAdd never ends")
async def test_queue_add_is_answered_by_its_success(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["QueueAdd"] = lambda action: ok(action, "Message: Added interface to queue")
        async with make(peer.port).running() as client:
            await ready(client)

            answer = await outcome(client, client.ask("QueueAdd", Queue="q", Interface="PJSIP/1001"))

            assert getattr(answer, "message", "") == "Added interface to queue"


@both("12: an asynchronous Originate waits for OriginateResponse")
async def test_an_asynchronous_originate_is_answered_by_its_response(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Originate"] = lambda action: ok(action, "Message: Originate successfully queued")
        async with make(peer.port).running() as client:
            await ready(client)

            answer = await outcome(client, client.ask("Originate", Channel="PJSIP/1001", Async="true"))

            assert getattr(answer, "message", "") == "Originate successfully queued"


@both("12: an event with a pending ActionID never reaches the callbacks")
async def test_an_event_with_a_pending_action_id_reaches_the_inbox(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Originate"] = silence
        async with make(peer.port).running() as client:
            await ready(client)
            asked = client.ask("Originate", Channel="PJSIP/1001")
            await until(peer.last.names, "the action arrived")

            action_id = peer.last.actions[-1]["ActionID"]
            peer.last.write(event("PJSIP/1001-1", f"ActionID: {action_id}") + event("PJSIP/1001-2"))
            await until(client.channels, "an event arrived")

            assert client.channels() == ["PJSIP/1001-1", "PJSIP/1001-2"]
            peer.last.transport.abort()
            await asyncio.wait({asked})


@both("13: a refused login is never reported")
async def test_wrong_credentials_are_reported_as_such(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Login"] = lambda action: refused(action, "Authentication failed")
        async with make(peer.port).running() as client:
            await until(client.refused, "wrong credentials are reported", client.patience)


@both("13: login is tried at the same pace for ever")
async def test_refused_logins_come_ever_more_slowly(make: type[Client]) -> None:
    moments: list[float] = []

    async with listening() as peer:

        def refuse(action: dict[str, str]) -> bytes:
            moments.append(asyncio.get_running_loop().time())
            _close_after_answer(peer)
            return refused(action, "Authentication failed")

        peer.answers["Login"] = refuse
        async with make(peer.port, retry_credentials=0.05).running():
            await until(lambda: len(moments) >= 5, "five logins were tried")

    gaps = [later - sooner for sooner, later in itertools.pairwise(moments)]
    assert gaps[3] > 1.8 * gaps[0]


@both("14: an unanswered Ping is never noticed")
async def test_a_half_open_link_is_noticed(make: type[Client]) -> None:
    async with listening() as peer:
        peer.answers["Ping"] = silence
        async with make(peer.port, ping_every=0.02, ping_deadline=0.02).running() as client:
            await ready(client)

            await until(lambda: len(peer.connections) > 1, "a second connection", max(client.patience, 0.5))


@both("15: close() does not end the wait for the reconnect")
async def test_close_ends_the_reconnect_wait_too(make: type[Client]) -> None:
    async with listening() as peer:
        client = make(peer.port, retry_first=0.05, retry_most=0.05)
        async with client.running():
            await ready(client)
            peer.last.transport.abort()
            await until(lambda: not _connected(client), "the client saw the loss")

            client.close()
            await asyncio.sleep(0.1)

            assert len(peer.connections) == 1


@both("15: an action sent while the link is down is queued in silence")
async def test_sending_while_down_is_refused(make: type[Client]) -> None:
    async with listening() as peer, make(peer.port).running() as client:
        await ready(client)
        peer.vanish()
        await until(lambda: not _connected(client), "the client saw the loss")

        try:
            answer = await outcome(client, client.ask("CoreStatus"))
        except ConnectionError as error:
            answer = error
        except Exception as error:
            if type(error).__name__ != "LinkDownError":
                raise
            answer = error

        assert isinstance(answer, Exception)


def _connected(client: Client) -> bool:
    if isinstance(client, Stock):
        return bool(client.manager._connected)
    return client.ready()


def _close_after_answer(peer: Peer) -> None:
    connection = peer.last
    asyncio.get_running_loop().call_soon(connection.transport.close)


def _mute_loop_errors() -> None:
    """Keep the loop's report of stock's fatal callback out of the output; ours never gets that far."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
