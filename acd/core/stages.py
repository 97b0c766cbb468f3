"""What a queue asks for at each of its steps, and when a waiting call gets there."""

from collections.abc import Mapping

import msgspec

from acd.core.expression import Expression, ExpressionError
from acd.core.ids import GroupName, QueueName
from acd.core.requirement import Requirement, TooComplexError, both
from acd.core.rules import QueueRule
from acd.core.ways import Way


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """All steps up to one, added up."""

    require: Expression | Requirement
    drop_own: bool = False
    groups: frozenset[GroupName] = frozenset()
    raised: int = 0
    music: str = ""
    overflow: QueueName | None = None
    """This step sends the call on to there."""
    way: Way | None = None
    """This step sends the call there, out of all queues."""

    @property
    def leaves(self) -> bool:
        """Whether this step takes the call out of the queue."""
        return self.overflow is not None or self.way is not None


def stages_of(queue: QueueRule) -> tuple[Stage, ...]:
    """Stage 0 is the queue itself, stage n what holds after its n-th step."""
    stages = [Stage(require=queue.require, music=queue.music)]
    for step in queue.steps:
        before = stages[-1]
        stages.append(
            Stage(
                require=before.require if step.require is None else step.require,
                drop_own=before.drop_own or step.drop_own,
                groups=before.groups | step.groups,
                raised=before.raised + step.raise_priority,
                music=step.music or before.music,
                overflow=step.queue,
                way=step.way,
            )
        )
    return tuple(stages)


def due(queue: QueueRule, waited: int) -> int:
    """The stage a call is at by time alone, `waited` nanoseconds after it entered the queue."""
    return sum(step.after <= waited for step in queue.steps)


class Needs:
    """What calls ask for, worked out once for each combination that occurs."""

    def __init__(self, queues: Mapping[QueueName, QueueRule]) -> None:
        """For these queues."""
        self.stages = {name: stages_of(queue) for name, queue in queues.items()}
        self._queues = queues
        self._known: dict[tuple[object, ...], tuple[Requirement, str]] = {}
        self._texts: dict[Requirement, str] = {}

    def at(self, queue: QueueName, stage: int) -> Stage:
        """A stage of a queue; the last, where new rules have fewer."""
        stages = self.stages[queue]
        return stages[min(stage, len(stages) - 1)]

    def text(self, own: Requirement) -> str:
        """What a call asks for itself, as facts tell it: "" for nothing."""
        found = self._texts.get(own)
        if found is None:
            if len(self._texts) >= MOST_KNOWN:
                self._texts.clear()
            found = self._texts[own] = "" if own.anybody else str(own)
        return found

    def need(
        self, queue: QueueName, stage: int, own: Requirement, variables: Mapping[str, str]
    ) -> tuple[Requirement, str]:
        """The requirement, and what of the call's own wishes could not be followed ("" when all could)."""
        given = tuple(variables.items()) if variables else ()
        key = (queue, stage, own, given)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._work_out(
                self._queues[queue], self.at(queue, stage), own, variables
            )
        return found

    def _work_out(
        self, queue: QueueRule, stage: Stage, own: Requirement, variables: Mapping[str, str]
    ) -> tuple[Requirement, str]:
        wrong = ""
        if isinstance(stage.require, Requirement):
            require = stage.require
        else:
            try:
                require = stage.require.resolve({**queue.variables, **variables})
            except ExpressionError as error:
                wrong = f"variables: {error.why}"
                require = stage.require.resolve(queue.variables)
        if stage.drop_own:
            return require, wrong
        try:
            return both(require, own), wrong
        except TooComplexError:
            return require, f"{wrong} need: too many alternatives with the queue's own".strip()


MOST_KNOWN = 20_000
"""Combinations remembered: calls may bring any variables, so the memory is bounded."""
