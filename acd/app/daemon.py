"""The daemon's life on one page: build, start, run, stop."""

import asyncio
import gc
import ipaddress
import os
import random
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from acd import version
from acd.app import factlog, logs, rulebook, spool, state
from acd.app.announcing import Announcing
from acd.app.callbacks import CallbackDoor
from acd.app.clock import EngineClock
from acd.app.controller import Controller
from acd.app.doors import Doors
from acd.app.engine import Engine
from acd.app.errands import Errands
from acd.app.exchange import Exchange
from acd.app.features.desk import KIND as FEATURE
from acd.app.features.desk import FeatureDesk
from acd.app.hook import Adviser
from acd.app.host import HostWatch, ThisHost
from acd.app.hours import HoursWatch
from acd.app.ivr.desk import KIND as IVR
from acd.app.ivr.desk import IvrDesk
from acd.app.journal import Journal
from acd.app.lamps import Lamps
from acd.app.lock import AlreadyRunningError, StateLock
from acd.app.notify import Notifier
from acd.app.outlets.outlets import Outlets
from acd.app.presenting import Presenting
from acd.app.recordings import Recordings
from acd.app.reloads import Reloads
from acd.app.scripts.sessions import ScriptSessions
from acd.app.segments import JournalError
from acd.app.shifts import ShiftWatch
from acd.app.survey.desk import KIND as SURVEY
from acd.app.survey.desk import SurveyDesk
from acd.app.sync import sync
from acd.app.tasks import Tasks
from acd.app.texting import Texting
from acd.app.waiting.outside import CALLBACK, MESSAGE, OutsideDesk
from acd.app.waiting.room import WaitingRoom
from acd.app.waiting.transcripts import Transcripts
from acd.app.wishes import Wishes
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, SwitchName
from acd.core.router import Router
from acd.web.server import ControlServer
from config.daemon import Switch
from config.loading import Loaded, load
from config.routing import Hook
from config.schema import Settings
from kpi.store import Store
from telephony.agi.limits import AgiLimits
from telephony.agi.server import AgiServer
from telephony.agi.session import AgiSession
from telephony.ami.errors import AmiError
from telephony.ami.link import AmiLink
from telephony.ami.notices import Inbox, LinkDown, LinkUp
from telephony.ami.settings import LinkSettings

log = structlog.get_logger("acd.daemon")

SETTLE_SECONDS = 2
"""After a restart: the dialplan tries every 0.25 s, so who is not back by then is routed past."""
SLOT_SECONDS = 900
LINES_SECONDS = 60
"""What a killed daemon may lose of the lines' use."""
SYNC_RETRY_SECONDS = 1.0
STORE_SECONDS = 5.0
BAD_CONFIG = 78
"""sysexits.h EX_CONFIG: trying again does not help, so the unit does not."""
SLOTS_IN_MEMORY = 4
"""Quarters of an hour that reports take from memory: copying them holds the routing loop up (80 ms for 1,000 agents)."""
NS = 1_000_000_000
LINES_EARLY = NS // 20
STORE_EVERY = 5 * NS
"""The journal is the truth and recent reports come from memory, so the store may lag a little."""


