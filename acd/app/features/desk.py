"""Codes dialled on phones, keys in talks, words of other programs; what the scripts of codes ask for."""

import asyncio
import secrets
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Final

import structlog
from msgspec.structs import asdict

from acd.app.features import prompts
from acd.app.features.lockout import Lockout
from acd.app.features.scripts import SCRIPTS, Dialled
from acd.app.features.talk_keys import TalkKeys
from acd.app.scripts.voice import Meanwhile, Script, say
from acd.app.wishes import Wishes
from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.facts import SupervisionEnded, SupervisionStarted
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, SwitchName, ms
from acd.core.outcomes import Supervision, Via
from acd.web.control import ControlError
from acd.web.opening import CloseWish
from config.codes import agents_by_number
from config.schema import Settings
from config.supervising import Power
from telephony.agi.codec import AgiReply, AgiRequest, encode
from telephony.agi.session import AgiSession
from telephony.ami.messages import UserEvent
from telephony.board import endpoint_of

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.features")
KIND: Final = "feature"
PREFIX: Final = "feature/"
CLASSIFY: Final = "ACDClassify"
OPTIONS: Final = {"listen": "qES", "whisper": "qESw", "barge": "qESB"}
"""Of ChanSpy: quiet, ends with the talk."""
OPERATOR: Final = "operator"
"""Who supervises without a name."""
TOKENS: Final = 100
"""Supervisions asked for by API whose supervisor has not picked up yet."""


