"""Where two channels hear each other."""

from telephony.simulated.channel import Channel
from telephony.simulated.events import Events


class Bridge:
    """A mixing bridge. Entering and leaving tells AMI; the linked ids become the oldest member's."""

    __slots__ = ("_events", "id", "members")

    def __init__(self, bridge_id: str, events: Events) -> None:
        self.id = bridge_id
        self.members: list[Channel] = []
        self._events = events

    def enter(self, channel: Channel) -> None:
        """Let `channel` in."""
        self.members.append(channel)
        channel.bridge = self.id
        linkedid = min(self.members, key=lambda member: member.serial).linkedid
        for member in self.members:
            member.linkedid = linkedid
        self._events.bridge("BridgeEnter", self.id, len(self.members), channel)

    def leave(self, channel: Channel) -> None:
        """Let `channel` out; nothing happens when it is not inside."""
        if channel in self.members:
            self.members.remove(channel)
            channel.bridge = ""
            self._events.bridge("BridgeLeave", self.id, len(self.members), channel)
