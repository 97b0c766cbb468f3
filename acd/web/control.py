"""What the API needs of the daemon. Implemented by acd.app.controller; a test may bring its own."""

from typing import Protocol

from acd.core.explain import AgentExplained
from acd.web.library import Library
from acd.web.lines import TrunkReport, TrunkView
from acd.web.opening import DoorKeeper
from acd.web.views import (
    AgentView,
    CallDone,
    CallRecording,
    CallStory,
    CallView,
    DecisionView,
    Done,
    QueueView,
    ReloadResult,
    Remark,
    Status,
)
from acd.web.work import Callbacks
from kpi.definitions import USUAL, Chosen
from kpi.report import Report


class ControlError(Exception):
    """A wish that is refused. `status` is the HTTP status, `hint` says what to do."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        """404 for names that do not exist, 409 for a state in which it can't be, 400 for senseless values."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint


class Control(Protocol):
    """Called in the event loop's thread; `reload`, `report` and the story of a call that is over take time. All raise ControlError."""

    @property
    def library(self) -> Library:
        """The recordings that were made."""

    @property
    def doors(self) -> DoorKeeper:
        """Queues closed and opened by hand."""

    @property
    def callbacks(self) -> Callbacks:
        """Callbacks and messages."""

    def status(self) -> Status:
        """The daemon in one look."""

    def queues(self) -> list[QueueView]:
        """All queues, by name."""

    def agents(self) -> list[AgentView]:
        """All agents, by name."""

    def calls(self) -> list[CallView]:
        """All open calls: those who wait in order, then the others."""

    def decisions(self, limit: int) -> list[DecisionView]:
        """The last offers, newest first."""

    async def explain_call(self, call: str) -> CallStory:
        """Why a call is where it is."""

    def explain_agent(self, agent: str) -> AgentExplained:
        """What an agent does and why each waiting call is not theirs."""

    def log_in(self, agent: str, phone: str = "", actor: str = "") -> Done:
        """The agent is at work, at the own phone or at another. `actor`: the supervisor who wants it."""

    def log_out(self, agent: str, *, forced: bool = False, actor: str = "") -> Done:
        """The agent leaves, after the present talk; `forced` cuts it."""

    def pause(self, agent: str, reason: str, actor: str = "") -> Done:
        """No calls for a while."""

    def resume(self, agent: str, actor: str = "") -> Done:
        """Calls again."""

    def finish_wrap_up(self, agent: str, actor: str = "") -> Done:
        """Done with the work after a talk."""

    def ask_wrap_up(self, agent: str, *, wanted: bool) -> Done:
        """Time after the present talk, where the queue wants to be asked."""

    def extend_wrap_up(self, agent: str, seconds: int | None) -> Done:
        """More time for the work after a talk; None: as much as is configured."""

    def classify(self, agent: str, remark: Remark) -> Done:
        """What the present or the last call was about."""

    def ask_help(self, agent: str, *, wanted: bool) -> Done:
        """A supervisor is wanted, or no longer."""

    def mark_malicious(self, agent: str) -> Done:
        """Keep who called just now, and from where."""

    def supervise(self, kind: str, agent: str, actor: str, phone: str = "") -> Done:
        """Ring the supervisor (or that phone) and let them into the agent's talk: listen, whisper or barge."""

    async def record(self, call: str, actor: str = "") -> CallRecording:
        """Record a talk from here on."""

    async def end_recording(self, call: str, actor: str = "") -> CallRecording:
        """Record it no longer."""

    async def silence(self, call: str, *, silent: bool, actor: str = "") -> CallRecording:
        """Let the recording hear silence, for card data; or hear again."""

    async def message(self, agent: str, text: str, actor: str = "") -> Done:
        """Show a text on the agent's phone."""

    def pick(self, call: str, agent: str, actor: str = "") -> CallDone:
        """Give a waiting call to one agent."""

    def drop(self, call: str, actor: str = "") -> CallDone:
        """End a waiting call: its caller is hung up."""

    def withdraw(self, call: str, actor: str = "") -> CallDone:
        """Take a waiting call out of its queue; its caller goes on in the dialplan."""

    def move(self, call: str, queue: str, actor: str = "") -> CallDone:
        """Send a waiting call on to another queue, with its age."""

    def set_priority(self, call: str, priority: int, actor: str = "") -> CallDone:
        """Give a waiting call another priority of its own."""

    def set_position(self, call: str, position: int, actor: str = "") -> CallDone:
        """Put a waiting call at another place of its queue, as far as priorities allow."""

    async def reload(self, *, dry_run: bool = False, confirm_s: int | None = None) -> ReloadResult:
        """Read the configuration again; `confirm_s`: take it back after so long unless `confirm` is called."""

    async def confirm(self) -> ReloadResult:
        """Keep a change that waits to be confirmed."""

    async def report(
        self, since: int | None, until: int | None, minutes: int | None, chosen: Chosen = USUAL
    ) -> Report:
        """The numbers of a period (nanoseconds); without `since` from the start of the UTC day, `until` now."""

    def trunks(self) -> list[TrunkView]:
        """All trunk groups, by name."""

    async def trunk_report(self, since: int | None, until: int | None) -> TrunkReport:
        """Traffic of each trunk group by the hour; the period as in `report`."""
