"""The far end of a channel that came in: the SIP party that called us, a caller outside or an agent's own phone."""

from typing import TYPE_CHECKING

from telephony.simulated.moment import Moment

if TYPE_CHECKING:
    from telephony.simulated.execution import Execution

TALKING = "talking to "


class RemoteEnd:
    """What the party outside saw and heard.

    `status` is the final SIP status of its INVITE (0 before), `provisional` the 18x before it, `heard` what it heard
    in order: ringing, music on, music off, prompt NAME, talking to NUMBER, hold on, hold off.
    """

    def __init__(self) -> None:
        self.execution: Execution | None = None
        self.status = 0
        self.provisional: list[int] = []
        self.heard: list[str] = []
        self.hung_up_itself = False
        self._answered = Moment()
        self._talking = Moment()
        self._ended = Moment()

    @property
    def is_over(self) -> bool:
        """Whether this party's call has ended."""
        return self._ended.happened

    @property
    def has_talked(self) -> bool:
        """Whether it has talked to anybody."""
        return self._talking.happened

    @property
    def channel(self) -> str:
        """The name of the channel this party is on, empty when its call is over."""
        return self.execution.channel.name if self.execution else ""

    @property
    def uniqueid(self) -> str:
        """The Uniqueid of that channel, empty when its call is over."""
        return self.execution.channel.uniqueid if self.execution else ""

    async def answered(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - see Moment.wait
        """Wait for the 200."""
        await self._answered.wait(timeout)

    async def talking(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - see Moment.wait
        """Wait for the first talk with somebody."""
        await self._talking.wait(timeout)

    async def ended(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - see Moment.wait
        """Wait for the end of this party's call, whoever ended it."""
        await self._ended.wait(timeout)

    def hangup(self) -> None:
        """CANCEL before the answer, BYE after; nothing when the call is over."""
        if self.execution is not None:
            self.hung_up_itself = True
            self.execution.remote_left()

    def press(self, digit: str) -> None:
        """Press a key."""
        if self.execution is not None:
            self.execution.key(digit)

    def progressed(self, status: int) -> None:
        """Get a provisional answer."""
        if not self.status and status not in self.provisional:
            self.provisional.append(status)

    def accepted(self) -> None:
        """Get the 200."""
        self.status = 200
        self._answered.happen()

    def hears(self, what: str) -> None:
        """Hear something new."""
        self.heard.append(what)
        if what.startswith(TALKING):
            self._talking.happen()

    def is_gone(self, status: int) -> None:
        """Get the final `status` when there was none (487 after an own CANCEL), or a BYE."""
        self.status = self.status or (487 if self.hung_up_itself else status)
        self.execution = None
        self._ended.happen()
