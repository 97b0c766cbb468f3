"""Lines for work that no caller waits for: a Local channel stands in for the caller, so that everything else is as ever.

Its one half runs the caller's dialplan and AGI session, from which the agent is dialled. The other half, once answered,
does what the work is: dials the customer, or plays the message. With the customer first the halves change places: the
customer is dialled at once, and the session begins when they pick up. The dialplan tells what became of it by UserEvent.
"""

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import CallId, OfferId, QueueName, SwitchName, Uniqueid, WorkId
from acd.core.outcomes import OfferOutcome, WorkKind, WorkMiss
from acd.core.states import CallState
from acd.core.work import WorkItem
from config.ways import Callback
from telephony.ami import messages as ami
from telephony.ami.errors import AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.errands")
CONTEXT: Final = "acd-work"
EVENT: Final = "ACDWork"
SESSION_WITHIN_S: Final = 5.0
"""From Originate to the session of a line that rings nobody."""
LINE_LASTS_MS: Final = 3_600_000
"""How long a line may ring agents one after the other."""
ANSWERED: Final = 4
"""OriginateResponse's reason."""
MISSES: Final = {
    "BUSY": WorkMiss.BUSY,
    "NOANSWER": WorkMiss.NO_ANSWER,
    "CHANUNAVAIL": WorkMiss.UNREACHABLE,
    "CONGESTION": WorkMiss.UNREACHABLE,
}
"""DIALSTATUS of the customer's Dial. CANCEL is our own hanging up, which is known already."""


class _Line(msgspec.Struct):
    """One that has been asked for."""

    offer: cmd.Offer
    switch: SwitchName
    channel: str
    """Its first half, which ends the whole when hung up."""
    timer: asyncio.TimerHandle | None = None
    session: bool = False


