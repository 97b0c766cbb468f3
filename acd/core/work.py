"""Work that waits in line without a caller: what is known of it, as the same fold for the live floor and for a restart."""

from collections.abc import Mapping

import msgspec

from acd.core.facts import WorkAdded, WorkDeferred, WorkEnded, WorkMissed, WorkReached, WorkTranscribed
from acd.core.ids import CallId, QueueName, SwitchName, WorkId
from acd.core.outcomes import WorkKind, WorkMiss


class WorkItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One callback or message. Moments in nanoseconds."""

    id: WorkId
    kind: WorkKind
    queue: QueueName
    switch: SwitchName
    number: str
    """Of the customer, E.164; may be empty for a message."""
    name: str = ""
    added: int
    joined: int
    """When the customer's wait began: the place."""
    credit: int = 0
    priority: int = 0
    needs: str = ""
    variables: Mapping[str, str] = {}
    parent: CallId | None = None
    """The call it came of."""
    file: str = ""
    """Of a message: the sound."""
    text: str = ""
    """What it says, as a program understood it."""
    due: int = 0
    """When it is to be tried next; while `call` is open it waits in line, or is tried."""
    expires: int
    attempts: int = 0
    """Made and counted."""
    calls: int = 0
    """Entries into the line, which number the calls."""
    call: CallId | None = None
    """The entry that is open."""
    reached: bool = False
    missed: WorkMiss | None = None


Items = dict[WorkId, WorkItem]


def added(items: Items, fact: WorkAdded) -> WorkItem:
    """A new one."""
    item = WorkItem(
        id=fact.work,
        kind=fact.kind,
        queue=fact.queue,
        switch=fact.switch,
        number=fact.number,
        name=fact.name,
        added=fact.at,
        joined=fact.joined,
        credit=fact.credit,
        priority=fact.priority,
        needs=fact.needs,
        variables=fact.variables,
        parent=fact.parent,
        file=fact.file,
        due=fact.due,
        expires=fact.expires,
    )
    items[item.id] = item
    return item


def transcribed(items: Items, fact: WorkTranscribed) -> None:
    """It has a text."""
    item = items.get(fact.work)
    if item is not None:
        item.text = fact.text


def began(items: Items, work: WorkId, call: CallId) -> None:
    """It stands in line, as that call."""
    item = items.get(work)
    if item is not None:
        item.call, item.calls = call, item.calls + 1


def became(items: Items, fact: WorkReached | WorkMissed | WorkDeferred | WorkEnded) -> None:
    """What became of an attempt, or of the whole."""
    item = items.get(fact.work)
    if item is None:
        return
    match fact:
        case WorkReached():
            item.reached = True
        case WorkMissed():
            item.missed = fact.outcome
        case WorkDeferred():
            item.due, item.attempts = fact.until, fact.attempts
            item.call, item.reached, item.missed = None, False, None
        case WorkEnded():
            del items[item.id]


class WorkBook:
    """All open work, found by id and by number."""

    def __init__(self, items: Items | None = None) -> None:
        """`items` is kept and changed."""
        self.items: Items = {} if items is None else items
        self._by_number = {(item.queue, item.number): item.id for item in self.items.values() if item.number}

    def of_number(self, queue: QueueName, number: str) -> WorkItem | None:
        """The one callback or message that somebody has open in a queue."""
        found = self._by_number.get((queue, number))
        return None if found is None else self.items.get(found)

    def add(self, fact: WorkAdded) -> WorkItem:
        """A new one."""
        item = added(self.items, fact)
        if item.number:
            self._by_number[item.queue, item.number] = item.id
        return item

    def apply(self, fact: WorkReached | WorkMissed | WorkDeferred | WorkEnded) -> None:
        """What became of it."""
        item = self.items.get(fact.work)
        became(self.items, fact)
        if isinstance(fact, WorkEnded) and item is not None:
            self._by_number.pop((item.queue, item.number), None)
