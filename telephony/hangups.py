"""When channels hung up, from the channel event log that Asterisk writes by itself (CEL, dialplan/cel_acd.conf).

AMI does not replay: of a talk that ended while the daemon was away only this tells when, and by whom.
"""

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import msgspec

from acd.core.ids import Uniqueid

TAIL_BYTES: Final = 32 * 1024 * 1024
"""How far back the file is read: about 200,000 channels, far more than end within an outage worth repairing."""
COLUMNS: Final = 5


class Hangup(msgspec.Struct, frozen=True):
    """The end of a channel: nanoseconds since the epoch, and the channel whose side asked for it ("" if unknown)."""

    at: int
    source: str


class _Extra(msgspec.Struct):
    hangupsource: str = ""


def hangups(lines: Iterable[str], wanted: frozenset[Uniqueid]) -> Mapping[Uniqueid, Hangup]:
    """The ends of the wanted channels among lines of the log. Lines of another form are passed over."""
    found: dict[Uniqueid, Hangup] = {}
    for row in csv.reader(lines):
        if len(row) == COLUMNS and row[0] == "HANGUP" and row[2] in wanted:
            try:
                at = int(Decimal(row[1]) * 1_000_000_000)
                source = msgspec.json.decode(row[4] or "{}", type=_Extra).hangupsource
            except (InvalidOperation, msgspec.DecodeError):
                continue
            found[Uniqueid(row[2])] = Hangup(at, source)
    return found


def read_hangups(path: Path, wanted: frozenset[Uniqueid]) -> Mapping[Uniqueid, Hangup]:
    """The ends of the wanted channels in the file's tail. Raises OSError when it can't be read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    return hangups(text.splitlines(), wanted)
