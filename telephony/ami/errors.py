"""What an action can end in besides a response.

AmiError
    LinkDownError       the link is down or dropped before the answer came; the action may or may not have run
    ActionFailedError   Asterisk refused, its words in the text
    ActionTimeoutError  no answer in time; the action may or may not have run
"""

from telephony.ami.messages import Response


class AmiError(Exception):
    """Any of the below."""


class LinkDownError(AmiError):
    """The link is down. Nothing is ever sent again by itself: who asked decides after the resync."""


class ActionFailedError(AmiError):
    """Asterisk answered Error. `response` holds the answer; None when the list it opened was not usable."""

    def __init__(self, text: str, response: Response | None = None) -> None:
        super().__init__(text)
        self.response = response


class ActionTimeoutError(AmiError):
    """Asterisk did not answer within the deadline."""
