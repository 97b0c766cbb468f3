"""Every message a user agent sent or received, and its picture. Pure.

print(ladder.draw(phone.ladder))                      one phone against its peers
print(ladder.draw(alice.ladder, bob.ladder))          several phones on one time line
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from tests.ua.address import Endpoint
from tests.ua.message import Message, Request, Response

COLUMN: Final = 26


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One message: `at` in monotonic ns, `repeated` when the very same bytes went the same way before."""

    at: int
    outgoing: bool
    peer: Endpoint
    message: Message
    repeated: bool = False

    @property
    def title(self) -> str:
        """`INVITE` or `180 INVITE`."""
        if isinstance(self.message, Request):
            return self.message.method
        return f"{self.message.status} {self.message.cseq_method}"


class Ladder:
    """The record of one user agent, in the order things happened."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.address: Endpoint = ("", 0)
        self.rungs: list[Rung] = []
        self._seen: set[tuple[bool, Endpoint, bytes]] = set()

    def __iter__(self) -> Iterator[Rung]:
        return iter(self.rungs)

    def __len__(self) -> int:
        return len(self.rungs)

    def __str__(self) -> str:
        return draw(self)

    def note(self, message: Message, raw: bytes, *, at: int, outgoing: bool, peer: Endpoint) -> None:
        """Record one message."""
        key = (outgoing, peer, raw)
        self.rungs.append(
            Rung(at=at, outgoing=outgoing, peer=peer, message=message, repeated=key in self._seen),
        )
        self._seen.add(key)

    def titles(self, *, repeated: bool = False) -> list[str]:
        """What a test compares: `["> REGISTER", "< 200 REGISTER", …]`; `>` went out."""
        return [
            f"{'>' if one.outgoing else '<'} {one.title}"
            for one in self.rungs
            if repeated or not one.repeated
        ]

    def sent(self, method: str) -> list[Request]:
        """Requests of that method we sent, without repetitions."""
        return self._requests(method, outgoing=True)

    def received(self, method: str) -> list[Request]:
        """Requests of that method we received, without repetitions."""
        return self._requests(method, outgoing=False)

    def responses(self, status: int) -> list[Response]:
        """Responses with that status, both ways, without repetitions."""
        found = (one.message for one in self.rungs if not one.repeated)
        return [message for message in found if isinstance(message, Response) and message.status == status]

    def _requests(self, method: str, *, outgoing: bool) -> list[Request]:
        found = (one.message for one in self.rungs if one.outgoing == outgoing and not one.repeated)
        return [message for message in found if isinstance(message, Request) and message.method == method]


def draw(*ladders: Ladder, names: dict[Endpoint, str] | None = None) -> str:
    """A text ladder: milliseconds since the first message, one lifeline per party, `*` marks a repetition.

    `names` labels peers that own no ladder; a message between two of the ladders is drawn once, by its sender.
    """
    known = {ladder.address: ladder.owner for ladder in ladders}
    labels = {**(names or {}), **known}
    drawn = sorted(
        (
            (rung, ladder)
            for ladder in ladders
            for rung in ladder
            if rung.outgoing or rung.peer not in known or rung.peer == ladder.address
        ),
        key=lambda pair: pair[0].at,
    )
    parties = _parties(ladders, [rung.peer for rung, _ in drawn])
    lines = [" " * 12 + "".join(_label(labels, party).center(COLUMN) for party in parties).rstrip()]
    lines += [
        _line(
            rung, parties.index(ladder.address), parties.index(rung.peer), len(parties), since=drawn[0][0].at
        )
        for rung, ladder in drawn
    ]
    return "\n".join(lines)


def _parties(ladders: tuple[Ladder, ...], peers: list[Endpoint]) -> list[Endpoint]:
    """The first ladder's owner leftmost, then strangers (the server), then the other owners."""
    owners = [ladder.address for ladder in ladders]
    strangers = [peer for peer in dict.fromkeys(peers) if peer not in owners]
    return [*owners[:1], *strangers, *owners[1:]]


def _label(labels: dict[Endpoint, str], party: Endpoint) -> str:
    return labels.get(party, f"{party[0]}:{party[1]}")


def _line(rung: Rung, own: int, peer: int, parties: int, *, since: int) -> str:
    row = list(" " * COLUMN * parties)
    for party in range(parties):
        row[_column(party)] = "|"
    left, right = sorted((_column(own), _column(peer)))
    span = max(right - left - 1, 0)
    row[left + 1 : right] = f" {rung.title}{'*' if rung.repeated else ''} ".center(span, "-")[:span]
    if span:
        rightwards = (own < peer) == rung.outgoing
        row[right - 1 if rightwards else left + 1] = ">" if rightwards else "<"
    return f"{(rung.at - since) / 1e6:10.3f}  {''.join(row).rstrip()}"


def _column(party: int) -> int:
    return party * COLUMN + COLUMN // 2
