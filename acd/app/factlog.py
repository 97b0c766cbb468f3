"""A log line for each fact, bound to its call, so that one search shows a call's whole life."""

import logging
from typing import Final

import structlog

from acd.core import facts as f

log = structlog.get_logger("acd.fact")

TOLD: Final = frozenset(
    (
        f.Blocked,
        f.Ended,
        f.IvrEnded,
        f.LoggedIn,
        f.LoggedOut,
        f.Paused,
        f.Resumed,
        f.RulesApplied,
        f.QueueSwitched,
        f.WorkAdded,
        f.WorkEnded,
        f.LinkLost,
        f.LinkSynced,
    )
)
"""One line a call, and what an operator follows. All else is debug: the journal has it, and a line costs 30 µs."""
WARNED: Final = frozenset((f.Refuted, f.TrunkAlarm, f.HostStrained))
LEFT_OUT: Final = ("at", "decision")
"""The line has a time of its own; a decision is for `acd explain`."""


def write(fact: f.Fact) -> None:
    """Log one fact under its tag with its fields: `call=…` finds a call, `agent=…` an agent."""
    kind = type(fact)
    if kind not in TOLD and kind not in WARNED and not log.is_enabled_for(logging.DEBUG):
        return
    level = log.info if kind in TOLD else log.warning if kind in WARNED else log.debug
    fields = {
        name: value
        for name in fact.__struct_fields__
        if name not in LEFT_OUT and (value := getattr(fact, name)) not in (None, "", ())
    }
    # structlog keeps `event` for the line's own name.
    if "event" in fields:
        fields["late_event"] = fields.pop("event")
    level(str(fact.__struct_config__.tag), **fields)
