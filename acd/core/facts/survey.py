"""What callers are asked after a talk, and what they say."""

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.outcomes import SurveyOutcome


class SurveyOffered(Fact, frozen=True, kw_only=True, tag="survey_offered", omit_defaults=True):
    """A caller stayed for the survey after the talk with that agent."""

    call: CallId
    queue: QueueName
    agent: AgentName
    survey: str
    caller: str = ""


class SurveyAnswered(Fact, frozen=True, kw_only=True, tag="survey_answered", omit_defaults=True):
    """One answer. `kind`: csat 1 to 5, nps 0 to 10, ces 1 to 10, resolved 1 (yes) or 0."""

    call: CallId
    queue: QueueName
    agent: AgentName
    survey: str
    question: str
    kind: str
    score: int


class SurveyEnded(Fact, frozen=True, kw_only=True, tag="survey_ended", omit_defaults=True):
    """The end of it. Every survey that was offered has exactly one, unless the daemon was killed in it."""

    call: CallId
    queue: QueueName
    agent: AgentName
    survey: str
    outcome: SurveyOutcome
    answers: int
    caller: str = ""
