"""Texts to callers: by SIP MESSAGE or an HTTP gateway, when something happened or a caller asked for one.

One door for all: the number is allowed, is not texted too often, and whatever becomes of it is a fact. A gateway that hangs
costs nothing else. What was on its way when the daemon was killed is not sent again: one text too few is better than two.
"""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import httpx
import msgspec
import structlog

from acd.app.waiting.allowed import permitted
from acd.core import facts as f
from acd.core.ids import CallId, QueueName, SwitchName
from acd.core.outcomes import LeaveReason, TextOutcome, WayKind, WorkKind, WorkOutcome
from config.texting import TextOn, TextRule
from telephony.ami.errors import AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.texting")
MOST_AT_ONCE: Final = 8
MOST_WAITING: Final = 1_000
"""More are given up: a gateway that is down must not fill the memory."""
REMEMBERED: Final = 20_000
PAUSE_S: Final = 1.0
ELSEWHERE: Final = frozenset({LeaveReason.MOVED, LeaveReason.OVERFLOWED, LeaveReason.REDIRECTED})
"""Left one queue for another place: nobody was let down."""


class _Body(msgspec.Struct, frozen=True):
    number: str
    text: str
    template: str
    call: str


class _Wish(msgspec.Struct, frozen=True):
    call: CallId
    queue: QueueName
    switch: SwitchName
    number: str
    name: str
    template: str


