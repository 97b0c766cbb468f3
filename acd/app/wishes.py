"""What agents wish for themselves, and supervisors for agents: checked against the floor, then told to the engine.

The API and the codes dialled from phones come through here, so that both have the same rules and lead to the same facts.
A refusal changes nothing. Who acts for somebody else is named as `actor`: empty for the agent's own wish or for the
operator at the daemon's socket, else a supervisor, whose powers are checked and whose act is told as a fact.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from acd.app.powers import Powers
from acd.core import events as ev
from acd.core.agents import Agent
from acd.core.facts import LogInRefused
from acd.core.ids import NS_PER_MS, AgentName, PhoneName
from acd.core.outcomes import Via, WrapUpMode
from acd.core.remarks import about
from acd.core.staffing import why_not_there
from acd.core.wrapping_up import longest
from acd.web.control import ControlError
from config.centre import Queue
from config.supervising import Power

if TYPE_CHECKING:
    from acd.app.daemon import Daemon


LONGEST_NAME: Final = 64
"""Of a code or topic in a queue without a list of them."""


class Wishes:
    """Every method raises ControlError when the wish can't be followed."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nothing is watched."""
        self._daemon = daemon
        self.powers = Powers(daemon)

    # ------------------------------------------------------------ at work

    def log_in(self, name: str, phone: str = "", *, via: Via = Via.API, actor: str = "") -> Agent:
        """The agent is at work, at the own phone or at that one."""
        agent = self.known(name)
        with self.powers.used(actor, Power.STATE, agent, "log in"):
            at = PhoneName(phone or agent.rule.phone)
            if not agent.logged_in or agent.rule.removed:
                self._check_phone(agent, at, via)
            elif not agent.leaving or (phone and phone != agent.at_phone):
                where = f" at {agent.at_phone}" if phone and phone != agent.at_phone else ""
                why = f"{name} is logged in already{where}"
                raise self._no_log_in(agent, at, via, why, f"acd agent logout {name}")
            self._tell(ev.AgentLoggedIn(at=self._now, agent=agent.name, phone=at, via=via))
        return agent

    def _check_phone(self, agent: Agent, phone: PhoneName, via: Via) -> None:
        """Refuse a phone that is taken, unknown or a trunk; one that will do is told of from here on."""
        exchange, switch = self._daemon.exchange, agent.rule.switch
        if phone and phone != agent.rule.phone and not agent.rule.removed:
            if exchange.trunks.group_of(switch, phone) is not None:
                raise self._no_log_in(agent, phone, via, f"{phone} is a trunk", "name a phone")
            if not exchange.phones.knows((switch, phone)):
                hint = "`pjsip show endpoints` in Asterisk lists its phones"
                raise self._no_log_in(agent, phone, via, f"{switch} knows no phone {phone}", hint)
        why = why_not_there(self._daemon.engine.router.floor, agent, phone)
        if why:
            hint = (
                "acd agents lists them"
                if agent.rule.removed
                else "log that agent out first, or take another phone"
            )
            raise self._no_log_in(agent, phone, via, why, hint)
        exchange.phone_news(exchange.phones.watch_too((switch, phone)))

    def _no_log_in(self, agent: Agent, phone: PhoneName, via: Via, why: str, hint: str) -> ControlError:
        self.refused(agent.name, phone, why, via)
        return ControlError(409, why, hint)

    def refused(self, agent: AgentName, phone: PhoneName, why: str, via: Via) -> None:
        """Tell of a log-in that failed, whoever tried."""
        floor = self._daemon.engine.router.floor
        known = floor.agents.get(agent)
        switch = known.rule.switch if known is not None else next(iter(self._daemon.exchange.boards))
        self._daemon.engine.tell(
            LogInRefused(
                at=self._now,
                generation=floor.rules.generation,
                agent=agent,
                switch=switch,
                phone=phone,
                why=why,
                via=via,
            )
        )

    def log_out(
        self, name: str, *, via: Via = Via.API, actor: str = "", forced: bool = False, reason: str = ""
    ) -> Agent:
        """The agent leaves after the present talk, or cuts it."""
        agent = self.known(name)
        with self.powers.used(actor, Power.STATE, agent, "log out"):
            self.at_work(name)
            forced = forced or bool(actor)
            self._tell(
                ev.AgentLoggedOut(at=self._now, agent=agent.name, via=via, forced=forced, reason=reason)
            )
        return agent

    def pause(
        self, name: str, reason: str = "", *, via: Via = Via.API, actor: str = "", forced: bool = False
    ) -> Agent:
        """No calls for a while; with pauses configured, for one of their reasons."""
        agent, reasons = self.known(name), self._daemon.settings.pauses
        with self.powers.used(actor, Power.STATE, agent, "pause"):
            self.at_work(name)
            if reasons and reason not in reasons:
                what = f"there is no pause {reason!r}" if reason else "a pause needs a reason"
                raise ControlError(400, what, f"one of {', '.join(reasons)}")
            if agent.paused == reason:
                raise ControlError(
                    409, f"{name} is paused for {reason!r} already", "acd agent resume ends it"
                )
            forced = forced or bool(actor)
            self._tell(ev.AgentPaused(at=self._now, agent=agent.name, reason=reason, via=via, forced=forced))
        return agent

    def resume(self, name: str, *, via: Via = Via.API, actor: str = "", forced: bool = False) -> Agent:
        """Calls again."""
        agent = self.known(name)
        with self.powers.used(actor, Power.STATE, agent, "resume"):
            self.at_work(name)
            if agent.paused is None:
                raise ControlError(409, f"{name} is not paused")
            forced = forced or bool(actor)
            self._tell(ev.AgentResumed(at=self._now, agent=agent.name, via=via, forced=forced))
        return agent

    # ------------------------------------------------------------ after a talk

    def finish_wrap_up(self, name: str, *, actor: str = "") -> Agent:
        """Done with the work after a talk."""
        agent = self.known(name)
        with self.powers.used(actor, Power.STATE, agent, "make ready"):
            self.at_work(name)
            if agent.wrap_up is None:
                raise ControlError(409, f"{name} is not in wrap-up")
            self._tell(ev.WrapUpFinished(at=self._now, agent=agent.name))
        return agent

    def ask_wrap_up(self, name: str, *, wanted: bool = True) -> Agent:
        """Time after the present talk, where the queue wants to be asked."""
        agent = self.at_work(name)
        if agent.call is None or not agent.talking:
            raise ControlError(409, f"{name} is in no talk", "ask while the talk lasts")
        queue = self._daemon.engine.router.floor.queue_of(self._daemon.engine.router.floor.calls[agent.call])
        if queue.wrap_up_mode is not WrapUpMode.REQUESTED:
            hint = 'it has wrap_up_mode = "requested" where agents ask'
            raise ControlError(409, f"{queue.name} gives time after talks by its own rule", hint)
        if agent.wants_wrap_up is not wanted:
            self._tell(ev.WrapUpAsked(at=self._now, agent=agent.name, wanted=wanted))
        return agent

    def extend_wrap_up(self, name: str, seconds: int | None = None) -> Agent:
        """So much longer, as far as the queue allows; without a number by `[features] extend_by`."""
        agent = self.at_work(name)
        work = agent.wrap_up
        if work is None:
            raise ControlError(409, f"{name} is not in wrap-up")
        by = self._daemon.settings.features.extend_by.ns if seconds is None else seconds * 1_000 * NS_PER_MS
        if not work.until:
            raise ControlError(409, "this wrap-up lasts until the agent is done", f"acd agent ready {name}")
        if longest(self._daemon.engine.router.floor, work, by) <= work.until:
            raise ControlError(409, "the wrap-up is as long as the queue allows", "wrap_up_most of the queue")
        self._tell(ev.WrapUpProlonged(at=self._now, agent=agent.name, by=by))
        return agent

    def classify(
        self,
        name: str,
        *,
        code: str = "",
        topic: str = "",
        resolved: bool | None = None,
        via: Via = Via.API,
    ) -> Agent:
        """What the present or the last call was about: names, or the digits that choose them."""
        agent = self.known(name)
        subject = about(self._daemon.engine.router.floor, agent)
        if subject is None:
            raise ControlError(409, f"{name} has talked with nobody")
        if not code and not topic and resolved is None:
            raise ControlError(400, "nothing is said about the call", "name a code, a topic, or resolved")
        queue = self._daemon.settings.queues.get(subject[1], Queue())
        chosen = _named(code, queue.codes, "disposition code"), _named(topic, queue.topics, "topic")
        self._tell(
            ev.CallClassified(
                at=self._now, agent=agent.name, code=chosen[0], topic=chosen[1], resolved=resolved, via=via
            )
        )
        return agent

    # ------------------------------------------------------------ in a talk

    def ask_help(self, name: str, *, wanted: bool = True) -> Agent:
        """A supervisor is wanted, or no longer."""
        agent = self.at_work(name)
        if agent.wants_help is wanted:
            raise ControlError(409, f"{name} has {'asked' if wanted else 'not asked'} for help")
        self._tell(ev.HelpAsked(at=self._now, agent=agent.name, wanted=wanted))
        return agent

    def mark_malicious(self, name: str) -> Agent:
        """Keep who called the agent just now, and from where."""
        agent = self.known(name)
        if about(self._daemon.engine.router.floor, agent) is None:
            raise ControlError(409, f"{name} has talked with nobody")
        self._tell(ev.CallMarkedMalicious(at=self._now, agent=agent.name))
        return agent

    # ------------------------------------------------------------ who

    def known(self, name: str) -> Agent:
        """The agent of that name."""
        agent = self._daemon.engine.router.floor.agents.get(AgentName(name))
        if agent is None:
            raise ControlError(404, f"there is no agent {name!r}", "acd agents lists them")
        return agent

    def at_work(self, name: str) -> Agent:
        """The agent, who must be logged in."""
        agent = self.known(name)
        if not agent.logged_in:
            raise ControlError(409, f"{name} is not logged in", f"acd agent login {name}")
        return agent

    @property
    def _now(self) -> int:
        return self._daemon.clock.now()

    def _tell(self, event: ev.Event) -> None:
        self._daemon.engine.handle(event)


def _named(given: str, table: Mapping[str, str], what: str) -> str:
    """The name that was given, or that the digits stand for; a queue without a list takes any name."""
    if not given or given in table.values():
        return given
    if not table:
        if len(given) > LONGEST_NAME or not given.isprintable():
            raise ControlError(400, f"this is no {what}", f"one line of {LONGEST_NAME} characters at most")
        return given
    if given in table:
        return table[given]
    choices = ", ".join(f"{digits} {name}" for digits, name in table.items())
    raise ControlError(400, f"there is no {what} {given!r}", f"one of {choices}")
