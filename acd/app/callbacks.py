"""The one door to callbacks and messages, for callers, the API and the command line; and when customers may be called."""

import asyncio
import datetime as dt
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import structlog

from acd.app.waiting.allowed import allowed
from acd.app.waiting.dialogue import Numbers, next_showing
from acd.core import events as ev
from acd.core.calls import Call
from acd.core.ids import QueueName, SwitchName, WorkId, ms
from acd.core.outcomes import WorkKind
from acd.core.work import WorkItem
from acd.web.control import ControlError
from acd.web.work import CallbackWish, WorkView
from config.shifts import zone_of
from config.supervising import Power
from config.ways import Callback
from telephony.speech.registry import choose
from telephony.speech.sayings import say_moment

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.callbacks")
NS: Final = 1_000_000_000
LOOK_EVERY_S: Final = 15.0
"""How late the calling hours may begin and end; they are told in minutes."""
FARTHEST: Final = dt.timedelta(days=90)


class CallbackDoor:
    """Checks what is asked; the router decides."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads the daemon's settings at each use."""
        self._daemon = daemon
        self._count = 0

    # ------------------------------------------------------------ asked for

    def ask(self, call: Call, number: str, key: str, due: int = 0) -> None:
        """A caller who waits would rather be called back, at a number that has been checked; `due` by the wall clock."""
        at = self._daemon.clock.now()
        self._daemon.engine.handle(
            ev.CallbackAsked(at=at, call=call.id, number=number, key=key, due=self.engine_time(due))
        )

    def engine_time(self, moment: int) -> int:
        """A moment of the wall clock on the engine's, which may have been stepped apart; 0 stays 0."""
        return 0 if not moment else self._daemon.clock.now() + moment - time.time_ns()

    def numbers(self, rule: Callback, own: str, language: str) -> Numbers:
        """What a caller may choose for a callback."""
        numbering = self._daemon.exchange.numbering
        return Numbers(
            own=allowed(own, rule, numbering),
            allowed=lambda keyed: allowed(keyed, rule, numbering),
            ask=rule.ask_number,
            when=(lambda keyed: self._when(rule, keyed, language)) if rule.ask_time else None,
        )

    def _when(self, rule: Callback, keyed: str, language: str) -> tuple[int, tuple[str, ...]] | None:
        """The next time the clock shows that, if customers are called then."""
        zone = zone_of(rule.timezone) or dt.UTC
        now = dt.datetime.now(zone)
        moment = next_showing(keyed, now)
        if moment is None or not self._may_call(rule, int(moment.timestamp()) * NS):
            return None
        default = self._daemon.settings.speech.language
        said = say_moment(moment, choose(language or default, default), today=now.date())
        return int(moment.timestamp()) * NS, self._daemon.announcing.speaking.files(said)

    def add(self, wish: CallbackWish, actor: str = "") -> WorkView:
        """Somebody is to be called back. Raises ControlError."""
        rule = self._rule(wish.queue)
        self._daemon.wishes.powers.check(actor, Power.CALLS, None, f"add a callback to {wish.queue}")
        number = allowed(wish.number, rule, self._daemon.exchange.numbering)
        if not number:
            hint = f"see allow and deny in [queues.{wish.queue}.callback] and [numbers]"
            raise ControlError(400, f"{wish.queue} may not call {wish.number[:40]!r}", hint)
        known = self._daemon.engine.router.floor.work.of_number(QueueName(wish.queue), number)
        if known is not None:
            raise ControlError(409, f"{number} has a callback in {wish.queue} already: {known.id}")
        self._count += 1
        work = WorkId(f"w-{self._daemon.started_at // NS:x}-{self._count}")
        self._daemon.engine.handle(
            ev.WorkArrived(
                at=self._daemon.clock.now(),
                work=work,
                kind=WorkKind.CALLBACK,
                queue=QueueName(wish.queue),
                switch=self._switch(QueueName(wish.queue)),
                number=number,
                name=wish.name,
                priority=wish.priority,
                due=self._moment(wish.at),
            )
        )
        if actor:
            self._daemon.wishes.powers.tell(actor, "add a callback", work)
        return self._view(self._items[work])

    def _switch(self, queue: QueueName) -> SwitchName:
        """Where most agents of the queue are at work; agents are rung, and customers dialled, from one switch."""
        agents = [
            agent for agent in self._daemon.engine.router.floor.agents.values() if queue in agent.rule.queues
        ]
        found = Counter(agent.rule.switch for agent in agents if agent.logged_in)
        found = found or Counter(agent.rule.switch for agent in agents)
        return found.most_common(1)[0][0] if found else SwitchName(self._daemon.settings.switches[0].name)

    def _rule(self, queue: str) -> Callback:
        known = self._daemon.settings.queues.get(queue)
        if known is None:
            raise ControlError(404, f"there is no queue {queue!r}", "acd queues lists them")
        if known.callback is None:
            raise ControlError(409, f"{queue} calls nobody back", f"write [queues.{queue}.callback]")
        return known.callback

    def _moment(self, text: str) -> int:
        """On the engine's clock; 0 for at once."""
        if not text:
            return 0
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError as wrong:
            raise ControlError(
                400, f"{text!r} is no moment", "write 2026-11-23T14:30+01:00, with the offset"
            ) from wrong
        if moment.tzinfo is None:
            raise ControlError(400, f"{text!r} has no offset", "write 2026-11-23T14:30+01:00, or Z for UTC")
        ahead = moment - dt.datetime.now(dt.UTC)
        if not dt.timedelta() < ahead <= FARTHEST:
            raise ControlError(400, f"{text} is not within the next {FARTHEST.days} days")
        return self._daemon.clock.now() + int(ahead.total_seconds()) * NS

    # ------------------------------------------------------------ seen and taken away

    def listed(self, queue: str = "") -> list[WorkView]:
        """Open work, longest wait first."""
        items = [item for item in self._items.values() if not queue or item.queue == queue]
        return [self._view(item) for item in sorted(items, key=lambda item: item.joined - item.credit)]

    def cancel(self, work: str, actor: str = "") -> WorkView:
        """Nobody is to do it any more. Raises ControlError."""
        item = self._items.get(WorkId(work))
        if item is None:
            raise ControlError(404, f"there is no open work {work!r}", "acd callbacks lists it")
        self._daemon.wishes.powers.check(actor, Power.CALLS, None, f"cancel {work}")
        view = self._view(item)
        at = self._daemon.clock.now()
        self._daemon.engine.handle(ev.WorkCancelled(at=at, work=item.id, by=actor or "operator"))
        if item.id in self._items:
            raise ControlError(409, f"somebody is at {work}", "acd callbacks shows who")
        if actor:
            self._daemon.wishes.powers.tell(actor, "cancel", work)
        return view

    @property
    def _items(self) -> dict[WorkId, WorkItem]:
        return self._daemon.engine.router.floor.work.items

    def _view(self, item: WorkItem) -> WorkView:
        call = None if item.call is None else self._daemon.engine.router.floor.calls.get(item.call)
        return WorkView(
            work=item.id,
            kind=item.kind,
            queue=item.queue,
            number=item.number,
            name=item.name,
            added=item.added,
            waited_ms=max(0, ms(self._daemon.clock.now()) - ms(item.joined)),
            due=item.due,
            expires=item.expires,
            attempts=item.attempts,
            file=item.file,
            text=item.text,
            call="" if call is None else call.id,
            agent="" if call is None or call.offer is None else call.offer.agent,
        )

    # ------------------------------------------------------------ calling hours

    async def run(self) -> None:
        """Look at the calling hours again and again."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def configured(self) -> None:
        """Other hours may count from now on: look once the rules are in force."""
        asyncio.get_running_loop().call_soon(self.look)

    def look(self) -> None:
        """Tell the router which queues' customers may be called now; by the wall clock, which may have been stepped."""
        now, floor = time.time_ns(), self._daemon.engine.router.floor
        for name, queue in self._daemon.settings.queues.items():
            rule = queue.callback
            may = rule is None or self._may_call(rule, now)
            if may is (QueueName(name) in floor.quiet):
                at = self._daemon.clock.now()
                self._daemon.engine.handle(ev.CallingSwitched(at=at, queue=QueueName(name), allowed=may))

    def _may_call(self, rule: Callback, moment: int) -> bool:
        """Whether the queue's customers may be called at that moment (nanoseconds since the epoch)."""
        calendar = None if rule.hours is None else self._daemon.hours.calendar(rule.hours)
        return calendar is None or calendar.open_at(moment)
