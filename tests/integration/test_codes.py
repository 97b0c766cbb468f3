"""Codes dialled on real phones: log in with right and wrong PIN, hot desks, pauses, remarks, and what is refused."""

import json
from typing import Any, TypeVar

import pytest

from acd.core import facts as f
from acd.core.outcomes import Via
from tests.centre.centre import Centre, Who
from tests.centre.keys import keyed
from tests.ua.behaviour import Ring
from tests.ua.outgoing import OutgoingCall

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

F = TypeVar("F", bound=f.Fact)
SALES = {"sales": {"wrap_up": "0s", "same_call_back_off": "1s"}}
PAUSES = """
[pauses.lunch]
key = "1"
paid = false
[pauses.training]
key = "2"
productive = true
"""


def ann(**more: object) -> Who:
    return Who(phone="1001", more=more)


async def dial(centre: Centre, phone: str, code: str, *keys: str) -> OutgoingCall:
    """The same, listening to the end."""
    call = await keyed(centre, phone, code, *keys)
    await call.ended(15)
    return call


async def told(
    centre: Centre, phone: str, code: str, *keys: str, fact: type[F], nth: int = 1, **fields: Any
) -> F:
    """The same, hanging up as soon as a fact says that it worked."""
    call = await keyed(centre, phone, code, *keys)
    found = await centre.fact(fact, nth=nth, **fields)
    if not call.ended_at:
        await call.hangup()
    return found


