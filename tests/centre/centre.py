"""A call centre for one test, demo or bench: the daemon as a process beside a PBX, phones, callers, facts.

Facts are read from the daemon's journal and numbers from its control socket, so a test sees what an operator would.
"""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from acd.app.segments import DECODER, segments
from acd.core import facts as f
from kpi.report import Report
from tests.centre.link import Link
from tests.centre.program import Program, ProgramError
from tests.pbx.instance import Asterisk
from tests.pbx.settings import MANAGER_SECRET
from tests.ua.behaviour import Answer
from tests.ua.incoming import IncomingCall
from tests.ua.outgoing import OutgoingCall
from tests.ua.phone import Phone

F = TypeVar("F", bound=f.Fact)
ACD = [sys.executable, "-P", "-c", "from acd.cli.main import main; main()"]
WITHIN = 8.0


class CentreError(AssertionError):
    """The centre did not do what the test waited for; the text holds the facts so far and the daemon's log."""


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """An agent: the number of the phone and what they can do."""

    phone: str
    skills: Mapping[str, int] = {}
    queues: tuple[str, ...] | Mapping[str, Mapping[str, Any]] = ("sales",)
    logged_in: bool = True
    more: Mapping[str, Any] = {}
    """Other keys of the agent's table."""


def toml(value: object) -> str:
    """A value as TOML; JSON's strings, numbers and arrays are TOML's too."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{key}" = {toml(item)}' for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What a daemon must be told of a PBX, real or simulated."""

    manager: tuple[str, int]
    secret: str
    lost_calls: Path
    channel_events: str = ""
    recordings: str = ""
    sip: tuple[str, int] = ("127.0.0.1", 0)

    @classmethod
    def of(cls, pbx: Asterisk) -> "Site":
        """The site of a real Asterisk."""
        return cls(
            manager=pbx.manager,
            secret=MANAGER_SECRET,
            lost_calls=pbx.lost_calls,
            channel_events=f"{pbx.home}/log/cel-custom/acd.csv",
            recordings=f"{pbx.home}/spool/monitor",
            sip=pbx.sip,
        )


