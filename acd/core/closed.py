"""Which queues are closed and why: the same fold for the live floor and for what a restart remembers."""

import msgspec

from acd.core.facts import QueueSwitched
from acd.core.ids import QueueName
from acd.core.outcomes import SwitchedBy


class Door(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A closed queue; it is open again when neither hours nor hand close it."""

    since: int
    """When it became closed; a second reason does not change that."""
    by_hours: bool = False
    hours_until: int = 0
    """When they begin again; 0: nobody knows."""
    by_hand: bool = False
    until: int = 0
    """When it opens by itself after it was closed by hand; 0: when somebody opens it."""
    who: str = ""
    message: str = ""
    """What callers are to hear, a sound."""

    @property
    def opens(self) -> int:
        """When it is open again as far as is known; 0: nobody knows."""
        if self.by_hand and not self.until:
            return 0
        if self.by_hours and not self.hours_until:
            return 0
        return max(self.until, self.hours_until)


class Doors:
    """The closed queues by name."""

    def __init__(self, closed: dict[QueueName, Door] | None = None) -> None:
        """`closed` is kept and changed."""
        self.closed = {} if closed is None else closed

    def __contains__(self, name: QueueName) -> bool:
        """Whether the queue is closed."""
        return name in self.closed

    def get(self, name: QueueName) -> Door | None:
        """Why and since when; None for an open queue."""
        return self.closed.get(name)

    def after(self, fact: QueueSwitched) -> Door | None:
        """What the fact makes of the queue."""
        door = self.closed.get(fact.queue) or Door(since=fact.at)
        until = fact.until if fact.closed else 0
        if fact.by is SwitchedBy.HOURS:
            door = msgspec.structs.replace(door, by_hours=fact.closed, hours_until=until)
        else:
            who, message = (fact.who, fact.message) if fact.closed else ("", "")
            door = msgspec.structs.replace(door, by_hand=fact.closed, until=until, who=who, message=message)
        return door if door.by_hours or door.by_hand else None

    def apply(self, fact: QueueSwitched) -> None:
        """Take the fact in."""
        door = self.after(fact)
        if door is None:
            self.closed.pop(fact.queue, None)
        else:
            self.closed[fact.queue] = door
