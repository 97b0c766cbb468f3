"""An action that awaits its answer."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from telephony.ami.errors import ActionFailedError, ActionTimeoutError, AmiError
from telephony.ami.messages import Event, Response

_Answer = TypeVar("_Answer")


class Pending:
    """One action on the wire. Settled exactly once: answered, refused, timed out or lost with the link."""

    def __init__(self, name: str, expires_at: int, fail: Callable[[str, AmiError], None]) -> None:
        self.name = name
        self.expires_at = expires_at
        self._fail = fail

    def answer(self, response: Response) -> bool:
        """Take the response; return whether the action is settled with it."""
        if not response.ok:
            self.fail(ActionFailedError(f"{self.name}: {response.message}", response))
        return True

    def item(self, _name: str, _event: Event | None, /) -> bool:
        """Take an event that carries the action's id; return whether the action is settled with it."""
        return False

    def fail(self, error: AmiError) -> None:
        """Settle with an error: an action nobody awaits tells the callback."""
        self._fail(self.name, error)


class PendingAnswer(Pending, Generic[_Answer]):
    """An action whose answer somebody awaits in `future`."""

    def __init__(self, name: str, expires_at: int) -> None:
        super().__init__(name, expires_at, lambda _name, error: self._set_error(error))
        self.future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()

    def settle(self, answer: _Answer) -> None:
        """Give the answer to whoever still awaits it."""
        if not self.future.done():
            self.future.set_result(answer)

    def _set_error(self, error: AmiError) -> None:
        if not self.future.done():
            self.future.set_exception(error)
            # Marks it as seen: whoever discarded the future needs no "never retrieved" line on top of the fault.
            self.future.exception()


class PendingResponse(PendingAnswer[Response]):
    """An action answered by its response alone."""

    def answer(self, response: Response) -> bool:
        """Hand the response over, a refusal as an ActionFailedError."""
        if response.ok:
            self.settle(response)
        return super().answer(response)


class PendingList(PendingAnswer[list[Event]]):
    """An action whose answer is a list of events ended by the event named `complete`."""

    def __init__(self, name: str, expires_at: int, complete: str, limit: int) -> None:
        super().__init__(name, expires_at)
        self._complete = complete
        self._limit = limit
        self._items: list[Event] = []

    def answer(self, response: Response) -> bool:
        """A good response only opens the list."""
        return super().answer(response) and not response.ok

    def item(self, name: str, event: Event | None, /) -> bool:
        """Collect items we read; settle at the end of the list or past its limit."""
        if name == self._complete:
            self.settle(self._items)
            return True
        if event is not None:
            self._items.append(event)
        if len(self._items) > self._limit:
            self.fail(
                ActionFailedError(f"{self.name}: more than {self._limit} items in the list; raise list_limit")
            )
            return True
        return False


def expired(pending: Pending) -> ActionTimeoutError:
    """Return the error for an action without an answer in time."""
    return ActionTimeoutError(f"{pending.name}: no answer from Asterisk in time; it may still have run")
