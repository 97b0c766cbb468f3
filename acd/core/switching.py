"""Links to the switches: what is out of sight is not routed to, and everything is looked at again on return."""

from acd.core.events import SwitchLost, SwitchSynced
from acd.core.facts import LinkLost, LinkSynced
from acd.core.floor import Floor


def on_switch_lost(floor: Floor, event: SwitchLost) -> None:
    """No new offers there: without the link an answer could not be seen."""
    if event.switch in floor.lost_switches:
        floor.stale(event, event.switch, "is lost already")
        return
    floor.see_switch(event.switch, lost=True)
    floor.tell(LinkLost(**floor.stamp, switch=event.switch, reason=event.reason))


def on_switch_synced(floor: Floor, event: SwitchSynced) -> None:
    """The states there have been told: offers go on."""
    if event.switch not in floor.lost_switches:
        floor.stale(event, event.switch, "was not lost")
        return
    floor.see_switch(event.switch, lost=False)
    floor.tell(LinkSynced(**floor.stamp, switch=event.switch))
    floor.rematch = True


def end_settling(floor: Floor) -> None:
    """Route again after a restart, with whoever came back."""
    if floor.settling:
        floor.settling = False
        floor.rematch = True
