"""What a SIPp run counted. Pure."""

import csv

import msgspec


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one run so far. `answered`, `ended_by_peer` and `taken_back` are the scenarios' counters 1, 2 and 3."""

    created: int = 0
    open: int = 0
    succeeded: int = 0
    failed: int = 0
    retransmissions: int = 0
    answered: int = 0
    ended_by_peer: int = 0
    taken_back: int = 0


COLUMNS = {
    "created": "TotalCallCreated",
    "open": "CurrentCall",
    "succeeded": "SuccessfulCall(C)",
    "failed": "FailedCall(C)",
    "retransmissions": "Retransmissions(C)",
    "answered": "GenericCounter1(C)",
    "ended_by_peer": "GenericCounter2(C)",
    "taken_back": "GenericCounter3(C)",
}


def read_tally(statistics: str) -> Tally:
    """Return the last complete row of SIPp's statistics (CSV with `;`); all zero while there is none."""
    complete = statistics[: statistics.rfind("\n") + 1]
    rows = list(csv.DictReader(complete.splitlines(), delimiter=";"))
    if not rows:
        return Tally()
    return Tally(**{field: int(rows[-1].get(column) or 0) for field, column in COLUMNS.items()})
