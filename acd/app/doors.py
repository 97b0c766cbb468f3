"""Queues closed and opened by hand: by API, command line and code, with the same rights and the same facts."""

from typing import TYPE_CHECKING, Final

from acd.core import events as ev
from acd.core.ids import QueueName
from acd.core.outcomes import SwitchedBy
from acd.web.control import ControlError
from acd.web.opening import CloseWish, DoorView
from config.supervising import Power

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

OPERATOR: Final = "operator"
NS: Final = 1_000_000_000


class Doors:
    """The one door to the doors."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads the daemon's state at each use."""
        self._daemon = daemon

    def doors(self) -> list[DoorView]:
        """All queues, by name."""
        return [self._view(name) for name in sorted(self._daemon.engine.router.floor.rules.queues)]

    def close(self, queue: str, wish: CloseWish, actor: str = "") -> DoorView:
        """Nobody is let in from here on. Raises ControlError."""
        name = self._known(queue)
        if ".." in wish.message.split("/") or wish.message.startswith("/"):
            raise ControlError(400, f"{wish.message!r} is outside of Asterisk's sounds")
        self._daemon.wishes.powers.check(actor, Power.CALLS, None, f"close {queue}")
        now = self._daemon.clock.now()
        self._switch(
            ev.QueueSwitched(
                at=now,
                queue=name,
                closed=True,
                by=SwitchedBy.PERSON,
                who=actor or OPERATOR,
                until=0 if wish.seconds is None else now + wish.seconds * NS,
                message=wish.message,
            )
        )
        if actor:
            self._daemon.wishes.powers.tell(actor, "close", queue)
        return self._view(name)

    def open(self, queue: str, actor: str = "") -> DoorView:
        """Callers are let in again, unless the hours close it. Raises ControlError."""
        name = self._known(queue)
        self._daemon.wishes.powers.check(actor, Power.CALLS, None, f"open {queue}")
        door = self._daemon.engine.router.floor.doors.get(name)
        if door is None or not door.by_hand:
            hint = "the hours close it" if door is not None else ""
            raise ControlError(409, f"nobody has closed {queue}", hint)
        at = self._daemon.clock.now()
        self._switch(
            ev.QueueSwitched(at=at, queue=name, closed=False, by=SwitchedBy.PERSON, who=actor or OPERATOR)
        )
        if actor:
            self._daemon.wishes.powers.tell(actor, "open", queue)
        return self._view(name)

    def closed_by_hand(self, queue: str) -> bool:
        """Whether somebody closed it."""
        door = self._daemon.engine.router.floor.doors.get(QueueName(queue))
        return door is not None and door.by_hand

    def _switch(self, event: ev.QueueSwitched) -> None:
        self._daemon.engine.handle(event)

    def _known(self, queue: str) -> QueueName:
        name = QueueName(queue)
        if name not in self._daemon.engine.router.floor.rules.queues:
            raise ControlError(404, f"there is no queue {queue!r}", "acd queues lists them")
        return name

    def _view(self, name: QueueName) -> DoorView:
        floor = self._daemon.engine.router.floor
        door, rule = floor.doors.get(name), floor.rules.queues[name]
        if door is None:
            return DoorView(queue=name, open=rule.is_open and not rule.draining)
        return DoorView(
            queue=name,
            open=False,
            by_hours=door.by_hours,
            by_hand=door.by_hand,
            who=door.who,
            message=door.message,
            since=door.since,
            opens=door.opens,
        )
