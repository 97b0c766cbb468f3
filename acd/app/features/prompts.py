"""Which sounds of Asterisk say what. All are of the core sounds; a site's own may replace the files by their names."""

from collections.abc import Mapping
from typing import Final

AGENT_NUMBER: Final = "agent-user"
PIN: Final = "agent-pass"
LOGGED_IN: Final = ("agent-loginok",)
LOGGED_OUT: Final = ("agent-loggedoff",)
WRONG_PIN: Final = ("agent-incorrect",)
LOCKED: Final = ("sorry-youre-having-problems",)
ALREADY_ON: Final = ("agent-alreadyon",)
ON: Final = ("activated",)
OFF: Final = ("de-activated",)
THERE_ARE: Final = "queue-thereare"
CALLS_WAITING: Final = "queue-callswaiting"
CODE: Final = "beep"
THANKS: Final = ("auth-thankyou",)
INVALID: Final = ("pbx-invalid",)
NOT_ALLOWED: Final = ("feature-not-avail-line",)

BY_STATUS: Final[Mapping[int, tuple[str, ...]]] = {
    400: INVALID,
    403: NOT_ALLOWED,
    404: INVALID,
    409: ("cannot-complete-as-dialed",),
}
"""What is said when a wish is refused, by its status as in the API."""
