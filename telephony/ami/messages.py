"""The AMI events the daemon reads, as typed views holding only the headers it uses, and the response to an action.

Field names are Asterisk's header names in snake case (Asterisk pages "AMI Events", 22). A header that is absent is ""
or 0; an unset caller number comes as "<unknown>"; a count that is no number makes the event malformed. `uniqueid` and
`channel` name the channel the event is about, `linkedid` the call it belongs to inside Asterisk.
"""

from typing import TypeVar

import msgspec

from telephony.ami.codec import AmiMessage


class MalformedEventError(ValueError):
    """An event we read came with a header of the wrong kind."""


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What every event may carry: the id of the action that asked for it."""

    action_id: str = msgspec.field(default="", name="ActionID")


class ChannelEvent(Event, frozen=True, kw_only=True, rename="pascal"):
    """About one channel."""

    channel: str = ""
    uniqueid: str = ""
    linkedid: str = ""
    caller_id_num: str = msgspec.field(default="", name="CallerIDNum")
    connected_line_num: str = ""
    channel_state_desc: str = ""
    context: str = ""
    exten: str = ""


class Newchannel(ChannelEvent, frozen=True, kw_only=True):
    """A channel came to be."""


class Newstate(ChannelEvent, frozen=True, kw_only=True):
    """A channel's state changed: `channel_state_desc` is Down, Ring, Ringing, Up, Busy and others."""