class Texting:
    """Follows the facts."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nothing is sent yet."""
        self._daemon = daemon
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._waiting = 0
        self._sent: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._diverted: set[CallId] = set()
        self._work = dict(daemon.engine.memory.work)
        """Open work: at its end nobody else knows it any more."""
        daemon.engine.watch(self._see)

    # ------------------------------------------------------------ when

    def _see(self, fact: f.Fact) -> None:
        match fact:
            case f.Abandoned(work=False):
                self._on(TextOn.ABANDONED, fact.call, fact.queue)
            case f.Diverted(kind=WayKind.TEXT):
                self._diverted.add(fact.call)
                self._about(fact.call, fact.queue, fact.target)
            case f.Diverted() if fact.kind is not WayKind.QUEUE:
                self._diverted.add(fact.call)
            case f.Left(work=False) if fact.reason not in ELSEWHERE and fact.call not in self._diverted:
                self._on(TextOn.LEFT, fact.call, fact.queue)
            case f.Answered(work=False):
                self._on(TextOn.ANSWERED, fact.call, fact.queue)
            case f.Ended():
                self._diverted.discard(fact.call)
            case f.WorkAdded() | f.WorkMissed() | f.WorkEnded():
                self._see_work(fact)

    def _on(self, on: TextOn, call: CallId, queue: QueueName) -> None:
        template = self._template(on, queue)
        if template:
            self._about(call, queue, template)

    def _template(self, on: TextOn, queue: QueueName) -> str:
        known = self._daemon.settings.queues.get(queue)
        return "" if known is None else known.texts.get(on, "")

    def _about(self, name: CallId, queue: QueueName, template: str) -> None:
        call = self._daemon.engine.memory.calls.get(name)  # its end is told after this
        if call is not None:
            self.text(_Wish(call.id, queue, call.switch, call.caller, call.caller_name, template))

    def _see_work(self, fact: f.WorkAdded | f.WorkMissed | f.WorkEnded) -> None:
        if isinstance(fact, f.WorkAdded):
            self._work[fact.work] = self._daemon.engine.memory.work[fact.work]
        item, on = self._work.get(fact.work), _on_work(fact)
        template = "" if on is None else self._template(on, fact.queue)
        if item is not None and template:
            number, name = item.number, item.name
            self.text(_Wish(CallId(fact.work), fact.queue, item.switch, number, name, template))
        if isinstance(fact, f.WorkEnded):
            self._work.pop(fact.work, None)

    # ------------------------------------------------------------ the one door

    def reaches(self, number: str) -> bool:
        """Whether a number may be texted at all."""
        rule = self._daemon.settings.text
        return bool(permitted(number, rule.allow, rule.deny, self._daemon.exchange.numbering))

    def text(self, wish: _Wish) -> None:
        """Send a text, or say why not."""
        settings, now = self._daemon.settings, self._daemon.clock.now()
        rule, numbering = settings.text, self._daemon.exchange.numbering
        number = permitted(wish.number, rule.allow, rule.deny, numbering)
        template = settings.texts.get(wish.template)
        if template is None or (rule.sip is None and rule.url is None):
            self._told(wish, TextOutcome.FAILED, "no such text, or no way to send it")
        elif not number:
            self._told(wish, TextOutcome.NOT_ALLOWED, "the number may not be texted")
        elif now - self._sent.get((number, wish.template), -rule.not_again.ns) < rule.not_again.ns:
            self._told(wish, TextOutcome.NOT_ALLOWED, "was texted so a moment ago")
        elif self._waiting >= MOST_WAITING:
            self._told(wish, TextOutcome.FAILED, f"{MOST_WAITING} texts wait to be sent")
        else:
            self._remember(number, wish.template, now)
            queue = settings.queues.get(wish.queue)
            title = wish.queue if queue is None or not queue.title else queue.title
            body = template.body.format(queue=title, number=number, name=_harmless(wish.name))
            self._waiting += 1
            self._daemon.tasks.start(f"text {wish.call}", self._send(wish, rule, number, body))

    def _remember(self, number: str, template: str, now: int) -> None:
        self._sent.pop((number, template), None)
        self._sent[number, template] = now
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    async def _send(self, wish: _Wish, rule: TextRule, number: str, body: str) -> None:
        why = ""
        try:
            async with self._turns:
                for number_of_try in range(1, rule.tries + 1):
                    why = await self._try(wish, rule, number, body)
                    if not why:
                        break
                    if number_of_try < rule.tries:
                        await asyncio.sleep(PAUSE_S)
        finally:
            self._waiting -= 1
        self._told(wish, TextOutcome.FAILED if why else TextOutcome.SENT, why)

    async def _try(self, wish: _Wish, rule: TextRule, number: str, body: str) -> str:
        """Why it was not sent; "" when it was."""
        try:
            async with asyncio.timeout(rule.deadline / 1000):
                link = self._daemon.exchange.links.get(wish.switch)
                if rule.sip is not None and link is None:
                    return f"no switch {wish.switch}"
                if rule.sip is not None and link is not None:
                    to = rule.sip.replace("{number}", number)
                    headers = {"To": to, "From": rule.sender, "Body": body}
                    await link.action("MessageSend", headers)
                elif rule.url is not None:
                    told = _Body(number, body, wish.template, wish.call)
                    await _post(rule.url, rule.authorization.reveal(), msgspec.json.encode(told))
        except TimeoutError:
            return f"no answer within {rule.deadline.text}"
        except (AmiError, httpx.HTTPError, ValueError) as wrong:
            return f"{type(wrong).__name__}: {wrong}".rstrip(": ")[:200]
        return ""

    def _told(self, wish: _Wish, outcome: TextOutcome, why: str = "") -> None:
        if outcome is TextOutcome.FAILED:
            log.warning("text_not_sent", call=wish.call, text=wish.template, why=why)
        self._daemon.engine.tell(
            f.TextSent(
                at=self._daemon.clock.now(),
                generation=self._daemon.generation,
                call=wish.call,
                queue=wish.queue,
                text=wish.template,
                outcome=outcome,
                why=why,
            )
        )


def _on_work(fact: f.WorkAdded | f.WorkMissed | f.WorkEnded) -> TextOn | None:
    """What a customer is told about a callback; nothing about a message."""
    if fact.kind is not WorkKind.CALLBACK:
        return None
    if isinstance(fact, f.WorkAdded):
        return TextOn.CALLBACK_ADDED
    if isinstance(fact, f.WorkMissed):
        return TextOn.CALLBACK_MISSED
    return TextOn.NOT_REACHED if fact.outcome is WorkOutcome.NOT_REACHED else None


def _harmless(name: str) -> str:
    """A caller chooses their name: no line of ours ends in it."""
    return "".join(char for char in name if char.isprintable())[:80]


async def _post(url: str, authorization: str, body: bytes) -> None:
    """Raises httpx.HTTPError, and ValueError for a refusal."""
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": authorization} if authorization else {}
    )
    async with httpx.AsyncClient(timeout=None, trust_env=False) as client:  # noqa: S113 - the deadline is around it
        response = await client.post(url, content=body, headers=headers)
    if not response.is_success:
        raise ValueError(f"status {response.status_code}")
