"""The two ends of one call: tags, sequence numbers, route set and target (RFC 3261 section 12). Pure."""

import msgspec

from tests.ua.address import Endpoint, Uri, parse_uri, replaces_header, untagged, uri_of, uri_text
from tests.ua.errors import MalformedMessageError
from tests.ua.message import Header, Message, Request, Response


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """What every request of one user agent says about its sender."""

    contact: str
    agent: str = "acd-test-ua"


class Dialog(msgspec.Struct, kw_only=True):
    """One dialog from our side; `local` and `remote` are name-addr values without tags."""

    call_id: str
    local: str
    remote: str
    local_tag: str
    remote_tag: str = ""
    local_seq: int = 0
    remote_seq: int = -1
    routes: tuple[str, ...] = ()
    target: str

    @property
    def next_hop(self) -> Endpoint:
        """Where requests go: the first (loose) route, else the target (section 12.2.1.1)."""
        first: Uri = uri_of(self.routes[0]) if self.routes else parse_uri(self.target)
        return first.endpoint

    @property
    def replaces(self) -> str:
        """What makes a third party replace us at our peer (RFC 3891): the to-tag is the peer's."""
        return replaces_header(self.call_id, to_tag=self.remote_tag, from_tag=self.local_tag)

    def request(
        self,
        method: str,
        *,
        via: str,
        sender: Local,
        headers: tuple[Header, ...] = (),
        body: bytes = b"",
        seq: int | None = None,
    ) -> Request:
        """The next request inside the dialog; an ACK or a CANCEL gives the INVITE's own `seq`."""
        if seq is None:
            self.local_seq += 1
        number = self.local_seq if seq is None else seq
        built: list[Header] = [("Via", via), ("Max-Forwards", "70")]
        built += [("Route", route) for route in self.routes]
        built += [
            ("From", f"{self.local};tag={self.local_tag}"),
            ("To", f"{self.remote};tag={self.remote_tag}" if self.remote_tag else self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            ("Contact", sender.contact),
            ("User-Agent", sender.agent),
        ]
        return Request(method=method, uri=self.target, headers=(*built, *headers), body=body)

    def learn(self, response: Response) -> None:
        """Take tag, route set (reversed) and target from a response to our INVITE (section 12.1.2).

        An early dialog's values are overwritten by the 2xx, which may come from another branch of a fork.
        """
        if not response.to_tag:
            return
        self.remote_tag = response.to_tag
        self.routes = tuple(reversed(response.all("Record-Route")))
        self.retarget(response)

    def retarget(self, message: Message) -> None:
        """Take a new target from a target refresh (section 12.2)."""
        if contact := message.get("Contact"):
            self.target = uri_text(contact)

    def in_order(self, request: Request) -> bool:
        """Note the peer's sequence number; False when it went backwards (section 12.2.2: answer 500)."""
        if request.cseq <= self.remote_seq:
            return False
        self.remote_seq = request.cseq
        return True


def callee_dialog(invite: Request, *, local_tag: str) -> Dialog:
    """The dialog an incoming INVITE opens (section 12.1.1).

    Raises MalformedMessageError when it names no Contact.
    """
    if not invite.get("Contact"):
        raise MalformedMessageError("INVITE without a Contact")
    return Dialog(
        call_id=invite.call_id,
        local=untagged(invite.get("To")),
        remote=untagged(invite.get("From")),
        local_tag=local_tag,
        remote_tag=invite.from_tag,
        remote_seq=invite.cseq,
        routes=invite.all("Record-Route"),
        target=uri_text(invite.get("Contact")),
    )
