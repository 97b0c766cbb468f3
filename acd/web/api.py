"""The control API as HTTP: the same structs in and out, described by OpenAPI, served on a Unix socket."""

from typing import Annotated, Any, Final, TypeAlias

import msgspec
import structlog
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ExceptionHandlersMap

from acd.core.explain import AgentExplained
from acd.web.callbacks import routes as callbacks
from acd.web.control import Control, ControlError
from acd.web.doors import routes as doors
from acd.web.lines import TrunkReport, TrunkView
from acd.web.recordings import routes as recordings
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
from kpi.definitions import Chosen
from kpi.report import Report

log = structlog.get_logger("acd.web")

Moment: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1)]
"""Nanoseconds since the epoch; SQLite's integers end in the year 2262."""
Minutes: TypeAlias = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)]


Text: TypeAlias = Annotated[str, QueryParameter(max_length=120)]
Flag: TypeAlias = Annotated[bool, QueryParameter()]
Extension: TypeAlias = Annotated[int | None, QueryParameter(ge=1, le=900)]
DryRun: TypeAlias = Annotated[bool, QueryParameter()]
Threshold: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=86_400_000)]
Window: TypeAlias = Annotated[int | None, QueryParameter(ge=900_000, le=604_800_000)]
"""Of repeat calls: from a quarter of an hour to 7 days."""
Seconds: TypeAlias = Annotated[int | None, QueryParameter(ge=1, le=86_400)]


class Refusal(msgspec.Struct, frozen=True):
    """Why a wish was refused, and what to do."""

    error: str
    hint: str = ""


class PauseWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a pause; the reason is what reports show."""

    reason: Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")] = ""


class MoveWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a move."""

    queue: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PriorityWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a change of priority; the queue's own is added to it."""

    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)]


class PickWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a pick."""

    agent: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MessageWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a message; phones show little more than a line."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")]


class PositionWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a change of place, counted from 1."""

    position: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


def api(control: Control) -> Litestar:
    """The application over one daemon."""
    return Litestar(
        route_handlers=[
            *_views(control),
            *_trunks(control),
            *_explanations(control),
            *_wishes(control),
            *_remarks(control),
            *_supervision(control),
            *recordings(control.library),
            *callbacks(control.callbacks),
            *doors(control.doors),
            *_waiting_calls(control),
            *_reloads(control),
        ],
        exception_handlers=_FAILURES,
        # JSON only: the usual documentation pages load scripts from hosts outside.
        openapi_config=OpenAPIConfig(title="acd", version="1", render_plugins=[JsonRenderPlugin()]),
        # The daemon configures logging itself; Litestar's would install a queue and a thread.
        logging_config=None,
    )


def _views(control: Control) -> list[HTTPRouteHandler]:
    @get("/healthz", sync_to_thread=False)
    def healthz() -> dict[str, bool]:
        """The loop turns."""
        return {"ok": True}

    @get("/status", sync_to_thread=False)
    def status() -> Status:
        """The daemon in one look."""
        return control.status()

    @get("/queues", sync_to_thread=False)
    def queues() -> list[QueueView]:
        """All queues."""
        return control.queues()

    @get("/agents", sync_to_thread=False)
    def agents() -> list[AgentView]:
        """All agents."""
        return control.agents()

    @get("/calls", sync_to_thread=False)
    def calls() -> list[CallView]:
        """All open calls."""
        return control.calls()

    @get("/decisions", sync_to_thread=False)
    def decisions(limit: Annotated[int, QueryParameter(ge=1, le=2000)] = 20) -> list[DecisionView]:
        """The last offers, newest first."""
        return control.decisions(limit)

    @get("/report")
    async def report(  # noqa: PLR0913 - one parameter a choice
        *,
        since: Moment = None,
        until: Moment = None,
        minutes: Minutes = None,
        service_level_ms: Threshold = None,
        short_abandon_ms: Threshold = None,
        repeat_ms: Window = None,
    ) -> Report:
        """The numbers of a period, in nanoseconds since the epoch; slots of `minutes`, or the whole.

        Thresholds are the configuration's unless asked for, and may be any, also of past periods.
        """
        chosen = Chosen(
            service_level_ms=service_level_ms, short_abandon_ms=short_abandon_ms, repeat_ms=repeat_ms
        )
        return await control.report(since, until, minutes, chosen)

    return [healthz, status, queues, agents, calls, decisions, report]