class HangupRequest(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """Somebody asked for the channel's end; comes before Hangup and names who ended."""

    cause: int = 0


class Hangup(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """The channel is gone. `cause` is the Q.850 hang-up cause."""

    cause: int = 0
    cause_txt: str = msgspec.field(default="", name="Cause-txt")


class Hold(ChannelEvent, frozen=True, kw_only=True):
    """The phone put its peer on hold."""


class Unhold(ChannelEvent, frozen=True, kw_only=True):
    """The phone resumed; a REFER makes one too although nothing was held."""


class DTMFEnd(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """A key was released. `direction` is Received or Sent."""

    digit: str = ""
    duration_ms: int = 0
    direction: str = ""


class BridgeEvent(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """About one channel and a bridge."""

    bridge_uniqueid: str = ""
    bridge_num_channels: int = 0


class BridgeEnter(BridgeEvent, frozen=True, kw_only=True):
    """The channel joined a bridge."""


class BridgeLeave(BridgeEvent, frozen=True, kw_only=True):
    """The channel left a bridge."""


class DialEvent(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """About one leg being dialled: `channel` is the caller's (absent for an Originate), `dest_channel` the leg."""

    dest_channel: str = ""
    dest_uniqueid: str = ""
    dest_linkedid: str = ""
    dial_status: str = ""


class Pickup(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """Directed pickup: `channel` takes the call that rings at `target_channel`; its DialEnd names the taker."""

    target_channel: str = ""
    target_uniqueid: str = ""


class DialBegin(DialEvent, frozen=True, kw_only=True, rename="pascal"):
    """A leg is being called."""

    dial_string: str = ""


class DialState(DialEvent, frozen=True, kw_only=True):
    """A leg's progress, in `dial_status`: RINGING, PROGRESS and others."""


class DialEnd(DialEvent, frozen=True, kw_only=True, rename="pascal"):
    """A leg's outcome, in `dial_status`; weak evidence, see the outcome table. `forward` is a 302's target."""

    forward: str = ""


class BlindTransfer(Event, frozen=True, kw_only=True, rename="pascal"):
    """A phone sent its peer to `extension`. `result` is Success or why not; `is_external` Yes for a phone's REFER."""

    result: str = ""
    transferer_channel: str = ""
    transferer_uniqueid: str = ""
    transferer_linkedid: str = ""
    transferee_channel: str = ""
    transferee_uniqueid: str = ""
    transferee_linkedid: str = ""
    bridge_uniqueid: str = ""
    is_external: str = ""
    context: str = ""
    extension: str = ""


class AttendedTransfer(Event, frozen=True, kw_only=True, rename="pascal"):
    """A phone joined its two calls. `dest_type` is Bridge, App, Link, Threeway or Fail and says which `dest_…` count."""

    result: str = ""
    orig_transferer_channel: str = ""
    orig_transferer_uniqueid: str = ""
    orig_transferer_linkedid: str = ""
    orig_bridge_uniqueid: str = ""
    second_transferer_channel: str = ""
    second_transferer_uniqueid: str = ""
    second_transferer_linkedid: str = ""
    second_bridge_uniqueid: str = ""
    transferee_channel: str = ""
    transferee_uniqueid: str = ""
    transferee_linkedid: str = ""
    transfer_target_channel: str = ""
    transfer_target_uniqueid: str = ""
    transfer_target_linkedid: str = ""
    is_external: str = ""
    dest_type: str = ""
    dest_bridge_uniqueid: str = ""
    dest_app: str = ""
    dest_transferer_channel: str = ""
    local_one_channel: str = ""
    local_two_channel: str = ""


class DeviceStateChange(Event, frozen=True, kw_only=True, rename="pascal"):
    """A device's state (NOT_INUSE, INUSE, BUSY, RINGING, ONHOLD, UNAVAILABLE …); also the item of DeviceStateList."""

    device: str = ""
    state: str = ""


class ContactStatus(Event, frozen=True, kw_only=True, rename="pascal"):
    """A phone's registration or reachability changed (class `system`)."""

    uri: str = msgspec.field(default="", name="URI")
    contact_status: str = ""
    aor: str = msgspec.field(default="", name="AOR")
    endpoint_name: str = ""
    roundtrip_usec: str = ""


class Alarm(Event, frozen=True, kw_only=True, rename="pascal"):
    """A DAHDI channel is in alarm (class `system`): `alarm` is Red Alarm, Yellow Alarm and others."""

    dahdi_channel: str = msgspec.field(default="", name="DAHDIChannel")
    alarm: str = ""


class AlarmClear(Event, frozen=True, kw_only=True, rename="pascal"):
    """A DAHDI channel's alarm is over."""

    dahdi_channel: str = msgspec.field(default="", name="DAHDIChannel")


class SpanAlarm(Event, frozen=True, kw_only=True, rename="pascal"):
    """A DAHDI span is in alarm; told where chan_dahdi.conf has `reportalarms = all` or `spans`."""

    span: int = 0
    alarm: str = ""


class SpanAlarmClear(Event, frozen=True, kw_only=True, rename="pascal"):
    """A DAHDI span's alarm is over."""

    span: int = 0


class OriginateResponse(Event, frozen=True, kw_only=True, rename="pascal"):
    """The end of an asynchronous Originate; `reason` 4 is answered. Every manager session sees it."""

    response: str = ""
    channel: str = ""
    context: str = ""
    exten: str = ""
    application: str = ""
    data: str = ""
    reason: int = 0
    uniqueid: str = ""
    caller_id_num: str = msgspec.field(default="", name="CallerIDNum")


class UserEvent(Event, frozen=True, kw_only=True, rename="pascal"):
    """The dialplan's own event `user_event`; `body` is every header as it came."""

    user_event: str = ""
    channel: str = ""
    uniqueid: str = ""
    linkedid: str = ""
    # A header never has an empty name, so whatever the dialplan sends cannot collide with this field.
    body: dict[str, str | list[str]] = msgspec.field(default_factory=dict, name="")


class FullyBooted(Event, frozen=True, kw_only=True, rename="pascal"):
    """Asterisk has loaded everything; sent after login too (class `system`). Seconds."""

    uptime: int = 0
    last_reload: int = 0


class Shutdown(Event, frozen=True, kw_only=True, rename="pascal"):
    """Asterisk ends or restarts; the link drops next."""

    shutdown: str = ""
    restart: str = ""


class CoreShowChannel(ChannelEvent, frozen=True, kw_only=True, rename="pascal"):
    """One channel of CoreShowChannels. `duration` is HH:MM:SS."""

    bridge_id: str = ""
    application: str = ""
    application_data: str = ""
    duration: str = ""
    account_code: str = ""


class ListComplete(Event, frozen=True, kw_only=True, rename="pascal"):
    """The end of a list; `event_list` is Complete or cancelled."""

    event_list: str = ""
    list_items: int = 0


class CoreShowChannelsComplete(ListComplete, frozen=True, kw_only=True):
    """The end of CoreShowChannels."""


class DeviceStateListComplete(ListComplete, frozen=True, kw_only=True):
    """The end of DeviceStateList."""


class DAHDIShowChannels(Event, frozen=True, kw_only=True, rename="pascal"):
    """One channel of the action of the same name; `alarm` is "No Alarm" when there is none."""

    dahdi_channel: str = msgspec.field(default="", name="DAHDIChannel")
    alarm: str = ""


class DAHDIShowChannelsComplete(ListComplete, frozen=True, kw_only=True):
    """The end of DAHDIShowChannels."""


class DAHDIShowStatus(Event, frozen=True, kw_only=True, rename="pascal"):
    """One span of the action of the same name; `alarms` is "OK" when there is none."""

    span: int = 0
    alarms: str = ""


class DAHDIShowStatusComplete(ListComplete, frozen=True, kw_only=True):
    """The end of DAHDIShowStatus."""


class EndpointList(Event, frozen=True, kw_only=True, rename="pascal"):
    """One endpoint of PJSIPShowEndpoints (write class `system`)."""

    object_name: str = ""
    aor: str = ""
    contacts: str = ""
    device_state: str = ""
    active_channels: str = ""


class EndpointListComplete(ListComplete, frozen=True, kw_only=True):
    """The end of PJSIPShowEndpoints."""


class Response(msgspec.Struct, frozen=True):
    """The answer to an action: `status` is Success, Error or Goodbye."""

    status: str
    message: str
    headers: dict[str, str | list[str]]

    @property
    def ok(self) -> bool:
        """Whether Asterisk took the action."""
        return self.status != "Error"

    @property
    def output(self) -> list[str]:
        """The lines of a Command's output, in order."""
        return AmiMessage(self.headers).every("Output")


READ: tuple[type[Event], ...] = (
    Alarm,
    AlarmClear,
    AttendedTransfer,
    BlindTransfer,
    BridgeEnter,
    BridgeLeave,
    ContactStatus,
    CoreShowChannel,
    CoreShowChannelsComplete,
    DAHDIShowChannels,
    DAHDIShowChannelsComplete,
    DAHDIShowStatus,
    DAHDIShowStatusComplete,
    DTMFEnd,
    DeviceStateChange,
    DeviceStateListComplete,
    DialBegin,
    DialEnd,
    DialState,
    EndpointList,
    EndpointListComplete,
    FullyBooted,
    Hangup,
    HangupRequest,
    Hold,
    Newchannel,
    Newstate,
    OriginateResponse,
    Pickup,
    Shutdown,
    SpanAlarm,
    SpanAlarmClear,
    Unhold,
    UserEvent,
)
_TYPES: dict[str, type[Event]] = {view.__name__: view for view in READ}
NAMES = frozenset(_TYPES)

_View = TypeVar("_View", bound=Event)


def decode(message: AmiMessage) -> Event | None:
    """Return the typed view of an event, None for a name that is not read.

    Raises MalformedEventError when a header has the wrong kind (a word where a number belongs, a repeated key).
    """
    view = _TYPES.get(message.text("Event"))
    if view is None:
        return None
    event = _convert(message, view)
    if isinstance(event, UserEvent):
        return msgspec.structs.replace(event, body=message.headers)
    return event


def _convert(message: AmiMessage, view: type[_View]) -> _View:
    try:
        return msgspec.convert(message.headers, view, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedEventError(f"{view.__name__}: {error}") from error


def response(message: AmiMessage) -> Response:
    """Return the typed view of a response."""
    return Response(message.text("Response"), message.text("Message"), message.headers)
