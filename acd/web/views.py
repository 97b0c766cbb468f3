"""What people are shown of the live floor. Durations in milliseconds, moments as nanoseconds of the engine's clock."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from acd.core.explain import CallExplained
from acd.core.facts import Decision
from acd.core.ids import SkillName
from acd.core.impact import Impact
from acd.web.lines import StrainView


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """One Asterisk and its link: `link` is up, down, connecting, wrong_credentials and so on."""

    name: str
    link: str
    in_sight: bool
    channels: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon in one look."""

    version: str
    node: str
    generation: int
    uptime_ms: int
    waiting: int
    ringing: int
    talking: int
    agents: Mapping[str, int]
    """How many agents are in each state."""
    switches: tuple[SwitchView, ...]
    agi: str
    sessions: int
    agi_sessions_seen: int
    """Callers' sessions since the start: proof that Asterisk reaches us."""
    journal_position: int
    journal_failing: str
    """What the disk last said, empty when it takes writes."""
    facts_lost: int
    settling: bool
    strained: tuple[StrainView, ...] = ()
    """Limits of the host that are reached: new calls are refused as overload."""
    lines_out_of_order: int = 0
    """Of all trunk groups."""


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """One queue."""

    name: str
    title: str
    open: bool
    draining: bool
    waiting: int
    ringing: int
    talking: int
    longest_wait_ms: int
    agents: Mapping[str, int]


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """One agent."""

    name: str
    title: str
    state: str
    for_ms: int
    reason: str
    phone: str
    phone_state: str
    call: str
    queue: str
    skills: Mapping[SkillName, int]
    queues: tuple[str, ...]
    idle_ms: int
    hot_desk: bool = False
    """Not at the own phone."""
    leaving: bool = False
    """Logs out after the present call."""
    wants_help: bool = False
    wrap_up_left_ms: int | None = None
    """In a wrap-up; None in one that lasts until the agent is done."""
    missed: str = ""
    """How the last offer was missed, until one is answered."""
    held_back_ms: int = 0
    """No offers for so long, because of that."""
    pause_overrun: bool = False


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """One open call. `position` counts from 1 among those who wait, 0 while ringing or talking."""

    id: str
    queue: str
    state: str
    caller: str
    wait_ms: int
    talk_ms: int
    position: int
    priority: int
    requires: str
    agent: str
    switch: str
    channel: str
    offers: int


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """One offer: who was chosen, why, and how it ended ("" while it rings)."""

    at: int
    offer: str
    call: str
    queue: str
    agent: str
    wait_ms: int
    outcome: str
    decision: Decision


class CallStory(msgspec.Struct, frozen=True, kw_only=True):
    """Why a call is where it is: the present floor (None once it has ended) and the offers made for it so far."""

    call: str
    now: CallExplained | None
    offers: tuple[DecisionView, ...]
    facts: tuple[str, ...] = ()
    """Of a call that ended longer ago: every fact about it, from the journal, one a line."""


class ReloadResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a reload did. When `ok` is false nothing changed and `problems` or `needs_restart` say why."""

    ok: bool
    generation: int
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()
    dry_run: bool = False
    """Nothing was applied: `impact` tells what would be."""
    impact: Impact | None = None
    confirm_s: int | None = None
    """Taken back after so many seconds, unless confirmed."""


class CallDone(msgspec.Struct, frozen=True, kw_only=True):
    """A wish about a waiting call was taken."""

    call: str
    queue: str
    state: str
    """"ended" for a call that is gone."""
    position: int


class CallRecording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording, after a wish about it."""

    call: str
    file: str
    recording: bool
    silenced: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A wish was taken; what it leads to is seen in the views."""

    agent: str
    state: str
    phone: str = ""


class Remark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent says about a call: names, or the digits that stand for them. Empty parts are not said."""

    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    topic: Annotated[str, msgspec.Meta(max_length=64)] = ""
    resolved: bool | None = None
