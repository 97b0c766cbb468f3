"""What each code does, one script a code. A script reads top to bottom what the person hears and keys."""

import hmac
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from acd.app.features import prompts
from acd.app.features.lockout import Lockout
from acd.app.scripts.voice import Meanwhile, Script, ask, say, say_number
from acd.app.wishes import Wishes
from acd.core.agents import Agent
from acd.core.ids import AgentName, PhoneName, SwitchName
from acd.core.outcomes import Via
from acd.web.control import ControlError
from config.schema import Settings
from config.values import Secret
from telephony.agi.codec import AgiReply

LONGEST_NUMBER: Final = 8
LONGEST_PIN: Final = 16
ALL_QUEUES: Final = "0"


class Dialled(msgspec.Struct, frozen=True, kw_only=True):
    """One code, dialled on a phone; `argument` are the digits after it, or what the API asked for."""

    code: str
    switch: SwitchName
    phone: PhoneName
    channel: str
    argument: str = ""


class Desk(Protocol):
    """What scripts need of the daemon."""

    wishes: Wishes
    lockout: Lockout

    @property
    def settings(self) -> Settings:
        """The configuration in force."""

    @property
    def now(self) -> int:
        """The engine's clock."""

    def sitting_at(self, switch: SwitchName, phone: PhoneName) -> Agent | None:
        """The agent who is logged in there."""

    def owner_of(self, switch: SwitchName, phone: PhoneName) -> AgentName | None:
        """The agent whose own phone it is."""

    def agent_by(self, switch: SwitchName, number: str) -> AgentName | None:
        """The agent who keys that number."""

    def waiting_for(self, agent: Agent | None) -> int:
        """Callers who wait in the agent's queues; in all without an agent."""

    def toggle_recording(self, agent: Agent) -> Generator[Meanwhile, AgiReply, bool]:
        """Begin or end the recording of the agent's talk; whether it runs now."""

    def switch_doors(self, queues: Sequence[str], actor: str) -> bool:
        """Close queues, or open them when all were closed by hand; whether they are closed now."""

    def supervise(
        self, dialled: Dialled, supervisor: str, kind: str, target: str
    ) -> Generator[bytes, AgiReply, None]:
        """Let a supervisor into an agent's talk until one of them hangs up."""

    def pending(self, token: str) -> tuple[str, str, str] | None:
        """A supervision that the API asked for: supervisor, kind, agent. Claimed once."""


# ---------------------------------------------------------------- log in and out


def toggle(desk: Desk, dialled: Dialled) -> Script:
    """Log out who sits here, or log in: the phone's owner, or the agent whose number follows the code."""
    here = desk.sitting_at(dialled.switch, dialled.phone)
    if here is None:
        yield from log_in(desk, dialled)
    elif not dialled.argument or desk.agent_by(dialled.switch, dialled.argument) == here.name:
        yield from log_out(desk, dialled)
    else:
        yield from _taken(desk, dialled, here)


def log_in(desk: Desk, dialled: Dialled) -> Script:
    """Number, PIN, desk. The owner at the own phone needs a PIN only where one is set."""
    here = desk.sitting_at(dialled.switch, dialled.phone)
    if here is not None:
        yield from _taken(desk, dialled, here)
        return
    owner = desk.owner_of(dialled.switch, dialled.phone)
    name, number = owner, dialled.argument
    if number or owner is None:
        number = number or (yield from ask(LONGEST_NUMBER, prompts.AGENT_NUMBER))
        name = desk.agent_by(dialled.switch, number)
    settings = desk.settings.agents.get(name or "")
    pin = Secret() if settings is None else settings.pin
    by_right = name is not None and name == owner and not pin
    if not by_right and not (yield from _identified(desk, dialled, name or AgentName(number), pin)):
        return
    desk.wishes.log_in(str(name), dialled.phone, via=Via.PHONE)
    yield from say(*prompts.LOGGED_IN)


