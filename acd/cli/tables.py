"""Views as text for people: aligned columns, nothing else. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from acd.core.explain import AgentExplained, CallExplained
from acd.core.facts import Decision
from acd.web.views import (
    AgentView,
    CallDone,
    CallStory,
    CallView,
    DecisionView,
    QueueView,
    ReloadResult,
    Status,
)

if TYPE_CHECKING:
    from acd.cli.doctor import Row

View = TypeVar("View")


def printable(view: View, kind: type[View]) -> View:
    """The view with every text made harmless: who calls chooses numbers and queue names, and a terminal obeys."""
    return msgspec.convert(_harmless(msgspec.to_builtins(view)), kind)


def _harmless(value: object) -> object:
    match value:
        case str():
            return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in value)
        case dict():
            return {_harmless(key): _harmless(item) for key, item in value.items()}
        case list() | tuple():
            return [_harmless(item) for item in value]
        case _:
            return value


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(heads), *cells]) for i in range(len(heads))]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(heads))]
    lines = [list(heads), *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def span(ms: int) -> str:
    """A duration as people read it: 4.2s, 3m07s, 2h05m."""
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def states(counts: Mapping[str, int]) -> str:
    """Counts by state in one cell."""
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none"


def status(view: Status) -> str:
    """The daemon in one look."""
    rows: list[tuple[str, object]] = [
        ("acd", f"{view.version}, node {view.node}, generation {view.generation}, up {span(view.uptime_ms)}"),
        ("calls", f"{view.waiting} waiting, {view.ringing} ringing, {view.talking} talking"),
        ("agents", states(view.agents)),
        ("agi", f"{view.agi}, {view.sessions} sessions"),
        ("journal", view.journal_failing or f"fact {view.journal_position}"),
    ]
    if view.facts_lost:
        rows.append(("lost", f"{view.facts_lost} facts could not be written"))
    if view.settling:
        rows.append(("settling", "after a restart, waiting for callers to come back"))
    rows += [
        ("strained", f"{strain.limit} {strain.value:g} of at most {strain.most:g}: new calls are refused")
        for strain in view.strained
    ]
    if view.lines_out_of_order:
        rows.append(("lines", f"{view.lines_out_of_order} out of order; acd trunks names them"))
    rows += [
        (
            "switch",
            f"{switch.name}: {switch.link}{'' if switch.in_sight else ', not in sync'}, {switch.channels} channels",
        )
        for switch in view.switches
    ]
    return "\n".join(f"{name:<9}{value}" for name, value in rows)


def queues(views: Sequence[QueueView]) -> str:
    """All queues."""
    heads = ("queue", "waiting", "longest", "ringing", "talking", "agents", "")
    return table(
        heads,
        [
            (
                view.name,
                view.waiting,
                span(view.longest_wait_ms),
                view.ringing,
                view.talking,
                states(view.agents),
                "draining" if view.draining else "" if view.open else "closed",
            )
            for view in views
        ],
    )


def agents(views: Sequence[AgentView]) -> str:
    """All agents."""
    heads = ("agent", "state", "for", "phone", "queue", "call", "skills", "")
    return table(
        heads,
        [
            (
                view.name,
                f"{view.state} ({view.reason})" if view.reason else view.state,
                span(view.for_ms),
                f"{view.phone} {view.phone_state}",
                view.queue,
                view.call,
                " ".join(f"{skill}={level}" for skill, level in sorted(view.skills.items())),
                ", ".join(_notes(view)),
            )
            for view in views
        ],
    )


def _notes(view: AgentView) -> Iterator[str]:
    """What a supervisor would want to know besides."""
    if view.wants_help:
        yield "wants help"
    if view.leaving:
        yield "leaves after this call"
    if view.pause_overrun:
        yield "paused for too long"
    if view.wrap_up_left_ms is not None:
        yield f"{span(view.wrap_up_left_ms)} left"
    if view.held_back_ms:
        yield f"held back {span(view.held_back_ms)} ({view.missed.replace('_', ' ')})"
    if view.hot_desk:
        yield "at another phone"


def calls(views: Sequence[CallView]) -> str:
    """All open calls."""
    heads = ("call", "queue", "state", "place", "wait", "talk", "caller", "agent", "needs", "priority")
    return table(
        heads,
        [
            (
                view.id,
                view.queue,
                view.state,
                view.position or "",
                span(view.wait_ms),
                span(view.talk_ms) if view.talk_ms else "",
                view.caller,
                view.agent,
                view.requires,
                view.priority,
            )
            for view in views
        ],
    )


def offer(view: DecisionView) -> str:
    """One offer with its reason."""
    why = view.decision
    lines = [
        f"{view.offer}: {view.agent} after {span(view.wait_ms)}, {view.outcome or 'ringing'}",
        f"  {_chooser(why)}: skill sum {why.skill}, idle {span(why.idle_ms)}"
        + ("" if why.value is None else f", {why.value:g}"),
    ]
    lines += [f"  before {rival.agent}: {rival.why}" for rival in why.rivals]
    lines += [f"  {number} free who could not: {reason}" for reason, number in why.excluded.items()]
    if why.elsewhere:
        lines.append(f"  not free: {states(why.elsewhere)}")
    return "\n".join(lines)


def _chooser(why: Decision) -> str:
    """Who chose whom, and by what."""
    if why.side == "agent":
        by = f" among queues by {why.chose}" if why.chose else ""
        return f"the free agent took the first call they could serve{by} ({why.rule})"
    return f"chosen by {why.rule} among {why.free} free"


def call_story(story: CallStory) -> str:
    """Why a call is where it is."""
    now = story.now
    lines = [f"{story.call}: ended"]
    if now is not None:
        lines = [
            (
                f"{now.call} in {now.queue}: {now.state.value} for {span(now.waited_ms)}, "
                f"needs {now.requires}, priority {now.priority}, {now.ahead} ahead"
            )
        ]
        lines += _outlook(now)
        lines += [f"  {reason.subject}: {reason.why}" for reason in now.agents]
    return "\n".join([*lines, *map(offer, story.offers), *(f"  {line}" for line in story.facts)])


def _outlook(now: CallExplained) -> list[str]:
    """What is expected, and what changes by itself."""
    parts = []
    if now.expected_ms is not None:
        parts.append(f"expected to wait {span(now.expected_ms)} more")
    if now.step or now.next_step_ms is not None:
        parts.append(f"at step {now.step}")
    if now.next_step_ms is not None:
        parts.append(f"the next in {span(now.next_step_ms)}")
    if now.waits_for:
        parts.append(f"waits for {' or '.join(now.waits_for)} first")
    return [f"  {', '.join(parts)}"] if parts else []


def agent_story(story: AgentExplained) -> str:
    """What an agent does and why each waiting call is not theirs."""
    lines = [f"{story.agent}: {story.why}"]
    lines += [f"  {reason.subject}: {reason.why}" for reason in story.calls]
    return "\n".join(lines)


def findings(rows: "Sequence[Row]") -> str:
    """What the doctor found; each fix under its row."""
    lines = []
    for row in rows:
        lines.append(f"{row.verdict.value:<12} {row.subject}: {row.found}")
        if row.fix:
            lines.append(f"{'':<12}   -> {row.fix}")
    return "\n".join(lines)


def reload(result: ReloadResult) -> str:
    """What a reload did, or would do."""
    if result.dry_run:
        return _tried(result)
    if result.ok:
        head = f"generation {result.generation} in force" if result.changes else "nothing has changed"
    else:
        head = f"refused; generation {result.generation} stays in force"
    lines = [head, *result.problems]
    lines += [f"  {change}" for change in result.changes]
    lines += [f"  needs a restart: {key}" for key in result.needs_restart]
    if result.confirm_s is not None:
        lines.append(f"taken back in {span(result.confirm_s * 1000)} unless you say: acd confirm")
    return "\n".join(lines)


def _tried(result: ReloadResult) -> str:
    """What a reload would change, and for whom."""
    head = "nothing was applied; this would change:" if result.changes else "nothing would change"
    lines = [head, *result.problems]
    lines += [f"  {change}" for change in result.changes]
    lines += [f"  needs a restart: {key}" for key in result.needs_restart]
    seen = result.impact
    if seen is None:
        return "\n".join(lines)
    if seen.stranded_total:
        named = ", ".join(seen.stranded) + (" …" if seen.stranded_total > len(seen.stranded) else "")
        lines.append(f"{seen.stranded_total} waiting calls that no agent could serve any more: {named}")
    if seen.unstaffed_total:
        lines.append(
            f"{seen.unstaffed_total} waiting calls that only agents who are not logged in could serve"
        )
    lines += [f"{agent} would no longer serve {', '.join(queues)}" for agent, queues in seen.losing.items()]
    lines += [f"{agent} would serve {', '.join(queues)} as well" for agent, queues in seen.gaining.items()]
    lines += [f"{queue} would run empty and be gone" for queue in seen.draining]
    lines += list(seen.hopeless)
    return "\n".join(lines)


def confirmed(result: ReloadResult) -> str:
    """A change is kept."""
    return f"generation {result.generation} stays in force"


def call_done(done: CallDone) -> str:
    """Where a waiting call is after a wish."""
    place = f", place {done.position}" if done.position else ""
    return f"{done.call} in {done.queue}: {done.state}{place}"
