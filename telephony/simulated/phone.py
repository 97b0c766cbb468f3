"""An agent's SIP phone: answers, refuses, holds, transfers and calls others, by programme or by hand."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from telephony.simulated import transfers
from telephony.simulated.behaviours import (
    Answers,
    Behaviour,
    Dead,
    Redirects,
    RefusesConnection,
    Rejects,
    Single,
    Unregistered,
    pick,
)
from telephony.simulated.channel import FROM_PHONES
from telephony.simulated.leg import Leg
from telephony.simulated.remote_end import RemoteEnd

if TYPE_CHECKING:
    from telephony.simulated.switch import Switch

SEEN: Final = 200
"""How many of the last messages a phone remembers; a load run sends millions."""
LATENCY: Final = 0.001
"""Seconds from Asterisk's INVITE to the phone's 180, as measured on loopback."""


class Consult(RemoteEnd):
    """A call the phone itself made."""

    def __init__(self, phone: "Phone") -> None:
        super().__init__()
        self.phone = phone

    def is_gone(self, status: int) -> None:
        """End, and let the phone be free again."""
        super().is_gone(status)
        self.phone.forget(self)


class Phone:
    """One phone. `seen` holds the last messages it got: INVITE, CANCEL with its Reason, BYE."""

    def __init__(self, switch: "Switch", number: str, behaviour: Behaviour) -> None:
        self.number = number
        self.device = f"PJSIP/{number}"
        self.seen: deque[str] = deque(maxlen=SEEN)
        self.consults: list[Consult] = []
        self.device_state = "UNAVAILABLE" if isinstance(behaviour, Unregistered) else "NOT_INUSE"
        self._switch = switch
        self._behaviour = behaviour
        self._legs: list[Leg] = []
        self._timers: dict[Leg, asyncio.TimerHandle] = {}

    @property
    def behaviour(self) -> Behaviour:
        """What the phone does with an INVITE. Setting it counts from the next one, registration at once."""
        return self._behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        was, self._behaviour = self.reachable, behaviour
        if was != self.reachable:
            status = "NonQualified" if self.reachable else "Removed"
            uri = f"sip:{self.number}@127.0.0.1:5060"
            self._switch.events.contact_status(self.number, uri, status)
        self.state_changed()

    @property
    def reachable(self) -> bool:
        """Whether it has a contact."""
        return not isinstance(self._behaviour, Unregistered)

    @property
    def talk(self) -> Leg | None:
        """The leg of its talk with a caller, None without."""
        return next((leg for leg in self._legs if leg.state == "up"), None)

    @property
    def ringing(self) -> bool:
        """Whether somebody rings it."""
        return any(leg.state == "ringing" for leg in self._legs)

    def state_changed(self) -> None:
        """Tell AMI of a new device state. With device_state_busy_at=1 a phone that rings is BUSY."""
        in_use = self.consults or any(leg.state in {"ringing", "up"} for leg in self._legs)
        idle = "NOT_INUSE" if self.reachable else "UNAVAILABLE"
        state = "BUSY" if in_use else idle
        if state != self.device_state:
            self.device_state = state
            self._switch.events.device_state(self.device, state)

    # What Asterisk sends.

    def invited(self, leg: Leg) -> None:
        """Get an INVITE."""
        self.seen.append("INVITE")
        self._legs.append(leg)
        behaviour = pick(self._behaviour, self._switch.rng)
        self._later(leg, LATENCY, self._reacts, leg, behaviour)

    def left(self, leg: Leg, message: str) -> None:
        """Get the message that ends a leg, or end it oneself."""
        self.seen.append(message)
        self._legs.remove(leg)
        timer = self._timers.pop(leg, None)
        if timer is not None:
            timer.cancel()
        self.state_changed()

    def forget(self, consult: Consult) -> None:
        """Let a call of its own be over."""
        if consult in self.consults:
            self.consults.remove(consult)
            self.state_changed()

    def _reacts(self, leg: Leg, behaviour: Single) -> None:
        if isinstance(behaviour, RefusesConnection):
            leg.connection_refused()
            return
        if isinstance(behaviour, Dead):
            return
        leg.rings()
        if isinstance(behaviour, Answers):
            after = behaviour.draw(behaviour.after, self._switch.rng)
            self._later(leg, after, self._answers, leg, behaviour)
        elif isinstance(behaviour, Rejects):
            self._later(leg, behaviour.after, leg.refused, behaviour.code)
        elif isinstance(behaviour, Redirects):
            leg.redirected(behaviour.to)

    def _answers(self, leg: Leg, behaviour: Answers) -> None:
        leg.answered()
        if behaviour.hangs_up_after is not None and leg.state == "up":
            seconds = behaviour.draw(behaviour.hangs_up_after, self._switch.rng)
            self._later(leg, seconds, leg.phone_left)

    def _later(self, leg: Leg, seconds: float, action: Callable[..., None], *args: object) -> None:
        if seconds <= 0:
            action(*args)
        else:
            self._timers[leg] = self._switch.pace.after(seconds, action, *args)

    # What its user does. Each raises ValueError when the phone is in no state for it.

    def answer(self) -> None:
        """Lift the receiver."""
        self._rung().answered()

    def reject(self, code: int = 486) -> None:
        """Decline with a final SIP status."""
        self._rung().refused(code)

    def hangup(self) -> None:
        """End the talk, decline the ringing call (486), or end an own call."""
        if self.talk is not None:
            self.talk.phone_left()
        elif self.consults:
            self.consults[-1].hangup()
        else:
            self.reject(486)

    def hold(self) -> None:
        """Put the caller on hold (re-INVITE sendonly)."""
        leg = self._talking()
        self._switch.events.about("Hold", leg.channel)
        leg.dial.execution.end.hears("hold on")

    def resume(self) -> None:
        """Take the caller back."""
        leg = self._talking()
        self._switch.events.about("Unhold", leg.channel)
        leg.dial.execution.end.hears("hold off")

    def consult(self, exten: str) -> Consult:
        """Call `exten` from this phone; raises KeyError for one that does not exist."""
        if exten not in self._switch.routes:
            raise KeyError(f"no extension {exten!r}; add it with SimulatedPbx.route")
        consult = Consult(self)
        self.consults.append(consult)
        channel = self._switch.new_channel(self.device, "Ring", caller_num=self.number)
        channel.context, channel.exten = FROM_PHONES, exten
        self._switch.announce(channel)
        self.state_changed()
        self._switch.dialplan.run(channel, consult, exten)
        return consult

    def direct_call(self, seconds: float, exten: str = "echo") -> Consult:
        """Call something that is no queue and hang up after `seconds`."""
        consult = self.consult(exten)
        self._switch.pace.after(seconds, consult.hangup)
        return consult

    def blind_transfer(self, exten: str) -> int:
        """Send the caller to `exten` (REFER); return the SIP status: 202, or 404 for an unknown extension."""
        return transfers.blind(self._switch, self._talking(), exten)

    def attended_transfer(self, consult: Consult) -> int:
        """Join the caller with an own call (REFER with Replaces); return the SIP status."""
        return transfers.attended(self._switch, self._talking(), consult)

    def _rung(self) -> Leg:
        for leg in self._legs:
            if leg.state == "ringing":
                return leg
        raise ValueError(f"phone {self.number} does not ring; wait for the ring first")

    def _talking(self) -> Leg:
        if self.talk is None:
            raise ValueError(f"phone {self.number} talks to no caller; wait for the talk first")
        return self.talk