class FeatureDesk:
    """The scripts of every session whose address begins with `feature/`."""

    def __init__(self, daemon: "Daemon") -> None:
        """No session yet."""
        self._daemon = daemon
        self.wishes: Wishes = daemon.wishes
        self.lockout = Lockout()
        self._keys = TalkKeys()
        self._pending: dict[str, tuple[str, str, str]] = {}

    # ------------------------------------------------------------ sessions

    def script(self, session: AgiSession, switch: SwitchName) -> Script:
        """Somebody dialled a code."""
        dialled = _dialled(session.request, switch)
        known = SCRIPTS.get(dialled.code)
        if known is None:
            log.warning("unknown_feature", code=dialled.code[:40], phone=dialled.phone)
        return say(*prompts.INVALID) if known is None else known(self, dialled)

    def rescue(self, session: AgiSession, wrong: Exception) -> Script | None:
        """A wish that can't be followed is refused in words."""
        if not isinstance(wrong, ControlError):
            return None
        dialled = _dialled(session.request, SwitchName(""))
        log.info(
            "feature_refused", code=dialled.code, phone=dialled.phone, why=wrong.message, hint=wrong.hint
        )
        return say(*prompts.BY_STATUS.get(wrong.status, prompts.INVALID))

    # ------------------------------------------------------------ keys in a talk, words of other programs

    def pressed(self, offer: OfferId, key: str) -> None:
        """An agent pressed a key in a talk; a completed sequence does what it means."""
        keys: dict[str, str] = {
            name: keys for name, keys in asdict(self.settings.features.talk_keys).items() if keys
        }
        meaning = self._keys.pressed(offer, key, self.now, keys)
        call = self._daemon.engine.router.floor.calls.get(CallId(offer.rpartition(".")[0]))
        if not meaning or call is None or call.offer is None:
            return
        try:
            self._mean(meaning, call, call.offer.agent)
        except ControlError as refused:
            log.info("key_refused", agent=call.offer.agent, key=meaning, why=refused.message)

    def _mean(self, meaning: str, call: Call, name: AgentName) -> None:
        agent = self.wishes.known(name)
        match meaning:
            case "help":
                self.wishes.ask_help(name, wanted=not agent.wants_help)
            case "malicious":
                self.wishes.mark_malicious(name)
            case "wrap_up":
                self.wishes.ask_wrap_up(name, wanted=not agent.wants_wrap_up)
            case "record":
                self._daemon.recordings.toggle(call.id, name)
            case _:
                self._daemon.recordings.toggle_silence(call.id, name)

    def user_event(self, event: UserEvent) -> None:
        """`UserEvent(ACDClassify,Agent: ann,Code: sold,Topic: bill,Resolved: yes)` from dialplan or AMI."""
        if event.user_event != CLASSIFY:
            return
        said = {key: value for key, value in event.body.items() if isinstance(value, str)}
        settled = {"yes": True, "no": False}.get(said.get("Resolved", "").lower())
        try:
            self.wishes.classify(
                said.get("Agent", ""),
                code=said.get("Code", ""),
                topic=said.get("Topic", ""),
                resolved=settled,
                via=Via.EVENT,
            )
        except ControlError as refused:
            log.warning("user_event_refused", why=refused.message, hint=refused.hint)

    # ------------------------------------------------------------ what scripts ask for

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        return self._daemon.settings

    @property
    def now(self) -> int:
        """The engine's clock."""
        return self._daemon.clock.now()

    def sitting_at(self, switch: SwitchName, phone: PhoneName) -> Agent | None:
        """The agent who is logged in there."""
        return self._daemon.engine.router.floor.agent_on(switch, phone)

    def owner_of(self, switch: SwitchName, phone: PhoneName) -> AgentName | None:
        """The agent whose own phone it is."""
        rules = self._daemon.engine.router.floor.rules.agents
        for name, rule in rules.items():
            if (rule.switch, rule.phone) == (switch, phone) and not rule.removed:
                return name
        return None

    def agent_by(self, switch: SwitchName, number: str) -> AgentName | None:
        """The agent who keys that number."""
        name = agents_by_number(self.settings).get((switch, number))
        return None if name is None else AgentName(name)

    def waiting_for(self, agent: Agent | None) -> int:
        """Callers who wait in the agent's queues; in all without an agent."""
        line, rules = self._daemon.engine.router.floor.line, self._daemon.engine.router.floor.rules
        queues = rules.queues.keys() if agent is None else agent.rule.queues
        return sum(line.waiting_in(queue) for queue in queues)

    def toggle_recording(self, agent: Agent) -> Generator[Meanwhile, AgiReply, bool]:
        """Begin or end the recording of the agent's talk; whether it runs now. Raises ControlError."""
        call, _ = self._talk_of(agent)
        answered: list[bool | ControlError] = []

        async def turned() -> None:
            try:
                answered.append(await self._daemon.recordings.turned(call.id, agent.name))
            except ControlError as refused:
                answered.append(refused)

        async def work() -> None:
            # A task of its own: who hangs up early must not leave a recording that no fact tells of.
            await asyncio.shield(self._daemon.tasks.start(f"record {call.id}", turned()))

        yield Meanwhile(work)
        (answer,) = answered
        if isinstance(answer, ControlError):
            raise answer
        return answer

    def switch_doors(self, queues: Sequence[str], actor: str) -> bool:
        """Close queues, or open them when all were closed by hand; whether they are closed by hand now."""
        doors = self._daemon.doors
        still_open = [queue for queue in queues if not doors.closed_by_hand(queue)]
        for queue in still_open:
            doors.close(queue, CloseWish(), actor)
        for queue in () if still_open else queues:
            doors.open(queue, actor)
        return bool(still_open)

    # ------------------------------------------------------------ supervision

    def pending(self, token: str) -> tuple[str, str, str] | None:
        """A supervision that the API asked for: supervisor, kind, agent. Claimed once."""
        return self._pending.pop(token, None)

    def grant(self, supervisor: str, kind: str, target: str) -> str:
        """Let whoever brings the token supervise."""
        token = secrets.token_hex(8)
        self._pending[token] = (supervisor, kind, target)
        while len(self._pending) > TOKENS:
            del self._pending[next(iter(self._pending))]
        return token

    def check(self, supervisor: str, kind: str, target: str) -> tuple[Agent, Call, str]:
        """The agent, the talk and the agent's channel, if the supervisor may. Raises ControlError."""
        agent = self.wishes.known(target)
        self.wishes.powers.check(supervisor, Power(kind), agent, kind)
        call, channel = self._talk_of(agent)
        return agent, call, channel

    def _talk_of(self, agent: Agent) -> tuple[Call, str]:
        call = self._daemon.engine.router.floor.calls.get(agent.call or CallId(""))
        channel = "" if call is None else self._daemon.exchange.boards[call.switch].leg_channel(call.id)
        if call is None or not agent.talking or not channel:
            raise ControlError(409, f"{agent.name} is in no talk", "acd agents shows who talks")
        return call, channel

    def supervise(
        self, dialled: Dialled, supervisor: str, kind: str, target: str
    ) -> Generator[bytes, AgiReply, None]:
        """Let a supervisor into an agent's talk until it ends or one of them hangs up."""
        agent, call, channel = self.check(supervisor, kind, target)
        supervisor = supervisor or OPERATOR
        if call.switch != dialled.switch:
            raise ControlError(409, f"{target} talks on {call.switch}", "supervise from a phone there")
        self.wishes.powers.tell(supervisor, kind, agent.name)
        began, generation = self.now, self._daemon.generation
        self._daemon.engine.tell(
            SupervisionStarted(
                at=began,
                generation=generation,
                supervisor=supervisor,
                agent=agent.name,
                call=call.id,
                kind=Supervision(kind),
                channel=dialled.channel,
            )
        )
        try:
            yield encode("EXEC ChanSpy", f"{channel},{OPTIONS[kind]}")
        finally:
            self._daemon.engine.tell(
                SupervisionEnded(
                    at=self.now,
                    generation=generation,
                    supervisor=supervisor,
                    agent=agent.name,
                    call=call.id,
                    lasted_ms=ms(self.now) - ms(began),
                )
            )


def _dialled(request: AgiRequest, switch: SwitchName) -> Dialled:
    return Dialled(
        code=request.network_script.removeprefix(PREFIX),
        switch=switch,
        phone=endpoint_of(request.channel),
        channel=request.channel,
        argument=request.parameters.get("argument", ""),
    )
