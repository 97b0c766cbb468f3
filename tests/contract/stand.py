"""What a contract test may do with a PBX, simulated or real: the same words for both."""

from typing import Final, Protocol

from telephony.simulated.behaviours import Answers, Dead, Redirects, Rejects, Rings, Unregistered
from tests.contract.agi_desk import AgiCall, AgiDesk
from tests.contract.ami_client import AmiClient

ECHO: Final = "900"
"""An extension where a machine answers."""
SUPPORT: Final = "700"
"""An extension that leads to the queue `support`."""
PHONES: Final = ("1001", "1002", "1003")

Behaviour = Answers | Rings | Rejects | Redirects | Dead | Unregistered


class Party(Protocol):
    """Somebody who called: a caller outside, or an agent calling from the phone."""

    async def final(self) -> int:
        """Return the final SIP status, once there is one."""

    async def provisional(self) -> list[int]:
        """Return the provisional statuses after 100, each once, in order."""

    async def hangup(self) -> None:
        """CANCEL before the answer, BYE after."""

    async def ended(self) -> None:
        """Wait for the end of the call."""

    async def press(self, digit: str) -> None:
        """Press a key."""


class Handset(Protocol):
    """An agent's phone."""

    async def will(self, behaviour: Behaviour) -> None:
        """Behave so from the next INVITE on."""

    async def answer(self) -> None:
        """Answer what rings."""

    async def hangup(self) -> None:
        """End the talk."""

    async def hold(self) -> None:
        """Put the caller on hold."""

    async def resume(self) -> None:
        """Take the caller back."""

    async def blind_transfer(self, exten: str) -> None:
        """REFER the caller to an extension."""

    async def consult(self, exten: str) -> Party:
        """Call an extension from this phone."""

    async def attended_transfer(self, consult: Party) -> None:
        """REFER with Replaces: join the caller with the own call."""

    async def cancelled(self) -> str:
        """Return the Reason header of the CANCEL that ended the last ring, once it came."""


class Stand(Protocol):
    """One PBX, the manager link to it, and the FastAGI server it calls."""

    ami: AmiClient
    desk: AgiDesk

    def phone(self, number: str) -> Handset:
        """Return one of PHONES; each answers at once unless told otherwise."""

    async def call(self, queue: str = "sales", query: str = "") -> Party:
        """Let somebody call a queue."""


async def greeted(stand: Stand, queue: str = "sales") -> tuple[Party, AgiCall]:
    """Let somebody call, and clear the dialplan's limit as a daemon's first command does."""
    caller = await stand.call(queue)
    call = await stand.desk.next()
    await call.greet()
    return caller, call


async def waiting(stand: Stand, queue: str = "sales") -> tuple[Party, AgiCall]:
    """Let somebody call and wait with music."""
    caller, call = await greeted(stand, queue)
    assert await call.ask("EXEC Answer ,i") == "200 result=0"
    assert await call.ask("SET MUSIC ON") == "200 result=0"
    assert await caller.final() == 200
    return caller, call


async def talking(
    stand: Stand, number: str = "1001", options: str = "mgi", before: str = "NOOP"
) -> tuple[Party, AgiCall]:
    """Let somebody wait, and an agent answer: the session is inside EXEC Dial. `before` is asked before that."""
    caller, call = await waiting(stand)
    assert await call.ask(before) == "200 result=0"
    await stand.phone(number).will(Answers())
    call.send(f"EXEC Dial PJSIP/{number},10,{options}")
    await stand.ami.event("DialEnd", DialStatus="ANSWER")
    await stand.ami.event("BridgeEnter")
    await stand.ami.event("BridgeEnter")
    return caller, call


async def ringing(stand: Stand, number: str = "1001", options: str = "mgi") -> tuple[Party, AgiCall, str]:
    """Let somebody wait, and a phone ring: returns the leg's channel, too."""
    caller, call = await waiting(stand)
    await stand.phone(number).will(Rings())
    call.send(f"EXEC Dial PJSIP/{number},10,{options}")
    state = await stand.ami.event("DialState", DialStatus="RINGING")
    return caller, call, state["DestChannel"]
