"""Surveys: names that are there, questions told apart, no opt-out that is an answer."""

import pytest

from tests.unit.config.conftest import LoadText

pytestmark = pytest.mark.unit
QUESTION = '{ id = "satisfied", kind = "csat", prompt = "survey/satisfied" }'
ONE = f"questions = [{QUESTION}]\n"
AFTER = "[surveys.after]\n" + ONE


def problems(load_text: LoadText, queues: str) -> list[str]:
    return [
        str(problem) for problem in load_text(add={"queues": queues}).problems if "survey" in str(problem)
    ]


@pytest.mark.parametrize(
    ("queues", "told"),
    [
        ('[queues.support]\nsurvey = "aftr"\n' + AFTER, "did you mean"),
        ('[queues.support]\nsurvey = "after"\n', "write [surveys.after]"),
        (AFTER + 'opt_out = "3"\n', "is an answer"),
        (AFTER + 'opt_out = "#"\n', "is an answer"),
        (AFTER + "sample = 0\n", "sample"),
        (AFTER + "sample = 101\n", "sample"),
        (AFTER + "tries = 0\n", "tries"),
        (AFTER + 'not_again = "2y"\n', "not_again"),
        ("[surveys.after]\nquestions = []\n", "questions"),
        (AFTER.replace("csat", "stars"), "kind"),
        (AFTER + "[[surveys.after.questions]]\n", "questions"),
        ("[surveys.after]\nquestions = [" + f"{QUESTION}, {QUESTION}]\n", "two questions"),
        (AFTER.replace("survey/satisfied", "../../etc/passwd"), "outside of Asterisk's sounds"),
        (AFTER + 'thanks = "/etc/passwd"\n', "outside of Asterisk's sounds"),
    ],
)
def test_what_can_not_be_meant_is_told(load_text: LoadText, queues: str, told: str) -> None:
    found = problems(load_text, queues)
    assert any(told in problem for problem in found), found


def test_what_can_be_meant_is_taken(load_text: LoadText) -> None:
    queues = (
        '[queues.support]\nsurvey = "after"\n' + AFTER + 'sample = 10\nnot_again = "2160h"\nopt_out = "A"\n'
    )
    assert problems(load_text, queues) == []
