"""The manager user of telephony/dialplan/manager_acd.conf: what it may ask and which events reach it."""

import functools
import re
from importlib.resources import files
from typing import Final

import msgspec

_SETTING = re.compile(r"^(read|write|eventfilter)\s*=\s*(.*?)\s*$", re.MULTILINE)


class ManagerUser(msgspec.Struct, frozen=True, kw_only=True):
    """A manager user. `event_filter` is Asterisk's old-style regular expression over the whole event; "" lets all pass."""

    username: str
    secret: str
    read: frozenset[str]
    write: frozenset[str]
    event_filter: str = ""

    def __repr__(self) -> str:
        """Show who, never the secret."""
        return f"ManagerUser({self.username!r})"

    def may(self, classes: frozenset[str]) -> bool:
        """Whether an action of `classes` is allowed; an action without classes always is."""
        return not classes or bool(classes & self.write)


PRIVILEGE: Final = {
    "FullyBooted": "system",
    "Shutdown": "system",
    "ContactStatus": "system",
    "DTMFEnd": "dtmf",
}
"""The class of an event; every other one here is `call`."""


@functools.cache
def passes(user: ManagerUser, event: str) -> bool:
    """Whether `user` gets events of this name. The filter sees the name only: the shipped one asks no more."""
    if PRIVILEGE.get(event, "call") not in user.read:
        return False
    return not user.event_filter or re.search(user.event_filter, f"Event: {event}") is not None


def shipped_user(username: str, secret: str) -> ManagerUser:
    """Return the user the shipped manager_acd.conf describes, so that the two cannot differ.

    Raises ValueError when that file no longer says what a user may read and write.
    """
    text = (files("telephony") / "dialplan" / "manager_acd.conf").read_text(encoding="utf-8")
    found = dict(_SETTING.findall(text))
    if not {"read", "write", "eventfilter"} <= found.keys():
        raise ValueError("manager_acd.conf lacks one of read, write, eventfilter")
    return ManagerUser(
        username=username,
        secret=secret,
        read=frozenset(found["read"].replace(" ", "").split(",")),
        write=frozenset(found["write"].replace(" ", "").split(",")),
        event_filter=found["eventfilter"],
    )
