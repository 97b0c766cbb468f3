"""What can go wrong while a test talks SIP.

UserAgentError
├── MalformedMessageError   the peer's datagram is no SIP message (they did it)
├── WrongStateError         the test asked for what the call's state forbids (we did it)
├── RefusedError            the peer answered with a final status other than 2xx
└── NotSeenError            what the test waited for did not come in time; the text carries the ladder
"""


class UserAgentError(Exception):
    """Base of everything this package raises."""


class MalformedMessageError(UserAgentError):
    """A datagram that RFC 3261 section 7 does not allow; the text names what is wrong with it."""


class WrongStateError(UserAgentError):
    """The call is not in a state where this can be done; the text names both."""


class RefusedError(UserAgentError):
    """A final answer other than 2xx; `status` is 408 when no answer came at all (RFC 3261 section 8.1.3.1)."""

    def __init__(self, what: str, status: int, phrase: str = "") -> None:
        super().__init__(f"{what}: refused with {status} {phrase}".rstrip())
        self.status = status


class NotSeenError(UserAgentError, TimeoutError):
    """The deadline of a wait passed."""
