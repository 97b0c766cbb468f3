"""Names of things, kept apart by type. All are plain strings at run time.

Several Asterisk servers may be served at once, so a channel is only ever named together with its switch.
"""

from typing import Final, NewType

SwitchName = NewType("SwitchName", str)
"""One `[[switch]]` of the configuration."""
NOWHERE: Final = SwitchName("")
"""After a restart, until the configuration tells where agents are."""
CallId = NewType("CallId", str)
"""Ours, never Asterisk's: channels and Uniqueids are swapped by transfers, a call id is not."""
OfferId = NewType("OfferId", str)
"""`<call id>.<n>`, n counting the offers of that call from 1."""
WorkId = NewType("WorkId", str)
"""A piece of work for agents that waits in line without a caller: a callback, a message."""
AgentName = NewType("AgentName", str)
QueueName = NewType("QueueName", str)
SkillName = NewType("SkillName", str)
PhoneName = NewType("PhoneName", str)
"""What Dial() takes: technology and endpoint, e.g. `PJSIP/1001`."""
Uniqueid = NewType("Uniqueid", str)
"""Asterisk's id of a channel, unique on its switch while that runs."""
TrunkGroup = NewType("TrunkGroup", str)
GroupName = NewType("GroupName", str)
"""Agents who share queues; a step may add one to those a call is offered to."""

NS_PER_MS: Final = 1_000_000


def ms(at: int) -> int:
    """Whole milliseconds of a moment in nanoseconds.

    Durations are differences of these, so that the parts of a span always add up to the whole.
    """
    return at // NS_PER_MS


def offer_id(call: CallId, number: int) -> OfferId:
    """The id of the `number`-th offer (from 1) of a call."""
    return OfferId(f"{call}.{number}")
