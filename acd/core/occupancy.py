"""How busy an agent has been lately: a share that forgets exponentially, like a load average.

With the time constant W the share after `dt` busy is 1 - (1 - s)·e^(-dt/W), after `dt` free it is s·e^(-dt/W). The clock runs
only while the agent is free or busy: breaks and absence change nothing, so leaving for a moment jumps no order.

Among free agents all shares fall by the same factor, so their order does not change with time although the shares do.
`rank` is that order as one number: ln(s) + t/W. That keeps the index of free agents still between two events.
"""

from math import exp, inf, log
from typing import Final

from acd.core.states import AgentState

BUSY: Final = frozenset(
    {
        AgentState.OFFERED,
        AgentState.TALKING,
        AgentState.ON_HOLD,
        AgentState.WRAP_UP,
        AgentState.DIRECT_CALL,
    }
)


def advanced(share: float, state: AgentState, lasted: int, window: int) -> float:
    """The share after `lasted` nanoseconds in a state; `window` is W in nanoseconds."""
    if state in BUSY:
        return 1.0 - (1.0 - share) * exp(-lasted / window)
    if state is AgentState.READY:
        return share * exp(-lasted / window)
    return share


def rank(share: float, at: int, window: int) -> float:
    """Sorts free agents by share, whenever each became free: smallest first. `at`: when the share was `share`."""
    return log(share) + at / window if share > 0.0 else -inf
