"""Sessions over real loopback sockets, on both loops."""

import asyncio
import ipaddress
import socket
import statistics
import time

import pytest

from telephony.agi.codec import MAX_COMMAND, AgiFault, AgiReply, encode
from telephony.agi.server import AgiLimits, AgiServer, AgiSession, CommandInFlight, SessionClosed
from tests.unit.telephony.agi.peers import Asterisk, Recorder, block, serving

pytestmark = pytest.mark.unit

MS = 1_000_000
NOOP = encode("NOOP")
STREAM = encode("STREAM FILE", "hello", "")
DIAL = encode("EXEC Dial", "PJSIP/1001,15,mgi")
OK = b"200 result=0\n"


async def test_a_session_is_started_asked_and_closed_in_order() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (session,) = recorder.sessions
        assert (session.request.network_script, session.request.parameters) == ("sales", {"lang": "fr"})
        assert session.peer[0] == "127.0.0.1"
        assert session.accepted_at <= time.monotonic_ns()
        session.send(NOOP)
        assert session.busy
        assert await asterisk.line() == NOOP
        asterisk.say(b"200 result=1 (x)\n")
        await recorder.until("replied")
        assert not session.busy
        session.close()
        assert await asterisk.ended() == b""
        await recorder.until("closed")
        assert recorder.log == [("started", None), ("replied", AgiReply(200, "1", "x")), ("closed", None)]
        assert server.sessions == 0
        await asterisk.close()


async def test_session_ids_differ() -> None:
    recorder = Recorder()
    async with serving(recorder) as server, serving(recorder) as other:
        peers = [await Asterisk.call(each.address) for each in (server, server, other)]
        await recorder.until("started", 3)
        assert len({session.id for session in recorder.sessions}) == 3
        for peer in peers:
            await peer.close()


async def test_a_command_may_be_sent_from_inside_each_callback() -> None:
    recorder = Recorder()
    recorder.on = {"started": lambda s: s.send(NOOP), "replied": lambda s: s.close()}
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        assert await asterisk.line() == NOOP
        asterisk.say(OK + b"HANGUP\n")
        assert await asterisk.ended() == b""
        await recorder.until("closed")
        assert recorder.kinds == ["started", "replied", "closed"]
        await asterisk.close()


async def test_a_second_command_in_flight_is_refused_and_not_written() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (session,) = recorder.sessions
        session.send(DIAL)
        for cut in (False, True):
            with pytest.raises(CommandInFlight, match="waits for the reply to EXEC"):
                session.send(NOOP, cut=cut)
        assert await asterisk.line() == DIAL
        asterisk.say(OK)
        await recorder.until("replied")
        session.send(STREAM)
        assert await asterisk.line() == STREAM
        await asterisk.close()


@pytest.mark.parametrize("line", [b"", b"NOOP", b"NOOP\nNOOP\n", b"NOOP " + b"x" * MAX_COMMAND + b"\n"])
async def test_send_takes_one_line_only(line: bytes) -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        with pytest.raises(ValueError, match="one command line"):
            recorder.sessions[0].send(line)
        await asterisk.close()


@pytest.mark.parametrize(
    ("late", "stale"),
    [(b"", 0), (b"200 result=0 endpos=8000\n", 1), (b"200 result=-1 endpos=0\n", 1)],
    ids=["cut while it played", "had just ended by itself", "its file was missing"],
)
async def test_a_cut_stream_leaves_the_next_commands_reply_its_own(late: bytes, stale: int) -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (session,) = recorder.sessions
        session.send(STREAM)
        session.send(DIAL, cut=True)
        assert await asterisk.line() + await asterisk.line() == STREAM + DIAL
        asterisk.say(late)
        with pytest.raises(CommandInFlight):
            session.send(NOOP, cut=True)
        asterisk.say(b"200 result=5\n")
        await recorder.until("replied")
        assert recorder.log[-1] == ("replied", AgiReply(200, "5"))
        assert server.counters.stale_replies == stale
        # The next stream's own reply is told: nothing is left over from the cut.
        session.send(STREAM)
        asterisk.say(b"200 result=0 endpos=9\n")
        await recorder.until("replied", 2)
        assert recorder.log[-1] == ("replied", AgiReply(200, "0", "", 9))
        await asterisk.close()


async def test_a_stream_cannot_be_cut_by_a_command_whose_reply_looks_the_same() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        recorder.sessions[0].send(STREAM)
        with pytest.raises(ValueError, match="cut it with NOOP"):
            recorder.sessions[0].send(STREAM, cut=True)
        await asterisk.close()


async def test_cut_means_nothing_when_nothing_is_outstanding() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        recorder.sessions[0].send(STREAM, cut=True)
        asterisk.say(b"200 result=0 endpos=9\n")
        await recorder.until("replied")
        await asterisk.close()


def leave_by_line(asterisk: Asterisk) -> None:
    asterisk.say(b"HANGUP\nHANGUP\n")
    asterisk.writer.close()


