"""A call that rings at an agent's phone is taken at another one by directed pickup.

Whoever sits at that phone has the call, and the talk is theirs, whatever they were doing. Where nobody does, the queue has
lost the call to somebody it does not know.
"""

from acd.core.events import OfferAnswered, OfferPickedUp
from acd.core.facts import Decision
from acd.core.floor import Floor
from acd.core.leaving import close_wrap_up
from acd.core.leaving_queue import let_go
from acd.core.offering import add_offer, on_offer_answered, ringing
from acd.core.outcomes import LeaveReason

RULE = "pickup"


def on_offer_picked_up(floor: Floor, event: OfferPickedUp) -> None:
    """The talk began at another phone than the one that rang."""
    found = ringing(floor, event.offer)
    if found is None:
        floor.stale(event, event.offer, "the offer is over")
        return
    call, offer = found
    picker = floor.agent_on(call.switch, event.phone)
    taken = event.offer
    if picker is None or not picker.logged_in or (picker.call is not None and picker.offer != offer.id):
        let_go(floor, call, LeaveReason.PICKED_UP)
        return
    if picker.offer != offer.id:
        close_wrap_up(floor, picker)
        taken = add_offer(floor, call, picker, Decision(rule=RULE, side="agent"))
    on_offer_answered(
        floor, OfferAnswered(at=event.at, offer=taken, leg=event.leg, leg_channel=event.leg_channel)
    )