def _trunks(control: Control) -> list[HTTPRouteHandler]:
    @get("/trunks", sync_to_thread=False)
    def trunks() -> list[TrunkView]:
        """All trunk groups now."""
        return control.trunks()

    @get("/trunks/report")
    async def trunk_report(since: Moment = None, until: Moment = None) -> TrunkReport:
        """Traffic of each trunk group by the hour, in nanoseconds since the epoch; today without any."""
        return await control.trunk_report(since, until)

    return [trunks, trunk_report]


def _explanations(control: Control) -> list[HTTPRouteHandler]:
    @get("/explain/call/{call:str}")
    async def explain_call(call: FromPath[str]) -> CallStory:
        """Why a call is where it is."""
        return await control.explain_call(call)

    @get("/explain/agent/{agent:str}", sync_to_thread=False)
    def explain_agent(agent: FromPath[str]) -> AgentExplained:
        """What an agent does, and why each waiting call is not theirs."""
        return control.explain_agent(agent)

    return [explain_call, explain_agent]


def _wishes(control: Control) -> list[HTTPRouteHandler]:
    @post("/agents/{agent:str}/login", sync_to_thread=False, status_code=200)
    def log_in(agent: FromPath[str], phone: Text = "", actor: Text = "") -> Done:
        """The agent is at work, at the own phone or at that one."""
        return control.log_in(agent, phone, actor)

    @post("/agents/{agent:str}/logout", sync_to_thread=False, status_code=200)
    def log_out(agent: FromPath[str], *, forced: Flag = False, actor: Text = "") -> Done:
        """The agent leaves, after the present talk; forced cuts it."""
        return control.log_out(agent, forced=forced, actor=actor)

    @post("/agents/{agent:str}/pause", sync_to_thread=False, status_code=200)
    def pause(agent: FromPath[str], data: JSONBody[PauseWish], actor: Text = "") -> Done:
        """No calls for a while."""
        return control.pause(agent, data.reason, actor)

    @post("/agents/{agent:str}/resume", sync_to_thread=False, status_code=200)
    def resume(agent: FromPath[str], actor: Text = "") -> Done:
        """Calls again."""
        return control.resume(agent, actor)

    @post("/agents/{agent:str}/ready", sync_to_thread=False, status_code=200)
    def finish_wrap_up(agent: FromPath[str], actor: Text = "") -> Done:
        """Done with the work after a talk."""
        return control.finish_wrap_up(agent, actor)

    return [log_in, log_out, pause, resume, finish_wrap_up]


def _remarks(control: Control) -> list[HTTPRouteHandler]:
    @post("/agents/{agent:str}/wrap-up", sync_to_thread=False, status_code=200)
    def ask_wrap_up(agent: FromPath[str], *, wanted: Flag = True) -> Done:
        """Time after the present talk, where the queue wants to be asked."""
        return control.ask_wrap_up(agent, wanted=wanted)

    @post("/agents/{agent:str}/extend", sync_to_thread=False, status_code=200)
    def extend(agent: FromPath[str], seconds: Extension = None) -> Done:
        """More time for the work after a talk."""
        return control.extend_wrap_up(agent, seconds)

    @post("/agents/{agent:str}/classify", sync_to_thread=False, status_code=200)
    def classify(agent: FromPath[str], data: JSONBody[Remark]) -> Done:
        """What the present or the last call was about."""
        return control.classify(agent, data)

    @post("/agents/{agent:str}/help", sync_to_thread=False, status_code=200)
    def help_(agent: FromPath[str], *, wanted: Flag = True) -> Done:
        """A supervisor is wanted, or no longer."""
        return control.ask_help(agent, wanted=wanted)

    @post("/agents/{agent:str}/malicious", sync_to_thread=False, status_code=200)
    def malicious(agent: FromPath[str]) -> Done:
        """Keep who called just now, and from where."""
        return control.mark_malicious(agent)

    return [ask_wrap_up, extend, classify, help_, malicious]


def _reloads(control: Control) -> list[HTTPRouteHandler]:
    @post("/reload", status_code=200)
    async def reload(*, dry_run: DryRun = False, confirm_s: Seconds = None) -> ReloadResult:
        """Read the configuration again; all or nothing."""
        return await control.reload(dry_run=dry_run, confirm_s=confirm_s)

    @post("/confirm", status_code=200)
    async def confirm() -> ReloadResult:
        """Keep a change that waits to be confirmed."""
        return await control.confirm()

    return [reload, confirm]