ENDS = {
    "HANGUP twice, then EOF": leave_by_line,
    "EOF": lambda asterisk: asterisk.writer.close(),
    "half-close": Asterisk.half_close,
    "RST": Asterisk.reset,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("state", ["idle", "in flight", "stream cut", "amid a reply"])
async def test_every_hang_up_in_every_state_is_told_once_and_closed_once(end: str, state: str) -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (session,) = recorder.sessions
        if state != "idle":
            session.send(STREAM, deadline=50 * MS)
        if state == "stream cut":
            session.send(NOOP, cut=True, deadline=50 * MS)
        if state == "amid a reply":
            asterisk.say(b"200 result=1 (of two\n")
        ENDS[end](asterisk)
        await recorder.until("closed")
        assert recorder.kinds == ["started", "hung_up", "closed"]
        assert session.hung_up
        with pytest.raises(SessionClosed):
            session.send(NOOP)
        # A deadline that outlived its session would tell of it now.
        await asyncio.sleep(0.06)
        assert recorder.kinds == ["started", "hung_up", "closed"]
        await asterisk.close()


async def test_a_session_can_still_be_asked_after_the_hangup_line() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        asterisk.say(b"HANGUP\n")
        await recorder.until("hung_up")
        recorder.sessions[0].send(NOOP)
        assert await asterisk.line() == NOOP
        asterisk.say(OK)
        await recorder.until("replied")
        await asterisk.close()


async def test_an_overdue_reply_is_told_once_and_its_command_stays_outstanding() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (session,) = recorder.sessions
        session.send(NOOP, deadline=5 * MS)
        await recorder.until("failed")
        assert recorder.log[-1] == ("failed", AgiFault.TIMEOUT)
        with pytest.raises(CommandInFlight):
            session.send(NOOP)
        asterisk.say(OK)
        await recorder.until("replied")
        session.send(NOOP, deadline=30_000 * MS)
        assert recorder.kinds == ["started", "failed", "replied"]
        await asterisk.close()


async def test_a_reply_nobody_asked_for_and_garbage_are_told_and_the_session_goes_on() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address, block() + OK + b"rubbish\n100 result=0 Trying...\n")
        await recorder.until("failed", 2)
        assert [detail for _, detail in recorder.log[1:]] == [AgiFault.UNEXPECTED, AgiFault.GARBAGE]
        recorder.sessions[0].send(NOOP)
        asterisk.say(b"100 result=0 Trying...\n" + OK)
        await recorder.until("replied")
        assert recorder.log[-1] == ("replied", AgiReply(200, "0"))
        await asterisk.close()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"rubbish\n" * 9, AgiFault.STRAYS),
        (OK * 9, AgiFault.STRAYS),
        (b"200 result=1 (\0)\n", AgiFault.NUL),
        (b"x" * 40_000, AgiFault.LINE_TOO_LONG),
    ],
)
async def test_a_peer_of_no_more_use_is_ended_without_a_hang_up(data: bytes, fault: AgiFault) -> None:
    recorder = Recorder()
    async with serving(recorder, AgiLimits(strays=8)) as server:
        asterisk = await Asterisk.call(server.address, block() + data + b"HANGUP\n")
        await recorder.until("closed")
        assert recorder.log[-2:] == [("failed", fault), ("closed", None)]
        assert "hung_up" not in recorder.kinds
        await asterisk.ended()
        await asterisk.close()


async def test_a_peer_that_does_not_read_is_given_up() -> None:
    recorder = Recorder()
    long = encode("NOOP", "x" * 2000)
    recorder.on["replied"] = lambda session: session.send(long)
    small = socket.create_server(("127.0.0.1", 0))
    small.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    async with serving(recorder, AgiLimits(write_high_water=16_384), sock=small) as server:
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.connect(server.address)
            peer.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(peer, block())
            await recorder.until("started")
            recorder.sessions[0].send(long)
            async with asyncio.timeout(10):
                while "closed" not in recorder.kinds:
                    try:
                        await loop.sock_sendall(peer, OK)
                    except ConnectionError:
                        break
                    await asyncio.sleep(0)
        await recorder.until("closed")
        assert ("failed", AgiFault.NOT_READING) in recorder.log
        assert "hung_up" not in recorder.kinds


@pytest.mark.parametrize("kind", ["started", "replied", "failed", "hung_up", "closed"])
async def test_a_raising_listener_is_reported_and_costs_nobody_anything(kind: str) -> None:
    recorder = Recorder()

    def mistake(session: AgiSession) -> None:
        raise LookupError(kind)

    async with serving(recorder) as server:
        bystander = await Asterisk.call(server.address)
        await recorder.until("started")
        recorder.on[kind] = mistake
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started", 2)
        recorder.sessions[1].send(NOOP)
        asterisk.say(OK + OK + b"HANGUP\n")
        await asterisk.close()
        await recorder.until("closed")
        assert recorder.kinds[1:] == ["started", "replied", "failed", "hung_up", "closed"]
        assert [str(error) for error in recorder.reported] == [kind]
        assert server.counters.listener_errors == 1
        recorder.on.clear()
        recorder.sessions[0].send(NOOP)
        assert await bystander.line() == NOOP
        await bystander.close()


