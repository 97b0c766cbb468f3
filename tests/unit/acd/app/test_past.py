"""The story of a call that is over."""

from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.journal import Journal
from acd.app.past import story
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.memory import Memory
from acd.core.router import Router

pytestmark = pytest.mark.unit


def test_a_score_of_nothing_is_told_as_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    memory, _ = journal.load(Memory, Memory)
    engine = Engine(Router(), memory, journal, EngineClock())
    engine.tell(
        f.SurveyAnswered(
            at=1,
            call=CallId("c1"),
            queue=QueueName("sales"),
            agent=AgentName("ann"),
            survey="after",
            question="recommend",
            kind="nps",
            score=0,
        )
    )
    journal.close()
    (line,) = story(tmp_path, "c1")
    assert line.endswith(
        "survey_answered queue=sales agent=ann survey=after question=recommend kind=nps score=0"
    )
