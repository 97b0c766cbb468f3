"""The link's life: up, asked, lost, back, ended. Over loopback sockets against a scripted peer, on both loops."""

import asyncio
import random
import socket
import time

import pytest

from telephony.ami.errors import ActionFailedError, ActionTimeoutError, LinkDownError
from telephony.ami.link import AmiLink
from telephony.ami.messages import CoreShowChannel, DeviceStateChange, Shutdown
from telephony.ami.notices import LinkDown, LinkState, LinkUp
from tests.unit.telephony.ami.clients import Ours, settings
from tests.unit.telephony.ami.peer import BOOTED, listening, ok, refused, silence, until

pytestmark = pytest.mark.unit


def hold(channel: str) -> bytes:
    return f"Event: Hold\r\nChannel: {channel}\r\n\r\n".encode()


def kinds(ours: Ours) -> list[str]:
    return [type(item).__name__ for item in ours.inbox]


def channel_list(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


async def up(ours: Ours) -> None:
    await until(ours.ready, "the link is up")


def fault_kinds(ours: Ours) -> list[str]:
    return [fault.kind for fault in ours.faults]


# ---------------------------------------------------------------- coming up
async def test_the_link_is_up_only_after_fully_booted_and_the_inbox_keeps_the_order() -> None:
    async with listening() as peer:
        peer.answers["Login"] = lambda action: ok(action) + hold("early")
        async with Ours(peer.port).running() as ours:
            await until(ours.channels, "the early event arrived")
            assert ours.link.state is LinkState.BOOTING

            peer.last.write(BOOTED + hold("late"))
            await until(lambda: len(ours.inbox) == 4, "all arrived")

    assert kinds(ours)[:4] == ["Hold", "FullyBooted", "LinkUp", "Hold"]
    assert ours.link.counters.events == {"Hold": 2, "FullyBooted": 1}


async def test_without_read_class_system_the_login_is_enough() -> None:
    async with listening() as peer:
        peer.answers["Login"] = lambda action: ok(action) + hold("a")
        async with Ours(peer.port, wait_fully_booted=False).running() as ours:
            await until(lambda: len(ours.inbox) == 2, "both arrived")

    assert kinds(ours)[:2] == ["LinkUp", "Hold"]
    assert isinstance(ours.inbox[0], LinkUp)
    assert (ours.inbox[0].switch, ours.inbox[0].version) == ("a", "9.0.0")


async def test_a_missing_fully_booted_is_reported_with_its_cure() -> None:
    async with listening() as peer:
        peer.answers["Login"] = ok
        async with Ours(peer.port, boot_deadline=0.02).running() as ours:
            await until(lambda: "not_booted" in fault_kinds(ours), "the fault is reported")

    assert "read = system" in next(fault for fault in ours.faults if fault.kind == "not_booted").detail


async def test_a_peer_that_does_not_greet_as_ami_never_sees_the_secret() -> None:
    async with listening() as peer:
        peer.greeting = b"SSH-2.0-OpenSSH_9\r\n"
        async with Ours(peer.port, login_deadline=0.02).running() as ours:
            await until(lambda: "login_failed" in fault_kinds(ours), "the fault is reported")

        assert b"s3cret" not in b"".join(bytes(one.received) for one in peer.connections)
    assert "is it the manager port?" in ours.faults[0].detail


async def test_a_login_that_is_not_answered_is_tried_again() -> None:
    async with listening() as peer:
        peer.answers["Login"] = silence
        async with Ours(peer.port, login_deadline=0.02).running() as ours:
            await until(lambda: len(peer.connections) > 1, "a second try")

    assert "the login was not answered" in ours.faults[0].detail


async def test_wrong_credentials_stay_the_state_until_they_are_cured_on_the_pbx() -> None:
    async with listening() as peer:
        good = peer.answers["Login"]
        peer.answers["Login"] = lambda action: refused(action, "Authentication failed")
        async with Ours(peer.port, retry_credentials=0.02).running() as ours:
            await until(lambda: len(peer.connections) >= 3, "it is tried again")
            assert ours.link.state is LinkState.WRONG_CREDENTIALS
            assert fault_kinds(ours) == ["wrong_credentials"]

            peer.answers["Login"] = good
            await up(ours)

    assert "s3cret" not in repr(ours.faults)


async def test_an_unreachable_asterisk_is_reported_once_and_tried_for_ever() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with Ours(closed.getsockname()[1]).running() as ours:
            await until(lambda: ours.link.counters.connects >= 3, "it is tried again")

    assert fault_kinds(ours) == ["connect_failed"]
    assert ours.inbox == []


# ---------------------------------------------------------------- asking
async def test_a_command_gives_its_lines() -> None:
    async with listening() as peer:
        peer.answers["Command"] = lambda action: ok(
            action, "Message: Command output follows", "Output: a", "Output: b"
        )
        async with Ours(peer.port).running() as ours:
            await up(ours)

            answer = await ours.link.action("Command", {"Command": "core show version"})

    assert answer.output == ["a", "b"]


async def test_a_refused_action_says_why() -> None:
    async with listening() as peer:
        peer.answers["Hangup"] = lambda action: refused(action, "No such channel")
        async with Ours(peer.port).running() as ours:
            await up(ours)

            with pytest.raises(ActionFailedError, match="Hangup: No such channel") as caught:
                await ours.link.action("Hangup", {"Channel": "x"})

    assert caught.value.response is not None


async def test_an_action_without_an_answer_times_out_and_its_late_answer_is_stray() -> None:
    async with listening() as peer:
        peer.answers["Hangup"] = silence
        async with Ours(peer.port).running() as ours:
            await up(ours)

            with pytest.raises(ActionTimeoutError, match="Hangup"):
                await ours.link.action("Hangup", deadline=0.01)
            peer.last.write(ok(peer.last.actions[-1]))

            await until(lambda: ours.link.counters.stray_responses == 1, "the late answer is counted")
            assert ours.link.up


async def test_each_answer_finds_its_action_whatever_the_order() -> None:
    async with listening() as peer:
        peer.answers["A"] = peer.answers["B"] = silence
        async with Ours(peer.port).running() as ours:
            await up(ours)
            first, second = ours.ask("A"), ours.ask("B")
            await until(lambda: len(peer.last.names()) == 2, "both arrived")
            a, b = peer.last.actions[-2:]

            peer.last.write(ok(b, "Message: b") + ok(a, "Message: a"))

            assert [getattr(await one, "message", "") for one in (first, second)] == ["a", "b"]


async def test_a_list_is_collected_and_reaches_the_inbox_in_its_place() -> None:
    def channels(action: dict[str, str]) -> bytes:
        mine = f"ActionID: {action['ActionID']}"
        return (
            ok(action, "EventList: start", "Message: Channels will follow")
            + channel_list("Event: CoreShowChannel", mine, "Channel: a", "Uniqueid: 1.1")
            + hold("between")
            + channel_list("Event: CoreShowChannel", mine, "Channel: b", "Uniqueid: 1.2")
            + channel_list("Event: CoreShowChannelsComplete", mine, "EventList: Complete", "ListItems: 2")
            + hold("after")
        )

    async with listening() as peer:
        peer.answers["CoreShowChannels"] = channels
        async with Ours(peer.port).running() as ours:
            await up(ours)
            items = await ours.link.collect("CoreShowChannels", {}, "CoreShowChannelsComplete")

    assert [item.channel for item in items if isinstance(item, CoreShowChannel)] == ["a", "b"]
    assert len(items) == 2
    assert ours.channels() == ["a", "between", "b", "", "after"]


async def test_a_list_past_its_limit_is_refused() -> None:
    def states(action: dict[str, str]) -> bytes:
        item = channel_list(
            "Event: DeviceStateChange", f"ActionID: {action['ActionID']}", "Device: PJSIP/1001"
        )
        return ok(action, "EventList: start") + item * 4

    async with listening() as peer:
        peer.answers["DeviceStateList"] = states
        async with Ours(peer.port, list_limit=3).running() as ours:
            await up(ours)
            with pytest.raises(ActionFailedError, match="raise list_limit"):
                await ours.link.collect("DeviceStateList", {}, "DeviceStateListComplete")
            await until(lambda: len(ours.events()) == 4, "the inbox has them all")

    assert all(isinstance(event, DeviceStateChange) for event in ours.events())


@pytest.mark.parametrize(("answer", "said"), [("refused", "No such channel"), ("nothing", "no answer")])
async def test_the_failure_of_an_action_nobody_awaits_is_reported(answer: str, said: str) -> None:
    async with listening() as peer:
        peer.answers["Setvar"] = (
            silence if answer == "nothing" else lambda action: refused(action, "No such channel")
        )
        async with Ours(peer.port, action_deadline=0.01, ping_every=0.01).running() as ours:
            await up(ours)
            ours.link.send("Setvar", {"Channel": "x", "Variable": "a", "Value": "b"})
            await until(lambda: ours.link.counters.send_failures == 1, "the failure is counted")

    assert said in ours.faults[-1].detail


async def test_an_action_that_cannot_be_sent_leaves_nothing_behind() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)

        with pytest.raises(ValueError, match="'Value'"):
            await ours.link.action("Setvar", {"Value": "a\nb"})

        assert (await ours.link.action("CoreStatus")).ok
        assert peer.last.names() == ["CoreStatus"]


