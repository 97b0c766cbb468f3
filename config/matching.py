"""Contradictions in how calls are matched: expressions, steps, overflow, shares, reserves. Pure.

Whatever is wrong here would otherwise show at a call, hours later.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from acd.core.expression import Expression, ExpressionError, parse
from acd.core.ids import SkillName
from acd.core.requirement import ANYBODY, Requirement, requirement
from config.centre import Queue
from config.findings import Finding, Path, Severity, did_you_mean, quoted
from config.routing import Serve, Step
from config.schema import Settings
from config.values import Needed

_Found = Iterator[Finding]
WHOLE: Final = 100  # what shares add up to


def requirement_of(needs: Mapping[str, int] | str, variables: Mapping[str, str]) -> Requirement:
    """What a queue or step asks for, of a call that brings no variables of its own; ANYBODY when it can't be read."""
    if isinstance(needs, Mapping):
        return requirement({SkillName(skill): level for skill, level in needs.items()})
    try:
        return parse(needs, variables)
    except ExpressionError:
        return ANYBODY


def expression_of(needs: Mapping[str, int] | str) -> Expression | None:
    """The expression, where the calls' variables play a part in it."""
    return needs.expression if isinstance(needs, Needed) and needs.expression.variables else None


def check(settings: Settings, skills: frozenset[str] | None) -> _Found:
    """Yield every contradiction, in no particular order. `skills`: those declared; None: not known."""
    attributes = {name for agent in settings.agents.values() for name in agent.attributes}
    for name, queue in settings.queues.items():
        here: Path = ("queues", name)
        for path, needs in _asked(here, queue):
            yield from _needs(path, needs, queue, skills, attributes)
        for part in _QUEUE_CHECKS:
            yield from part(here, queue, settings)
    yield from _cycles(settings)
    yield from _agents(settings)


def _asked(here: Path, queue: Queue) -> Iterator[tuple[Path, Mapping[str, int] | str]]:
    yield (*here, "require"), queue.require
    for place, step in enumerate(queue.steps):
        if step.require is not None:
            yield (*here, "steps", place, "require"), step.require


# ---------------------------------------------------------------- expressions


def _needs(
    path: Path,
    needs: Mapping[str, int] | str,
    queue: Queue,
    skills: frozenset[str] | None,
    attributes: set[str],
) -> _Found:
    if isinstance(needs, Mapping):
        return
    expression = expression_of(needs)
    if expression is not None and (unset := sorted(expression.variables - queue.variables.keys())):
        names = ", ".join(f"${name}" for name in unset)
        hint = f"write variables = {{ {unset[0]} = … }}: calls that bring none need a value"
        yield Finding(path=path, message=f"{names} has no value", hint=hint)
        return
    try:
        asked = parse(needs, queue.variables)
    except ExpressionError as wrong:
        yield Finding(path=path, message=str(wrong), hint="with the values of `variables`")
        return
    if asked.nobody:
        yield Finding(
            path=path, message="contradicts itself: no agent can ever satisfy it", hint=quoted(needs)
        )
    names_of_skills, names_of_words = asked.names()
    for skill in sorted(names_of_skills):
        if skills is not None and skill not in skills:
            hint = did_you_mean(skill, skills) or f"declare it in skills.toml: [skills.{skill}]"
            yield Finding(path=path, message=f"unknown skill {quoted(skill)}", hint=hint)
    for name in sorted(names_of_words - attributes):
        hint = did_you_mean(name, attributes) or "write attributes = { … } in agents.toml"
        message = f"no agent has the attribute {quoted(name)}"
        yield Finding(path=path, message=message, hint=hint, severity=Severity.WARNING)


# ---------------------------------------------------------------- steps


def _steps(here: Path, queue: Queue, settings: Settings) -> _Found:
    before: Step | None = None
    for place, step in enumerate(queue.steps):
        path: Path = (*here, "steps", place)
        if before is not None and step.after == before.after:
            yield Finding(path=(*path, "after"), message=f"two steps at {step.after.text}: make them one")
        elif before is not None and step.after < before.after:
            message = f"steps out of order: {step.after.text} comes after {before.after.text}"
            yield Finding(
                path=(*path, "after"), message=message, hint="`after` counts from entering the queue"
            )
        if queue.max_wait is not None and step.after >= queue.max_wait:
            message = f"this step is never reached: callers leave after max_wait {queue.max_wait.text}"
            yield Finding(path=(*path, "after"), message=message)
        if before is not None and before.overflow is not None:
            yield Finding(path=path, message="this step is never reached: the one before sends the call on")
        yield from _step(path, here, step, settings)
        before = step


