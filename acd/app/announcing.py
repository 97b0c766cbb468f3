"""Announcements to callers who wait, by their queue's rule; cut the moment an agent is found (telephony.agi.conversation).

Facts tell who waits. Each caller has a plan and one timer; what a plan says is played by the caller's session.
"""

import asyncio
from typing import TYPE_CHECKING

import structlog

from acd.app.announcement import Plan, Said
from acd.app.speaking import Speaking
from acd.core import facts as f
from acd.core.estimate import told
from acd.core.ids import CallId, QueueName
from acd.core.states import CallState

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.announcing")
AGAIN_S = 1.0
"""A caller who is just being connected may be back in a moment."""


class Announcing:
    """The plans of all callers who wait."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows the facts, and the ends of what is played."""
        self._daemon = daemon
        self._plans: dict[CallId, Plan] = {}
        self._timers: dict[CallId, asyncio.TimerHandle] = {}
        self._missing: set[str] = set()
        self.speaking = Speaking(daemon)
        daemon.engine.watch(self._see)
        daemon.exchange.announced = self._played

    def _see(self, fact: f.Fact) -> None:
        match fact:
            case f.Queued():
                self._begin(fact.call, fact.queue, joined=fact.moved_from is not None)
            case f.Returned():
                self._begin(fact.call, fact.queue, joined=True)
            case f.Answered() | f.Ended():
                self._forget(fact.call)

    def _begin(self, call: CallId, name: QueueName, *, joined: bool) -> None:
        """`joined`: the caller has been greeted before."""
        queue = self._daemon.settings.queues.get(name)
        self._forget(call)
        if queue is None:
            return
        plan = Plan.made(call, queue.announcements, self._daemon.clock.now(), joined=joined)
        if plan is not None:
            self._plans[call] = plan
            self._arm(plan)

    def _forget(self, call: CallId) -> None:
        self._plans.pop(call, None)
        timer = self._timers.pop(call, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Say nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    # ------------------------------------------------------------ when it is time

    def _arm(self, plan: Plan, at_least_s: float = 0.0) -> None:
        if plan.due is None:
            return
        in_s = max(at_least_s, (plan.due - self._daemon.clock.now()) / 1e9)
        self._timers[plan.call] = asyncio.get_running_loop().call_later(in_s, self._due, plan.call)

    def _due(self, call: CallId) -> None:
        plan = self._plans.get(call)
        known = self._daemon.engine.router.floor.calls.get(call)
        if plan is None or known is None:
            self._forget(call)
            return
        busy = self._daemon.room.busy(call)
        if known.state is not CallState.WAITING or not known.attached or busy or known.work is not None:
            self._arm(plan, AGAIN_S)
            return
        sounds = self._sounds(plan)
        if sounds and self._daemon.exchange.announce(call, sounds):
            plan.due = None  # until it has been played: gaps count from the end
            self._arm_fallback(plan)
        else:
            plan.over(self._daemon.clock.now())
            self._arm(plan, AGAIN_S)

    def _arm_fallback(self, plan: Plan) -> None:
        """What is cut has no end that anybody tells: look again after a gap."""
        plan.over(self._daemon.clock.now())
        self._arm(plan, plan.rule.every / 1000)

    def _played(self, call: CallId, missing: tuple[str, ...]) -> None:
        for sound in missing:
            if sound not in self._missing:
                self._missing.add(sound)
                log.warning("sound_missing", sound=sound, call=call)
        plan = self._plans.get(call)
        if self._daemon.room.played(call) or plan is None:
            return
        timer = self._timers.pop(call, None)
        if timer is not None:
            timer.cancel()
        plan.over(self._daemon.clock.now())
        self._arm(plan)

    # ------------------------------------------------------------ what is said

    def _sounds(self, plan: Plan) -> tuple[str, ...]:
        if not plan.joined:
            plan.joined = True
            if plan.rule.join:
                return (plan.rule.join,)
        language = self._daemon.exchange.language(plan.call)
        news = self._news(plan)
        message = plan.next_message(self._daemon.settings.routing.seed)
        spoken = self.speaking.line(news, language, plan.rule)
        return (*spoken, *([message] if message else ()))

    def _news(self, plan: Plan) -> Said:
        floor = self._daemon.engine.router.floor
        call = floor.calls[plan.call]
        if call.id not in floor.line or not (plan.rule.position or plan.rule.wait):
            return Said()
        _, key = floor.line.where(call.id)
        return plan.news(floor.line.ahead(call.queue, key) + 1, told(floor, call))
