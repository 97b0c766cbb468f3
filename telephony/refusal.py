"""How a call is refused before it is answered: a SIP status, or a Q.850 cause for other channels.

PJSIPHangup (Asterisk 20.6 on) sends exactly the status, at once; Hangup's cause is mapped by the channel driver.
"""

from collections.abc import Mapping
from typing import Final

CAUSE_FOR_STATUS: Final[Mapping[int, int]] = {
    403: 21,
    404: 1,
    408: 18,
    429: 42,
    480: 19,
    486: 17,
    500: 38,
    503: 34,
    600: 17,
    603: 21,
    608: 21,
}
"""Statuses PJSIPHangup knows, or near ones, with the Q.850 cause that means the same (RFC 3398)."""


def refusal(channel: str, status: int, *, answered: bool) -> tuple[str, str]:
    """The AGI command and argument that turn the call away; an answered call can only be hung up."""
    if channel.startswith("PJSIP/") and not answered:
        return "EXEC PJSIPHangup", str(status)
    return "EXEC Hangup", str(CAUSE_FOR_STATUS.get(status, 38))
