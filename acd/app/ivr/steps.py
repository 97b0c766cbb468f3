"""What each kind of node does: lines out, replies in, and the name of the next node or the end. Pure."""

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from acd.app.ivr.hand_over import to_extension, to_nobody, to_queue
from acd.app.ivr.visit import End, Visit
from acd.app.scripts.asking import keys_after, say
from acd.app.scripts.voice import Meanwhile
from acd.core.dialogues import LookupEnd
from acd.core.facts import Fact
from config.ivr_nodes import (
    Branch,
    Collect,
    Extension,
    HangUp,
    Lookup,
    Menu,
    Say,
    SetTo,
    ToQueue,
    WhenOpen,
)
from config.ivr_values import bound, fits, split
from telephony.agi.codec import AgiReply, encode

Step = Generator[bytes | Meanwhile, AgiReply, str | End]
"""Goes on with the node of that name, or ends."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a question brought: values of variables where it is `ok`."""

    outcome: LookupEnd
    values: Mapping[str, str] = {}
    why: str = ""
    """Without a word of the answer."""
    cached: bool = False


class Desk(Protocol):
    """What dialogues need of the daemon."""

    @property
    def now(self) -> int:
        """The engine's clock."""

    def tell(self, fact: Fact) -> None:
        """Put a fact in the journal."""

    def missing(self, sound: str) -> None:
        """A sound that is to be said is not there."""

    def is_open(self, queue: str) -> bool:
        """Whether the queue takes callers at present, by hours and by hand."""

    def number_sounds(self, number: int, language: str) -> Sequence[str]:
        """Sounds for a number of 0 to 999999999."""

    def digit_sounds(self, digits: str, language: str) -> Sequence[str]:
        """Sounds for 0-9 + * # one by one."""

    def look_up(self, visit: Visit, node: Lookup) -> Awaitable[Looked]:
        """Ask; within the node's deadline, raising nothing."""


def say_it(desk: Desk, visit: Visit, node: Say) -> Step:
    """Prompts, a number, digits; what can't be said is passed over."""
    yield from say(desk.missing, *node.prompts)
    language = visit.values["language"]
    number = visit.values.get(node.number or "", "")
    if number.isascii() and number.isdecimal() and len(number) <= 9:
        yield from say(desk.missing, *desk.number_sounds(int(number), language))
    digits = visit.values.get(node.spell or "", "")
    yield from say(
        desk.missing, *desk.digit_sounds("".join(key for key in digits if key in "0123456789+*#"), language)
    )
    return node.next


def menu(desk: Desk, visit: Visit, node: Menu) -> Step:
    """One key."""
    before: tuple[str, ...] = ()
    key = ""
    for _ in range(node.retries + 1):
        key = yield from keys_after(desk.missing, (*before, *node.prompts), 1, int(node.timeout))
        visit.keyed(key)
        if key in node.keys:
            return node.keys[key]
        before = node.wrong if key else ()
    return node.on_invalid if key else node.no_input


def collect(desk: Desk, visit: Visit, node: Collect) -> Step:
    """Digits into a variable."""
    before: tuple[str, ...] = ()
    digits = ""
    for _ in range(node.retries + 1):
        keys = yield from keys_after(desk.missing, (*before, *node.prompts), node.most, int(node.timeout))
        digits = keys.rstrip("#")
        visit.keyed(digits, secret=node.secret)
        if digits and right(node, digits):
            visit.values[node.into] = digits
            return node.next
        before = node.wrong if digits else ()
    return node.on_invalid if digits else node.no_input


def right(node: Collect, digits: str) -> bool:
    """Whether the digits are as the node wants them."""
    if not (digits.isascii() and digits.isdecimal()) or not node.least <= len(digits) <= node.most:
        return False
    if node.masks and not any(fits(mask, digits) for mask in node.masks):
        return False
    number = int(digits)
    return (node.lowest is None or number >= node.lowest) and (node.highest is None or number <= node.highest)


def look_up(desk: Desk, visit: Visit, node: Lookup) -> Step:
    """Ask, and take the answer's values; nothing is asked where a variable of the question is empty."""
    names = (*node.send, *bound(node.query), *split(node.url or "")[1::2])
    if visit.known(names) is None:
        return node.not_found
    got: list[Looked] = []

    async def work() -> None:
        got.append(await desk.look_up(visit, node))

    yield Meanwhile(work)
    looked = got[0] if got else Looked(outcome=LookupEnd.ERROR)
    if looked.outcome is LookupEnd.OK:
        visit.values.update(looked.values)
        return node.found
    return node.not_found if looked.outcome is LookupEnd.NOT_FOUND else node.failed


def branch(_desk: Desk, visit: Visit, node: Branch) -> Step:
    """By a variable's value."""
    yield from ()
    return node.cases.get(visit.values.get(node.variable, ""), node.otherwise)


def when_open(desk: Desk, _visit: Visit, node: WhenOpen) -> Step:
    """By whether a queue is open."""
    yield from ()
    return node.open if desk.is_open(node.queue) else node.closed


def set_to(_desk: Desk, visit: Visit, node: SetTo) -> Step:
    """Values of variables, all by what they were before; the channel's language."""
    visit.values |= {name: visit.fill(text) for name, text in node.variables.items()}
    if node.language:
        visit.values["language"] = node.language
        yield encode("SET VARIABLE", "CHANNEL(language)", node.language)
    return node.next


def queue(desk: Desk, visit: Visit, node: ToQueue) -> Step:
    """Into a queue."""
    yield from say(desk.missing, *node.prompts)
    return to_queue(visit, node, desk.now)


def extension(desk: Desk, _visit: Visit, node: Extension) -> Step:
    """On in the dialplan."""
    yield from say(desk.missing, *node.prompts)
    return to_extension(node)


def hang_up(desk: Desk, _visit: Visit, node: HangUp) -> Step:
    """Good-bye."""
    yield from say(desk.missing, *node.prompts)
    return to_nobody(node)


STEPS: Final[Mapping[type, Callable[[Desk, Visit, Any], Step]]] = {
    Say: say_it,
    Menu: menu,
    Collect: collect,
    Lookup: look_up,
    Branch: branch,
    WhenOpen: when_open,
    SetTo: set_to,
    ToQueue: queue,
    Extension: extension,
    HangUp: hang_up,
}
