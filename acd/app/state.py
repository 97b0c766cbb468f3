"""What a start reads back: the newest snapshot, the facts after it, and the engine made from them."""

import msgspec

from acd.app.journal import Journal
from acd.core.memory import Memory
from acd.core.states import CallState
from hardware.trouble import Trouble
from kpi.accumulator import Accumulator
from kpi.ledger import LedgerState
from telephony.board import Ring
from telephony.switchboard import Switchboard


class Saved(msgspec.Struct, kw_only=True):
    """A snapshot: everything the facts so far add up to."""

    memory: Memory
    kpi: LedgerState | None = None
    trouble: Trouble = msgspec.field(default_factory=Trouble)


def load(journal: Journal) -> tuple[Memory, Accumulator, Trouble]:
    """Fold the journal: what the router remembers, the numbers, and what is wrong with lines and host."""
    saved, facts = journal.load(Saved, lambda: Saved(memory=Memory()))
    memory = saved.memory
    numbers = Accumulator() if saved.kpi is None else Accumulator.from_state(saved.kpi)
    for fact in facts:
        memory.apply(fact)
        numbers.apply(fact)
        saved.trouble.apply(fact)
    return memory, numbers, saved.trouble


def restore_lines(memory: Memory, board: Switchboard) -> None:
    """Let the board of one switch know the calls from before the restart."""
    for call in memory.calls.values():
        if call.switch != board.switch or not call.uniqueid:  # work that waits has no channel
            continue
        rings = [
            Ring(
                offer=offer.id,
                phone=offer.phone,
                began=True,
                answered=call.state is CallState.TALKING,
                leg=offer.leg,
            )
            for offer in call.offers
        ]
        board.restore(call.id, call.uniqueid, call.channel, rings)
