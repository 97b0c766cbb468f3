"""Callbacks of a small floor: for tests of the API and the command line."""

from acd.core.outcomes import WorkKind
from acd.web.control import ControlError
from acd.web.work import CallbackWish, WorkView


class SmallWork:
    """Implements Callbacks."""

    def __init__(self, wishes: list[str]) -> None:
        self._wishes = wishes

    def listed(self, queue: str = "") -> list[WorkView]:
        return [WORK] if queue in ("", "sales") else []

    def add(self, wish: CallbackWish, actor: str = "") -> WorkView:
        if wish.number.startswith("+1900"):
            raise ControlError(400, f"sales may not call {wish.number!r}", "see allow and deny")
        self._wishes.append(f"add {wish.queue} {wish.number} {wish.at} {wish.priority} {actor}".strip())
        return WORK

    def cancel(self, work: str, actor: str = "") -> WorkView:
        if work != WORK.work:
            raise ControlError(404, f"there is no open work {work!r}", "acd callbacks lists it")
        self._wishes.append(f"cancel {work} {actor}".strip())
        return WORK


WORK = WorkView(
    work="c1-w",
    kind=WorkKind.CALLBACK,
    queue="sales",
    number="+4930111111",
    added=1_000_000_000,
    waited_ms=65_000,
    due=1_000_000_000,
    expires=90_000_000_000,
    attempts=1,
    agent="ann",
)
