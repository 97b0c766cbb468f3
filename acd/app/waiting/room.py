"""The keys of callers who wait, and the dialogues these lead to. The caller stays in line all the while.

A key works at any time, also during messages. When a phone is about to ring for the caller the dialogue is dropped: an
agent is better than any menu. Facts tell who waits; nothing here changes state but by events.
"""

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from acd.app.rulebook import way_of
from acd.app.waiting.dialogue import Chosen, Dialogue, Question, callback, menu, refused
from acd.core import events as ev
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import CallId
from acd.core.states import CallState
from config.centre import Queue
from telephony.speech.registry import choose
from telephony.speech.sayings import say_digits, say_sentence

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.waiting")
BETWEEN_KEYS_MS: Final = 4_000


class _Open(msgspec.Struct):
    call: CallId
    dialogue: Dialogue
    question: Question
    keys: str = ""
    timer: asyncio.TimerHandle | None = None


class WaitingRoom:
    """All dialogues with callers who wait."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows keys, the ends of what is played, and facts."""
        self._daemon = daemon
        self._open: dict[CallId, _Open] = {}
        daemon.engine.watch(self._see)
        daemon.exchange.caller_pressed = self.pressed

    def busy(self, call: CallId) -> bool:
        """Whether a dialogue goes on: nothing else is to be said to the caller."""
        return call in self._open

    def _see(self, fact: f.Fact) -> None:
        match fact:
            case f.Offered() | f.Ended() | f.Left():
                self._drop(fact.call)
            case f.StepTaken():
                # Once this step of the router is over, which may have led the call elsewhere.
                asyncio.get_running_loop().call_soon(self._at_step, fact)

    def stop(self) -> None:
        """Ask nobody anything more."""
        for call in list(self._open):
            self._drop(call)

    # ------------------------------------------------------------ keys

    def pressed(self, call: CallId, key: str) -> bool:
        """A caller pressed a key. False: it means nothing here."""
        found = self._open.get(call)
        if found is not None:
            self._answered(found, key)
            return True
        known, queue = self._waiting(call)
        way = None if known is None or queue is None else queue.keys.get(key)
        if known is None or way is None:
            return False
        self._choose(known, Chosen(way=way, key=key))
        return True

    def _waiting(self, call: CallId) -> tuple[Call | None, Queue | None]:
        known = self._daemon.engine.router.floor.calls.get(call)
        if known is None or known.state is CallState.TALKING:
            return None, None
        return known, self._daemon.settings.queues.get(known.queue)

    def _answered(self, found: _Open, key: str) -> None:
        question = found.question
        if question.most == 0:
            return
        if question.most == 1:
            self._go_on(found, key)
        elif key == "#":
            self._go_on(found, found.keys)
        else:
            if not found.keys:
                self._daemon.exchange.announce(found.call, (), cut=True)
            found.keys += key
            if len(found.keys) >= question.most:
                self._go_on(found, found.keys)
            else:
                self._arm(found, BETWEEN_KEYS_MS)

    # ------------------------------------------------------------ what was chosen

    def _choose(self, call: Call, chosen: Chosen) -> None:
        queue = self._daemon.settings.queues.get(call.queue)
        way, now = chosen.way, self._daemon.clock.now()
        if way.menu is not None and queue is not None and way.menu in queue.menus:
            self._begin(call, menu(queue.menus[way.menu], self._say_to(call)))
        elif way.callback and not chosen.number:
            self._offer_callback(call, queue, chosen.key)
        elif way.callback:
            self._daemon.callbacks.ask(call, chosen.number, chosen.key, chosen.due)
        elif way.text is not None and not self._daemon.texting.reaches(call.caller):
            self._begin(call, refused(self._say_to(call)))
        elif way.menu is None:
            self._daemon.engine.handle(ev.WayTaken(at=now, call=call.id, way=way_of(way), key=chosen.key))

    def _offer_callback(self, call: Call, queue: Queue | None, key: str = "") -> None:
        if queue is None or queue.callback is None:
            return
        language = self._daemon.exchange.language(call.id)
        numbers = self._daemon.callbacks.numbers(queue.callback, call.caller, language)
        self._begin(call, callback(numbers, self._say_to(call), key))

    def _at_step(self, fact: f.StepTaken) -> None:
        call, queue = self._waiting(fact.call)
        if call is None or queue is None or call.queue != fact.queue or call.state is not CallState.WAITING:
            return
        step = queue.steps[fact.step - 1] if fact.step <= len(queue.steps) else None
        if step is not None and step.to is not None and step.to.callback and call.id not in self._open:
            self._offer_callback(call, queue)

    # ------------------------------------------------------------ one question after the other

    def _say_to(self, call: Call) -> "Saying":
        return Saying(self._daemon, call.id)

    def _begin(self, call: Call, dialogue: Dialogue) -> None:
        self._drop(call.id)
        found = _Open(call.id, dialogue, Question(sounds=()))
        self._open[call.id] = found
        self._go_on(found, None)

    def _go_on(self, found: _Open, answer: str | None) -> None:
        self._disarm(found)
        try:
            found.question = next(found.dialogue) if answer is None else found.dialogue.send(answer)
        except StopIteration as over:
            self._over(found, over.value)
            return
        found.keys = ""
        if not self._daemon.exchange.announce(found.call, found.question.sounds, cut=True):
            self._silence(found) if self._just_waits(found.call) else self._drop(found.call)

    def _just_waits(self, call: CallId) -> bool:
        known = self._daemon.engine.router.floor.calls.get(call)
        return known is not None and known.matchable

    def _over(self, found: _Open, chosen: Chosen | None) -> None:
        self._drop(found.call)
        self._daemon.exchange.announce(found.call, (), cut=True)
        known, _ = self._waiting(found.call)
        if known is not None and chosen is not None:
            self._choose(known, chosen)

    def played(self, call: CallId) -> bool:
        """What was asked has been heard to its end. False: no dialogue goes on."""
        found = self._open.get(call)
        if found is None:
            return False
        self._silence(found)
        return True

    def _silence(self, found: _Open) -> None:
        if found.question.most == 0:
            asyncio.get_running_loop().call_soon(self._due, found)
        elif not found.keys:
            self._arm(found, found.question.silence_ms)

    def _arm(self, found: _Open, in_ms: int) -> None:
        self._disarm(found)
        found.timer = asyncio.get_running_loop().call_later(in_ms / 1_000, self._due, found)

    def _due(self, found: _Open) -> None:
        if self._open.get(found.call) is found:
            self._go_on(found, found.keys)

    def _disarm(self, found: _Open) -> None:
        if found.timer is not None:
            found.timer.cancel()
            found.timer = None

    def _drop(self, call: CallId) -> None:
        found = self._open.pop(call, None)
        if found is not None:
            self._disarm(found)
            found.dialogue.close()


class Saying:
    """Sentences and numbers as sounds in one caller's language."""

    def __init__(self, daemon: "Daemon", call: CallId) -> None:
        """Of that call."""
        self._daemon = daemon
        self._call = call

    def __call__(self, text: str) -> tuple[str, ...]:
        """A sentence by its name, or a number key by key."""
        default = self._daemon.settings.speech.language
        choice = choose(self._daemon.exchange.language(self._call) or default, default)
        said = say_digits(text, choice) if text.startswith("+") else say_sentence(text, choice)
        return self._daemon.announcing.speaking.files(said)
