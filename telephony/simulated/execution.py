"""One dialplan thread: what runs on a channel that came in, until that channel is gone."""

from typing import TYPE_CHECKING, Protocol

from telephony.simulated.channel import FROM_TRUNK, Channel
from telephony.simulated.outcomes import SIP_BY_CAUSE
from telephony.simulated.remote_end import RemoteEnd

if TYPE_CHECKING:
    from telephony.simulated.dial import Dial
    from telephony.simulated.switch import Switch


class Player(Protocol):
    """What plays a file to the channel and can be stopped."""

    def stop_playing(self) -> None:
        """ControlPlayback stop: the file counts as played."""

    def key(self, digit: str) -> None:
        """A key was pressed."""


class Execution:
    """Base of everything the dialplan does with a call. A subclass starts it and says how to stop it.

    `leaving` is set once the channel is being ended or taken away: nothing new may start then.
    """

    def __init__(self, switch: "Switch", channel: Channel, end: RemoteEnd) -> None:
        self.switch = switch
        self.dial: Dial | None = None
        self.player: Player | None = None
        self.leaving = False
        self.music = False
        self.ringing = False
        self.carry(channel, end)

    def carry(self, channel: Channel, end: RemoteEnd) -> None:
        """Run on this channel from now on (a masquerade swaps channels under a running dialplan)."""
        self.channel = channel
        self.end = end
        channel.owner = self
        end.execution = self

    @property
    def talks(self) -> bool:
        """Whether the caller is bridged with somebody."""
        return bool(self.channel.bridge)

    @property
    def up(self) -> bool:
        """Whether the caller has been answered."""
        return self.channel.state == "Up"

    def limit(self, seconds: float) -> None:
        """Set TIMEOUT(absolute); a dialplan without an AGI session has none."""

    def stop(self) -> None:
        """End whatever the subclass runs; the channel is hung up or goes elsewhere."""

    def answer(self) -> None:
        """Answer the caller, as Answer(,i) does; nothing when that was done before."""
        if not self.up:
            self.switch.set_state(self.channel, "Up")
            self.end.accepted()
            if self.music:
                self.end.hears("music on")

    def set_music(self, *, on: bool) -> None:
        """Start or stop music on hold. Before the answer nobody hears it."""
        if on != self.music:
            self.music = on
            if self.up:
                self.end.hears("music on" if on else "music off")

    def remote_left(self) -> None:
        """The far end sent BYE or CANCEL. Asterisk finds a cause for it in a talk and before the answer only."""
        if not self.leaving:
            cause = 16 if self.talks else 0 if self.up else 127
            self.switch.events.hangup_request(self.channel, cause or None)
            self.finish(cause)

    def hang_up(self, cause: int) -> None:
        """End the channel as AMI Hangup does, without a HangupRequest; a talk without a cause ends with 16."""
        if not self.leaving:
            self.finish(cause or (16 if self.talks else 0))

    def finish(self, cause: int, status: int | None = None) -> None:
        """Stop everything on the channel, then end it. An unanswered caller gets `status`, or the cause's."""
        self.take_away(-1)
        self.switch.end(self.channel, cause)
        self.end.is_gone(SIP_BY_CAUSE.get(cause, 603) if status is None else status)

    def take_away(self, result: int) -> None:
        """Stop everything and leave the channel alive; a running Dial returns `result`."""
        self.leaving = True
        if self.dial is not None:
            self.dial.caller_left(result)
        self.stop()
        self.music = False

    def redirect(self, exten: str) -> None:
        """Go on at `exten`; a talk ends. Raises KeyError for an extension that does not exist."""
        channel, end = self.channel, self.end
        if exten not in self.switch.routes:
            raise KeyError(exten)
        channel.context, channel.exten = FROM_TRUNK, exten
        self.take_away(0)
        self.switch.dialplan.run(channel, end, exten)

    def key(self, digit: str) -> None:
        """The far end pressed a key."""
        self.switch.events.dtmf_end(self.channel, digit)
        if self.player is not None:
            self.player.key(digit)
