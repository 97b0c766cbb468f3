"""What each agent's phone can do, from the channels on it and what Asterisk says of its device. Pure accounting.

A phone is busy when it holds a channel that is not a leg of ours. Channels are counted rather than device states read,
because a device state lags its channel by a moment, and that moment would be an agent's idle gap. The device state
is asked only whether the phone can be reached at all.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from acd.core.ids import PhoneName, SwitchName, Uniqueid
from acd.core.outcomes import PhoneState

TECHNOLOGIES: Final = ("PJSIP/", "SIP/", "IAX2/", "DAHDI/")
"""Channels of these are phones or lines, as many as there are; names of Local/ channels would be without end."""
UNREACHABLE_STATES: Final = frozenset({"UNAVAILABLE", "INVALID"})
"""Device states of a phone that cannot ring (Asterisk page "Device State"): no contact, or one that does not answer."""

PhoneKey = tuple[SwitchName, PhoneName]


class PhoneNews(msgspec.Struct, frozen=True):
    """A phone's state is now another."""

    switch: SwitchName
    phone: PhoneName
    state: PhoneState


class _Phone(msgspec.Struct):
    watched: bool = False
    channels: set[Uniqueid] = set()
    ours: set[Uniqueid] = set()
    expecting: int = 0
    """Offers dialled to this phone whose leg has not been named yet."""
    reachable: bool | None = None
    told: PhoneState = PhoneState.UNKNOWN

    @property
    def state(self) -> PhoneState:
        if self.reachable is None:
            return PhoneState.UNKNOWN
        if len(self.channels - self.ours) > self.expecting:
            return PhoneState.BUSY
        return PhoneState.FREE if self.reachable else PhoneState.UNREACHABLE


class Phones:
    """The agents' phones of all switches. Every method returns the news it leads to."""

    def __init__(self) -> None:
        """No phone is known yet. All are kept track of, as an agent may sit down at any; news is of those watched."""
        self._phones: dict[PhoneKey, _Phone] = {}
        self._where: dict[tuple[SwitchName, Uniqueid], PhoneKey] = {}

    def watch(self, keys: Iterable[PhoneKey]) -> list[PhoneNews]:
        """Tell of exactly these phones from here on, and what is known of those not watched before."""
        wanted, news = set(keys), []
        for key, phone in self._phones.items():
            phone.watched = phone.watched and key in wanted
        for key in wanted:
            news += self.watch_too(key)
        return news

    def watch_too(self, key: PhoneKey) -> list[PhoneNews]:
        """Tell of this phone as well, beginning with what is known of it."""
        phone = self._phones.setdefault(key, _Phone())
        if phone.watched:
            return []
        phone.watched = True
        return self._news(key, phone, always=True)

    def _known(self, key: PhoneKey) -> _Phone | None:
        phone = self._phones.get(key)
        if phone is None and key[1].startswith(TECHNOLOGIES):
            phone = self._phones[key] = _Phone()
        return phone

    def knows(self, key: PhoneKey) -> bool:
        """Whether the switch has told of such a phone."""
        phone = self._phones.get(key)
        return phone is not None and (phone.reachable is not None or bool(phone.channels))

    def state(self, key: PhoneKey) -> PhoneState:
        """What the phone can do; UNKNOWN for one that is not watched."""
        phone = self._phones.get(key)
        return PhoneState.UNKNOWN if phone is None else phone.state

    # ------------------------------------------------------------ channels

    def channel_up(self, key: PhoneKey, uniqueid: Uniqueid) -> list[PhoneNews]:
        """A channel of the phone came to be."""
        phone = self._known(key)
        if phone is None:
            return []
        phone.channels.add(uniqueid)
        self._where[key[0], uniqueid] = key
        return self._news(key, phone)

    def channel_down(self, switch: SwitchName, uniqueid: Uniqueid) -> list[PhoneNews]:
        """A channel is gone."""
        key = self._where.pop((switch, uniqueid), None)
        if key is None:
            return []
        phone = self._phones[key]
        phone.channels.discard(uniqueid)
        phone.ours.discard(uniqueid)
        return self._news(key, phone)

    def dialled(self, key: PhoneKey) -> list[PhoneNews]:
        """An offer is being dialled: the next channel there is ours until its leg is named."""
        phone = self._phones.get(key)
        if phone is None:
            return []
        phone.expecting += 1
        return self._news(key, phone)

    def leg_named(self, key: PhoneKey, uniqueid: Uniqueid) -> list[PhoneNews]:
        """That channel is the leg of our offer; any other is a call of the agent's own."""
        phone = self._phones.get(key)
        if phone is None:
            return []
        phone.ours.add(uniqueid)
        phone.expecting = 0
        return self._news(key, phone)

    def offer_over(self, key: PhoneKey) -> list[PhoneNews]:
        """The offer ended: no more channels of ours to expect."""
        phone = self._phones.get(key)
        if phone is None:
            return []
        phone.expecting = 0
        return self._news(key, phone)

    # ------------------------------------------------------------ devices

    def device(self, key: PhoneKey, device_state: str) -> list[PhoneNews]:
        """Asterisk told a device state, e.g. NOT_INUSE or UNAVAILABLE."""
        phone = self._known(key)
        if phone is None:
            return []
        phone.reachable = device_state not in UNREACHABLE_STATES
        return self._news(key, phone)

    def sync(
        self,
        switch: SwitchName,
        devices: Mapping[PhoneName, str],
        channels: Mapping[Uniqueid, PhoneName],
        ours: set[Uniqueid],
    ) -> list[PhoneNews]:
        """Take the whole truth of one switch after a gap. A phone it does not name is unreachable."""
        news: list[PhoneNews] = []
        for uniqueid in [uniqueid for (where, uniqueid) in self._where if where == switch]:
            del self._where[switch, uniqueid]
        for name in (*devices, *channels.values()):
            self._known((switch, name))
        for key, phone in self._phones.items():
            if key[0] != switch:
                continue
            phone.reachable = devices.get(key[1], "INVALID") not in UNREACHABLE_STATES
            phone.channels = {uniqueid for uniqueid, name in channels.items() if name == key[1]}
            phone.ours = phone.channels & ours
            self._where.update({(switch, uniqueid): key for uniqueid in phone.channels})
            news += self._news(key, phone, always=True)
        return news

    def _news(self, key: PhoneKey, phone: _Phone, *, always: bool = False) -> list[PhoneNews]:
        state = phone.state
        if not phone.watched or (state is phone.told and not always) or state is PhoneState.UNKNOWN:
            return []
        phone.told = state
        return [PhoneNews(key[0], key[1], state)]
