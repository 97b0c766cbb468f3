"""The simulated PBX as tests, load runs and the demo use it."""

import asyncio
import random
from types import TracebackType
from typing import Final, Self

from telephony.simulated.ami_listener import AmiListener
from telephony.simulated.ami_session import AmiSession, Disorder
from telephony.simulated.behaviours import Answers, Behaviour
from telephony.simulated.caller import Caller
from telephony.simulated.connector import TaskConnector
from telephony.simulated.dialplan import Dialplan
from telephony.simulated.events import Events
from telephony.simulated.faults import Faults
from telephony.simulated.manager import Manager
from telephony.simulated.manager_user import ManagerUser, shipped_user
from telephony.simulated.outlet import Weather
from telephony.simulated.pace import Pace
from telephony.simulated.phone import Phone
from telephony.simulated.routes import Echo, Route, ToPhone, ToQueue
from telephony.simulated.switch import Settings, Switch

QUEUE: Final = "queue:"
"""Extensions made by `SimulatedPbx.call`: this, the queue, a question mark, the query."""


class SimulatedPbx:
    """One PBX. Use `async with`, or await `run()` in a task you own.

    `settings.agi` is where the daemon's FastAGI listens; the daemon logs in to `ami_port` as `user`. `speed` makes
    all simulated time run faster. The same `seed` draws the same numbers.
    """

    def __init__(
        self,
        settings: Settings,
        user: ManagerUser | None = None,
        *,
        ami_port: int = 0,
        speed: float = 1.0,
        seed: int = 0,
    ) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - a simulation, repeatable on purpose
        self._pace = Pace(speed)
        self._events = Events(self._publish)
        self.switch = Switch(settings, self._pace, self._rng, self._events)
        self.switch.routes["echo"] = Echo()
        self.manager = Manager(self.switch, user or shipped_user("acd", "acd"))
        self._wanted_port = ami_port
        self._weather = Weather()
        self._disorder = Disorder()
        self._group = asyncio.TaskGroup()
        self._listener: AmiListener | None = None
        self._faults: Faults | None = None
        self._callers = 0

    def _publish(self, name: str, text: str) -> None:
        self.manager.publish(name, text)

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        connector = TaskConnector(self.switch.settings.agi, self._group)
        self.switch.dialplan = Dialplan(self.switch, connector)
        listener = AmiListener(self._session, self._wanted_port, self._group)
        self._faults = Faults(
            self.manager, connector, listener, self._rng, weather=self._weather, disorder=self._disorder
        )
        await listener.open()
        self._listener = listener
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pace.stop()
        self._running_listener.close()
        self._events.shutdown()
        for channel in list(self.switch.channels.values()):
            if channel.name in self.switch.channels and channel.owner is not None:
                channel.owner.hang_up(16)
        for session in tuple(self.manager.sessions):
            session.close()
        # Without the error: a test that failed is to see its own, not one wrapped in a group.
        await self._group.__aexit__(None, None, None)

    async def run(self) -> None:
        """Be a PBX until cancelled."""
        async with self:
            await asyncio.Event().wait()

    @property
    def ami_port(self) -> int:
        """Where the manager listens."""
        return self._running_listener.port

    @property
    def faults(self) -> Faults:
        """What can go wrong."""
        if self._faults is None:
            raise RuntimeError("the PBX is not running; use `async with`")
        return self._faults

    @property
    def _running_listener(self) -> AmiListener:
        if self._listener is None:
            raise RuntimeError("the PBX is not running; use `async with`")
        return self._listener

    def _session(self) -> AmiSession:
        return AmiSession(self.manager, self._weather, self._disorder, self._rng)

    def phone(self, number: str, behaviour: Behaviour | None = None) -> Phone:
        """Return the phone of that number: a new one, with extension `number`, or the one there is.

        A new one answers at once unless told otherwise; `behaviour` changes one that exists.
        """
        phone = self.switch.phones.get(number)
        if phone is None:
            phone = Phone(self.switch, number, behaviour or Answers())
            self.switch.phones[number] = phone
            self.switch.routes.setdefault(number, ToPhone(number))
        elif behaviour is not None:
            phone.behaviour = behaviour
        return phone

    def route(self, exten: str, to: Route) -> None:
        """Let `exten` lead to a queue, a phone or a machine, for transfers and calls from phones."""
        self.switch.routes[exten] = to

    def call(  # noqa: PLR0913 - what tells one call from another, all but the first optional
        self,
        queue: str,
        caller_id: str = "",
        *,
        trunk: str = "trunk-a",
        query: str = "",
        patience: float | None = None,
        talk: float | None = None,
    ) -> Caller:
        """Let somebody call `queue` over `trunk`; `patience` and `talk` are seconds until the caller hangs up."""
        self._callers += 1
        exten = f"{QUEUE}{queue}?{query}"
        self.switch.routes.setdefault(exten, ToQueue(queue, query))
        return self.dial_in(
            exten, caller_id or f"+4930{self._callers:07}", trunk, patience=patience, talk=talk
        )

    def dial_in(
        self,
        exten: str,
        caller_id: str,
        trunk: str = "trunk-a",
        *,
        patience: float | None = None,
        talk: float | None = None,
    ) -> Caller:
        """Let somebody call an extension. Raises KeyError for one that does not exist."""
        if exten not in self.switch.routes:
            raise KeyError(f"no extension {exten!r}; add it with SimulatedPbx.route")
        caller = Caller(self._pace, patience=patience, talk=talk)
        self.switch.trunks.setdefault(f"PJSIP/{trunk}", 0)
        channel = self.switch.new_channel(f"PJSIP/{trunk}", "Ring", caller_num=caller_id)
        channel.exten = channel.variables["DNID"] = exten.partition("?")[0].removeprefix(QUEUE)
        self.switch.announce(channel)
        self.switch.dialplan.run(channel, caller, exten)
        return caller
