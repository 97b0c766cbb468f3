"""The contract's words spoken to the simulated PBX."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from telephony.simulated.pbx import SimulatedPbx
from telephony.simulated.phone import Consult, Phone
from telephony.simulated.remote_end import RemoteEnd
from telephony.simulated.routes import Echo, ToQueue
from telephony.simulated.switch import Settings
from tests.contract.agi_desk import AgiDesk
from tests.contract.ami_client import AmiClient
from tests.contract.stand import ECHO, PHONES, SUPPORT, Behaviour, Party


async def _until(condition: Callable[[], bool], what: str, within: float = 5.0) -> None:
    """Wait for something nobody announces."""
    try:
        async with asyncio.timeout(within):
            # The simulation has no event for it, and each turn of the loop may bring it.
            while not condition():
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(f"{what} not within {within} s") from None


class SimulatedParty:
    """A party of the simulated PBX."""

    def __init__(self, end: RemoteEnd) -> None:
        self.end = end

    async def final(self) -> int:
        """Return the final SIP status, once there is one."""
        await _until(lambda: bool(self.end.status), "final status")
        return self.end.status

    async def provisional(self) -> list[int]:
        """Return the provisional statuses."""
        return self.end.provisional

    async def hangup(self) -> None:
        """Hang up."""
        self.end.hangup()

    async def ended(self) -> None:
        """Wait for the end."""
        await self.end.ended()

    async def press(self, digit: str) -> None:
        """Press a key."""
        self.end.press(digit)


class SimulatedHandset:
    """A phone of the simulated PBX."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def will(self, behaviour: Behaviour) -> None:
        """Behave so."""
        self._phone.behaviour = behaviour

    async def answer(self) -> None:
        """Answer."""
        self._phone.answer()

    async def hangup(self) -> None:
        """End the talk."""
        self._phone.hangup()

    async def hold(self) -> None:
        """Hold."""
        self._phone.hold()

    async def resume(self) -> None:
        """Resume."""
        self._phone.resume()

    async def blind_transfer(self, exten: str) -> None:
        """Transfer blind."""
        assert self._phone.blind_transfer(exten) == 202

    async def consult(self, exten: str) -> SimulatedParty:
        """Call from this phone."""
        return SimulatedParty(self._phone.consult(exten))

    async def attended_transfer(self, consult: Party) -> None:
        """Transfer attended."""
        assert isinstance(consult, SimulatedParty)
        assert isinstance(consult.end, Consult)
        assert self._phone.attended_transfer(consult.end) == 202

    async def cancelled(self) -> str:
        """Return the CANCEL's Reason."""
        await _until(lambda: self._phone.seen[-1].startswith("CANCEL"), "CANCEL")
        return self._phone.seen[-1].removeprefix("CANCEL ")


class SimulatedStand:
    """The simulated PBX on the stand."""

    def __init__(self, pbx: SimulatedPbx, ami: AmiClient, desk: AgiDesk) -> None:
        self.ami = ami
        self.desk = desk
        self._pbx = pbx

    def phone(self, number: str) -> SimulatedHandset:
        """Return a phone."""
        return SimulatedHandset(self._pbx.phone(number))

    async def call(self, queue: str = "sales", query: str = "") -> SimulatedParty:
        """Let somebody call."""
        return SimulatedParty(self._pbx.call(queue, "+4930123456", query=query))


@contextlib.asynccontextmanager
async def simulated_stand(desk: AgiDesk) -> AsyncIterator[SimulatedStand]:
    """Run a simulated PBX for one test."""
    settings = Settings(agi=("127.0.0.1", desk.port), missing=frozenset({"no-such-prompt"}))
    async with SimulatedPbx(settings) as pbx:
        for number in PHONES:
            pbx.phone(number)
        pbx.route(SUPPORT, ToQueue("support"))
        pbx.route(ECHO, Echo())
        async with AmiClient(pbx.ami_port, "acd", "acd") as ami:
            yield SimulatedStand(pbx, ami, desk)
