"""AMI intake, events per second: AmiLink against stock panoramisk, same peer, same events, alternating in one run.

The peer is a process of its own on loopback, so with two cores each side has one. Two mixes: "unfiltered" is what a
simple call sends without event filters (44 events, 12 of them read), "filtered" only those 12. Run:
`python -m tests.bench.ami_intake [--events N] [--rounds N] [--json FILE]`.
"""

import argparse
import asyncio
import logging
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import panoramisk
import uvloop

from telephony.ami.link import AmiLink
from telephony.ami.notices import Inbox, LinkUp
from telephony.ami.settings import LinkSettings

TARGET = 60_000
READ = [
    "Newchannel",
    "Newstate",
    "DialBegin",
    "DialState",
    "Newstate",
    "Newstate",
    "DialEnd",
    "BridgeEnter",
    "BridgeEnter",
    "BridgeLeave",
    "HangupRequest",
    "Hangup",
]
UNREAD = ["VarSet"] * 26 + ["Newexten"] * 3 + ["TestEvent"] * 3
MIXES = {"unfiltered": READ + UNREAD, "filtered": READ}
END = b"Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: End\r\n\r\n"


def event(name: str, number: int) -> bytes:
    """Return one event of about 450 bytes with the headers a channel event has."""
    headers = {
        "Event": name,
        "Privilege": "call,all",
        "Channel": f"PJSIP/trunk-a-{number:08x}",
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "CallerIDNum": "0301234567",
        "CallerIDName": "Müller",
        "ConnectedLineNum": "1001",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "",
        "Context": "acd",
        "Exten": "sales",
        "Priority": "3",
        "Uniqueid": f"1795392000.{number}",
        "Linkedid": f"1795392000.{number}",
        "BridgeUniqueid": "6b0c3a52-8d58-4d16-9f2c-7b9a4f0b5a11",
        "Cause": "16",
        "DestChannel": f"PJSIP/1001-{number:08x}",
    }
    return "\r\n".join([*(f"{key}: {value}" for key, value in headers.items()), "", ""]).encode()


def serve(mix: str, events: int) -> None:
    """Be the peer: print the port, answer one login, send the events after `Action: Go`, wait for the client's end."""
    names = MIXES[mix]
    block = b"".join(event(names[number % len(names)], number) for number in range(len(names) * 20))
    blocks = events // (len(names) * 20)
    with socket.create_server(("127.0.0.1", 0)) as server:
        sys.stdout.write(f"{server.getsockname()[1]} {blocks * len(names) * 20}\n")
        sys.stdout.flush()
        client, _ = server.accept()
        with client, client.makefile("rb") as lines:
            client.sendall(b"Asterisk Call Manager/9.0.0\r\n")
            client.sendall(
                b"Response: Success\r\nActionID: " + _action_id(lines) + b"\r\nMessage: ok\r\n\r\n"
            )
            client.sendall(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")
            client.sendall(_success(_action_id(lines)))
            for _ in range(blocks):
                client.sendall(block)
            client.sendall(END)
            lines.read()


def _success(action_id: bytes) -> bytes:
    return b"Response: Success\r\nActionID: " + action_id + b"\r\nMessage: ok\r\n\r\n"


def _action_id(lines: Any) -> bytes:
    """Read one action to its end, return its id."""
    found = b""
    while (line := lines.readline().strip()) != b"":
        if line.startswith(b"ActionID: "):
            found = line[10:]
    return found


@contextmanager
def peer(mix: str, events: int) -> Iterator[tuple[int, int]]:
    """Run the peer process; give its port and how many events it will send."""
    command = [sys.executable, "-m", "tests.bench.ami_intake", "--serve", mix, "--events", str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port, count = process.stdout.readline().split()
            yield int(port), int(count)
        finally:
            process.kill()


async def ours(port: int, names: list[str]) -> tuple[int, float]:
    """Return events delivered and the seconds from asking to the last one."""
    seen = 0
    started = ended = 0.0

    def deliver(item: Inbox) -> None:
        nonlocal seen, started, ended
        seen += 1
        kind = type(item).__name__
        if isinstance(item, LinkUp):
            seen = 0
            started = time.perf_counter()
            link.send("Go")
        elif kind == "UserEvent":
            ended = time.perf_counter()
            link.close()

    settings = LinkSettings(switch="a", host="127.0.0.1", port=port, username="u", secret="s")
    link = AmiLink(settings, deliver, time.monotonic_ns, random.Random(1))
    await link.run()
    # Not counted: the end mark and the LinkDown that closing delivers.
    return seen - 2, ended - started


async def stock(port: int, names: list[str]) -> tuple[int, float]:
    """Return the same of panoramisk, subscribed to the same names with plain callbacks."""
    seen = 0
    done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    booted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def count(_manager: object, _event: object) -> None:
        nonlocal seen
        seen += 1

    log = logging.getLogger("stock")
    log.setLevel(logging.CRITICAL)
    manager = panoramisk.Manager(host="127.0.0.1", port=port, username="u", secret="s", log=log)
    for name in sorted(set(names)):
        manager.register_event(name, count)
    manager.register_event("FullyBooted", lambda *_: booted.set_result(None))
    manager.register_event("UserEvent", lambda *_: done.set_result(time.perf_counter()))
    manager.connect()
    await booted
    started = time.perf_counter()
    manager.send_action({"Action": "Go"})
    ended = await done
    manager.close()
    return seen, ended - started


ARMS = {"ours": ours, "stock": stock}


def measure(mix: str, events: int, rounds: int) -> dict[str, float]:
    """Return the median events per second of each arm; every read event must have been delivered."""
    rates: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for _ in range(rounds):
        for arm, run in ARMS.items():
            with (
                peer(mix, events) as (port, sent),
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                delivered, seconds = runner.run(run(port, READ))
            expected = sent * len(READ) // len(MIXES[mix])
            if delivered != expected:
                raise SystemExit(f"{arm} delivered {delivered} of {expected} events")
            rates[arm].append(sent / seconds)
    return {arm: statistics.median(values) for arm, values in rates.items()}


def main() -> None:
    """Run, print the table, write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=88_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", choices=MIXES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.events)
        return
    rows = []
    print(f"{'measure':<28}{'ours':>12}{'panoramisk':>12}{'ratio':>8}{'target':>9}")
    for mix in MIXES:
        rate = measure(mix, options.events, options.rounds)
        row = {
            "measure": f"AMI intake, {mix}",
            "value": round(rate["ours"]),
            "unit": "events/s",
            "reference": round(rate["stock"]),
            "ratio": round(rate["ours"] / rate["stock"], 2),
            "target": TARGET,
            "ok": rate["ours"] >= TARGET,
        }
        rows.append(row)
        print(f"{row['measure']:<28}{row['value']:>12,}{row['reference']:>12,}{row['ratio']:>8}{TARGET:>9,}")
    if options.json is not None:
        options.json.write_bytes(msgspec.json.encode({"rows": rows}))


if __name__ == "__main__":
    main()
