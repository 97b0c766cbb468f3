"""One leg of a Dial: the channel to one phone, from INVITE to its end."""

from typing import TYPE_CHECKING, Final

from telephony.simulated.channel import FROM_PHONES, Channel
from telephony.simulated.outcomes import (
    CONNECTION_REFUSED,
    REDIRECTED,
    REFUSALS,
    Refusal,
    hung_up_ringing,
)

if TYPE_CHECKING:
    from telephony.simulated.dial import Dial
    from telephony.simulated.phone import Phone

COMPLETED_ELSEWHERE: Final = 'SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26'


class Leg:
    """A leg. `phone` is None for a Local channel, which a 302 makes. `state` is calling, ringing, up or over."""

    def __init__(self, dial: "Dial", channel: Channel, phone: "Phone | None", dial_string: str) -> None:
        self.dial = dial
        self.channel = channel
        self.phone = phone
        self.state = "calling"
        self._dial_string = dial_string
        channel.owner = self

    @classmethod
    def make(cls, dial: "Dial", phone: "Phone | None", target: str) -> "Leg":
        """Make the channel of a leg to `target`."""
        switch, caller = dial.execution.switch, dial.execution.channel
        dial_string = target.partition("/")[2]
        device = phone.device if phone else target
        channel = switch.new_channel(device, "Down", caller_num=phone.number if phone else dial_string)
        channel.linkedid = caller.linkedid
        channel.context = FROM_PHONES
        channel.application, channel.data = "AppDial", "(Outgoing Line)"
        return cls(dial, channel, phone, dial_string)

    @property
    def number(self) -> str:
        """The phone's number."""
        return self.channel.caller_num

    def invite(self) -> None:
        """Send the INVITE."""
        switch = self.dial.execution.switch
        switch.announce(self.channel)
        self.channel.connected_num = self.dial.execution.channel.caller_num
        switch.events.dial_begin(self.dial.execution.channel, self.channel, self._dial_string)
        if self.phone is None:
            self.answered()
        else:
            self.phone.invited(self)

    def rings(self) -> None:
        """Get a 180."""
        if self.state != "calling":
            return
        self.state = "ringing"
        execution = self.dial.execution
        execution.switch.set_state(self.channel, "Ringing")
        execution.channel.connected_num = self.number
        execution.switch.events.dial_state(execution.channel, self.channel, "RINGING")
        if self.phone is not None:
            self.phone.state_changed()

    def answered(self) -> None:
        """Get a 200; one that comes too late is answered by ACK and BYE outside of this simulation."""
        if self.state == "over":
            return
        self.state = "up"
        self.dial.execution.switch.set_state(self.channel, "Up")
        self.dial.answered(self)

    def refused(self, code: int) -> None:
        """Get a final SIP status other than 2xx and 3xx."""
        self._refuse(REFUSALS[code])

    def connection_refused(self) -> None:
        """Find nobody listening at a TCP contact."""
        self._refuse(CONNECTION_REFUSED)

    def redirected(self, to: str) -> None:
        """Get a 302: with option i it is a refusal, without the call goes where the phone says."""
        if self.state == "over":
            return
        events, caller = self.dial.execution.switch.events, self.dial.execution.channel
        events.hangup_request(self.channel, REDIRECTED.cause)
        if "i" in self.dial.spec.options:
            events.dial_end(caller, self.channel, "CANCEL", forward=to)
            self.dial.failed(self, REDIRECTED)
        else:
            self.dial.forwarded(self, to).invite()

    def _refuse(self, refusal: Refusal) -> None:
        if self.state != "over":
            self.dial.execution.switch.events.hangup_request(self.channel, refusal.cause)
            self.dial.failed(self, refusal)

    def phone_left(self) -> None:
        """Get a BYE."""
        if self.state == "up":
            self.dial.execution.switch.events.hangup_request(self.channel, 16)
            self.dial.agent_left(self, 16)

    def hang_up(self, cause: int) -> None:
        """End the leg as AMI Hangup does: a ringing one is rescinded, a talk ends. There is no HangupRequest."""
        if self.state == "up":
            self.dial.agent_left(self, cause or 16)
        elif self.state != "over":
            reason = COMPLETED_ELSEWHERE if cause == 26 else f"Q.850;cause={cause}"
            self.dial.failed(self, hung_up_ringing(cause), reason)

    def redirect(self, exten: str) -> None:
        """Refuse: only the caller's channel runs a dialplan here."""
        raise KeyError(exten)

    def over(self, cause: int, reason: str) -> None:
        """Let the leg be gone. `reason` is the Reason header of the CANCEL its phone gets when it was not up."""
        was_up, self.state = self.state == "up", "over"
        self.dial.execution.switch.end(self.channel, cause)
        if self.phone is not None:
            self.phone.left(self, f"CANCEL {reason}".strip() if reason and not was_up else "BYE")