class Errands:
    """All lines that stand in for callers."""

    def __init__(self, daemon: "Daemon") -> None:
        """None yet."""
        self._daemon = daemon
        self._lines: dict[CallId, _Line] = {}
        daemon.engine.watch(self._see)
        daemon.exchange.errands = self

    def _see(self, fact: f.Fact) -> None:
        if isinstance(fact, f.Ended) and fact.call in self._lines:
            # Once this step's commands are carried out, of which one may end the session in an orderly way.
            asyncio.get_running_loop().call_soon(self._over, fact.call)

    # ------------------------------------------------------------ what the router wants

    def begin(self, offer: cmd.Offer) -> None:
        """Make the line from which the agent will be dialled; or, if it is being made, let it be for this agent."""
        line = self._lines.get(offer.call)
        call = self._daemon.engine.router.floor.calls.get(offer.call)
        if line is not None:
            line.offer = offer
        elif call is not None:
            # After this step of the router, which may have more to say about the call.
            asyncio.get_running_loop().call_soon(self._make, offer, call.switch)

    def rescind(self, offer: OfferId) -> bool:
        """Stop an offer whose line is still being made. False: it is none of those."""
        line = self._lines.get(CallId(offer.rpartition(".")[0]))
        if line is None or line.session:
            return False
        if (
            offer in self._daemon.engine.router.floor.offers
        ):  # else its call is over, and the line goes with that
            now = self._daemon.clock.now()
            self._daemon.engine.handle(ev.OfferFailed(at=now, offer=offer, outcome=OfferOutcome.RESCINDED))
        return True

    def hold(self, call: CallId) -> bool:
        """Nobody is free for it now: without a customer on it the line goes. True: so it did."""
        line = self._lines.get(call)
        known = self._daemon.engine.router.floor.calls.get(call)
        item = None if known is None or known.work is None else self._items.get(known.work)
        if line is None or item is None or item.reached:
            return False
        self._daemon.exchange.forget_line(call)
        self._drop(call)
        now = self._daemon.clock.now()
        self._daemon.engine.handle(ev.WorkLineMade(at=now, call=call, channel="", uniqueid=Uniqueid("")))
        return True

    def wanted(self, call: CallId) -> cmd.Offer | None:
        """The session of its line begins: whom to dial from it."""
        line = self._lines.get(call)
        if line is None:
            return None
        line.session = True
        self._disarm(line)
        return line.offer

    # ------------------------------------------------------------ making it

    def _make(self, offer: cmd.Offer, switch: SwitchName) -> None:
        call = self._daemon.engine.router.floor.calls.get(offer.call)
        errand = offer.errand
        if call is None or errand is None or call.state is not CallState.OFFERED or offer.call in self._lines:
            return
        rule = self._rule(offer.queue)
        if errand.kind is WorkKind.CALLBACK and rule is None:
            self._failed(offer, "the queue calls nobody back any more")
            return
        headers = _originate(offer, errand, rule, self._daemon.settings.speech.language)
        try:
            self._daemon.exchange.links[switch].send("Originate", headers)
        except (AmiError, ValueError) as wrong:
            self._failed(offer, str(wrong))
            return
        line = self._lines[offer.call] = _Line(offer, switch, _half(offer.call, 1))
        within = SESSION_WITHIN_S + (errand.ring / 1_000 if errand.customer_first else 0)
        line.timer = asyncio.get_running_loop().call_later(within, self._late, offer.call)

    def _rule(self, queue: QueueName) -> Callback | None:
        known = self._daemon.settings.queues.get(queue)
        return None if known is None else known.callback

    def _late(self, call: CallId) -> None:
        line = self._lines.get(call)
        if line is not None and not line.session:
            self._drop(call)
            self._failed(line.offer, "the line did not come; is work_acd.conf included in extensions.conf?")

    def _failed(self, offer: cmd.Offer, why: str) -> None:
        """The attempt is over for no fault of agent or customer."""
        log.warning("errand_failed", call=offer.call, queue=offer.queue, why=why)
        now = self._daemon.clock.now()
        missed = ev.CustomerMissed(at=now, call=offer.call, outcome=WorkMiss.ERROR, cause=why)
        self._daemon.engine.handle(missed)

    # ------------------------------------------------------------ what became of it

    def user_event(self, event: ami.UserEvent) -> bool:
        """`UserEvent(ACDWork,Call: …,Status: …)` of the dialplan. False: another one."""
        if event.user_event != EVENT:
            return False
        told = {key: value for key, value in event.body.items() if isinstance(value, str)}
        call, status = CallId(told.get("Call", "")), told.get("Status", "")
        now = self._daemon.clock.now()
        if call in self._lines and status == "REACHED":
            self._daemon.engine.handle(ev.CustomerReached(at=now, call=call))
        elif call in self._lines and status in MISSES:
            missed = ev.CustomerMissed(
                at=now, call=call, outcome=MISSES[status], cause=f"{status} {told.get('Cause', '')}".strip()
            )
            self._daemon.engine.handle(missed)
        return True

    def originated(self, event: ami.OriginateResponse) -> None:
        """A line that could not be made; the customer's own refusal has been told by then."""
        if event.reason == ANSWERED:
            return
        found = next((line for line in self._lines.values() if line.channel == event.uniqueid), None)
        if found is not None and not found.session:
            self._drop(found.offer.call)
            self._failed(found.offer, f"Originate failed with reason {event.reason}")

    def _over(self, call: CallId) -> None:
        """Its story has ended: what is still up goes, unless the session is about to close by itself."""
        line = self._lines.get(call)
        if line is not None:
            self._drop(call, hang_up=not line.session)

    def _drop(self, call: CallId, *, hang_up: bool = True) -> None:
        line = self._lines.pop(call)
        self._disarm(line)
        if hang_up:
            self._daemon.exchange.hang_up_caller(line.switch, line.channel)

    def _disarm(self, line: _Line) -> None:
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None

    @property
    def _items(self) -> dict[WorkId, WorkItem]:
        return self._daemon.engine.router.floor.work.items


def _half(call: CallId, number: int) -> str:
    """Uniqueids that we choose, so that the channels are known before their events."""
    return f"acd-{call}-{number}"


def _originate(
    offer: cmd.Offer, errand: cmd.Errand, rule: Callback | None, language: str
) -> dict[str, str | list[str]]:
    dials = "message" if errand.kind is WorkKind.MESSAGE else "customer"
    first, then = ("customer", "agent") if errand.customer_first else ("agent", dials)
    dial = "" if rule is None else rule.dial.replace("{number}", errand.number)
    told = {
        "ACD_CALL": offer.call,
        "ACD_QUEUE": offer.queue,
        "ACD_FIRST": first,
        "ACD_NUMBER": errand.number,
        "ACD_DIAL": dial if errand.number else "",
        "ACD_RING": str(errand.ring // 1_000),
        "ACD_FROM": "" if rule is None or rule.caller_id is None else rule.caller_id,
        "ACD_FILE": errand.file,
    }
    return {
        "Channel": f"Local/{first}@{CONTEXT}/n",
        "Context": CONTEXT,
        "Exten": then,
        "Priority": "1",
        "Async": "true",
        "Timeout": str(errand.ring + 1_000 if errand.customer_first else LINE_LASTS_MS),
        "ChannelId": _half(offer.call, 1),
        "OtherChannelId": _half(offer.call, 2),
        "Variable": [f"__{name}={value}" for name, value in told.items()],
        "Language": language,
    }
