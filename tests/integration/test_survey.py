"""Surveys after a talk on the real Asterisk: who is asked, what they key, and who is not asked again."""

import asyncio
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import SurveyOutcome
from tests.centre.centre import Who
from tests.centre.keys import KEY_S
from tests.centre.real import RealCentre as Centre
from tests.ua.outgoing import OutgoingCall
from tests.ua.tone import share

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = {"ann": Who(phone="1001")}
QUESTIONS = [
    {"id": "satisfied", "kind": "csat", "prompt": "beep"},
    {"id": "recommend", "kind": "nps", "prompt": "beep"},
    {"id": "solved", "kind": "resolved", "prompt": "beep"},
]
SURVEY: dict[str, Any] = {"questions": QUESTIONS, "least_talk": "0s", "timeout": "3s"}


def tone(frames: list[bytes]) -> bool:
    """The sound of tests."""
    return share(frames) > 0.8


def speech(frames: list[bytes]) -> bool:
    """Something, but no tone."""
    return len(set(b"".join(frames))) > 8 and share(frames) < 0.3


async def opened(centre: Centre, more: str = "", **survey: Any) -> None:
    """A queue whose callers are asked."""
    queues = {"sales": {"wrap_up": "0s", "survey": "after"}}
    await centre.open(queues, ANN, surveys={"after": SURVEY | survey}, more=more)


async def talked(centre: Centre, nth: int = 1, caller: str = "+4930123456") -> OutgoingCall:
    """A caller whose agent has hung up."""
    call = await centre.call("sales", caller=caller)
    await centre.fact(f.Answered, nth=nth)
    phone = await centre.phones["1001"].next_call(8)
    await phone.hangup()
    await centre.fact(f.Talked, nth=nth)
    return call


async def pressed(centre: Centre, caller: OutgoingCall, *keys: str) -> None:
    """Each when its question is being asked: the beep before it has been heard."""
    for nth, key in enumerate(keys):
        await centre.until(lambda nth=nth: len(centre.facts(f.SurveyAnswered)) >= nth, f"answer {nth}")
        await caller.rtp.heard(caller.rtp.received + 5, 5)
        for digit in key:
            await caller.dtmf(digit)
            await asyncio.sleep(KEY_S)


async def test_who_stays_is_asked_and_the_answers_belong_to_the_call_and_the_agent(centre: Centre) -> None:
    await opened(centre)
    caller = await talked(centre)
    offered = await centre.fact(f.SurveyOffered)
    await pressed(centre, caller, "5", "9#", "1")
    over = await centre.fact(f.SurveyEnded)
    assert (over.outcome, over.answers) == (SurveyOutcome.COMPLETE, 3)
    assert [(fact.question, fact.score) for fact in centre.facts(f.SurveyAnswered)] == [
        ("satisfied", 5),
        ("recommend", 9),
        ("solved", 1),
    ]
    assert (offered.agent, offered.call) == ("ann", (await centre.fact(f.Ended)).call)
    await caller.ended()


async def test_who_hangs_up_in_the_middle_has_answered_in_part(centre: Centre) -> None:
    await opened(centre)
    caller = await talked(centre)
    await pressed(centre, caller, "4")
    await centre.fact(f.SurveyAnswered)
    await caller.hangup()
    assert (await centre.fact(f.SurveyEnded)).outcome is SurveyOutcome.PARTIAL


async def test_a_key_out_of_range_is_told_and_asked_again(centre: Centre) -> None:
    question = QUESTIONS[0] | {"prompt": "acd-test/short"}
    await opened(centre, '[speech.prompts]\nwrong-key = "invalid"\n', questions=[question])
    caller = await talked(centre)
    await caller.rtp.sounds(tone, 5, "the question")
    await caller.dtmf("7")
    await caller.rtp.sounds(speech, 5, "that the key is wrong")
    await caller.rtp.sounds(tone, 8, "the question again")
    await caller.dtmf("2")
    assert (await centre.fact(f.SurveyAnswered)).score == 2


async def test_who_was_asked_is_not_asked_again_for_a_while_even_over_a_kill(centre: Centre) -> None:
    await opened(centre)
    caller = await talked(centre)
    await centre.fact(f.SurveyOffered)
    await caller.hangup()
    assert (await centre.fact(f.SurveyEnded)).outcome is SurveyOutcome.DECLINED
    await (await talked(centre, 2)).ended()
    await centre.kill_daemon()
    await centre.start_daemon()
    await (await talked(centre, 3)).ended()
    assert len(centre.facts(f.SurveyOffered)) == 1


async def test_ten_needs_no_hash_and_the_story_and_the_report_have_the_scores(centre: Centre) -> None:
    await opened(centre, questions=[{"id": "recommend", "kind": "nps", "prompt": "beep"}])
    caller = await talked(centre)
    await pressed(centre, caller, "10")
    over = await centre.fact(f.SurveyEnded)
    await caller.ended()
    story = (await centre.acd("explain", "call", over.call)).stdout
    assert "score=10" in story
    sales = await centre.figures("queue", "sales")
    ann = await centre.figures("agent", "ann")
    for figures in (sales, ann):
        assert (figures["surveys_offered"], figures["surveys_answered"]) == (1, 1)
        assert (figures["nps_answers"], figures["nps_promoters"]) == (1, 1)


async def test_a_missing_sound_costs_no_caller_the_question(centre: Centre) -> None:
    await opened(centre, intro="survey/not-there", questions=QUESTIONS[:1])
    caller = await talked(centre)
    await pressed(centre, caller, "3")
    assert (await centre.fact(f.SurveyEnded)).outcome is SurveyOutcome.COMPLETE
    assert "survey/not-there" in (centre.directory / "log").read_text()


async def test_silence_ends_a_survey_and_the_call_goes_on(centre: Centre) -> None:
    await opened(centre, questions=QUESTIONS[:1], timeout="1s", tries=1)
    caller = await talked(centre)
    assert (await centre.fact(f.SurveyEnded)).outcome is SurveyOutcome.NO_INPUT
    await caller.ended()


async def test_who_wants_none_is_never_asked_again_even_over_a_kill(centre: Centre) -> None:
    await opened(centre, not_again="0s")
    caller = await talked(centre)
    await centre.fact(f.SurveyOffered)
    await caller.rtp.heard(caller.rtp.received + 5, 5)
    await caller.dtmf("*")
    assert (await centre.fact(f.SurveyEnded)).outcome is SurveyOutcome.OPTED_OUT
    await centre.kill_daemon()
    await centre.start_daemon()
    again = await talked(centre, 2)
    await again.ended()
    other = await talked(centre, 3, caller="+4930999999")
    assert (await centre.fact(f.SurveyOffered, nth=2)).caller == "+4930999999"
    await other.hangup()


async def test_a_short_talk_ends_without_questions(centre: Centre) -> None:
    await opened(centre, least_talk="1h")
    caller = await talked(centre)
    await caller.ended()
    assert centre.facts(f.SurveyOffered) == []


async def test_a_caller_who_hangs_up_or_was_given_away_is_not_asked(centre: Centre) -> None:
    await opened(centre)
    call = await centre.call("sales")
    await centre.fact(f.Answered)
    phone = await centre.phones["1001"].next_call(8)
    await phone.refer("900")
    await centre.fact(f.Transferred)
    await call.hangup()
    second = await centre.call("sales")
    await centre.fact(f.Answered, nth=2)
    await second.hangup()
    await centre.fact(f.Ended, nth=2)
    assert centre.facts(f.SurveyOffered) == []