async def test_sending_before_the_link_is_up_is_refused() -> None:
    link = Ours(1).link

    with pytest.raises(LinkDownError, match="down"):
        await link.action("CoreStatus")
    with pytest.raises(LinkDownError, match="down"):
        link.send("CoreStatus")


async def test_panoramisks_own_send_command_works_on_the_link() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)

        assert (await ours.link.send_command("core show version")).ok

        assert peer.last.actions[-1]["Command"] == "core show version"


@pytest.mark.parametrize("door", ["connect", "register_event"])
async def test_panoramisks_unsafe_doors_are_closed(door: str) -> None:
    link = Ours(1).link

    with pytest.raises(TypeError, match="AmiLink"):
        link.connect() if door == "connect" else link.register_event("*", lambda *_: None)


# ---------------------------------------------------------------- losing and coming back
async def test_one_link_down_for_each_link_up_with_pending_actions_failed_first() -> None:
    order: list[str] = []

    async with listening() as peer:
        peer.answers["Originate"] = silence
        async with Ours(peer.port).running() as ours:
            await up(ours)
            asked = ours.ask("Originate")
            await until(peer.last.names, "the action arrived")
            peer.last.write(b"Event: Shutdown\r\nShutdown: Cleanly\r\nRestart: True\r\n\r\n")
            await until(ours.events, "the shutdown arrived")
            peer.last.transport.close()
            await until(lambda: ours.link.counters.ups == 2, "the link is back")
            with pytest.raises(LinkDownError, match="may have run"):
                await asked
            order = kinds(ours)

    assert order == ["FullyBooted", "LinkUp", "Shutdown", "LinkDown", "FullyBooted", "LinkUp"]
    assert isinstance(ours.events()[0], Shutdown)
    assert kinds(ours).count("LinkDown") == kinds(ours).count("LinkUp") == 2
    assert ours.link.counters.reconnects == 1


