"""One caller in a dialogue: who it is, what is known of them, where they have been. Pure."""

from typing import Final

import msgspec

from acd.core.dialogues import DialogueEnd
from acd.core.ids import SwitchName, Uniqueid
from config.ivr import Ivr
from config.ivr_values import split

HIDDEN: Final = "***"
LONGEST: Final = 200
"""Characters of a variable."""


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on the line, as the AGI request tells."""

    ivr: str
    switch: SwitchName
    uniqueid: Uniqueid
    channel: str
    caller: str = ""
    dialled: str = ""
    language: str = ""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """Where the dialogue leads: what is told, and the channel variables for the dialplan (ivr_acd.conf)."""

    outcome: DialogueEnd
    variables: tuple[tuple[str, str], ...] = ()
    queue: str | None = None
    why: str = ""


class Visit(msgspec.Struct, kw_only=True):
    """What the dialogue knows. Values of variables are texts; what has none is empty."""

    visitor: Visitor
    ivr: Ivr
    began: int
    """Nanoseconds, as `now`."""
    values: dict[str, str]
    node: str = ""
    path: list[str] = []

    def enter(self, node: str) -> None:
        """The caller is at a node."""
        self.node = node
        self.path.append(node)

    def keyed(self, keys: str, *, secret: bool = False) -> None:
        """Note what was keyed at this node; `-` for silence, and of a secret nothing but that it was keyed."""
        shown = HIDDEN if secret and keys else keys or "-"
        self.path[-1] += ("," if "=" in self.path[-1] else "=") + shown

    def fill(self, text: str) -> str:
        """The text with the variables' values in it, cut to what a variable may hold."""
        parts = split(text)
        return "".join(self.values.get(part, "") if n % 2 else part for n, part in enumerate(parts))[:LONGEST]

    def filled(self, text: str) -> str:
        """The same, but empty where one of the variables is."""
        missing = any(not self.values.get(name) for name in split(text)[1::2])
        return "" if missing else self.fill(text)

    def known(self, names: tuple[str, ...]) -> dict[str, str] | None:
        """Those variables; None where one is empty."""
        found = {name: self.values.get(name, "") for name in names}
        return found if all(found.values()) else None
