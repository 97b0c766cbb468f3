"""An outside program that chooses the agent: one POST a question, never longer than its deadline.

    -> {"call": "pbx1-…", "queue": "sales", "caller": "+49…", "variables": {"tier": "gold"}, "waited_ms": 1200,
        "candidates": [{"agent": "ann", "skills": {"fr": 7}, "attributes": {}, "idle_ms": 61000}, …]}
    <- {"agent": "ann"}    or {} to let the strategy decide

Routing goes on meanwhile: only the call asked about waits. Whatever goes wrong is told as the reason of an answer that
names nobody, and the core has a timer of its own besides.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import msgspec
import structlog

from acd.app.engine import Engine
from acd.app.tasks import Tasks
from acd.core import commands as cmd
from acd.core import events as ev
from acd.core.ids import AgentName, SkillName, ms
from config.routing import Hook

log = structlog.get_logger("acd.hook")
MOST_IN_FLIGHT: Final = 100
WARN_EVERY_NS: Final = 60_000_000_000
MOST_BYTES: Final = 65_536


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A free agent who can serve the call."""

    agent: AgentName
    skills: Mapping[SkillName, int]
    attributes: Mapping[str, str]
    idle_ms: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the request."""

    call: str
    queue: str
    caller: str
    variables: Mapping[str, str]
    waited_ms: int
    candidates: tuple[Candidate, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the response; other keys are not looked at."""

    agent: AgentName | None = None


class Adviser:
    """Asks the queues' outside programs and tells the engine what they say."""

    def __init__(self, engine: Engine, tasks: Tasks, hooks: Callable[[str], Hook | None]) -> None:
        """`hooks`: the hook of a queue by the configuration in force."""
        self._engine = engine
        self._tasks = tasks
        self._hooks = hooks
        self._client: httpx.AsyncClient | None = None
        self._in_flight = 0
        self._warned_at = 0
        self.asked = 0
        self.failed = 0

    def ask(self, question: cmd.Ask) -> None:
        """Begin to ask; the answer comes as the event Advised."""
        hook = self._hooks(question.queue)
        if hook is None:
            self._advise(question, None, "no program is configured any more")
        elif self._in_flight >= MOST_IN_FLIGHT:
            self._advise(question, None, f"busy: {MOST_IN_FLIGHT} questions are open")
        else:
            self._in_flight += 1
            self._tasks.start(f"hook {question.call}", self._ask(question, hook))

    async def close(self) -> None:
        """Close the connections that were kept."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, question: cmd.Ask, hook: Hook) -> None:
        self.asked += 1
        agent: AgentName | None = None
        why = ""
        try:
            async with asyncio.timeout(hook.deadline / 1000):
                agent = await self._post(hook.url, self._body(question))
        except TimeoutError:
            why = f"no answer within {hook.deadline.text}"
        except Exception as wrong:  # noqa: BLE001 - whatever an outside program does, routing goes on
            why = f"{type(wrong).__name__}: {wrong}".rstrip(": ")[:200]
        finally:
            self._in_flight -= 1
        if why:
            self._failed(question, hook, why)
        self._advise(question, agent, why)

    async def _post(self, url: str, body: bytes) -> AgentName | None:
        """Raises httpx.HTTPError, msgspec.DecodeError and ValueError."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=None, trust_env=False)  # noqa: S113 - the deadline is around it
        response = await self._client.post(url, content=body, headers={"Content-Type": "application/json"})
        if response.status_code != httpx.codes.OK:
            raise ValueError(f"status {response.status_code}")
        if len(response.content) > MOST_BYTES:
            raise ValueError(f"an answer of {len(response.content)} bytes")
        return msgspec.json.decode(response.content, type=Answer).agent

    def _body(self, question: cmd.Ask) -> bytes:
        floor = self._engine.router.floor
        call, now = floor.calls.get(question.call), self._engine.clock.now()
        agents = [floor.agents[name] for name in question.agents if name in floor.agents]
        return msgspec.json.encode(
            Question(
                call=question.call,
                queue=question.queue,
                caller=call.caller if call is not None else "",
                variables=call.variables if call is not None else {},
                waited_ms=ms(now) - ms(call.joined) if call is not None else 0,
                candidates=tuple(
                    Candidate(
                        agent=agent.name,
                        skills=agent.rule.skills,
                        attributes=agent.rule.attributes,
                        idle_ms=ms(now) - ms(agent.idle_since),
                    )
                    for agent in agents
                ),
            )
        )

    def _advise(self, question: cmd.Ask, agent: AgentName | None, why: str) -> None:
        now = self._engine.clock.now()
        self._engine.handle(
            ev.Advised(at=now, call=question.call, number=question.number, agent=agent, why=why)
        )

    def _failed(self, question: cmd.Ask, hook: Hook, why: str) -> None:
        """One warning a minute: a program that is down must not fill the log."""
        self.failed += 1
        now = self._engine.clock.now()
        if now - self._warned_at >= WARN_EVERY_NS:
            self._warned_at = now
            fields: dict[str, Any] = {"queue": question.queue, "url": hook.url, "why": why}
            log.warning("hook_failed", failed=self.failed, asked=self.asked, **fields)
