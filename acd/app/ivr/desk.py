"""Dialogues before the queue, for sessions whose address is `ivr/NAME`."""

import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import structlog

from acd.app.ivr.dialogue import dialogue, hand_over
from acd.app.ivr.hand_over import failed
from acd.app.ivr.lookups import Lookups
from acd.app.ivr.steps import Looked
from acd.app.ivr.visit import LONGEST, Visit, Visitor
from acd.app.scripts.voice import Script
from acd.core.facts import Fact, LookupDone
from acd.core.ids import QueueName, SwitchName, Uniqueid, ms
from config.ivr import Ivr
from config.ivr_nodes import Lookup
from telephony.agi.codec import AgiRequest
from telephony.agi.session import AgiSession
from telephony.numbers import e164
from telephony.speech.registry import Choice, choose
from telephony.speech.sayings import say_digits, say_number

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.ivr")
KIND: Final = "ivr"
PREFIX: Final = "ivr/"


class IvrDesk:
    """Makes the dialogues, and does for them what needs the daemon."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nobody is here."""
        self._daemon = daemon
        self.lookups = Lookups(daemon.clock.now)
        self._missing: set[str] = set()

    # ------------------------------------------------------------ sessions

    def script(self, session: AgiSession, switch: SwitchName) -> Script:
        """A caller came to a dialogue; to one that is not there: the dialplan's fallback."""
        name = session.request.network_script.removeprefix(PREFIX)
        ivr = self._daemon.settings.ivr.get(name)
        if ivr is None:
            log.warning("unknown_ivr", ivr=name[:64], hint="name one of ivr.toml in ACD_IVR of the dialplan")
            return hand_over(failed(None, "unknown"))
        visitor = self._visitor(session.request, name, switch)
        visit = Visit(visitor=visitor, ivr=ivr, began=self.now, values=_values(ivr, visitor, session.request))
        return dialogue(self, visit, self._daemon.generation, lambda: session.hung_up)

    def rescue(self, session: AgiSession, wrong: Exception) -> Script | None:
        """A fault of ours must not cost the call: it goes to the fallback."""
        name = session.request.network_script.removeprefix(PREFIX)
        # Where, but neither the text nor the variables of the frames: they may hold what a caller keyed.
        at = traceback.format_tb(wrong.__traceback__)[-3:]
        log.error("ivr_failed", ivr=name[:64], error=type(wrong).__name__, at="".join(at))
        ivr = self._daemon.settings.ivr.get(name)
        return hand_over(failed(None if ivr is None else ivr.fallback, "fault"))

    def _visitor(self, request: AgiRequest, name: str, switch: SwitchName) -> Visitor:
        return Visitor(
            ivr=name,
            switch=switch,
            uniqueid=Uniqueid(request.uniqueid),
            channel=request.channel,
            caller=e164(request.callerid, self._daemon.exchange.numbering),
            dialled=request.dnid or request.extension,
            language=request.language,
        )

    # ------------------------------------------------------------ what dialogues ask for

    @property
    def now(self) -> int:
        """The engine's clock."""
        return self._daemon.clock.now()

    def tell(self, fact: Fact) -> None:
        """Put a fact in the journal."""
        self._daemon.engine.tell(fact)

    def missing(self, sound: str) -> None:
        """Log it, each sound once."""
        if sound not in self._missing:
            self._missing.add(sound)
            log.warning("sound_missing", sound=sound, hint="put the file below Asterisk's folder of sounds")

    def is_open(self, queue: str) -> bool:
        """Whether the queue takes callers at present, by hours and by hand."""
        floor, name = self._daemon.engine.router.floor, QueueName(queue)
        rule = floor.rules.queues.get(name)
        return rule is not None and rule.is_open and not rule.draining and name not in floor.doors

    def number_sounds(self, number: int, language: str) -> Sequence[str]:
        """Sounds for a number of 0 to 999999999."""
        return self._daemon.announcing.speaking.files(say_number(number, self._choice(language)))

    def digit_sounds(self, digits: str, language: str) -> Sequence[str]:
        """Sounds for 0-9 + * # one by one."""
        return self._daemon.announcing.speaking.files(say_digits(digits, self._choice(language)))

    def _choice(self, language: str) -> Choice:
        default = self._daemon.settings.speech.language
        return choose(language or default, default)

    async def look_up(self, visit: Visit, node: Lookup) -> Looked:
        """Ask, and tell what became of it; when the caller hangs up meanwhile there is nobody to tell of."""
        began, name = self.now, visit.node
        looked = await self.lookups.ask(visit, node)
        who = visit.visitor
        self.tell(
            LookupDone(
                at=self.now,
                generation=self._daemon.generation,
                ivr=who.ivr,
                switch=who.switch,
                uniqueid=who.uniqueid,
                node=name,
                outcome=looked.outcome,
                took_ms=ms(self.now) - ms(began),
                cached=looked.cached,
                why=looked.why,
            )
        )
        return looked

    async def close(self) -> None:
        """Let connections go."""
        await self.lookups.close()


def _values(ivr: Ivr, visitor: Visitor, request: AgiRequest) -> dict[str, str]:
    """What a dialogue begins with: the address's parameters count where the dialogue has such a variable."""
    brought = {name: value[:LONGEST] for name, value in request.parameters.items() if name in ivr.variables}
    given = {"caller": visitor.caller, "dialled": visitor.dialled, "language": visitor.language}
    return {**ivr.variables, **brought, **given}
