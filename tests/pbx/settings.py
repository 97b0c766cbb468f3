"""What an instance is told: its phones, trunks and extras."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

PHONE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MANAGER_SECRET: Final = "manager-secret"
"""Of both manager users: the instances are private and on loopback."""
TESTS_USER: Final = "tests"


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's phone.

    `contact` is "host:port" of a phone that never registers (UDP); empty: the phone registers, with `password` if set.
    """

    name: str
    contact: str = ""
    password: str = ""


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """Where callers come from: the endpoint `name`, no password.

    A call is this trunk's when it comes from 127.0.0.1:`port`, or has the header `X-Trunk: name`, or says `name` in From.
    """

    name: str
    port: int = 0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is rendered into the configuration of one instance, the ports apart."""

    agents: Sequence[str | Agent] = ("1001", "1002")
    """Phones; a bare name is one that registers without a password."""
    trunks: Sequence[str | Trunk] = ("trunk-a",)
    agi: str = "127.0.0.1:4573"
    """Where the daemon's FastAGI listens, host:port."""
    grace: int = 30
    """Seconds of retries before a caller is told sorry (ACD_GRACE)."""
    numbers: Mapping[str, str] = {}
    """Numbers that lead to a queue, besides the queue's own name."""
    hints: Mapping[str, str] = {}
    """What a lamp's number stands for: number or pattern -> device ("_acd-.": "Custom:${EXTEN}")."""
    dialplan: str = ""
    """Dialplan text; starts inside context [tests], which phones and trunks reach first."""
    queues: str = ""
    """Text of queues.conf; app_queue is loaded when there is any."""
    more: Mapping[str, str] = {}
    """File name -> text: added to the file of that name, or a file of its own."""
    modules: tuple[str, ...] = ()
    """More modules to load, without `.so`."""
    busy_at: int = 1
    """Calls at which a phone's device state is BUSY; 0: never."""
    qualify: int = 0
    """Seconds between OPTIONS to each phone; 0: none."""
    records: bool = True
    """Write call detail records and channel events (cdr_custom, cel_custom)."""
    verbose: int = 3
    """Verbosity of the log; a bench takes 0."""
    sip_log: bool = False
    """Write every SIP message to the log."""

    def __post_init__(self) -> None:
        """Refuse names that would be read as something else in a configuration file."""
        names = [phone.name for phone in self.phones] + [trunk.name for trunk in self.lines]
        for name in names:
            if not PHONE_NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot name an endpoint: use letters, digits, _ and -")
        if len(set(names)) != len(names):
            raise ValueError(f"an endpoint is named twice: {sorted(names)}")

    @property
    def phones(self) -> tuple[Agent, ...]:
        """The agents' phones, each with its full description."""
        return tuple(Agent(name=one) if isinstance(one, str) else one for one in self.agents)

    @property
    def lines(self) -> tuple[Trunk, ...]:
        """The trunks, each with its full description."""
        return tuple(Trunk(name=one) if isinstance(one, str) else one for one in self.trunks)


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where an instance lives as Asterisk sees it (paths inside the chroot) and which ports are its own."""

    home: str
    sip: int
    manager: int
    rtp: tuple[int, int]
