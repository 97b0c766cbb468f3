"""Sends callers to the survey after a talk, and asks them: `agi://HOST/survey/NAME?call=…` (extensions_acd.conf, acd-survey)."""

from typing import TYPE_CHECKING, Final

from acd.app.scripts.voice import Script
from acd.app.survey.due import Talk, due
from acd.app.survey.questions import asked
from acd.core import facts as f
from acd.core.floor import Stamp
from acd.core.ids import CallId, SwitchName
from acd.core.outcomes import SurveyOutcome
from config.survey import Question
from telephony.agi.session import AgiSession
from telephony.speech.registry import choose
from telephony.speech.sayings import say_sentence

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

KIND: Final = "survey"
MOST_PENDING: Final = 10_000
"""Talks that ended just now and whose caller has not come to the survey yet."""


class SurveyDesk:
    """Decides at the end of a talk, and asks when the caller comes."""

    def __init__(self, daemon: "Daemon") -> None:
        """Follows the facts."""
        self._daemon = daemon
        self._due: dict[CallId, Talk] = {}
        daemon.engine.watch(self._see)
        daemon.exchange.survey_of = self.survey_of

    def _see(self, fact: f.Fact) -> None:
        if not isinstance(fact, f.Talked):
            return
        memory = self._daemon.engine.memory  # the call's end is told after the talk's
        talk = due(fact, self._daemon.settings, memory, self._daemon.clock.now())
        if talk is not None:
            self._due[fact.call] = talk
            while len(self._due) > MOST_PENDING:
                del self._due[next(iter(self._due))]

    def survey_of(self, call: CallId) -> str:
        """The survey that the caller of a call that just ended is to go to; "" for none."""
        talk = self._due.get(call)
        return "" if talk is None else talk.survey

    # ------------------------------------------------------------ sessions

    def script(self, session: AgiSession, switch: SwitchName) -> Script:
        """The caller is here. One whom nobody expects goes on at once."""
        del switch
        talk = self._due.pop(CallId(session.request.parameters.get("call", "")), None)
        survey = None if talk is None else self._daemon.settings.surveys.get(talk.survey)
        if talk is None or survey is None:
            return
        self._daemon.engine.tell(
            f.SurveyOffered(
                **self._stamp,
                call=talk.call,
                queue=talk.queue,
                agent=talk.agent,
                survey=talk.survey,
                caller=talk.caller,
            )
        )
        default = self._daemon.settings.speech.language
        choice = choose(session.request.language or default, default)
        wrong = self._daemon.announcing.speaking.files(say_sentence("wrong-key", choice))
        yield from asked(
            survey,
            self._daemon.ivr.missing,
            wrong,
            lambda question, found: self._answered(talk, question, found),
            lambda outcome, answers: self._over(talk, outcome, answers),
        )

    def rescue(self, session: AgiSession, wrong: Exception) -> Script | None:
        """Nothing is left to say."""
        del session, wrong
        return None

    @property
    def _stamp(self) -> Stamp:
        return {"at": self._daemon.clock.now(), "generation": self._daemon.generation}

    def _answered(self, talk: Talk, question: Question, found: int) -> None:
        self._daemon.engine.tell(
            f.SurveyAnswered(
                **self._stamp,
                call=talk.call,
                queue=talk.queue,
                agent=talk.agent,
                survey=talk.survey,
                question=question.id,
                kind=question.kind.value,
                score=found,
            )
        )

    def _over(self, talk: Talk, outcome: SurveyOutcome, answers: int) -> None:
        self._daemon.engine.tell(
            f.SurveyEnded(
                **self._stamp,
                call=talk.call,
                queue=talk.queue,
                agent=talk.agent,
                survey=talk.survey,
                outcome=outcome,
                answers=answers,
                caller=talk.caller,
            )
        )
