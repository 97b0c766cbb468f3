"""What a lamp shows, as its NOTIFYs tell: dialog-info (RFC 4235) and presence (RFC 3863)."""

from typing import Final
from xml.etree import ElementTree as ET

from tests.ua.awaiting import Changes
from tests.ua.dialog import Dialog
from tests.ua.errors import MalformedMessageError, RefusedError
from tests.ua.message import Request, Response

BODIES: Final = {"dialog": "application/dialog-info+xml", "presence": "application/pidf+xml"}
"""Event package -> the body we accept of it."""
STRONGEST_FIRST: Final = ("early", "proceeding", "trying", "confirmed", "terminated")
"""What a lamp shows of several dialogs: it blinks before it is lit."""


class Subscription:
    """One subscription of one phone. `states` has one entry for each NOTIFY with a body, oldest first."""

    def __init__(self, event: str, dialog: Dialog, changes: Changes) -> None:
        self.event = event
        self.dialog = dialog
        self.states: list[str] = []
        """dialog: early, confirmed, terminated ...; presence: the note (Ready, Ringing ...), else open or closed."""
        self.notifies: list[Request] = []
        self.over = False
        """The peer ended the subscription."""
        self._changes = changes

    @property
    def now(self) -> str:
        """What the lamp shows; empty before the first NOTIFY."""
        return self.states[-1] if self.states else ""

    async def state(self, wanted: str, within: float = 5.0) -> None:
        """Wait until the lamp shows `wanted`."""
        what = f"{wanted!r} of {self.dialog.target}"
        try:
            await self._changes.until(lambda: self.now == wanted, within=within, what=what)
        except TimeoutError as error:
            error.add_note(f"states seen: {self.states}")
            raise

    async def ended(self, within: float = 5.0) -> None:
        """Wait for the NOTIFY that ends the subscription."""
        await self._changes.until(
            lambda: self.over, within=within, what=f"the end of {self.dialog.local}'s subscription"
        )

    def accepted(self, response: Response) -> None:
        """Take the answer to a SUBSCRIBE; raises RefusedError when it is none of 2xx."""
        if response.status >= 300:
            raise RefusedError(f"SUBSCRIBE to {self.dialog.remote}", response.status, response.phrase)
        self.dialog.learn(response)

    def refusal(self, notify: Request) -> int:
        """The status to answer a NOTIFY with, 200 when all is well."""
        if notify.get("Event").partition(";")[0].strip() != self.event:
            return 489
        if notify.body and notify.get("Content-Type").partition(";")[0].strip() != BODIES[self.event]:
            return 415
        return 200 if self.dialog.in_order(notify) else 500

    def note(self, notify: Request) -> None:
        """Take one NOTIFY; raises MalformedMessageError when its body cannot be read."""
        self.notifies.append(notify)
        # The first NOTIFY may overtake the answer to the SUBSCRIBE (RFC 6665 section 4.1.2.4).
        self.dialog.remote_tag = self.dialog.remote_tag or notify.from_tag
        self.over = notify.get("Subscription-State").lower().startswith("terminated")
        if notify.body:
            self.states.append(read_state(self.event, notify.body))


def read_state(event: str, body: bytes) -> str:
    """What a NOTIFY's body says; raises MalformedMessageError."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise MalformedMessageError(f"NOTIFY of {event} with a body that is no XML: {error}") from None
    return _shown_of_dialogs(root) if event == "dialog" else _presence(root)


def _shown_of_dialogs(root: ET.Element) -> str:
    """A document without any dialog says that there is none: terminated."""
    found = [(state.text or "").strip() for state in root.iterfind("{*}dialog/{*}state")]
    unknown = [state for state in found if state not in STRONGEST_FIRST]
    if unknown:
        raise MalformedMessageError(f"dialog-info with the state {unknown[0]!r}")
    return min(found, key=STRONGEST_FIRST.index, default="terminated")


def _presence(root: ET.Element) -> str:
    """The note tells a ringing phone from a busy one; both are `open` in the basic status."""
    elements = [*root.iterfind(".//{*}note"), *root.iterfind(".//{*}basic")]
    told = next((element.text for element in elements if element.text), None)
    if told is None:
        raise MalformedMessageError("presence with neither a note nor a basic status")
    return told.strip()