class Centre:
    """One daemon, its phones and its callers; everything it started ends with it.

    The daemon reaches AMI through `link`, to be cut; `direct` leaves it out, where its time would count.
    """

    def __init__(
        self, site: Site, directory: Path, agi_port: int, trunk: Phone, *, direct: bool = False
    ) -> None:
        self.site = site
        self.direct = direct
        self.directory = directory
        self.trunk = trunk
        self.link = Link(site.manager)
        self.phones: dict[str, Phone] = {}
        self.phone_of: dict[str, str] = {}
        self.callers: list[OutgoingCall] = []
        self.agi_port = agi_port
        self.daemon = Program("the daemon")
        self._queues: Mapping[str, Mapping[str, Any]] = {}
        self._agents: Mapping[str, Who] = {}
        self._acd: Mapping[str, Any] = {}

    async def __aenter__(self) -> Self:
        await self.link.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        async with contextlib.AsyncExitStack() as ending:  # one end that fails does not spare the others
            ending.push_async_callback(self.link.stop)
            for phone in self.phones.values():
                ending.push_async_exit(phone)
            ending.push_async_callback(self.stop_daemon)
            ending.push_async_callback(self.hang_up_all)

    # ------------------------------------------------------------ configuration and process

    async def open(
        self,
        queues: Mapping[str, Mapping[str, Any]],
        agents: Mapping[str, Who],
        *,
        refusals: Mapping[str, int] | None = None,
        capacity: int = 100,
        phones: bool = True,
        watch: bool = False,
        groups: Mapping[str, Mapping[str, Any]] | None = None,
        people: str = "",
        more: str = "",
        surveys: Mapping[str, Mapping[str, Any]] | None = None,
        texts: str = "",
    ) -> Self:
        """Write the configuration, register the phones, start the daemon, wait until it is in sync.

        `people` is added to agents.toml, `more` to acd.toml, `texts` to queues.toml, as they are.
        """
        self._acd = {
            "refusals": refusals or {},
            "capacity": capacity,
            "watch": watch,
            "groups": groups or {},
            "people": people,
            "more": more,
            "surveys": surveys or {},
            "texts": texts,
        }
        self.write(queues, agents)
        for name, who in agents.items():
            self.phone_of[name] = who.phone
            if phones:
                phone = Phone(who.phone, server=self.site.sip, on_invite=Answer())
                await phone.__aenter__()
                self.phones[who.phone] = phone
                await phone.register()
        await self.start_daemon()
        return self

    def write(self, queues: Mapping[str, Mapping[str, Any]], agents: Mapping[str, Who]) -> None:
        """Write queues, agents and skills; `reload` makes them count."""
        self._queues, self._agents = queues, agents
        skills = {s for who in agents.values() for s in who.skills} | {
            s
            for queue in queues.values()
            if isinstance(queue.get("require"), Mapping)
            for s in queue["require"]
        }
        self._file("skills.toml", "".join(f"[skills.{skill}]\n" for skill in sorted(skills)))
        self._file(
            "queues.toml",
            "".join(
                f"[queues.{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in queue.items())
                for name, queue in queues.items()
            )
            + "".join(
                f"[surveys.{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in survey.items())
                for name, survey in self._acd["surveys"].items()
            )
            + self._acd["texts"],
        )
        self._file(
            "agents.toml",
            "".join(
                f"[agents.{name}]\nphone = {toml(who.phone)}\nqueues = {toml(who.queues)}\n"
                f"skills = {toml(who.skills)}\nlogged_in_at_start = {toml(who.logged_in)}\n"
                + "".join(f"{key} = {toml(value)}\n" for key, value in who.more.items())
                for name, who in agents.items()
            )
            + "".join(
                f"[groups.{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in group.items())
                for name, group in self._acd["groups"].items()
            )
            + self._acd["people"],
        )
        refusals = "".join(f"{key} = {value}\n" for key, value in self._acd["refusals"].items())
        self._file(
            "acd.toml",
            f"""\
[daemon]
state_dir = "{self.directory}/state"
control_socket = "{self.directory}/c"
log_format = "json"
[agi]
port = {self.agi_port}
[engine]
lost_calls_dir = "{self.site.lost_calls}"
[refusals]
{refusals}
[reload]
watch = {toml(self._acd["watch"])}
[[switch]]
name = "pbx1"
port = {self.site.manager[1] if self.direct else self.link.port}
secret = "{self.site.secret}"
ping_every = "1s"
channel_events = "{self.site.channel_events}"
recordings = "{self.site.recordings}"
[[trunk_group]]
name = "carrier"
endpoints = ["trunk-a"]
capacity = {self._acd["capacity"]}
{self._acd["more"]}
""",
        )

    def _file(self, name: str, text: str) -> None:
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    async def start_daemon(self) -> None:
        """Start and wait for the sync with Asterisk."""
        synced = len(self.facts(f.LinkSynced))
        with (self.directory / "log").open("ab") as log:
            daemon = await self.daemon.start([*ACD, "run", "--config", str(self.directory)], stderr=log)
        await self.until(
            lambda: daemon.returncode is not None or len(self.facts(f.LinkSynced)) > synced,
            "the daemon to be in sync",
            15,
        )
        if daemon.returncode is not None:
            raise CentreError(f"the daemon ended with {daemon.returncode} at its start\n{self.story()}")

    async def kill_daemon(self) -> None:
        """`kill -9`."""
        await self._end(signal.SIGKILL)

    async def stop_daemon(self) -> int:
        """Stop in order; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        try:
            return await self.daemon.end(number)
        except ProgramError as error:
            raise CentreError(f"{error}\n{self.story()}") from None

    def signal(self, number: signal.Signals) -> None:
        """Send the daemon a signal."""
        os.kill(self.daemon_pid, number)

    async def run_again(self) -> subprocess.CompletedProcess[str]:
        """Start a second daemon on the same directory; it must end by itself."""
        return await self.acd("run", "--config", str(self.directory))

    async def acd(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `acd` against this daemon."""
        command = [*ACD, "--socket", str(self.directory / "c"), *args]
        return await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=30, check=False
        )

    @property
    def daemon_pid(self) -> int:
        """The daemon's process."""
        return self.daemon.pid

    # ------------------------------------------------------------ facts

    def all_facts(self) -> list[f.AnyFact]:
        """Everything in the journal."""
        files = segments(self.directory / "state" / "journal")
        lines = b"".join(path.read_bytes() for path in files).split(b"\n")[:-1]
        return [DECODER.decode(line) for line in lines]

    def facts(self, kind: type[F], **fields: object) -> list[F]:
        """All facts of a kind whose fields have these values."""
        return [
            fact
            for fact in self.all_facts()
            if isinstance(fact, kind) and all(getattr(fact, key) == value for key, value in fields.items())
        ]

    async def fact(self, kind: type[F], *, nth: int = 1, within: float = WITHIN, **fields: object) -> F:
        """The nth fact of a kind with these values, once it is there."""
        what = f"fact {nth} {kind.__name__} {fields or ''}"
        await self.until(lambda: len(self.facts(kind, **fields)) >= nth, what, within)
        return self.facts(kind, **fields)[nth - 1]

    async def until(self, true: Any, what: str, within: float = WITHIN) -> None:
        """Wait for a condition; CentreError with the story when it does not come."""
        try:
            async with asyncio.timeout(within):
                while not true():
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise CentreError(f"waited {within} s for {what}\n{self.story()}") from None

    def story(self) -> str:
        """Facts and log so far, for a failed test."""
        lines = []
        for fact in self.all_facts():
            fields = " ".join(
                f"{key}={getattr(fact, key)}"
                for key in fact.__struct_fields__
                if key not in ("at", "generation", "decision") and getattr(fact, key) not in (None, "", ())
            )
            lines.append(f"{fact.at / 1e9 % 1000:8.3f} {type(fact).__name__:18} {fields}")
        path = self.directory / "log"
        log = path.read_text(errors="replace") if path.exists() else "it was not started"
        return "\n".join([*lines[-60:], "--- daemon", *log.splitlines()[-20:]])

    # ------------------------------------------------------------ people

    def phone(self, agent: str) -> Phone:
        """The phone of an agent."""
        return self.phones[self.phone_of[agent]]

    async def call(self, queue: str = "sales", *, query: str = "", caller: str = "+4930123") -> OutgoingCall:
        """A caller dials a queue over the trunk."""
        headers = {"X-Trunk": "trunk-a"} | ({"X-Acd-Query": query} if query else {})
        call = await self.trunk.invite(queue, from_user=caller, headers=headers)
        self.callers.append(call)
        return call

    async def hang_up_all(self) -> None:
        """Let every caller go, those who wait first, so that no agent gets one of them meanwhile."""
        for call in reversed(self.callers):
            refused = call.final_response is not None and not call.answered_at
            if not call.ended_at and not refused:
                await call.hangup()

    async def talk(
        self, agent: str, queue: str = "sales", **options: str
    ) -> tuple[OutgoingCall, IncomingCall]:
        """A call that is in talk with that agent, sound through."""
        answered = len(self.facts(f.Answered))
        caller = await self.call(queue, **options)
        caller.rtp.send = True
        phone = await self.phone(agent).next_call(WITHIN)
        await self.fact(f.Answered, nth=answered + 1)
        await phone.rtp.heard(1)
        return caller, phone

    # ------------------------------------------------------------ the control socket

    async def ask(self, path: str, *, method: str = "GET", body: object = None) -> Any:
        """What the control API answers, decoded."""
        return msgspec.json.decode(await asyncio.to_thread(self._request, method, path, body))

    async def report(self) -> Report:
        """The numbers of today."""
        return msgspec.json.decode(
            await asyncio.to_thread(self._request, "GET", "/report", None), type=Report
        )

    async def figures(self, dimension: str, name: str) -> dict[str, int]:
        """One row of the report."""
        found = await self.report()
        return next(line.figures for line in found.lines if (line.dimension, line.name) == (dimension, name))

    def _request(self, method: str, path: str, body: object) -> bytes:
        connection = http.client.HTTPConnection("daemon")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(10)
        connection.sock.connect(os.fspath(self.directory / "c"))
        try:
            data = None if body is None else msgspec.json.encode(body)
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            return connection.getresponse().read()
        finally:
            connection.close()