async def test_any_traffic_counts_as_life() -> None:
    async with listening() as peer:
        peer.answers["Ping"] = silence
        async with Ours(peer.port, ping_every=0.05, ping_deadline=0.05).running() as ours:
            await up(ours)
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                peer.last.write(hold("alive"))
                await asyncio.sleep(0.01)

            assert len(peer.connections) == 1


async def test_an_answered_ping_keeps_a_silent_link() -> None:
    async with listening() as peer, Ours(peer.port, ping_every=0.01, ping_deadline=2.0).running() as ours:
        await up(ours)
        await until(
            lambda: sum(action["Action"] == "Ping" for action in peer.last.actions) > 5, "pings arrived"
        )

        assert len(peer.connections) == 1


async def test_a_link_that_drops_at_once_keeps_backing_off() -> None:
    async with listening() as peer:
        peer.answers["Login"] = lambda action: ok(action) + BOOTED
        async with Ours(peer.port, retry_first=0.02, retry_most=1.0).running() as ours:
            moments: list[float] = []
            for _ in range(5):
                await until(ours.ready, "the link is up")
                moments.append(time.monotonic())
                peer.last.transport.abort()
                await until(lambda: not ours.ready(), "the loss is seen")

    assert moments[4] - moments[3] > 1.8 * (moments[1] - moments[0])


