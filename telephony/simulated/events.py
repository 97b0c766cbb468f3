"""The AMI events the shipped manager filter lets through, worded as Asterisk 22 words them.

Header names and their order follow the Asterisk pages "AMI Events"; which of them a call makes, and in which order,
is what tests/contract compares with the real PBX.
"""

from collections.abc import Callable, Sequence

import msgspec

from telephony.simulated.channel import Channel
from telephony.simulated.outcomes import CAUSE_TEXT

CALL, SYSTEM, DTMF = "call,all", "system,all", "dtmf,all"
Publish = Callable[[str, str], None]


class Attended(msgspec.Struct, frozen=True, kw_only=True):
    """Who took part in an attended transfer: the agent's two channels, their peer, and where the peer went."""

    original: Channel
    original_bridge: str
    second: Channel
    second_bridge: str
    transferee: Channel
    target: Channel | None = None
    app: str = ""


class Events:
    """One method an event. Nothing is worded while nobody is logged in."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self.listening = False

    def _say(self, name: str, privilege: str, *parts: str) -> None:
        self._publish(name, f"Event: {name}\r\nPrivilege: {privilege}\r\n" + "".join(parts) + "\r\n")

    def about(self, name: str, channel: Channel, extra: str = "") -> None:
        """Newchannel, Newstate, Hold and Unhold carry the channel and nothing we read besides."""
        if self.listening:
            self._say(name, CALL, channel.snapshot(), extra)

    def hangup_request(self, channel: Channel, cause: int | None) -> None:
        """The far end asked for the channel's end. Without a talk its BYE carries no cause here."""
        self.about("HangupRequest", channel, "" if cause is None else f"Cause: {cause}\r\n")

    def hangup(self, channel: Channel, cause: int) -> None:
        """The channel is gone."""
        text = CAUSE_TEXT.get(cause, "Unknown")
        self.about("Hangup", channel, f"Cause: {cause}\r\nCause-txt: {text}\r\n")

    def dial_begin(self, channel: Channel, leg: Channel, dial_string: str) -> None:
        """A leg is being called."""
        self._dial("DialBegin", channel, leg, f"DialString: {dial_string}\r\n")

    def dial_state(self, channel: Channel, leg: Channel, status: str) -> None:
        """A leg's progress."""
        self._dial("DialState", channel, leg, f"DialStatus: {status}\r\n")

    def dial_end(self, channel: Channel, leg: Channel, status: str, forward: str = "") -> None:
        """A leg's outcome, with the target of a 302."""
        extra = f"DialStatus: {status}\r\n" + (f"Forward: {forward}\r\n" if forward else "")
        self._dial("DialEnd", channel, leg, extra)

    def _dial(self, name: str, channel: Channel, leg: Channel, extra: str) -> None:
        if self.listening:
            self._say(name, CALL, channel.snapshot(), leg.snapshot("Dest"), extra)

    def bridge(self, name: str, bridge: str, size: int, channel: Channel) -> None:
        """BridgeEnter or BridgeLeave; `size` is the number of channels after it."""
        if self.listening:
            self._say(name, CALL, _bridge("", bridge, size), channel.snapshot())

    def blind_transfer(self, transferer: Channel, transferee: Channel, bridge: str, exten: str) -> None:
        """A phone's REFER sent its peer to `exten`."""
        if self.listening:
            self._say(
                "BlindTransfer",
                CALL,
                "Result: Success\r\n",
                transferer.snapshot("Transferer"),
                transferee.snapshot("Transferee"),
                _bridge("", bridge, 2),
                f"IsExternal: Yes\r\nContext: {transferer.context}\r\nExtension: {exten}\r\n",
            )

    def attended_transfer(self, parts: Attended) -> None:
        """A phone's REFER with Replaces joined its two calls."""
        if not self.listening:
            return
        target = parts.target.snapshot("TransferTarget") if parts.target else ""
        kind = (
            f"DestType: App\r\nDestApp: {parts.app}\r\n"
            if parts.app
            else f"DestType: Bridge\r\nDestBridgeUniqueid: {parts.second_bridge}\r\n"
        )
        self._say(
            "AttendedTransfer",
            CALL,
            "Result: Success\r\n",
            parts.original.snapshot("OrigTransferer"),
            _bridge("Orig", parts.original_bridge, 2),
            parts.second.snapshot("SecondTransferer"),
            _bridge("Second", parts.second_bridge, 2) if parts.second_bridge else "",
            parts.transferee.snapshot("Transferee"),
            target,
            "IsExternal: Yes\r\n",
            kind,
        )

    def dtmf_end(self, channel: Channel, digit: str) -> None:
        """A key was pressed and released."""
        if self.listening:
            extra = f"Digit: {digit}\r\nDurationMs: 100\r\nDirection: Received\r\n"
            self._say("DTMFEnd", DTMF, channel.snapshot(), extra)

    def device_state(self, device: str, state: str) -> None:
        """A phone's device state changed."""
        if self.listening:
            self._say("DeviceStateChange", CALL, f"Device: {device}\r\nState: {state}\r\n")

    def contact_status(self, number: str, uri: str, status: str) -> None:
        """A phone's contact came (NonQualified), answered or not (Reachable, Unreachable) or went (Removed)."""
        if self.listening:
            self._say(
                "ContactStatus",
                SYSTEM,
                f"URI: {uri}\r\nContactStatus: {status}\r\nAOR: {number}\r\nEndpointName: {number}\r\n",
            )

    def shutdown(self) -> None:
        """Asterisk ends."""
        if self.listening:
            self._say("Shutdown", SYSTEM, "Shutdown: Cleanly\r\nRestart: False\r\n")


def _bridge(prefix: str, bridge: str, size: int) -> str:
    return (
        f"{prefix}BridgeUniqueid: {bridge}\r\n{prefix}BridgeType: basic\r\n"
        f"{prefix}BridgeTechnology: simple_bridge\r\n{prefix}BridgeCreator: <none>\r\n"
        f"{prefix}BridgeName: <none>\r\n{prefix}BridgeNumChannels: {size}\r\n"
        f"{prefix}BridgeVideoSourceMode: none\r\n"
    )


def core_show_channel(channel: Channel, now: float, action_id: str) -> str:
    """Word one item of CoreShowChannels. `now` is epoch seconds."""
    seconds = max(0, int(now - channel.born))
    duration = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return (
        f"Event: CoreShowChannel\r\n{action_id}{channel.snapshot()}BridgeId: {channel.bridge}\r\n"
        f"Application: {channel.application}\r\nApplicationData: {channel.data}\r\nDuration: {duration}\r\n\r\n"
    )


def listed(action_id: str, message: str, name: str, items: Sequence[str]) -> str:
    """Word a list response: the response, the items, and the event `name` that completes it."""
    head = f"Response: Success\r\n{action_id}EventList: start\r\nMessage: {message}\r\n\r\n"
    tail = f"Event: {name}\r\n{action_id}EventList: Complete\r\nListItems: {len(items)}\r\n\r\n"
    return head + "".join(items) + tail
