"""The contract's words spoken to a real Asterisk: its phones and callers are SIP user agents over loopback."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from telephony.simulated.behaviours import Answers, Dead, Redirects, Rejects, Rings, Unregistered
from tests.contract.agi_desk import AgiDesk
from tests.contract.ami_client import AmiClient
from tests.contract.stand import ECHO, PHONES, SUPPORT, Behaviour, Party
from tests.pbx.instance import Asterisk
from tests.pbx.settings import MANAGER_SECRET, Settings
from tests.ua.behaviour import Answer, Redirect, Reject, Ring
from tests.ua.incoming import IncomingCall
from tests.ua.outgoing import OutgoingCall
from tests.ua.phone import Phone

_ECHO: Final = f"""\
exten => {ECHO},1,Answer(,i)
 same => n,Wait(60)
"""


def settings(agi_port: int) -> Settings:
    """Return what the contract needs of an instance."""
    return Settings(
        agents=PHONES,
        agi=f"127.0.0.1:{agi_port}",
        numbers={SUPPORT: "support"},
        dialplan=_ECHO,
    )


class RealParty:
    """A call made by a user agent."""

    def __init__(self, call: OutgoingCall) -> None:
        self.call = call

    async def final(self) -> int:
        """Return the final SIP status."""
        return await self.call.final()

    async def provisional(self) -> list[int]:
        """Return the provisional statuses after 100, each once."""
        statuses = [response.status for response in self.call.provisionals]
        return [status for status in dict.fromkeys(statuses) if status > 100]

    async def hangup(self) -> None:
        """Hang up."""
        await self.call.hangup()

    async def ended(self) -> None:
        """Wait for the end."""
        await self.call.ended()

    async def press(self, digit: str) -> None:
        """Press a key."""
        await self.call.dtmf(digit)


class RealHandset:
    """A user agent registered as an agent's phone."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def will(self, behaviour: Behaviour) -> None:
        """Behave so."""
        phone = self._phone
        match behaviour:
            case Answers(after=after):
                phone.on_invite = Answer(after=after)
            case Rings():
                phone.on_invite = Ring()
            case Rejects(code=code, after=after):
                phone.on_invite = Reject(code, after)
            case Redirects(to=to):
                phone.on_invite = Redirect(phone.at_server(to))
            case Dead():
                phone.unplugged = True
            case Unregistered():
                await phone.unregister()

    @property
    def _last(self) -> IncomingCall:
        return [call for call in self._phone.calls if isinstance(call, IncomingCall)][-1]

    async def answer(self) -> None:
        """Answer."""
        await self._last.answer()

    async def hangup(self) -> None:
        """End the talk."""
        await self._last.hangup()

    async def hold(self) -> None:
        """Hold."""
        await self._last.hold()

    async def resume(self) -> None:
        """Resume."""
        await self._last.resume()

    async def blind_transfer(self, exten: str) -> None:
        """Transfer blind."""
        await self._last.refer(exten)

    async def consult(self, exten: str) -> RealParty:
        """Call from this phone."""
        return RealParty(await self._phone.invite(exten))

    async def attended_transfer(self, consult: Party) -> None:
        """Transfer attended."""
        assert isinstance(consult, RealParty)
        await consult.call.answered()
        await self._last.refer_replaces(consult.call)

    async def cancelled(self) -> str:
        """Return the CANCEL's Reason."""
        await self._last.ended()
        assert self._last.cancelled, self._phone.ladder
        return self._last.cancel_reason


class RealStand:
    """A running Asterisk on the stand."""

    def __init__(self, phones: dict[str, Phone], trunk: Phone, ami: AmiClient, desk: AgiDesk) -> None:
        self.ami = ami
        self.desk = desk
        self._phones = phones
        self._trunk = trunk

    def phone(self, number: str) -> RealHandset:
        """Return a phone."""
        return RealHandset(self._phones[number])

    async def call(self, queue: str = "sales", query: str = "") -> RealParty:
        """Let somebody call."""
        headers = {"X-Trunk": "trunk-a"} | ({"X-Acd-Query": query} if query else {})
        return RealParty(await self._trunk.invite(queue, from_user="+4930123456", headers=headers))


@contextlib.asynccontextmanager
async def real_stand(asterisk: Asterisk, desk: AgiDesk) -> AsyncIterator[RealStand]:
    """Put fresh phones and a fresh trunk at a running Asterisk for one test."""
    async with contextlib.AsyncExitStack() as stack:
        phones = {}
        for number in PHONES:
            phone = Phone(number, server=asterisk.sip, on_invite=Answer())
            phones[number] = await stack.enter_async_context(phone)
            await phone.register()
        trunk = await stack.enter_async_context(Phone("trunk", server=asterisk.sip))
        ami = await stack.enter_async_context(AmiClient(asterisk.manager[1], "acd", MANAGER_SECRET))
        yield RealStand(phones, trunk, ami, desk)
        # A Dial still running without its daemon would ring the next test's phones.
        desk.clear()
        for phone in (trunk, *phones.values()):
            phone.unplugged = False
            for call in phone.calls:
                if call.ending is None:
                    await call.hangup() if isinstance(call, OutgoingCall | IncomingCall) else call.drop()
        await _quiet(ami)


async def _quiet(ami: AmiClient) -> None:
    """Wait until the last channel is gone."""
    while channels := await ami.items("CoreShowChannels", "CoreShowChannelsComplete"):
        for channel in channels:
            await ami.action("Hangup", Channel=channel["Channel"])