async def test_peers_outside_the_allow_list_are_closed_at_accept() -> None:
    recorder = Recorder()
    async with serving(recorder, allow=[ipaddress.ip_network("192.0.2.0/24")]) as server:
        asterisk = await Asterisk.call(server.address)
        assert await asterisk.ended() == b""
        await recorder.holds(lambda: server.counters.refused_peer == 1)
        assert recorder.log == []
        await asterisk.close()


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [("127.0.0.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.1", False), ("fe80::1%eth0", False), ("", False)],
)  # fmt: skip
async def test_the_default_allow_list_is_loopback_in_every_spelling(peer: str, *, allowed: bool) -> None:
    server = AgiServer(Recorder(), clock=time.monotonic_ns, report=Recorder().report)
    assert server.allows(peer) is allowed


async def test_it_binds_to_loopback_by_default_and_says_why_it_cannot() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        assert server.address[0] == "127.0.0.1"
        second = AgiServer(recorder, clock=time.monotonic_ns, report=recorder.report)
        with pytest.raises(OSError, match=r"FastAGI cannot listen on 127\.0\.0\.1 port .* nothing else uses"):
            await second.start(port=server.address[1])
        assert await second.close() == 0


async def test_an_inherited_socket_is_served() -> None:
    recorder = Recorder()
    server = AgiServer(recorder, clock=time.monotonic_ns, report=recorder.report)
    inherited = socket.create_server(("127.0.0.1", 0))
    await server.start(sock=inherited)
    asterisk = await Asterisk.call(inherited.getsockname())
    await recorder.until("started")
    assert await server.close() == 1
    assert await asterisk.ended() == b""
    await asterisk.close()


async def test_close_ends_every_session_and_says_how_many_it_abandoned() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        peers = [await Asterisk.call(server.address) for _ in range(3)]
        stranger = await Asterisk.call(server.address, b"agi_network: yes\n")
        await recorder.until("started", 3)
        await recorder.holds(lambda: server.ungreeted == 1)
        recorder.sessions[0].close()
        assert await server.close() == 2
        assert recorder.kinds == ["started"] * 3 + ["closed"] * 3
        for peer in [*peers, stranger]:
            assert await peer.ended() == b""
            await peer.close()
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            await Asterisk.call(server.address)


async def test_close_does_not_wait_for_a_peer_that_does_not_read() -> None:
    recorder = Recorder()
    async with serving(recorder, AgiLimits(closing=50 * MS, write_high_water=1 << 30)) as server:
        with socket.create_connection(server.address) as peer:
            peer.sendall(block())
            await recorder.until("started")
            (session,) = recorder.sessions
            for _ in range(4000):
                session.send(encode("NOOP", "x" * 2000))
                session.sort(AgiReply(200, "0"))
            begun = time.perf_counter()
            assert await server.close() == 1
            assert time.perf_counter() - begun < 1
            assert recorder.kinds == ["started", "closed"]


async def test_closing_a_session_does_not_wait_for_ever_for_a_peer_that_does_not_read() -> None:
    recorder = Recorder()
    async with serving(recorder, AgiLimits(closing=50 * MS, write_high_water=1 << 30)) as server:
        with socket.create_connection(server.address) as peer:
            peer.sendall(block())
            await recorder.until("started")
            (session,) = recorder.sessions
            for _ in range(4000):
                session.send(encode("NOOP", "x" * 2000))
                session.sort(AgiReply(200, "0"))
            session.close()
            await recorder.until("closed")
            assert recorder.kinds == ["started", "closed"]


async def test_small_commands_do_not_wait_for_each_others_acknowledgement() -> None:
    recorder = Recorder()
    async with serving(recorder) as server:
        asterisk = await Asterisk.call(server.address)
        await recorder.until("started")
        (connection,) = server._connections
        assert connection._socket is not None
        assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        await asterisk.close()


async def test_a_hangup_right_behind_a_reply_does_not_wait_for_a_delayed_acknowledgement() -> None:
    recorder = Recorder()
    gaps: list[float] = []
    loop = asyncio.get_running_loop()
    async with serving(recorder) as server:
        for n in range(12):
            # A bare socket with Nagle's algorithm on: two sends are two segments, as Asterisk's are.
            with socket.create_connection(server.address) as asterisk:
                asterisk.setblocking(False)
                asterisk.send(block())
                await recorder.until("started", n + 1)
                for last in [False] * 12 + [True]:
                    recorder.sessions[-1].send(NOOP)
                    assert await loop.sock_recv(asterisk, 100) == NOOP
                    asterisk.send(OK)
                    if last:
                        asterisk.send(b"HANGUP\n")
                    await recorder.holds(lambda: not recorder.sessions[-1].busy)
                await recorder.until("hung_up", n + 1)
            gaps.append(recorder.at[-1] - recorder.at[-2])
            await recorder.until("closed", n + 1)
    assert statistics.median(gaps) < 0.010
