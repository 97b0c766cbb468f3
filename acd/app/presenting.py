"""How an offer is put to the agent's phone: names, headers, auto-answer, what is said before the talk, recordings.

What the phone gets is set by a routine that Asterisk runs on the phone's channel before it rings (acd-phone in
features_acd.conf), what the agent hears by one between picking up and the talk (acd-talk). Most queues use neither, and then
nothing is sent besides Dial.
"""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog

from acd.core import commands as cmd
from acd.core.calls import Call
from acd.core.facts import Fact, Offered
from acd.core.ids import CallId, PhoneName, ms
from config.centre import Agent, Queue
from config.supervising import AutoAnswer
from telephony.agi.conversation import PLAIN, Presentation
from telephony.ami.errors import AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.presenting")
_PLAIN_ENDPOINT: Final = re.compile(r"PJSIP/[A-Za-z0-9_.+-]+")
"""Goes into an expression that Asterisk evaluates, so nothing else may."""
HEADERS: Final = {
    AutoAnswer.CALL_INFO: ("Call-Info", "<sip:acd>;answer-after=0"),
    AutoAnswer.ALERT_INFO: ("Alert-Info", "<http://acd>;info=alert-autoanswer;delay=0"),
    AutoAnswer.RING_ANSWER: ("Alert-Info", "ring-answer"),
    AutoAnswer.INTERCOM: ("Alert-Info", "<http://acd>;intercom=true"),
}
"""As the makers' manuals say; none was tried on hardware here."""


class Presenting:
    """Reads the configuration in force at each offer."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows offers, for screens."""
        self._daemon = daemon
        daemon.engine.watch(self._see)

    def _see(self, fact: Fact) -> None:
        """Tell screens of an offer, where the queue wants it."""
        if not isinstance(fact, Offered):
            return
        queue = self._daemon.settings.queues.get(fact.queue)
        call = self._daemon.engine.router.floor.calls.get(fact.call)
        if queue is None or not queue.screen_pop or call is None:
            return
        told = {
            "UserEvent": "ACDOffer",
            "Agent": fact.agent,
            "Phone": fact.phone,
            "Call": fact.call,
            "Queue": fact.queue,
            "Caller": call.caller,
            "CallerName": call.caller_name,
            "WaitMs": str(fact.wait_ms),
        } | {f"Variable-{name}": value for name, value in call.variables.items()}
        try:
            self._daemon.exchange.links[call.switch].send("UserEvent", told)
        except (AmiError, ValueError) as wrong:
            log.warning("screen_not_told", call=fact.call, error=str(wrong))

    def present(self, offer: cmd.Offer) -> Presentation:
        """For one Dial; what a single agent's settings say counts only when one phone rings."""
        call = self._daemon.engine.router.floor.calls.get(offer.call)
        queue = self._daemon.settings.queues.get(offer.queue)
        if call is None or queue is None:
            return PLAIN
        agents = self._agents(call)
        phone = _phone_variables(call, queue, agents, self._daemon.clock.now())
        talk = _talk_variables(call, queue, agents, self._daemon)
        record = self._daemon.recordings.due(call)
        consent = self._daemon.recordings.consent(call, record)
        unrecord = self._daemon.recordings.unwanted(call)
        every = self._every_contact(call)
        if not (phone or talk or record or consent or unrecord or every):
            return PLAIN
        options = ("b(acd-phone^s^1)" if phone else "") + ("U(acd-talk)" if talk else "")
        if consent:
            options += f"A(:{consent})"
        return Presentation(
            variables=BLANK | phone | talk if phone or talk else {},
            options=options,
            bridged_only=bool(talk or "A(" in options),
            every_contact=every,
            record=record,
            unrecord=unrecord,
        )

    def _every_contact(self, call: Call) -> frozenset[PhoneName]:
        """Phones of agents who want all that are registered to ring."""
        known = self._daemon.settings.agents
        return frozenset(
            offer.phone
            for offer in call.offers
            if _PLAIN_ENDPOINT.fullmatch(offer.phone)
            and offer.agent in known
            and known[offer.agent].every_phone
        )

    def _agents(self, call: Call) -> list[Agent]:
        known = self._daemon.settings.agents
        return [known[offer.agent] for offer in call.offers if offer.agent in known]

    def recorded(self, call: CallId, file: str) -> None:
        """The caller's session has begun the recording."""
        known = self._daemon.engine.router.floor.calls.get(call)
        if known is not None:
            self._daemon.recordings.begun(known, file)


BLANK: Final = dict.fromkeys(
    (
        "ACD_PREFIX",
        "ACD_AUTO_NAME",
        "ACD_AUTO_VALUE",
        "ACD_TELL",
        "ACD_WAIT",
        "ACD_DATA",
        "ACD_ANNOUNCE",
        "ACD_SAY_WAIT",
        "ACD_ACCEPT",
    ),
    "",
)
"""Every variable the routines read: one set for an earlier offer must not count for this."""


def _phone_variables(call: Call, queue: Queue, agents: list[Agent], now: int) -> dict[str, str]:
    found: dict[str, str] = {}
    callback = "" if call.work is None or queue.callback is None else queue.callback.prefix
    if queue.caller_prefix or callback:
        found["ACD_PREFIX"] = quote(queue.caller_prefix + callback, safe="")
    auto = agents[0].auto_answer if len(agents) == 1 else AutoAnswer.NONE
    if auto is not AutoAnswer.NONE:
        name, value = HEADERS[auto]
        found |= {"ACD_AUTO_NAME": name, "ACD_AUTO_VALUE": quote(value, safe="")}
    if queue.sip_headers:
        data = "&".join(f"{name}={value}" for name, value in call.variables.items())
        found |= {
            "ACD_TELL": f"{call.id}|{call.queue}",
            "ACD_WAIT": str((ms(now) - ms(call.joined)) // 1000),
            "ACD_DATA": quote(data, safe=""),
        }
    return found


def _talk_variables(call: Call, queue: Queue, agents: list[Agent], daemon: "Daemon") -> dict[str, str]:
    found: dict[str, str] = {}
    if queue.announce:
        found["ACD_ANNOUNCE"] = queue.announce
    if queue.announce_wait:
        found["ACD_SAY_WAIT"] = str((ms(daemon.clock.now()) - ms(call.joined)) // 1000)
    if any(agent.accept for agent in agents):
        found["ACD_ACCEPT"] = daemon.settings.features.press_to_accept
    return found
