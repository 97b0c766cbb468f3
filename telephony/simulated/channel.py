"""A channel as Asterisk's manager shows it: one end of a call, with its names, state and variables."""

from typing import Final, Protocol

STATES: Final = {"Down": 0, "Ring": 4, "Ringing": 5, "Up": 6}
UNKNOWN: Final = "<unknown>"
FROM_TRUNK: Final = "from-trunk"
FROM_PHONES: Final = "from-phones"


class Owner(Protocol):
    """Who runs a channel: the dialplan for one that came in, a Dial for one that was made."""

    def hang_up(self, cause: int) -> None:
        """End the channel, as AMI Hangup does."""

    def redirect(self, exten: str) -> None:
        """Send the channel to another extension, as AMI Redirect does."""


class Channel:
    """One channel. `serial` orders channels by age; `bridge` is the bridge's id or empty."""

    __slots__ = (
        "application",
        "born",
        "bridge",
        "caller_name",
        "caller_num",
        "connected_num",
        "context",
        "data",
        "device",
        "exten",
        "linkedid",
        "name",
        "owner",
        "serial",
        "state",
        "uniqueid",
        "variables",
    )

    def __init__(self, device: str, *, serial: int, born: float, state: str) -> None:
        self.device = device
        self.serial = serial
        self.name = f"{device}-{serial:08x}"
        self.uniqueid = f"{int(born)}.{serial}"
        self.linkedid = self.uniqueid
        self.born = born
        self.state = state
        self.caller_num = ""
        self.caller_name = ""
        self.connected_num = ""
        self.context = FROM_TRUNK
        self.exten = "s"
        self.application = ""
        self.data = ""
        self.bridge = ""
        self.variables: dict[str, str] = {}
        self.owner: Owner | None = None

    def snapshot(self, prefix: str = "") -> str:
        """Return the header lines of this channel as every event carries them, each key with `prefix` before it."""
        p = prefix
        return (
            f"{p}Channel: {self.name}\r\n"
            f"{p}ChannelState: {STATES[self.state]}\r\n"
            f"{p}ChannelStateDesc: {self.state}\r\n"
            f"{p}CallerIDNum: {self.caller_num or UNKNOWN}\r\n"
            f"{p}CallerIDName: {self.caller_name or UNKNOWN}\r\n"
            f"{p}ConnectedLineNum: {self.connected_num or UNKNOWN}\r\n"
            f"{p}ConnectedLineName: {UNKNOWN}\r\n"
            f"{p}Language: en\r\n"
            f"{p}AccountCode: \r\n"
            f"{p}Context: {self.context}\r\n"
            f"{p}Exten: {self.exten}\r\n"
            f"{p}Priority: 1\r\n"
            f"{p}Uniqueid: {self.uniqueid}\r\n"
            f"{p}Linkedid: {self.linkedid}\r\n"
        )
