"""One request we sent and its responses (RFC 3261 section 17.1, RFC 6026 section 7.2). Pure."""

from typing import Literal

from tests.ua.address import Endpoint
from tests.ua.datagram import Datagram
from tests.ua.message import Request, Response
from tests.ua.timing import Timing

State = Literal["calling", "proceeding", "completed", "accepted", "terminated"]


class ClientTransaction:
    """Resends until answered, acknowledges what section 17.1.1.3 lets it acknowledge, hides repeated finals.

    `outbox` is shared with the layer: whatever is appended to it goes out. Moments are monotonic nanoseconds.
    """

    def __init__(
        self, request: Request, to: Endpoint, timing: Timing, outbox: list[Datagram], now: int
    ) -> None:
        self.request = request
        self.state: State = "calling"
        self._to = to
        self._timing = timing
        self._outbox = outbox
        self._ack: Datagram | None = None
        self._ack_tag = ""
        self._interval = timing.t1
        self._resend_at: int | None = now + timing.t1
        self._ends_at: int | None = now + timing.patience
        outbox.append(Datagram(message=request, to=to))

    @property
    def due(self) -> int | None:
        """When `expire` wants to be called next."""
        moments = [at for at in (self._resend_at, self._ends_at) if at is not None]
        return min(moments, default=None)

    def receive(self, response: Response, now: int) -> bool:
        """Take a response; True when the user of the transaction has not seen it yet."""
        if self.state in {"completed", "accepted"}:
            self._repeat_ack(response)
            return False
        if response.status < 200:
            self._proceed(now)
        elif self.request.method != "INVITE":
            self._finish("completed", now + self._timing.t4)
        elif response.status < 300:
            self._finish("accepted", now + self._timing.patience)
        else:
            self._finish("completed", now + self._timing.patience)
            self.acknowledge(failure_ack(self.request, response), self._to)
        return True

    def acknowledge(self, ack: Request, to: Endpoint) -> None:
        """Send the ACK and keep it for repeated finals; the ACK of a 2xx is the dialog's work (section 13.2.2.4)."""
        self._ack = Datagram(message=ack, to=to)
        self._ack_tag = ack.to_tag
        self._outbox.append(self._ack)

    def give_up_by(self, at: int) -> None:
        """End the wait for a final answer then: a cancelled INVITE gets one or is dead (section 9.1)."""
        if self.state == "proceeding":
            self._ends_at = at

    def expire(self, now: int) -> bool:
        """Do what is due; True when the transaction timed out without a final response."""
        if self._ends_at is not None and now >= self._ends_at:
            unanswered = self.state in {"calling", "proceeding"}
            self._finish("terminated", None)
            return unanswered
        if self._resend_at is not None and now >= self._resend_at:
            self._outbox.append(Datagram(message=self.request, to=self._to))
            self._interval = self._longer(self._interval)
            self._resend_at = now + self._interval
        return False

    def _longer(self, interval: int) -> int:
        capped = self.request.method != "INVITE"
        return min(2 * interval, self._timing.t2) if capped else 2 * interval

    def _proceed(self, now: int) -> None:
        if self.state == "proceeding":
            return
        self.state = "proceeding"
        if self.request.method == "INVITE":
            self._resend_at = self._ends_at = None
        else:
            self._interval = self._timing.t2
            self._resend_at = now + self._interval

    def _finish(self, state: State, ends_at: int | None) -> None:
        self.state, self._resend_at, self._ends_at = state, None, ends_at

    def _repeat_ack(self, response: Response) -> None:
        if self._ack is not None and response.status >= 200 and response.to_tag == self._ack_tag:
            self._outbox.append(self._ack)


def failure_ack(invite: Request, response: Response) -> Request:
    """The ACK of a non-2xx final: the INVITE's own branch and the response's To (section 17.1.1.3)."""
    headers = [("Via", invite.get("Via")), ("Max-Forwards", "70")]
    headers += [("Route", value) for value in invite.all("Route")]
    headers += [
        ("From", invite.get("From")),
        ("To", response.get("To")),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq} ACK"),
    ]
    return Request(method="ACK", uri=invite.uri, headers=tuple(headers))


def cancel_of(invite: Request, *, reason: str = "") -> Request:
    """The CANCEL of an INVITE: same URI, branch, To and CSeq number (section 9.1)."""
    headers = [("Via", invite.get("Via")), ("Max-Forwards", "70")]
    headers += [("Route", value) for value in invite.all("Route")]
    headers += [
        ("From", invite.get("From")),
        ("To", invite.get("To")),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq} CANCEL"),
    ]
    headers += [("Reason", reason)] if reason else []
    return Request(method="CANCEL", uri=invite.uri, headers=tuple(headers))