async def test_a_peer_that_does_not_read_is_dropped_not_buffered_for_ever() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)
        peer.last.transport.pause_reading()

        for _ in range(100_000):
            if ours.link.up:
                ours.link.send("Setvar", {"Value": "x" * 1000})

        assert not ours.link.up
        down = next(item for item in ours.inbox if isinstance(item, LinkDown))
        assert "unread" in down.reason


# ---------------------------------------------------------------- ending
@pytest.mark.parametrize("ended", ["closed", "cancelled"])
async def test_ending_tells_the_loss_and_leaves_no_connection(ended: str) -> None:
    async with listening() as peer:
        ours = Ours(peer.port)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(ours.link.run())
            await up(ours)
            ours.link.close() if ended == "closed" else task.cancel()

        assert ours.link.state is LinkState.CLOSED
        assert kinds(ours)[-1] == "LinkDown"
        await until(lambda: not peer.last.open, "the connection is gone")


async def test_close_ends_a_connect_that_hangs() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        ours = Ours(full.getsockname()[1])

        async with asyncio.timeout(2), ours.running():
            await until(lambda: ours.link.state is LinkState.CONNECTING, "it is connecting")
            ours.close()

    assert ours.faults == []


async def test_a_callback_may_close_the_link() -> None:
    async with listening() as peer:
        ours = Ours(peer.port)
        ours.on_event = lambda event: ours.close() if getattr(event, "channel", "") == "2" else None
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(ours.link.run())
            await up(ours)
            peer.last.write(hold("1") + hold("2") + hold("3"))

    assert kinds(ours)[-3:] == ["Hold", "Hold", "LinkDown"]


async def test_a_link_runs_once() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)

        with pytest.raises(RuntimeError, match="called once"):
            await ours.link.run()


# ---------------------------------------------------------------- bad input, bad inbox
async def test_garbage_and_malformed_events_are_counted_and_cost_nothing_else() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)

        peer.last.write(
            b"\xff\x00garbage\r\n\r\nEvent: Hangup\r\nCause: x\r\n\r\nAction: Nonsense\r\n\r\n" + hold("a")
        )
        await until(ours.channels, "the good event arrived")

    counters = ours.link.counters
    assert ours.channels() == ["a"]
    assert counters.malformed_events == 1
    assert counters.protocol_errors == {"bad_line": 1, "not_a_message": 1, "not_for_us": 1}


async def test_a_raising_inbox_and_a_raising_reporter_cost_nothing() -> None:
    def fail(_item: object) -> None:
        raise RuntimeError("a fault outside")

    async with listening() as peer:
        link = AmiLink(settings(peer.port), fail, time.monotonic_ns, random.Random(1), report=fail)
        async with asyncio.TaskGroup() as group:
            group.create_task(link.run())
            await until(lambda: link.up, "the link is up")
            peer.last.write(hold("a"))
            await until(lambda: link.counters.events.get("Hold"), "the event arrived")
            link.close()

    assert link.counters.deliver_errors == link.counters.report_errors == 4


async def test_small_actions_leave_at_once() -> None:
    async with listening() as peer, Ours(peer.port).running() as ours:
        await up(ours)
        assert ours.link.protocol is not None
        sock = ours.link.protocol.transport.get_extra_info("socket")

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_the_moment_of_reading_is_known_to_the_inbox() -> None:
    read: list[int] = []

    async with listening() as peer:
        ours = Ours(peer.port)
        ours.on_event = lambda _event: read.append(ours.link.read_at)
        before = time.monotonic_ns()
        async with ours.running():
            await up(ours)

    assert all(before <= at <= time.monotonic_ns() for at in read)
    assert read