async def test_the_owner_logs_in_and_out_by_one_code(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001", logged_in=False)})

    logged_in = await told(centre, "1001", "*45", fact=f.LoggedIn, agent="ann")
    assert (logged_in.phone, logged_in.via, logged_in.hot_desk) == ("PJSIP/1001", Via.PHONE, False)
    await centre.fact(f.StateChanged, agent="ann", after="ready")

    logged_out = await told(centre, "1001", "*45", fact=f.LoggedOut, agent="ann")
    assert logged_out.via is Via.PHONE


async def test_a_pin_is_asked_for_and_a_wrong_one_changes_nothing(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001", logged_in=False, more={"pin": "4711"})})

    await told(centre, "1001", "*45", "1234#", "4711#", fact=f.LoggedIn, agent="ann")

    refused = await centre.fact(f.LogInRefused, agent="ann")
    assert (refused.why, refused.phone) == ("wrong PIN", "PJSIP/1001")


async def test_too_many_wrong_pins_lock_agent_and_phone(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001", logged_in=False, more={"pin": "4711"}),
        "bob": Who(phone="1002", logged_in=False, more={"pin": "4712"}),
    }
    more = '[features]\npin_tries = 2\nlock_after = 2\nlock_for = "1h"\n'
    await centre.open(SALES, agents, more=more)
    locked = "locked after too many wrong PINs"

    await told(centre, "1001", "*45", "4712#", "0#", fact=f.LogInRefused, nth=2)
    await told(centre, "1001", "*45", fact=f.LogInRefused, agent="ann", why=locked)
    await told(centre, "1002", "*451001", fact=f.LogInRefused, agent="ann", why=locked, nth=2)
    await told(centre, "1002", "*45", "4712#", fact=f.LoggedIn, agent="bob")
    assert not centre.facts(f.LoggedIn, agent="ann")


async def test_an_agent_sits_down_at_another_phone_and_is_rung_there(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001", logged_in=False, more={"pin": "4711"}),
        "bob": Who(phone="1002", logged_in=False, queues=("other",)),
    }
    await centre.open(SALES | {"other": {}}, agents)

    sits = await told(centre, "1002", "*451001", "4711#", fact=f.LoggedIn, agent="ann")

    assert (sits.phone, sits.hot_desk) == ("PJSIP/1002", True)
    await centre.fact(f.StateChanged, agent="ann", after="ready")
    centre.phones["1002"].script.append(Ring())
    await centre.call("sales")
    await centre.phones["1002"].next_call(8)
    assert (await centre.fact(f.Offered, agent="ann")).phone == "PJSIP/1002"


async def test_two_agents_fight_for_one_phone_and_the_first_keeps_it(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001", more={"pin": "1"}),
        "bob": Who(phone="1002", logged_in=False, more={"pin": "2"}),
    }
    await centre.open(SALES, agents)

    refused = await told(centre, "1001", "*451002", fact=f.LogInRefused, agent="bob")

    assert refused.why == "ann is logged in at PJSIP/1001"
    by_api = await centre.acd("agent", "login", "bob", "--phone", "1001")
    assert (by_api.returncode, "ann is logged in at PJSIP/1001" in by_api.stderr) == (1, True)
    assert not centre.facts(f.LoggedIn, agent="bob")


async def test_a_pause_by_code_has_the_reason_of_its_digits(centre: Centre) -> None:
    await centre.open(SALES, {"ann": ann()}, people=PAUSES)

    paused = await told(centre, "1001", "*462", fact=f.Paused, agent="ann")
    assert (paused.reason, paused.productive, paused.via) == ("training", True, Via.PHONE)
    await centre.fact(f.StateChanged, agent="ann", after="paused")
    await told(centre, "1001", "*461", fact=f.Paused, agent="ann", reason="lunch", paid=False)
    await told(centre, "1001", "*46", fact=f.Resumed, agent="ann", reason="lunch")
    await dial(centre, "1001", "*469")
    assert len(centre.facts(f.Paused)) == 2, "no pause has the key 9"


async def test_callers_waiting_are_said(centre: Centre) -> None:
    await centre.open(SALES, {"ann": ann()}, people=PAUSES)
    await told(centre, "1001", "*461", fact=f.Paused, agent="ann")
    await centre.call("sales")
    await centre.fact(f.Queued)

    call = await dial(centre, "1001", "*47")

    assert call.rtp.received > 20, "a number was said"


async def test_a_remark_by_code_after_the_talk(centre: Centre) -> None:
    queues = {"sales": {"wrap_up_mode": "discretionary", "codes": {"1": "sold", "2": "lost"}}}
    await centre.open(queues, {"ann": ann()})
    caller, _ = await centre.talk("ann")
    await caller.hangup()
    await centre.fact(f.WrapUpStarted, agent="ann", until=0)

    said = await told(centre, "1001", "*4832", fact=f.Classified, agent="ann")
    assert (said.code, said.via) == ("lost", Via.PHONE)
    await dial(centre, "1001", "*4839")
    await told(centre, "1001", "*4851", fact=f.Classified, agent="ann", resolved=True)
    assert len(centre.facts(f.Classified)) == 2, "9 is no code"
    await told(centre, "1001", "*480", fact=f.WrapUpEnded, agent="ann")


async def test_a_code_from_a_phone_nobody_sits_at_changes_nothing_and_says_so(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001", logged_in=False)})
    before = len(centre.all_facts())

    for code in ("*461", "*480", "*486"):
        call = await keyed(centre, "1001", code)
        await call.rtp.heard(10)
        await call.hangup()

    after = [fact for fact in centre.all_facts()[before:] if not isinstance(fact, f.Stale)]
    assert after == []


async def test_a_talk_is_recorded_by_code_from_the_second_line(centre: Centre) -> None:
    await centre.open(SALES, {"ann": ann()})
    await centre.talk("ann")

    begun = await told(centre, "1001", "*488", fact=f.RecordingStarted)
    ended = await told(centre, "1001", "*488", fact=f.RecordingEnded)

    assert (begun.why, ended.by) == ("ann", "ann")


async def test_a_recording_that_may_not_be_is_not_said_to_run(centre: Centre) -> None:
    await centre.open({"sales": {"recording": {"mode": "never"}}}, {"ann": ann()})
    await centre.talk("ann")

    await dial(centre, "1001", "*488")

    log = (centre.directory / "log").read_text()
    assert '"why":"sales may not be recorded"' in log, "feature_refused: its words are said"
    assert "feature_refused" in log
    assert not centre.facts(f.RecordingStarted)


async def test_what_is_keyed_as_a_pin_is_nowhere_to_be_read(centre: Centre) -> None:
    people = '[supervisors.eve]\nnumber = "55"\npin = "880099"\nmay = ["listen"]\n'
    agents = {"ann": Who(phone="1001", logged_in=False, more={"pin": "470011"})}
    await centre.open(SALES, agents, people=people)
    await told(centre, "1001", "*45", "660022#", "470011#", fact=f.LoggedIn, agent="ann")
    await told(centre, "1001", "*4911001", "55#", "770033#", fact=f.LogInRefused, agent="eve")
    await centre.acd("reload")

    shown = [json.dumps(await centre.ask(path)) for path in ("/agents", "/status", "/explain/agent/ann")]
    kept = [
        path.read_text(errors="replace") for path in (centre.directory / "state").rglob("*") if path.is_file()
    ]
    for place in (*shown, *kept, (centre.directory / "log").read_text()):
        assert not [pin for pin in ("470011", "660022", "770033", "880099") if pin in place]