def _identified(
    desk: Desk, dialled: Dialled, name: AgentName, pin: Secret
) -> Generator[bytes, AgiReply, bool]:
    """Ask for the PIN, some times; wrong numbers are asked for one as well, so that nobody can try out numbers."""
    features, keys = desk.settings.features, (f"agent {name}", f"phone {dialled.switch} {dialled.phone}")
    asking: tuple[str, ...] = (prompts.PIN,)
    for _ in range(features.pin_tries):
        if desk.lockout.locked(keys, desk.now, features.lock_after, features.lock_for.ns):
            desk.wishes.refused(name, dialled.phone, "locked after too many wrong PINs", Via.PHONE)
            yield from say(*prompts.LOCKED)
            return False
        keyed = yield from ask(LONGEST_PIN, *asking)
        if pin and hmac.compare_digest(keyed.encode(), pin.reveal().encode()):
            desk.lockout.right(keys)
            return True
        desk.lockout.wrong(keys, desk.now)
        why = "wrong PIN" if pin else "no such agent, or one without a PIN"
        desk.wishes.refused(name, dialled.phone, why, Via.PHONE)
        asking = (*prompts.WRONG_PIN, prompts.PIN)
    yield from say(*prompts.WRONG_PIN)
    return False


def _taken(desk: Desk, dialled: Dialled, here: Agent) -> Script:
    wanted = desk.agent_by(dialled.switch, dialled.argument) or AgentName(dialled.argument)
    why = f"{here.name} is logged in at {dialled.phone}"
    desk.wishes.refused(wanted, dialled.phone, why, Via.PHONE)
    yield from say(*prompts.ALREADY_ON)


def log_out(desk: Desk, dialled: Dialled) -> Script:
    """Whoever sits here leaves."""
    agent = _here(desk, dialled)
    desk.wishes.log_out(agent.name, via=Via.PHONE)
    yield from say(*prompts.LOGGED_OUT)


def _here(desk: Desk, dialled: Dialled) -> Agent:
    """The agent at this phone, or a refusal."""
    agent = desk.sitting_at(dialled.switch, dialled.phone)
    if agent is None:
        raise ControlError(409, f"nobody is logged in at {dialled.phone}", "log in first")
    return agent


# ---------------------------------------------------------------- pause


def pause(desk: Desk, dialled: Dialled) -> Script:
    """Pause for the reason whose digits follow (the first one configured without digits), or resume."""
    agent = _here(desk, dialled)
    reason = _reason(desk.settings, dialled.argument)
    if agent.paused is not None and (not dialled.argument or agent.paused == reason):
        desk.wishes.resume(agent.name, via=Via.PHONE)
        yield from say(*prompts.OFF)
    else:
        desk.wishes.pause(agent.name, reason, via=Via.PHONE)
        yield from say(*prompts.ON)


def _reason(settings: Settings, keyed: str) -> str:
    if not keyed:
        return next(iter(settings.pauses), "")
    for name, reason in settings.pauses.items():
        if reason.key == keyed:
            return name
    raise ControlError(400, f"no pause has the key {keyed}", "[pauses.NAME] key in agents.toml")


def waiting(desk: Desk, dialled: Dialled) -> Script:
    """Say how many callers wait for the agent at this phone."""
    number = desk.waiting_for(desk.sitting_at(dialled.switch, dialled.phone))
    yield from say(prompts.THERE_ARE)
    yield from say_number(number)
    yield from say(prompts.CALLS_WAITING)


# ---------------------------------------------------------------- after and in a talk


def ready(desk: Desk, dialled: Dialled) -> Script:
    """Done with the work after a talk."""
    desk.wishes.finish_wrap_up(_here(desk, dialled).name)
    yield from say(*prompts.THANKS)


def extend(desk: Desk, dialled: Dialled) -> Script:
    """More time for it."""
    desk.wishes.extend_wrap_up(_here(desk, dialled).name)
    yield from say(*prompts.THANKS)


def wrap_up(desk: Desk, dialled: Dialled) -> Script:
    """Ask for time after the present talk; a second time: no longer."""
    agent = _here(desk, dialled)
    wanted = not agent.wants_wrap_up
    desk.wishes.ask_wrap_up(agent.name, wanted=wanted)
    yield from say(*(prompts.ON if wanted else prompts.OFF))


def code(desk: Desk, dialled: Dialled) -> Script:
    """Disposition code of the present or the last call."""
    agent = _here(desk, dialled)
    keyed = dialled.argument or (yield from ask(LONGEST_NUMBER, prompts.CODE))
    desk.wishes.classify(agent.name, code=keyed, via=Via.PHONE)
    yield from say(*prompts.THANKS)


