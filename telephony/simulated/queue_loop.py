"""The loop of telephony/dialplan/extensions_acd.conf, run as Asterisk runs it.

acd-enter clears the last segment's variables; acd-try arms the absolute limit and runs AGI; acd-after ends on a
verdict or a talk that took place, else waits with music and tries again until the grace is over, then apologises
and writes the lost call down.
"""

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from telephony.simulated.agi_line import header_block
from telephony.simulated.agi_session import AgiSession
from telephony.simulated.channel import Channel
from telephony.simulated.execution import Execution
from telephony.simulated.outlet import Weather
from telephony.simulated.pace import wall_seconds
from telephony.simulated.remote_end import RemoteEnd
from telephony.simulated.routes import ToQueue

if TYPE_CHECKING:
    from telephony.simulated.switch import Switch


class Connector(Protocol):
    """Opens FastAGI connections. `weather` is how those wires behave."""

    weather: Weather

    def connect(self, session: AgiSession, failed: Callable[[], None]) -> "Attempt":
        """Connect in the background; call `failed` when nobody listens."""


class Attempt(Protocol):
    """A connection being made."""

    def cancel(self) -> object:
        """Give it up."""


class QueueLoop(Execution):
    """A caller in the loop for one queue."""

    def __init__(
        self, switch: "Switch", channel: Channel, end: RemoteEnd, route: ToQueue, connector: Connector
    ) -> None:
        super().__init__(switch, channel, end)
        self._route = route
        self._connector = connector
        self._timer: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._attempt: Attempt | None = None
        self._since = 0.0
        self.session: AgiSession | None = None

    def enter(self) -> None:
        """Run acd-enter: the old call id becomes the parent, everything the loop decides by is cleared."""
        variables = self.channel.variables
        variables.update(
            AGIEXITONHANGUP="yes",
            ACD_PARENT=variables.get("ACD_CALL", ""),
            ACD_CALL="",
            ACD_JOINED="",
            ACD_STATUS="",
            ACD_QUEUE=self._route.queue,
            ACD_REQUEST=self._route.query,
            DIALSTATUS="",
        )
        self._try()

    def limit(self, seconds: float) -> None:
        """Set TIMEOUT(absolute); 0 clears it."""
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        if seconds > 0:
            self._limit = self.switch.pace.after(seconds, self._limit_reached)

    def stop(self) -> None:
        """End the session with HANGUP and every timer."""
        self.limit(0)
        if self._timer is not None:
            self._timer.cancel()
        self._end_session()

    def _try(self) -> None:
        self.limit(self.switch.settings.greeting)
        variables = self.channel.variables
        self.channel.context, self.channel.exten = "acd-try", "s"
        self.channel.application, self.channel.data = "AGI", f"agi://{self._route.queue}"
        script = f"{self._route.queue}?{self._route.query}"
        args = [variables.get(name, "") for name in ("ACD_CALL", "ACD_PARENT", "ACD_JOINED")]
        header = header_block(self.channel, self.switch.settings.agi, script, args)
        self.session = AgiSession(self, header, self._connector.weather, self._after)
        self._attempt = self._connector.connect(self.session, self._after)

    def _limit_reached(self) -> None:
        """Extension T: the session gets HANGUP, a running Dial ends, the dialplan goes on."""
        self._limit = None
        if self.dial is not None:
            self.leaving = True
            self.dial.caller_left(-1)
            self.leaving = False
        self._end_session()
        self._after()

    def _end_session(self) -> None:
        session, self.session = self.session, None
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        if session is not None:
            session.hang_up()

    def _after(self) -> None:
        """Run acd-after."""
        self.session = self._attempt = None
        self.limit(0)
        self.channel.context = "acd-after"
        variables, settings = self.channel.variables, self.switch.settings
        if variables.get("ACD_STATUS") or variables.get("DIALSTATUS") == "ANSWER":
            self.set_music(on=False)
            self.finish(16)
            return
        now = wall_seconds()
        self._since = self._since or now
        if (now - self._since) * self.switch.pace.speed >= settings.grace:
            self._lost()
            return
        self.answer()
        self.set_music(on=True)
        self.channel.application, self.channel.data = "Wait", str(settings.retry)
        self._timer = self.switch.pace.after(settings.retry, self._try)

    def _lost(self) -> None:
        settings = self.switch.settings
        self.set_music(on=False)
        self._spool()
        self.answer()
        self.end.hears(f"prompt {settings.sorry}")
        self.channel.application, self.channel.data = "Playback", settings.sorry
        seconds = settings.prompts.get(settings.sorry, settings.prompt_seconds)
        self._timer = self.switch.pace.after(seconds, self.finish, 38)

    def _spool(self) -> None:
        """Write what acd_lost_call.py writes, the same way: whole or not at all."""
        folder = self.switch.settings.spool
        if folder is None:
            return
        now, variables = wall_seconds(), self.channel.variables
        record = {
            "queue": self._route.queue,
            "call": variables.get("ACD_CALL", ""),
            "since": str(int(self._since)),
            "joined": variables.get("ACD_JOINED", ""),
            "at": now,
            "uniqueid": self.channel.uniqueid,
            "channel": self.channel.name,
            "caller": self.channel.caller_num or "unknown",
        }
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        name = f"{int(now * 1000)}-{uuid.uuid4().hex}"
        half = folder / f".{name}.half"
        half.write_text(json.dumps(record), encoding="utf-8")
        half.rename(folder / f"{name}.json")
