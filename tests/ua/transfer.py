"""What became of a REFER of ours, as its NOTIFYs tell (RFC 3515)."""

import re

from tests.ua.awaiting import Changes
from tests.ua.message import Request


class Transfer:
    """One accepted REFER. A status of 0 means: none yet."""

    def __init__(self, changes: Changes) -> None:
        self.fragments: list[str] = []
        """The status line of each NOTIFY's sipfrag, in order."""
        self.over = False
        """The peer ended the subscription."""
        self._changes = changes

    @property
    def status(self) -> int:
        """The last status the peer told."""
        found = re.match(r"SIP/2\.0 ([1-6]\d\d)", self.fragments[-1]) if self.fragments else None
        return int(found[1]) if found else 0

    def note(self, notify: Request) -> None:
        """Take one NOTIFY of the subscription."""
        self.fragments.append(notify.body.decode(errors="replace").partition("\r\n")[0])
        self.over = notify.get("Subscription-State").lower().startswith("terminated")

    async def final(self, within: float = 5.0) -> int:
        """Wait for the target's final status, 200 when the transfer succeeded."""
        await self._changes.until(
            lambda: self.status >= 200, within=within, what="the transfer's final NOTIFY"
        )
        return self.status