class Daemon:
    """Everything that lives as long as the process."""

    _calls = 0
    _failure = ""

    def __init__(self, directory: Path, settings: Settings) -> None:
        """Read the journal and build; nothing listens and nothing is told yet.

        Raises AlreadyRunningError and JournalError, whose texts say what to do.
        """
        self.directory = directory
        self.settings = settings
        self.notifier = Notifier()
        state_dir = Path(settings.daemon.state_dir)
        self._lock = StateLock(state_dir)
        self.journal = Journal(state_dir / "journal", settings.journal.segment_bytes)
        self.memory, self.numbers, self.trouble = state.load(self.journal)
        self.clock = EngineClock(not_before=self.memory.at)
        router = Router.recalled(self.memory.copy(), strict=False)
        self.engine = Engine(router, self.memory, self.journal, self.clock)
        self.engine.watch(self.numbers.apply)
        self.engine.watch(self.trouble.apply)
        self.engine.watch(factlog.write)
        self.exchange = Exchange(self.engine, self._new_call_id)
        self.store = Store(state_dir / settings.kpi.store, on_trouble=_store_failed)
        self.reloads = Reloads(self)
        self.wishes = Wishes(self)
        this_host = ThisHost(lambda: self.agi.sessions, settings.agi.max_sessions)
        self.host = HostWatch(self.engine, this_host, settings.host)
        self.exchange.overloaded = lambda: self.host.overloaded
        self.tasks = Tasks(self._task_failed)
        self.recordings = Recordings(self)
        self.shifts = ShiftWatch(self.engine, directory)
        self.lamps = Lamps(self)
        self.announcing = Announcing(self)
        self.exchange.presenter = Presenting(self)
        self.features = FeatureDesk(self)
        self.exchange.features = self.features
        self.ivr = IvrDesk(self)
        self.exchange.side = self._scripts()
        self.callbacks = CallbackDoor(self)
        self.doors = Doors(self)
        self.hours = HoursWatch(self.engine, directory)
        self.errands = Errands(self)
        self.room = WaitingRoom(self)
        self.transcripts = Transcripts(self)
        self.texting = Texting(self)
        self.outlets = Outlets(self)
        self.controller = Controller(self)
        self.control = ControlServer(self.controller, Path(settings.daemon.control_socket))
        self.agi = AgiServer(
            self.exchange,
            clock=self.clock.now,
            report=_listener_failed,
            limits=AgiLimits(
                sessions=settings.agi.max_sessions,
                ungreeted=settings.agi.max_ungreeted,
                greeting=settings.agi.greeting_timeout.ns,
            ),
            allow=[ipaddress.ip_network(network) for network in settings.agi.allow],
        )
        self.adviser = Adviser(self.engine, self.tasks, self._hook_of)
        self.exchange.ask = self.adviser.ask
        self.started_at = self.clock.now()
        self._synced: set[SwitchName] = set()
        self._stopping = asyncio.Event()

    def _scripts(self) -> ScriptSessions:
        """Sessions that are about no waiting caller, by what they are about."""
        scripts = ScriptSessions(lambda: self.tasks)
        scripts.register(FEATURE, self.features)
        scripts.register(IVR, self.ivr)
        scripts.register(SURVEY, SurveyDesk(self))
        outside = OutsideDesk(self)
        scripts.register(CALLBACK, outside)
        scripts.register(MESSAGE, outside)
        return scripts

    def _new_call_id(self, switch: SwitchName) -> CallId:
        """Unique over restarts: the start's second, a count, and the switch it came from."""
        self._calls += 1
        return CallId(f"{switch}-{self.started_at // NS:x}-{self._calls}")

    # ------------------------------------------------------------ start

    async def run(self) -> int:
        """Serve until a signal; the process's exit code."""
        self._take_signals()
        self._recall()
        try:
            await self._open_doors()
        except OSError as wrong:
            log.error("cannot_start", error=str(wrong))  # noqa: TRY400 - the text says all
            await self._stop(clean=False)
            return 1
        await self._stopping.wait()
        await self._stop(clean=not self._failure)
        return 1 if self._failure else 0

    def _recall(self) -> None:
        """Put the rules in force over what is remembered, before anything new can happen."""
        floor = self.engine.router.floor
        self._tell(f.EngineStarted, clean=self.memory.clean, open_calls=len(floor.calls), version=version())
        known = set(self.memory.agents)
        for switch in self.settings.switches:
            self._add_switch(switch)
        self.exchange.trunks.recall(self.trouble)
        self.host.recall(self.trouble)
        self.apply(self.settings, floor.rules.generation + 1)
        now = self.clock.now()
        self.engine.follow(self.engine.router.wake(now, now + SETTLE_SECONDS * NS))
        for name in self.exchange.boards:
            self.engine.handle(ev.SwitchLost(at=self.clock.now(), switch=name, reason="starting"))
        self.log_in_at_start(known)
        self._ingest_lost_calls()

    def apply(self, settings: Settings, generation: int) -> None:
        """Put a checked configuration in force."""
        self.settings = settings
        rules = rulebook.rules(settings, generation)
        self.exchange.statuses = rulebook.statuses(settings)
        self.exchange.numbering = rulebook.numbering(settings)
        self.exchange.trunking.configure(rulebook.trunk_rules(settings))
        self.host.configure(settings.host)
        self.shifts.configure(settings)
        self.callbacks.configured()
        self.outlets.configure(settings)
        self.engine.handle(ev.RulesChanged(at=self.clock.now(), rules=rules))
        self.hours.configure(settings)
        # A big floor takes new rules in slices: until they are in force, both kinds of agents have phones to watch.
        floor = self.engine.router.floor
        agents = [*floor.rules.agents.values(), *rules.agents.values()]
        own = [(agent.switch, agent.phone) for agent in agents if agent.phone]
        self.exchange.phone_news(self.exchange.phones.watch([*own, *floor.by_phone]))

    def log_in_at_start(self, known: set[AgentName]) -> None:
        """Log in the agents who start that way and are seen for the first time."""
        for name, agent in self.settings.agents.items():
            if agent.logged_in_at_start and AgentName(name) not in known:
                self.engine.handle(ev.AgentLoggedIn(at=self.clock.now(), agent=AgentName(name)))

    def load_again(self) -> Loaded:
        """Read the configuration's files once more; blocks, so for a thread."""
        return load_config(self.directory)

    @property
    def numbers_since(self) -> int:
        """From which moment on the numbers are in memory; older slots are read from the store."""
        slot = SLOT_SECONDS * NS
        return (self.clock.now() // slot - SLOTS_IN_MEMORY) * slot

    def _add_switch(self, switch: Switch) -> None:
        name = SwitchName(switch.name)
        link = AmiLink(
            LinkSettings(
                switch=switch.name,
                host=switch.host,
                port=switch.port,
                username=switch.username,
                secret=switch.secret.reveal(),
                ping_every=switch.ping_every / 1000,
                ping_deadline=switch.ping_deadline / 1000,
                retry_first=switch.reconnect_first / 1000,
                retry_most=switch.reconnect_cap / 1000,
            ),
            lambda item: self._from_switch(name, item),
            self.clock.now,
            random.Random(),  # noqa: S311 - jitter, no secret
        )
        self.exchange.add_switch(name, link, switch.host)
        if switch.channel_events:
            self.exchange.channel_events[name] = Path(switch.channel_events)
        state.restore_lines(self.memory, self.exchange.boards[name])
        self.exchange.restore(self.memory, name)

    def _ingest_lost_calls(self) -> None:
        directory = Path(self.settings.engine.lost_calls_dir)
        switch = next(iter(self.exchange.boards))
        for path, lost in spool.lost_calls(directory):
            if not spool.take(path):
                continue
            for fact in spool.facts_of(lost, switch, self.generation, known=lost.call in self.memory.calls):
                self.engine.tell(fact)

    async def _open_doors(self) -> None:
        """Listen first, then connect: a caller may come the moment Asterisk sees us."""
        self.store.start()
        await self.control.start()
        await self.agi.start(self.settings.agi.host, self.settings.agi.port)
        for name, link in self.exchange.links.items():
            self.tasks.start(f"ami {name}", link.run())
        await self.announcing.speaking.look()
        await self.outlets.start()
        self.tasks.start("journal", self._keep_journal())
        self.tasks.start("slots", self._keep_slots())
        self.tasks.start("lines", self._keep_lines())
        self.tasks.start("hours", self.hours.run())
        self.tasks.start("callbacks", self.callbacks.run())
        self.tasks.start("host", self.host.run())
        self.tasks.start("shifts", self.shifts.run())
        self.tasks.start("recordings", self.controller.library.run())
        self.tasks.start("watchdog", self._ping_watchdog())
        if self.settings.reload.watch:
            self.tasks.start("watch", self._watch_files())
        log.info("listening", agi=f"{self.agi.address[0]}:{self.agi.address[1]}", generation=self.generation)

    # ------------------------------------------------------------ run

    def _from_switch(self, name: SwitchName, item: Inbox) -> None:
        """One thing from a link, in the order it was read."""
        if isinstance(item, LinkUp):
            self.tasks.start(f"sync {name}", self._sync(name))
        elif isinstance(item, LinkDown):
            self.exchange.boards[name].lost()
            self.engine.handle(ev.SwitchLost(at=self.clock.now(), switch=name, reason=item.reason))
        else:
            self.exchange.read(name, item)

    async def _sync(self, name: SwitchName) -> None:
        while self.exchange.links[name].up:
            try:
                await sync(self.exchange, name)
            except AmiError as wrong:
                log.warning("sync_failed", switch=name, error=str(wrong))
                await asyncio.sleep(SYNC_RETRY_SECONDS)
            else:
                break
        else:
            return
        self._synced.add(name)
        if self._synced == set(self.exchange.boards):
            self.notifier.send("READY=1", self._status())
            log.info("ready")

    async def _keep_journal(self) -> None:
        """Sync often, snapshot now and then, and bring the numbers to their store."""
        journal = self.settings.journal
        last_snapshot = last_store = self.clock.now()
        while True:
            await asyncio.sleep(journal.fsync_every / 1000)
            if self.clock.now() - last_store >= STORE_EVERY:
                last_store = self.clock.now()
                self.store_numbers()
            await asyncio.to_thread(self.journal.sync)
            if self.clock.now() - last_snapshot >= journal.snapshot_every.ns:
                last_snapshot = self.clock.now()
                self.snapshot()

    def store_numbers(self) -> None:
        """Hand the rows that changed to the writer."""
        rows = self.numbers.take_dirty()
        if rows:
            self.store.put(rows, str(self.journal.next))

    def snapshot(self) -> None:
        """Write down what the facts so far add up to."""
        self.journal.save(state.Saved(memory=self.memory, kpi=self.numbers.state(), trouble=self.trouble))

    async def _keep_slots(self) -> None:
        """Begin every quarter of an hour with the trunks' present load as its peak."""
        while True:
            await asyncio.sleep(SLOT_SECONDS - self.clock.now() / NS % SLOT_SECONDS)
            self.exchange.trunking.new_period()
            self.numbers.tick(self.clock.now())
            self.store_numbers()
            self.numbers.forget(self.numbers_since)

    async def _keep_lines(self) -> None:
        """Write down the use of the lines each minute, just before it is over: a slot's last minute belongs to it."""
        while True:
            await asyncio.sleep(LINES_SECONDS - (self.clock.now() + LINES_EARLY) % (LINES_SECONDS * NS) / NS)
            self.exchange.trunking.account()

    async def _ping_watchdog(self) -> None:
        """Ping from the loop that routes: when it is stuck, systemd restarts us."""
        period = min(self.notifier.watchdog_seconds or 10.0, 10.0) / 2
        while True:
            await asyncio.sleep(period)
            self.notifier.send("WATCHDOG=1", self._status())

    async def _watch_files(self) -> None:
        from watchfiles import awatch  # noqa: PLC0415 - an optional extra

        async for _ in awatch(self.directory):
            await self.reloads.reload(watched=True)

    # ------------------------------------------------------------ stop

    def stop(self) -> None:
        """Begin to stop; `run` returns soon after."""
        self._stopping.set()

    async def _stop(self, *, clean: bool) -> None:
        """Close the doors, write down the end, and say what is left: callers stay, the dialplan plays them music."""
        self.notifier.send("STOPPING=1")
        abandoned = await self.agi.close()
        for link in self.exchange.links.values():
            link.close()
        self.exchange.timers.clear()
        self.shifts.close()
        self.lamps.stop()
        self.announcing.stop()
        self.room.stop()
        await self.tasks.stop()
        await self.adviser.close()
        await self.ivr.close()
        await self.control.stop()
        self.exchange.trunking.account()
        if clean:
            self._tell(f.EngineStopped, open_calls=len(self.engine.router.floor.calls))
        self.store_numbers()
        await self.outlets.stop()
        await asyncio.to_thread(self.store.stop, STORE_SECONDS)
        self.snapshot()
        self.journal.close()
        self.notifier.close()
        self._lock.release()
        log.info("stopped", sessions_left=abandoned, open_calls=len(self.engine.router.floor.calls))

    # ------------------------------------------------------------ small things

    def _hook_of(self, queue: str) -> Hook | None:
        """The outside program of a queue, by the configuration in force."""
        known = self.settings.queues.get(queue)
        return None if known is None else known.hook

    @property
    def generation(self) -> int:
        """Of the configuration in force."""
        return self.engine.router.floor.rules.generation

    def _tell(self, kind: type[f.EngineStarted | f.EngineStopped], **fields: object) -> None:
        self.engine.tell(kind(at=self.clock.now(), generation=self.generation, **fields))  # type: ignore[arg-type]

    def _status(self) -> str:
        floor = self.engine.router.floor
        up = sum(link.up for link in self.exchange.links.values())
        return (
            f"STATUS=AMI {up}/{len(self.exchange.links)} up, {len(floor.line)} waiting, "
            f"{len(floor.ready)} of {len(floor.agents)} agents ready"
        )

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload_by_signal)

    def _reload_by_signal(self) -> None:
        self.tasks.start("reload", self.reloads.by_signal())

    def _task_failed(self, name: str, error: BaseException) -> None:
        """A task that must live has died: end, so that systemd starts a whole daemon again."""
        self._failure = f"{name}: {error}"
        self._stopping.set()


