"""Doors of a small floor: for tests of the API and the command line."""

from acd.web.control import ControlError
from acd.web.opening import CloseWish, DoorView


class SmallDoors:
    """Implements DoorKeeper."""

    def __init__(self, wishes: list[str]) -> None:
        self._wishes = wishes

    def doors(self) -> list[DoorView]:
        return [CLOSED, DoorView(queue="support", open=True)]

    def close(self, queue: str, wish: CloseWish, actor: str = "") -> DoorView:
        if queue != "sales":
            raise ControlError(404, f"there is no queue {queue!r}", "acd queues lists them")
        self._wishes.append(f"close {queue} {wish.seconds} {wish.message} {actor}".strip())
        return CLOSED

    def open(self, queue: str, actor: str = "") -> DoorView:
        self._wishes.append(f"open {queue} {actor}".strip())
        return DoorView(queue=queue, open=True)


CLOSED = DoorView(
    queue="sales", open=False, by_hand=True, by_hours=True, who="eve", message="fire", opens=7_200_000_000_000
)
