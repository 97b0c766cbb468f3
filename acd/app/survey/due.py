"""Who is asked after a talk. Pure: rules and memory in, a verdict out."""

from typing import Final

import msgspec

from acd.core import facts as f
from acd.core.callers import identifies
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.lots import lot
from acd.core.memory import Memory
from acd.core.outcomes import EndedBy
from config.schema import Settings
from config.survey import Survey

LOT_NUMBER: Final = 7
"""Draws for surveys are others than those for agents."""


class Talk(msgspec.Struct, frozen=True):
    """What a survey is about, and who is asked."""

    call: CallId
    queue: QueueName
    agent: AgentName
    survey: str
    caller: str


def due(fact: f.Talked, settings: Settings, memory: Memory, now: int) -> Talk | None:
    """The survey that follows a talk which just ended; the memory still has its call. None: nobody is asked."""
    queue, call = settings.queues.get(fact.queue), memory.calls.get(fact.call)
    if queue is None or queue.survey is None or call is None or call.work is not None:
        return None
    survey = settings.surveys.get(queue.survey)
    if survey is None or fact.by is not EndedBy.AGENT or fact.talk_ms < int(survey.least_talk):
        return None
    if spared(survey, call.caller, memory, now):
        return None
    if lot(settings.routing.seed, fact.call, LOT_NUMBER) * 100 >= survey.sample:
        return None
    return Talk(fact.call, fact.queue, fact.agent, queue.survey, call.caller)


def spared(survey: Survey, caller: str, memory: Memory, now: int) -> bool:
    """Whether the number was asked lately, or wants no surveys. Who can't be told apart is asked."""
    if not identifies(caller):
        return False
    asked_at = memory.surveyed.get(caller)
    lately = asked_at is not None and now - asked_at < survey.not_again.ns
    return lately or caller in memory.no_surveys
