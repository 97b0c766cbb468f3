"""The live terminal view: what the control API shows, drawn by rich, in 100 columns and 30 lines."""

import io
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from acd.cli.tables import span, states
from acd.web.views import AgentView, CallView, DecisionView, QueueView, Status

COLOURS: Final = {
    "ready": "green",
    "offered": "yellow",
    "talking": "cyan",
    "wrap_up": "magenta",
    "paused": "blue",
    "direct_call": "blue",
    "unreachable": "red",
    "offline": "bright_black",
    "answered": "green",
    "": "yellow",
}
WAITING_SHOWN: Final = 5
DECISIONS_SHOWN: Final = 6


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the floor."""

    status: Status
    queues: Sequence[QueueView]
    agents: Sequence[AgentView]
    calls: Sequence[CallView]
    decisions: Sequence[DecisionView]
    left_s: int


def line(picture: Picture) -> str:
    """The floor in one line, for a terminal that is none."""
    status = picture.status
    longest = max((queue.longest_wait_ms for queue in picture.queues), default=0)
    return (
        f"{picture.left_s:3d}s left · {status.waiting} waiting (longest {span(longest)}) · {status.ringing} ringing · "
        f"{status.talking} talking · agents: {states(status.agents)}"
    )


def draw(picture: Picture) -> Group:
    """The whole view."""
    status = picture.status
    head = Text.assemble(
        ("acd ", "bold"),
        f"{status.version} · ",
        *(f"{switch.name} {switch.link} · " for switch in status.switches),
        f"AGI {status.agi} · {status.agi_sessions_seen} calls seen · ",
        (f"{picture.left_s} s left", "bold"),
    )
    floor = Table.grid(expand=True, padding=(0, 1))
    floor.add_column(ratio=1)
    floor.add_column(ratio=1)
    floor.add_row(Group(_queues(picture.queues), _waiting(picture.calls)), _agents(picture.agents))
    return Group(head, floor, _decisions(picture.decisions))


def as_svg(picture: Picture) -> str:
    """The view as a picture, for the README; without rich's web fonts, which would be loaded from outside."""
    console = Console(record=True, width=110, file=io.StringIO(), force_terminal=True)
    console.print(draw(picture))
    return re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="make demo"), flags=re.DOTALL)


def _coloured(state: str) -> Text:
    return Text(state.replace("_", " "), style=COLOURS.get(state, ""))


def _table(title: str, *heads: str) -> Table:
    table = Table(
        box=None, expand=True, pad_edge=False, header_style="bold", title=title, title_justify="left"
    )
    for head in heads:
        table.add_column(head, no_wrap=True, overflow="ellipsis")
    return table


def _queues(views: Sequence[QueueView]) -> Table:
    table = _table("Queues", "queue", "waits", "longest", "rings", "talks", "ready")
    for view in views:
        table.add_row(
            view.name,
            Text(str(view.waiting), style="bold red" if view.waiting else ""),
            span(view.longest_wait_ms) if view.waiting else "",
            str(view.ringing),
            str(view.talking),
            str(view.agents.get("ready", 0)),
        )
    return table


def _waiting(views: Sequence[CallView]) -> Table:
    waiting = [view for view in views if view.position]
    table = _table(f"Waiting ({len(waiting)})", "", "caller", "queue", "wait", "needs")
    for view in waiting[:WAITING_SHOWN]:
        table.add_row(str(view.position), view.caller, view.queue, span(view.wait_ms), view.requires)
    for _ in range(WAITING_SHOWN - len(waiting)):
        table.add_row("", "", "", "", "")
    return table


def _agents(views: Sequence[AgentView]) -> Table:
    table = _table("Agents", "agent", "state", "for", "queue", "skills")
    for view in views:
        skills = " ".join(f"{skill}{level}" for skill, level in sorted(view.skills.items()))
        table.add_row(view.name, _coloured(view.state), span(view.for_ms), view.queue, skills)
    return table


def _decisions(views: Sequence[DecisionView]) -> Panel:
    table = Table.grid(expand=True, padding=(0, 1))
    for view in views[:DECISIONS_SHOWN]:
        table.add_row(
            Text(view.queue), Text(view.agent, style="bold"), _coloured(view.outcome or "ringing"), _why(view)
        )
    return Panel(table, title="Last decisions", title_align="left", height=DECISIONS_SHOWN + 2)


def _why(view: DecisionView) -> Text:
    why = view.decision
    parts = [f"waited {span(view.wait_ms)}", f"skill {why.skill}", f"idle {span(why.idle_ms)}"]
    parts += [f"before {rival.agent} ({rival.why})" for rival in why.rivals[:1]]
    parts += [f"not {number} who {reason}" for reason, number in list(why.excluded.items())[:1]]
    if why.elsewhere and not why.rivals and not why.excluded:
        parts.append(f"others: {states(why.elsewhere)}")
    return Text(", ".join(parts), no_wrap=True, overflow="ellipsis")