def _supervision(control: Control) -> list[HTTPRouteHandler]:
    @post("/agents/{agent:str}/supervise/{kind:str}", sync_to_thread=False, status_code=200)
    def supervise(agent: FromPath[str], kind: FromPath[str], actor: Text = "", phone: Text = "") -> Done:
        """Listen, whisper or barge: rings the supervisor."""
        return control.supervise(kind, agent, actor, phone)

    @post("/calls/{call:str}/record", status_code=200)
    async def record(call: FromPath[str], *, wanted: Flag = True, actor: Text = "") -> CallRecording:
        """Record a talk from here on, or no longer."""
        return await (control.record(call, actor) if wanted else control.end_recording(call, actor))

    @post("/calls/{call:str}/silence", status_code=200)
    async def silence(call: FromPath[str], *, wanted: Flag = True, actor: Text = "") -> CallRecording:
        """Let the recording hear silence, or hear again."""
        return await control.silence(call, silent=wanted, actor=actor)

    @post("/agents/{agent:str}/message", status_code=200)
    async def message(agent: FromPath[str], data: JSONBody[MessageWish], actor: Text = "") -> Done:
        """Show a text on the agent's phone."""
        return await control.message(agent, data.text, actor)

    return [supervise, record, silence, message]


def _waiting_calls(control: Control) -> list[HTTPRouteHandler]:
    @post("/calls/{call:str}/withdraw", sync_to_thread=False, status_code=200)
    def withdraw(call: FromPath[str], actor: Text = "") -> CallDone:
        """Take a waiting call out of its queue."""
        return control.withdraw(call, actor)

    @post("/calls/{call:str}/move", sync_to_thread=False, status_code=200)
    def move(call: FromPath[str], data: JSONBody[MoveWish], actor: Text = "") -> CallDone:
        """Send a waiting call on to another queue."""
        return control.move(call, data.queue, actor)

    @post("/calls/{call:str}/priority", sync_to_thread=False, status_code=200)
    def priority(call: FromPath[str], data: JSONBody[PriorityWish], actor: Text = "") -> CallDone:
        """Give a waiting call another priority."""
        return control.set_priority(call, data.priority, actor)

    @post("/calls/{call:str}/position", sync_to_thread=False, status_code=200)
    def position(call: FromPath[str], data: JSONBody[PositionWish], actor: Text = "") -> CallDone:
        """Put a waiting call at another place."""
        return control.set_position(call, data.position, actor)

    @post("/calls/{call:str}/pick", sync_to_thread=False, status_code=200)
    def pick(call: FromPath[str], data: JSONBody[PickWish], actor: Text = "") -> CallDone:
        """Give a waiting call to one agent."""
        return control.pick(call, data.agent, actor)

    @post("/calls/{call:str}/drop", sync_to_thread=False, status_code=200)
    def drop(call: FromPath[str], actor: Text = "") -> CallDone:
        """End a waiting call."""
        return control.drop(call, actor)

    return [withdraw, move, priority, position, pick, drop]


def _refused(_request: Request[Any, Any, Any], wrong: ControlError) -> Response[Refusal]:
    return Response(Refusal(wrong.message, wrong.hint), status_code=wrong.status)


def _misspoken(_request: Request[Any, Any, Any], wrong: HTTPException) -> Response[Refusal]:
    """What Litestar itself refuses: an unknown path, a value out of its bounds."""
    extra = wrong.extra if isinstance(wrong.extra, list) else []
    hint = "; ".join(f"{part.get('key', '')}: {part.get('message', '')}" for part in extra)
    return Response(Refusal(wrong.detail, hint), status_code=wrong.status_code)


def _broken(request: Request[Any, Any, Any], wrong: Exception) -> Response[Refusal]:
    """A fault of ours: told to the log whole, to the client by its kind only."""
    log.error("api_failed", method=request.method, path=request.url.path, exc_info=wrong)
    return Response(
        Refusal(f"the daemon failed: {type(wrong).__name__}", "its log says more"), status_code=500
    )


_FAILURES: Final[ExceptionHandlersMap] = {
    ControlError: _refused,
    HTTPException: _misspoken,
    Exception: _broken,
}
