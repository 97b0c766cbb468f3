"""One request we were sent and our responses (RFC 3261 section 17.2, RFC 6026 section 7.1). Pure."""

from typing import Literal

from tests.ua.address import Endpoint
from tests.ua.datagram import Datagram
from tests.ua.message import Request, Response
from tests.ua.timing import Timing

State = Literal["proceeding", "completed", "accepted", "confirmed", "terminated"]


class ServerTransaction:
    """Repeats the last response to a repeated request, and an INVITE's final until the ACK comes.

    A 2xx is repeated here too, on the same timer (section 13.3.1.4 leaves it to the user; the wire is the same).
    """

    def __init__(self, request: Request, source: Endpoint, timing: Timing, outbox: list[Datagram]) -> None:
        self.request = request
        self.response: Response | None = None
        self.state: State = "proceeding"
        self._source = source
        self._timing = timing
        self._outbox = outbox
        self._interval = timing.t1
        self._resend_at: int | None = None
        self._ends_at: int | None = None

    @property
    def due(self) -> int | None:
        """When `expire` wants to be called next."""
        moments = [at for at in (self._resend_at, self._ends_at) if at is not None]
        return min(moments, default=None)

    def repeated(self) -> None:
        """The peer sent the request again."""
        if self.state != "confirmed":
            self._send()

    def respond(self, response: Response, now: int) -> None:
        """Send a response; a second final one is ignored, as the first may be on the wire."""
        if self.state != "proceeding":
            return
        self.response = response
        self._send()
        if response.status < 200:
            return
        self._ends_at = now + self._timing.patience
        self.state = "accepted" if response.status < 300 and self.request.method == "INVITE" else "completed"
        if self.request.method == "INVITE":
            self._resend_at = now + self._interval

    def acknowledged(self, now: int) -> bool:
        """The ACK came; True the first time."""
        if self.state not in {"completed", "accepted"}:
            return False
        self.state, self._resend_at, self._ends_at = "confirmed", None, now + self._timing.t4
        return True

    def expire(self, now: int) -> bool:
        """Do what is due; True when an INVITE's final answer was never acknowledged."""
        if self._ends_at is not None and now >= self._ends_at:
            unacknowledged = self.request.method == "INVITE" and self.state in {"completed", "accepted"}
            self.state, self._resend_at, self._ends_at = "terminated", None, None
            return unacknowledged
        if self._resend_at is not None and now >= self._resend_at:
            self._send()
            self._interval = min(2 * self._interval, self._timing.t2)
            self._resend_at = now + self._interval
        return False

    def _send(self) -> None:
        if self.response is not None:
            self._outbox.append(Datagram(message=self.response, to=self._source))
