"""Dialogues with callers who have left the line for them: asked for a callback by an overflow, or to leave a message.

`agi://HOST/callback/QUEUE?call=…&joined=…` and `agi://HOST/message/QUEUE?…` (extensions_acd.conf, acd-way). What comes of them is
work at the place the caller had.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import structlog

from acd.app.scripts.asking import keys_after, say
from acd.app.scripts.voice import HungUpError, Script
from acd.app.waiting.dialogue import Chosen, Dialogue, callback
from acd.core import events as ev
from acd.core.ids import CallId, QueueName, SwitchName, WorkId
from acd.core.outcomes import WorkKind
from config.centre import Queue
from config.ways import Message
from telephony.agi.codec import AgiReply, AgiRequest, encode
from telephony.agi.session import AgiSession
from telephony.numbers import e164
from telephony.speech.registry import choose
from telephony.speech.sayings import say_digits, say_sentence

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.outside")
CALLBACK: Final = "callback"
MESSAGE: Final = "message"
FOLDER: Final = "acd-messages"
"""Below Asterisk's spool folder; Record makes it."""
SPOOL: Final = encode("GET FULL VARIABLE", "${ASTSPOOLDIR}")
STATUS: Final = encode("GET FULL VARIABLE", "${RECORD_STATUS}")
"""Constant texts: GET FULL VARIABLE evaluates."""
TRIES: Final = 3


class OutsideDesk:
    """Makes both kinds of dialogue."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nobody is here."""
        self._daemon = daemon

    def script(self, session: AgiSession, switch: SwitchName) -> Script:
        """A caller came from a queue."""
        kind, _, name = session.request.network_script.partition("/")
        queue = self._daemon.settings.queues.get(name)
        visit = _Visit(self._daemon, session.request, switch, name)
        if queue is None:
            log.warning("way_of_unknown_queue", queue=name[:64], kind=kind)
            return visit.refused()
        return visit.callback(queue) if kind == CALLBACK else visit.message(queue.message)

    def rescue(self, session: AgiSession, wrong: Exception) -> Script | None:
        """Nothing to say: the fault is logged, the dialplan says sorry."""
        del session, wrong
        return None


class _Visit:
    """One caller's."""

    def __init__(self, daemon: "Daemon", request: AgiRequest, switch: SwitchName, queue: str) -> None:
        self._daemon = daemon
        self._request = request
        self._switch = switch
        self._queue = QueueName(queue)
        self._number = e164(request.callerid, daemon.exchange.numbering)
        self._parent = CallId(request.parameters.get("call", "")) or None
        joined = request.parameters.get("joined", "")
        self._joined = int(joined) if joined.isdecimal() and len(joined) < 20 else None

    # ------------------------------------------------------------ a callback

    def refused(self) -> Script:
        """What was asked for is not to be had."""
        yield from self._say("not-possible")

    def callback(self, queue: Queue) -> Script:
        """The same questions as in line, asked by other means."""
        rule = queue.callback
        if rule is None:
            yield from self.refused()
            return
        numbers = self._daemon.callbacks.numbers(rule, self._number, self._request.language)
        chosen = yield from self._asked(callback(numbers, self._sounds))
        if chosen is not None:
            self._add(WorkKind.CALLBACK, chosen.number, due=self._daemon.callbacks.engine_time(chosen.due))

    def _asked(self, dialogue: Dialogue) -> Generator[bytes, AgiReply, Chosen | None]:
        answer: str | None = None
        while True:
            try:
                question = next(dialogue) if answer is None else dialogue.send(answer)
            except StopIteration as over:
                chosen: Chosen | None = over.value
                return chosen
            if question.most == 0:
                yield from say(self._missing, *question.sounds)
                answer = ""
            else:
                keys = yield from keys_after(
                    self._missing, question.sounds, question.most, question.silence_ms
                )
                answer = keys if question.most == 1 else keys.rstrip("#")

    # ------------------------------------------------------------ a message

    def message(self, rule: Message) -> Script:
        """Record, send or record again. Who hangs up after speaking has left a message as well."""
        spool = (yield SPOOL).data.rstrip("/")
        if not spool.startswith("/"):
            yield from self.refused()
            return
        for number in range(1, TRIES + 1):
            file = f"{spool}/{FOLDER}/{self._work(number)}"
            yield from self._say("message-record")
            yield encode("STREAM FILE", "beep", "")
            began = self._daemon.clock.now()
            sent = False
            try:
                options = f"{file}.wav,{rule.silence // 1000},{rule.most // 1000},kq"
                yield encode("EXEC Record", options)
                key = yield from keys_after(self._missing, self._sounds("message-confirm"), 1, 6_000)
                sent = key in ("", "1", "#")
            except (GeneratorExit, HungUpError):  # the caller has spoken, and hung up
                sent = True
                raise
            finally:
                if sent and self._daemon.clock.now() - began >= rule.least.ns:
                    self._add(WorkKind.MESSAGE, self._number, file)
            if sent:
                yield from self._say("message-taken")
                return
            if key == "*":
                return

    # ------------------------------------------------------------ what both need

    def _work(self, number: int = 1) -> WorkId:
        """One id for one visit, told apart from that of a callback asked for in line."""
        base = self._parent or f"{self._switch}-{self._request.uniqueid}"
        return WorkId(f"{base}-o{number}")

    def _add(self, kind: WorkKind, number: str, file: str = "", due: int = 0) -> None:
        work = WorkId(file.rpartition("/")[2]) if file else self._work()
        self._daemon.engine.handle(
            ev.WorkArrived(
                at=self._daemon.clock.now(),
                work=work,
                kind=kind,
                queue=self._queue,
                switch=self._switch,
                number=number,
                name=self._request.calleridname,
                joined=self._joined,
                parent=self._parent,
                file=file,
                due=due,
            )
        )

    def _say(self, sentence: str) -> Generator[bytes, AgiReply, None]:
        yield from say(self._missing, *self._sounds(sentence))

    def _sounds(self, text: str) -> tuple[str, ...]:
        default = self._daemon.settings.speech.language
        choice = choose(self._request.language or default, default)
        said = say_digits(text, choice) if text.startswith("+") else say_sentence(text, choice)
        return self._daemon.announcing.speaking.files(said)

    def _missing(self, sound: str) -> None:
        log.info("sound_missing", sound=sound)
