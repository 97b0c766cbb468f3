"""Typed views: header names as Asterisk spells them, absent and malformed headers."""

import pytest

from telephony.ami.codec import AmiCodec, AmiMessage
from telephony.ami.messages import (
    NAMES,
    READ,
    AttendedTransfer,
    BlindTransfer,
    ContactStatus,
    DTMFEnd,
    Event,
    Hangup,
    MalformedEventError,
    OriginateResponse,
    UserEvent,
    decode,
    response,
)

pytestmark = pytest.mark.unit

# Every name asterisk-facts-2.md section 9 lists as needed.
NEEDED = (
    "Newchannel DialBegin DialState DialEnd Newstate BridgeEnter BridgeLeave HangupRequest Hangup Hold Unhold "
    "BlindTransfer AttendedTransfer DTMFEnd DeviceStateChange ContactStatus OriginateResponse UserEvent FullyBooted "
    "Shutdown"
)


def read(text: str) -> Event | None:
    (message,) = AmiCodec(greeting=False).feed(text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    return decode(message)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (
            (
                "Event: Hangup\nPrivilege: call,all\nChannel: PJSIP/1001-1\nCallerIDNum: 1001\nConnectedLineNum: 7\n"
                "Uniqueid: 1.2\nLinkedid: 1.1\nCause: 26\nCause-txt: Answered elsewhere"
            ),
            Hangup(
                channel="PJSIP/1001-1",
                caller_id_num="1001",
                connected_line_num="7",
                uniqueid="1.2",
                linkedid="1.1",
                cause=26,
                cause_txt="Answered elsewhere",
            ),
        ),
        ("Event: Hangup", Hangup()),
        ("Event: DTMFEnd\nDigit: 5\nDurationMs: 120", DTMFEnd(digit="5", duration_ms=120)),
        (
            (
                "Event: BlindTransfer\nResult: Success\nTransfererChannel: a\nTransfereeUniqueid: 1.1\nIsExternal: Yes\n"
                "Extension: 900\nContext: acd\nBridgeUniqueid: b"
            ),
            BlindTransfer(
                result="Success",
                transferer_channel="a",
                transferee_uniqueid="1.1",
                is_external="Yes",
                extension="900",
                context="acd",
                bridge_uniqueid="b",
            ),
        ),
        (
            (
                "Event: AttendedTransfer\nOrigTransfererChannel: a\nSecondTransfererUniqueid: 1.3\nTransfereeChannel: c\n"
                "TransferTargetChannel: d\nDestType: App\nDestApp: AGI"
            ),
            AttendedTransfer(
                orig_transferer_channel="a",
                second_transferer_uniqueid="1.3",
                transferee_channel="c",
                transfer_target_channel="d",
                dest_type="App",
                dest_app="AGI",
            ),
        ),
        (
            "Event: ContactStatus\nURI: sip:a\nContactStatus: Reachable\nAOR: 1001\nEndpointName: 1001",
            ContactStatus(uri="sip:a", contact_status="Reachable", aor="1001", endpoint_name="1001"),
        ),
        (
            "Event: OriginateResponse\nActionID: x-1\nResponse: Failure\nReason: 5",
            OriginateResponse(action_id="x-1", response="Failure", reason=5),
        ),
    ],
)
def test_a_view_holds_the_headers_it_names(text: str, event: Event) -> None:
    assert read(text) == event


def test_a_user_event_carries_every_header_whatever_its_name() -> None:
    event = read("Event: UserEvent\nUserEvent: Lamp\nBody: on\nname: x")

    assert isinstance(event, UserEvent)
    assert event.user_event == "Lamp"
    assert event.body == {"Event": "UserEvent", "UserEvent": "Lamp", "Body": "on", "name": "x"}


@pytest.mark.parametrize("line", ["Cause: seven", "Channel: a\nChannel: b"])
def test_a_header_of_the_wrong_kind_is_malformed(line: str) -> None:
    with pytest.raises(MalformedEventError, match="Hangup"):
        read(f"Event: Hangup\n{line}")


def test_an_event_nobody_reads_is_none() -> None:
    assert read("Event: VarSet\nValue: x") is None


def test_every_needed_name_is_read() -> None:
    assert set(NEEDED.split()) <= NAMES
    assert len(READ) == len(NAMES)


def test_a_response_gives_its_output_lines() -> None:
    answer = response(
        AmiMessage({"Response": "Success", "Message": "Command output follows", "Output": ["a", "b"]})
    )

    assert (answer.ok, answer.output) == (True, ["a", "b"])
