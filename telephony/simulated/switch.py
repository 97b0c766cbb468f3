"""The simulated switch: its channels, phones and extensions, and what everybody in it shares."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from telephony.simulated.bridge import Bridge
from telephony.simulated.channel import Channel
from telephony.simulated.events import Events
from telephony.simulated.pace import Pace, wall_seconds
from telephony.simulated.routes import Route

if TYPE_CHECKING:
    from telephony.simulated.phone import Phone
    from telephony.simulated.remote_end import RemoteEnd

UNAVAILABLE: Final = "UNAVAILABLE"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The loop of extensions_acd.conf. Durations are seconds of simulated time.

    `greeting` is TIMEOUT(absolute) before AGI, `retry` the Wait, `grace` ACD_GRACE, `sorry` ACD_SORRY. `spool` is the
    folder of lost calls, None writes none. `prompts` gives a prompt's length (others last `prompt_seconds`); a
    prompt in `missing`, or with `..` in it, cannot be played.
    """

    agi: tuple[str, int]
    greeting: float = 2.0
    retry: float = 0.25
    grace: float = 30.0
    sorry: str = "please-try-again-later"
    spool: Path | None = None
    prompts: dict[str, float] = {}
    prompt_seconds: float = 2.0
    missing: frozenset[str] = frozenset()


class Dialplan(Protocol):
    """Runs extensions. Raises KeyError for one that does not exist."""

    def run(self, channel: Channel, end: "RemoteEnd", exten: str) -> None:
        """Run `exten` on `channel`, whose far end is `end`."""


class Switch:
    """What Asterisk's core knows. `dialplan` is set by the PBX that owns it."""

    dialplan: Dialplan

    def __init__(self, settings: Settings, pace: Pace, rng: random.Random, events: Events) -> None:
        self.settings = settings
        self.pace = pace
        self.rng = rng
        self.events = events
        self.channels: dict[str, Channel] = {}
        self.phones: dict[str, Phone] = {}
        self.routes: dict[str, Route] = {}
        self.globals: dict[str, str] = {}
        self.trunks: dict[str, int] = {}
        """Calls up on each trunk's device."""
        self._serial = 0

    def new_channel(self, device: str, state: str, *, caller_num: str, caller_name: str = "") -> Channel:
        """Make a channel, not yet announced: set its fields, then call `announce`."""
        channel = Channel(device, serial=self._serial, born=wall_seconds(), state=state)
        self._serial += 1
        channel.caller_num, channel.caller_name = caller_num, caller_name
        self.channels[channel.name] = channel
        return channel

    def announce(self, channel: Channel) -> None:
        """Tell AMI of a new channel."""
        self.events.about("Newchannel", channel)

    def set_state(self, channel: Channel, state: str) -> None:
        """Change a channel's state and tell AMI."""
        if channel.state != state:
            channel.state = state
            self.events.about("Newstate", channel)
            if state == "Up":
                self._count_line(channel, 1)

    def end(self, channel: Channel, cause: int) -> None:
        """Let a channel be gone."""
        if self.channels.pop(channel.name, None) is not None:
            self.events.hangup(channel, cause)
            if channel.state == "Up":
                self._count_line(channel, -1)

    def _count_line(self, channel: Channel, change: int) -> None:
        """Tell a trunk's device state: in use while a call is up, UNAVAILABLE as an endpoint without a contact is."""
        if channel.device not in self.trunks:
            return
        was = self.trunks[channel.device]
        self.trunks[channel.device] = now = was + change
        if bool(was) != bool(now):
            self.events.device_state(channel.device, _line_state(now))

    def new_bridge(self) -> Bridge:
        """Make an empty bridge."""
        bits = f"{self.rng.getrandbits(128):032x}"
        return Bridge("-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:])), self.events)

    def phone_of(self, dial_target: str) -> "Phone | None":
        """Return the phone `TECH/number` or `TECH/number/contact` names, None for one that does not exist."""
        parts = dial_target.split("/")
        return self.phones.get(parts[1]) if len(parts) > 1 and parts[0] == "PJSIP" else None

    def device_states(self) -> list[tuple[str, str]]:
        """Return (device, state) of every phone and of every trunk that was used."""
        phones = [(phone.device, phone.device_state) for phone in self.phones.values()]
        return phones + [(device, _line_state(calls)) for device, calls in self.trunks.items()]


def _line_state(calls: int) -> str:
    return "INUSE" if calls else UNAVAILABLE