def _step(path: Path, here: Path, step: Step, settings: Settings) -> _Found:
    if step.overflow is not None and step.overflow not in settings.queues:
        hint = did_you_mean(step.overflow, settings.queues)
        yield Finding(path=(*path, "overflow"), message=f"unknown queue {quoted(step.overflow)}", hint=hint)
    if step.overflow == here[1]:
        yield Finding(path=(*path, "overflow"), message="a queue can't overflow to itself")
    for place, group in enumerate(step.add_groups):
        if group not in settings.groups:
            hint = did_you_mean(group, settings.groups) or f"declare it in agents.toml: [groups.{group}]"
            yield Finding(
                path=(*path, "add_groups", place), message=f"unknown group {quoted(group)}", hint=hint
            )


def _cycles(settings: Settings) -> _Found:
    """A call must not go round in circles: every way on ends."""
    onward = {
        name: [step.overflow for step in queue.steps if step.overflow in settings.queues]
        for name, queue in settings.queues.items()
    }
    told: set[frozenset[str]] = set()
    for start in onward:
        way = _circle(start, onward)
        if len(way) > 1 and frozenset(way) not in told:
            told.add(frozenset(way))
            message = f"calls would go round in circles: {' → '.join((*way, way[0]))}"
            yield Finding(path=("queues", start, "steps"), message=message, hint="take one overflow away")


def _circle(start: str, onward: Mapping[str, list[str | None]]) -> tuple[str, ...]:
    """The way from a queue back to itself, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop()
        for target in onward.get(way[-1], []):
            if target == start:
                return way
            if target is not None and target not in seen:
                seen.add(target)
                ways.append((*way, target))
    return ()


# ---------------------------------------------------------------- the rest of a queue


def _presence(here: Path, queue: Queue, _settings: Settings) -> _Found:
    if queue.join_needs is not None and queue.admit_when_nobody_logged_in:
        message = "says the same as admit_when_nobody_logged_in, differently"
        yield Finding(path=(*here, "join_needs"), message=message, hint="join_needs = [] lets everybody wait")


def _reserve(here: Path, queue: Queue, _settings: Settings) -> _Found:
    above, below = queue.reserve_above, queue.reserve_below
    if above is None and below is not None:
        yield Finding(
            path=(*here, "reserve_below"), message="without reserve_above no reserve is ever called"
        )
    if above is not None and below is not None and below > above:
        message = f"reserve_below {below.text} is longer than reserve_above {above.text}"
        yield Finding(path=(*here, "reserve_below"), message=message, hint="it must be shorter, or the same")


_QUEUE_CHECKS: Final[tuple[Callable[[Path, Queue, Settings], _Found], ...]] = (_steps, _presence, _reserve)


# ---------------------------------------------------------------- agents and groups


def _agents(settings: Settings) -> _Found:
    for table, entries in (("agents", settings.agents), ("groups", settings.groups)):
        for name, entry in entries.items():
            serves = entry.queues if isinstance(entry.queues, Mapping) else {}
            for queue, serve in serves.items():
                yield from _serve((table, name, "queues", queue), serve, settings.queues.get(queue))
            yield from _shares((table, name, "shares"), entry.shares, settings)


def _serve(path: Path, serve: Serve, queue: Queue | None) -> _Found:
    if serve.reserve and queue is not None and queue.reserve_above is None:
        hint = f'write reserve_above = "2m" into [queues.{path[-1]}]'
        yield Finding(path=(*path, "reserve"), message="this queue never calls a reserve", hint=hint)


def _shares(path: Path, shares: Mapping[str, int], settings: Settings) -> _Found:
    for queue in shares:
        if queue not in settings.queues:
            hint = did_you_mean(queue, settings.queues)
            yield Finding(path=(*path, queue), message=f"unknown queue {quoted(queue)}", hint=hint)
    if shares and sum(shares.values()) != WHOLE:
        message = f"the shares add up to {sum(shares.values())}, not to {WHOLE}"
        yield Finding(path=path, message=message)
