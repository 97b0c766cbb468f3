"""A day at a call centre in small: phones that mostly answer, callers that come at random and may lose patience."""

import asyncio
import random
from collections import Counter

import msgspec

from telephony.simulated.behaviours import Answers, Mixed, Rejects, Rings
from telephony.simulated.caller import Caller
from telephony.simulated.pbx import SimulatedPbx


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate. Durations are seconds of simulated time, `rate` is calls a second of it.

    Arrivals are a Poisson process. `declines` and `ignores` are the shares of rings that are refused with 486 and not
    answered. Phones are numbered from `first`.
    """

    queues: tuple[str, ...]
    agents: int = 20
    rate: float = 5.0
    seconds: float = 30.0
    first: int = 1001
    trunk: str = "trunk-a"
    query: str = ""
    answer_after: float = 1.0
    talk: float = 10.0
    patience: float | None = 60.0
    declines: float = 0.0
    ignores: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        if not self.queues or self.agents < 0 or not self.rate > 0 or not self.seconds > 0:
            raise ValueError("a workload needs a queue, 0 or more agents, and a rate and seconds above 0")
        if min(self.declines, self.ignores) < 0 or self.declines + self.ignores > 1:
            raise ValueError("the shares of declines and ignores must be 0 or more and at most 1 together")


class Tally(msgspec.Struct, kw_only=True):
    """How the callers fared. `statuses` counts their final SIP statuses."""

    calls: int
    talked: int
    statuses: dict[str, int]
    still_up: int


def staff(pbx: SimulatedPbx, workload: Workload) -> None:
    """Put the phones on the desks."""
    answers = Answers(workload.answer_after, workload.talk, 0.5)
    willing = 1.0 - workload.declines - workload.ignores
    behaviour = Mixed(((willing, answers), (workload.declines, Rejects(486)), (workload.ignores, Rings())))
    for number in range(workload.first, workload.first + workload.agents):
        pbx.phone(str(number), behaviour)


async def drive(pbx: SimulatedPbx, workload: Workload, callers: list[Caller], speed: float = 1.0) -> None:
    """Let callers come for `workload.seconds`, adding each to `callers`. A late one is made up for: the rate holds."""
    rng = random.Random(workload.seed)  # noqa: S311 - a simulation, repeatable on purpose
    clock = asyncio.get_running_loop().time
    start, due = clock(), 0.0
    while (due := due + rng.expovariate(workload.rate)) < workload.seconds:
        await asyncio.sleep(start + due / speed - clock())
        queue = rng.choice(workload.queues)
        callers.append(
            pbx.call(queue, trunk=workload.trunk, query=workload.query, patience=workload.patience)
        )
    await asyncio.sleep(start + workload.seconds / speed - clock())


def tally(callers: list[Caller]) -> Tally:
    """Count how the callers fared so far."""
    return Tally(
        calls=len(callers),
        talked=sum(caller.has_talked for caller in callers),
        statuses=dict(sorted(Counter(str(caller.status) for caller in callers if caller.status).items())),
        still_up=sum(not caller.is_over for caller in callers),
    )
