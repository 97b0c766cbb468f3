"""The records of the switchboard: callers' lines, rings and channels of one Asterisk.

Identity first: one AGI session is not one caller. Transfers swap channels under live sessions, so a line is found by
the Uniqueid it has now, and keeps our call id.
"""

import msgspec

from acd.core.ids import CallId, OfferId, PhoneName, Uniqueid
from acd.core.outcomes import EndedBy


class Channel(msgspec.Struct):
    """One channel of the switch."""

    uniqueid: Uniqueid
    name: str
    linkedid: str = ""
    caller: str = ""


class Ring(msgspec.Struct, kw_only=True):
    """One offer on the wire, and the talk that comes of it."""

    offer: OfferId
    phone: PhoneName
    legs: dict[Uniqueid, str] = {}
    """Live legs by Uniqueid, with their channel names: more than one when a phone has several contacts."""
    leg: Uniqueid = Uniqueid("")
    """The leg that answered."""
    began: bool = False
    rang: bool = False
    answered: bool = False
    rescinding: bool = False
    cause: int | None = None
    dialstatus: str = ""
    dial_end: str = ""
    forwarded: bool = False
    bridged_only: bool = False
    """The agent hears something or must press a key first: picking up is no talk yet, entering the bridge is."""
    picked_up: bool = False
    """With `bridged_only`: Dial ended as it does when somebody has picked up, or a phone was busy."""
    ended_by: EndedBy | None = None
    """Who asked for the end first."""
    over: bool = False
    """The answering leg has hung up and nobody asked for it: a transfer may be about to explain that."""


class Line(msgspec.Struct, kw_only=True):
    """One caller as the wire sees them."""

    call: CallId
    uniqueid: Uniqueid
    channel: str
    session: bool = True
    legs: dict[Uniqueid, OfferId] = {}
    """Every leg that was ever made for this call, to be forgotten with it."""
    rings: dict[OfferId, Ring] = {}
    """Offers on the wire; in a talk only the one it came of."""
    cutting: bool = False
    """Our Dial is being cut short to be written again with more phones: its legs' ends mean nothing."""

    @property
    def talk(self) -> Ring | None:
        """The offer that was answered."""
        return next((ring for ring in self.rings.values() if ring.answered), None)

    def ring_of(self, leg: Uniqueid) -> Ring | None:
        """The offer a leg was made for, if it is still on."""
        offer = self.legs.get(leg)
        return None if offer is None else self.rings.get(offer)


def endpoint_of(channel: str) -> PhoneName:
    """`PJSIP/1001-0000002a` is a channel of `PJSIP/1001`."""
    return PhoneName(channel.rpartition("-")[0])