def _listener_failed(session: AgiSession, error: Exception) -> None:
    log.error("agi_listener_failed", session=session.id, exc_info=error)


def _store_failed(why: str) -> None:
    log.error("kpi_store_failed", error=why)


def run(directory: Path) -> int:
    """Load the configuration in `directory` and serve; the exit code."""
    loaded = load_config(directory)
    for problem in loaded.problems:
        sys.stderr.write(f"{problem}\n")
    if loaded.settings is None:
        return BAD_CONFIG
    daemon = loaded.settings.daemon
    logs.configure(daemon.log_format.value, daemon.log_level.value, redacted=daemon.redact_numbers)
    return uvloop.run(_serve(directory, loaded.settings))


async def _serve(directory: Path, settings: Settings) -> int:
    try:
        daemon = Daemon(directory, settings)
    except (AlreadyRunningError, JournalError, OSError) as wrong:
        sys.stderr.write(f"acd: {wrong}\n")
        return 1
    # What lives as long as the process is never garbage, and Structs of the core are not tracked at all: full
    # collections would only stop the routing, 60 ms and more at 100,000 waiting calls.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return await daemon.run()


def load_config(directory: Path) -> Loaded:
    """The configuration with its secrets, from the environment and systemd's credentials too."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    return load(directory, environ=os.environ, credentials_dir=Path(credentials) if credentials else None)
