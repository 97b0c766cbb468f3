"""`[shifts]` of acd.toml: where the schedule is and what is told of it."""

from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from config.findings import Finding
from config.values import Duration


class Shifts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[shifts]`: a schedule made elsewhere, compared with who is logged in."""

    file: Annotated[
        str,
        Meta(
            description="CSV (.csv) or iCalendar (.ics); a relative path starts at this directory. Empty: no schedule.",
            pattern=r"^([^\x00]+\.(csv|ics))?\Z",
            max_length=4096,
            extra={"expects": "a path that ends in .csv or .ics"},
        ),
    ] = ""
    timezone: Annotated[
        str,
        Meta(
            description="Of the file's times that have no zone of their own.",
            pattern=r"^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}\Z",
            extra={"expects": 'a time zone such as "Europe/Berlin" or "UTC"'},
        ),
    ] = "UTC"
    log_out: Annotated[
        bool, Meta(description="Log agents out when their shift ends, after the call they are in.")
    ] = False
    late_after: Annotated[
        Duration,
        Meta(
            description="Who logs in later than this after the start is late.",
            extra={"at_least": "0s", "at_most": "12h"},
        ),
    ] = Duration(300_000)
    absent_after: Annotated[
        Duration,
        Meta(
            description="Who is not there by then, or by the end of a shorter shift, is absent.",
            extra={"at_least": "1m", "at_most": "24h"},
        ),
    ] = Duration(1_800_000)
    early_after: Annotated[
        Duration,
        Meta(
            description="Who leaves more than this before the end, and does not come back, left early.",
            extra={"at_least": "0s", "at_most": "12h"},
        ),
    ] = Duration(300_000)
    overtime_after: Annotated[
        Duration,
        Meta(
            description="Who stays longer than this after the end works overtime.",
            extra={"at_least": "0s", "at_most": "12h"},
        ),
    ] = Duration(900_000)


def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone of that name, None when this machine does not know it. Reads the machine's zone files."""
    try:
        return ZoneInfo(name)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # ZoneInfoNotFoundError is a KeyError; a directory's name is an OSError
        return None


def unknown_zone(shifts: Shifts) -> list[Finding]:
    """Find a time zone that this machine does not know."""
    if zone_of(shifts.timezone) is not None:
        return []
    hint = 'take a name of the IANA database such as "Europe/Berlin"; the package tzdata must be installed'
    return [Finding(path=("shifts", "timezone"), message="unknown time zone", hint=hint)]
