"""Which lines are out of order: SIP contacts that do not answer, DAHDI channels and spans in alarm. Pure.

A line is told of when it goes out of order or comes back, not when the word for its trouble changes. A SIP line is in
order while any contact is known to be. One nobody ever saw in order, such as a trunk that only calls us and has no
contact, is not out of order: Asterisk shows both the same.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.ids import PhoneName, SwitchName

UNREACHABLE: Final = "Unreachable"
REMOVED: Final = "Removed"
UNDECIDED: Final = frozenset(("Unknown", ""))
"""A contact that was not asked yet."""
IN_ORDER: Final = frozenset(("NOT_INUSE",))
"""Device states that prove a contact. INUSE and the like prove nothing: they are told of channels."""
OUT_OF_ORDER: Final = "UNAVAILABLE"
NO_ALARM: Final = frozenset(("", "No Alarm", "OK", "None"))

Key = tuple[SwitchName, PhoneName]


class Change(msgspec.Struct, frozen=True):
    """A line went out of order, or is in order again: `alarm` is "" then."""

    switch: SwitchName
    line: PhoneName
    alarm: str


class Alarms:
    """The state of all lines of all switches; whose lines they are is not known here."""

    def __init__(self) -> None:
        """Everything is in order until told otherwise."""
        self.words: dict[Key, str] = {}
        """Lines out of order -> Asterisk's word for it."""
        self._contacts: dict[Key, dict[str, bool]] = {}
        self._seen: set[Key] = set()

    def recall(self, words: Mapping[Key, str]) -> None:
        """What was out of order before a restart."""
        self.words.update(words)

    def forget(self, key: Key) -> list[Change]:
        """The line is nobody's any more."""
        self._contacts.pop(key, None)
        self._seen.discard(key)
        return self._tell(key, "")

    def contact(self, key: Key, uri: str, status: str) -> list[Change]:
        """What Asterisk says of one contact: Reachable, NonQualified, Unreachable, Removed."""
        if status in UNDECIDED:
            return []
        contacts = self._contacts.setdefault(key, {})
        if status == REMOVED:
            contacts.pop(uri, None)
        else:
            contacts[uri] = status != UNREACHABLE
        if any(contacts.values()):
            self._seen.add(key)
            return self._tell(key, "")
        return self._tell(key, status)

    def device(self, key: Key, state: str) -> list[Change]:
        """A device state told by itself: it may prove that a contact is left which was never told of."""
        if state not in IN_ORDER:
            return []
        self._seen.add(key)
        if key in self.words:
            self._contacts.pop(key, None)
        return self._tell(key, "")

    def reconcile(self, key: Key, state: str) -> list[Change]:
        """The device state after a gap, when contacts may have come and gone unseen."""
        if state == OUT_OF_ORDER and key in self._seen:
            self._contacts.pop(key, None)
            return self._tell(key, state)
        return self.device(key, state)

    def dahdi(self, key: Key, alarm: str) -> list[Change]:
        """What a DAHDI channel or span says: "Red Alarm", or that it has none."""
        return self._tell(key, "" if alarm in NO_ALARM else alarm)

    def _tell(self, key: Key, alarm: str) -> list[Change]:
        if bool(alarm) == (key in self.words):
            return []
        if alarm:
            self.words[key] = alarm
        else:
            del self.words[key]
        return [Change(*key, alarm)]