def topic(desk: Desk, dialled: Dialled) -> Script:
    """What it was about."""
    agent = _here(desk, dialled)
    keyed = dialled.argument or (yield from ask(LONGEST_NUMBER, prompts.CODE))
    desk.wishes.classify(agent.name, topic=keyed, via=Via.PHONE)
    yield from say(*prompts.THANKS)


def resolved(desk: Desk, dialled: Dialled) -> Script:
    """Whether it is settled: 1 yes, 0 no."""
    agent = _here(desk, dialled)
    keyed = dialled.argument or (yield from ask(1, prompts.CODE))
    if keyed not in ("0", "1"):
        raise ControlError(400, f"{keyed!r} is neither 1 nor 0", "1: resolved, 0: not")
    desk.wishes.classify(agent.name, resolved=keyed == "1", via=Via.PHONE)
    yield from say(*prompts.THANKS)


def help_(desk: Desk, dialled: Dialled) -> Script:
    """Ask a supervisor for help, or say that it is no longer wanted."""
    agent = _here(desk, dialled)
    wanted = not agent.wants_help
    desk.wishes.ask_help(agent.name, wanted=wanted)
    yield from say(*(prompts.ON if wanted else prompts.OFF))


def malicious(desk: Desk, dialled: Dialled) -> Script:
    """Mark the present or the last caller as malicious."""
    desk.wishes.mark_malicious(_here(desk, dialled).name)
    yield from say(*prompts.THANKS)


def record(desk: Desk, dialled: Dialled) -> Script:
    """Begin or end the recording of the agent's talk."""
    runs = yield from desk.toggle_recording(_here(desk, dialled))
    yield from say(*(prompts.ON if runs else prompts.OFF))


# ---------------------------------------------------------------- supervisors


def spy(kind: str) -> Callable[[Desk, Dialled], Script]:
    """Listen, whisper or barge: who are you, PIN, and at once into the talk of the agent whose number follows."""

    def script(desk: Desk, dialled: Dialled) -> Script:
        granted = desk.pending(dialled.argument)
        if granted is not None:
            yield from desk.supervise(dialled, *granted)
            return
        name = yield from _supervisor(desk, dialled)
        if name is None:
            return
        number = dialled.argument or (yield from ask(LONGEST_NUMBER, prompts.AGENT_NUMBER))
        target = desk.agent_by(dialled.switch, number)
        if target is None:
            raise ControlError(404, f"no agent has the number {number}", "acd agents lists them")
        yield from desk.supervise(dialled, name, kind, target)

    return script


def _supervisor(desk: Desk, dialled: Dialled) -> Generator[bytes, AgiReply, str | None]:
    """The supervisor at this phone by number and PIN."""
    number = yield from ask(LONGEST_NUMBER, prompts.AGENT_NUMBER)
    named = [(name, person) for name, person in desk.settings.supervisors.items() if person.number == number]
    name, pin = (named[0][0], named[0][1].pin) if named else (number, Secret())
    if (yield from _identified(desk, dialled, AgentName(name), pin)):
        return name
    return None


def close(desk: Desk, dialled: Dialled) -> Script:
    """Close the queue whose number follows, or open it again: who are you, PIN."""
    name = yield from _supervisor(desk, dialled)
    if name is None:
        return
    number = dialled.argument or (yield from ask(LONGEST_NUMBER, prompts.CODE))
    queues = [queue for queue, rule in desk.settings.queues.items() if number in (rule.number, ALL_QUEUES)]
    if not queues:
        raise ControlError(404, f"no queue has the number {number}", "write number in queues.toml")
    closed = desk.switch_doors(queues, name)
    yield from say(*(prompts.OFF if closed else prompts.ON))


SCRIPTS: Final[Mapping[str, Callable[[Desk, Dialled], Script]]] = {
    "login": toggle,
    "in": log_in,
    "out": log_out,
    "pause": pause,
    "waiting": waiting,
    "ready": ready,
    "extend": extend,
    "wrapup": wrap_up,
    "code": code,
    "topic": topic,
    "resolved": resolved,
    "help": help_,
    "malicious": malicious,
    "record": record,
    "listen": spy("listen"),
    "whisper": spy("whisper"),
    "barge": spy("barge"),
    "close": close,
}
"""Name in features_acd.conf -> what it does."""
