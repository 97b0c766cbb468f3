"""What an agent's phone is told and what the agent hears before the talk; press 1 to accept; recordings; supervisors."""

import asyncio
from pathlib import Path

import pytest

from acd.core import facts as f
from acd.core.outcomes import OfferOutcome, Supervision
from tests.centre.centre import Centre, Who
from tests.centre.real import RealCentre
from tests.contract.ami_client import AmiClient
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER
from tests.ua.behaviour import Answer, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

EVE = """
[supervisors.eve]
phone = "1003"
number = "55"
pin = "99"
teams = ["north"]
may = ["listen", "whisper", "barge", "record", "state"]
"""


async def test_the_phone_shows_queue_wait_and_what_the_call_brings(centre: Centre) -> None:
    queues = {"sales": {"caller_prefix": "Sales: ", "sip_headers": True}}
    await centre.open(queues, {"ann": Who(phone="1001", more={"auto_answer": "call_info"})})
    centre.phones["1001"].script.append(Ring())

    await centre.call("sales", query="tier=gold")
    rung = await centre.phones["1001"].next_call(8)

    told = dict(rung.invite.headers)
    assert told["Call-Info"] == "<sip:acd>;answer-after=0"
    assert told["X-ACD-Queue"] == "sales"
    assert told["X-ACD-Call"].startswith("pbx1-")
    assert told["X-ACD-Data"] == "tier=gold"
    assert told["X-ACD-Wait"] == "0"
    assert '"Sales: +4930123"' in told["From"]


async def test_a_plain_queue_tells_the_phone_nothing_more(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")})
    centre.phones["1001"].script.append(Ring())
    await centre.call("sales")
    invite = (await centre.phones["1001"].next_call(8)).invite
    assert not [header for header in invite.headers if header[0].lower().startswith(("x-acd", "call-info"))]


async def test_the_talk_begins_when_the_announcement_is_over(centre: Centre) -> None:
    await centre.open({"sales": {"announce": "beep"}}, {"ann": Who(phone="1001")})
    caller = await centre.call("sales")
    caller.rtp.send = True
    answered = await centre.fact(f.Answered)
    picked_up = await centre.fact(f.OfferEnded, outcome=OfferOutcome.ANSWERED)
    assert answered.at == picked_up.at
    assert answered.ring_ms >= 200, "the beep was heard first"


@pytest.mark.parametrize(
    ("key", "outcome"),
    [("1", OfferOutcome.ANSWERED), ("2", OfferOutcome.REJECTED), ("", OfferOutcome.NO_ANSWER)],
)
async def test_an_outside_agent_takes_a_call_by_pressing_1(
    centre: Centre, key: str, outcome: OfferOutcome
) -> None:
    await centre.open(
        {"sales": {"same_call_back_off": "1h", "ring_timeout": "20s"}},
        {"ann": Who(phone="1001", more={"accept": True})},
        more='[features]\npress_to_accept = "beep"\n',
    )
    await centre.call("sales")
    phone = await centre.phones["1001"].next_call(8)
    await phone.rtp.heard(20, 5)
    if key:
        await phone.dtmf(key)
    ended = await centre.fact(f.OfferEnded, within=20)
    assert ended.outcome is outcome
    assert bool(centre.facts(f.Answered)) is (outcome is OfferOutcome.ANSWERED)
    if outcome is not OfferOutcome.ANSWERED:
        assert [call["state"] for call in await calls(centre)] == ["waiting"]


async def calls(centre: Centre) -> list[dict[str, object]]:
    import json

    shown: list[dict[str, object]] = json.loads((await centre.acd("calls", "--json")).stdout)
    return shown


async def test_a_recording_by_rule_has_both_sides_in_a_file(centre: RealCentre) -> None:
    queues = {"sales": {"recording": {"mode": "always", "file": "acd/{queue}-{call}.wav"}}}
    await centre.open(queues, {"ann": Who(phone="1001")})
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    begun = await centre.fact(f.RecordingStarted)
    assert begun.why == "always"
    await phone.rtp.heard(60, 5)
    await caller.hangup()
    await centre.fact(f.Ended)
    path = centre.pbx.home / "spool" / "monitor" / begun.file
    await centre.until(lambda: path.exists() and path.stat().st_size > 16_000, f"sound in {path}")


@pytest.mark.parametrize("share", [0, 100])
async def test_a_share_of_calls_is_recorded(centre: RealCentre, share: int) -> None:
    recording = {"mode": "share", "share": share, "file": "{call}.wav"}
    await centre.open({"sales": {"recording": recording}}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    await caller.hangup()
    await centre.fact(f.Ended)
    assert [fact.why for fact in centre.facts(f.RecordingStarted)] == ["share"] * (share // 100)


async def test_a_talk_that_is_listened_to_over_kill_9_ends_as_any_other(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001", more={"attributes": {"team": "north"}}),
        "bob": Who(phone="1003", queues=("other",)),
    }
    await centre.open({"sales": {"wrap_up": "0s"}, "other": {}}, agents, people=EVE)
    caller, _ = await centre.talk("ann")
    centre.phones["1003"].script.append(Answer())
    assert (await centre.acd("supervise", "listen", "ann", "--as", "eve")).returncode == 0
    await centre.fact(f.SupervisionStarted)
    spy = await centre.phones["1003"].next_call()
    await centre.fact(f.StateChanged, agent="bob", after="direct_call")

    await centre.kill_daemon()
    await centre.start_daemon()
    assert spy.ending is None
    await caller.hangup()

    assert (await centre.fact(f.Talked, agent="ann")).by.value == "caller"
    await spy.ended()
    await centre.fact(f.StateChanged, agent="bob", before="direct_call", after="ready")
    assert len(centre.facts(f.Answered)) == 1


async def test_a_recording_on_demand_can_be_silenced_and_ended(centre: RealCentre) -> None:
    await centre.open(
        {"sales": {}}, {"ann": Who(phone="1001", more={"attributes": {"team": "north"}})}, people=EVE
    )
    await centre.talk("ann")
    (call,) = await calls(centre)
    name = str(call["id"])

    for command, fact in (
        (("record", name, "--as", "eve"), f.RecordingStarted),
        (("silence", name, "--as", "eve"), f.RecordingPaused),
        (("unsilence", name, "--as", "eve"), f.RecordingResumed),
        (("unrecord", name, "--as", "eve"), f.RecordingEnded),
    ):
        result = await centre.acd("call", *command)
        assert result.returncode == 0, result.stderr
        await centre.fact(fact, call=name)
    again = await centre.acd("call", "unrecord", name)
    assert "is not being recorded" in again.stderr


@pytest.mark.parametrize(
    ("code", "kind"),
    [("491", Supervision.LISTEN), ("492", Supervision.WHISPER), ("493", Supervision.BARGE)],
)
async def test_a_supervisor_is_let_into_a_talk_by_code(centre: Centre, code: str, kind: Supervision) -> None:
    agents = {
        "ann": Who(phone="1001", more={"attributes": {"team": "north"}}),
        "bob": Who(phone="1003", queues=("other",)),
    }
    await centre.open({"sales": {}, "other": {}}, agents, people=EVE)
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True

    spy = await centre.phones["1003"].invite(f"*{code}1001")
    await spy.answered()
    for digits in ("55#", "99#"):
        await spy.rtp.heard(spy.rtp.received + 10, 5)
        for digit in digits:
            await spy.dtmf(digit)
            await asyncio.sleep(0.25)
    began = await centre.fact(f.SupervisionStarted)
    assert (began.supervisor, began.agent, began.kind) == ("eve", "ann", kind)
    await spy.rtp.heard(spy.rtp.received + 50, 5)
    await caller.hangup()
    ended = await centre.fact(f.SupervisionEnded)
    assert ended.lasted_ms > 500
    assert centre.facts(f.Audited, actor="eve", act=kind.value, subject="ann", allowed=True)


async def test_a_supervisor_by_api_is_rung_and_let_in(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001", more={"attributes": {"team": "north"}}),
        "bob": Who(phone="1003", queues=("other",)),
    }
    await centre.open({"sales": {}, "other": {}}, agents, people=EVE)
    await centre.talk("ann")
    centre.phones["1003"].script.append(Answer())

    result = await centre.acd("supervise", "listen", "ann", "--as", "eve")

    assert result.returncode == 0, result.stderr
    assert (await centre.fact(f.SupervisionStarted)).supervisor == "eve"


async def test_nobody_supervises_another_team(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", more={"attributes": {"team": "south"}})}
    await centre.open({"sales": {}}, agents, people=EVE)
    await centre.talk("ann")

    for command in (
        ("supervise", "listen", "ann", "--as", "eve"),
        ("agent", "pause", "ann", "--as", "eve"),
        ("agent", "logout", "ann", "--as", "mallory"),
    ):
        result = await centre.acd(*command)
        assert result.returncode == 1
        assert "may not" in result.stderr
    refused = centre.facts(f.Audited, allowed=False)
    assert [(fact.actor, fact.act) for fact in refused] == [
        ("eve", "listen"),
        ("eve", "pause"),
        ("mallory", "log out"),
    ]
    assert not centre.facts(f.Paused)


async def test_a_forced_log_out_cuts_the_talk_and_the_caller_goes_on(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", more={"attributes": {"team": "north"}})}
    await centre.open({"sales": {}}, agents, people=EVE)
    caller, phone = await centre.talk("ann")

    result = await centre.acd("agent", "logout", "ann", "--as", "eve")

    assert result.returncode == 0, result.stderr
    await phone.ended()
    out = await centre.fact(f.LoggedOut, agent="ann")
    assert out.forced
    assert (await centre.fact(f.Talked)).by.value == "router"
    await caller.ended()


ODD_NAMES = [
    "${SHELL(touch /tmp/acd-was-here)}",
    "$[1 + 1]",
    "a:b?c,d&e^f|g;h)i(j",
    "=~.*",
    '\\\\\\" = \\"\\" | \\"',
    "Zoë Ünal \U0001f600",
    "x" * 300,
    "%0d%0aX-Evil: 1",
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
async def test_a_callers_odd_name_is_shown_and_nothing_else_comes_of_it(
    centre: RealCentre, name: str
) -> None:
    recording = {"mode": "always", "file": "{caller}-{call}.wav"}
    queues = {
        "sales": {"caller_prefix": "Q: ", "sip_headers": True, "screen_pop": True, "recording": recording}
    }
    await centre.open(queues, {"ann": Who(phone="1001", more={"auto_answer": "call_info"})})
    centre.phones["1001"].script.append(Ring())
    async with AmiClient(centre.pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        call = await centre.trunk.invite(
            "sales", from_user="..%2f..%2fx", from_display=name, headers={"X-Trunk": "trunk-a"}
        )
        centre.callers.append(call)
        rung = await centre.phones["1001"].next_call(8)
        event = await ami.event("UserEvent", UserEvent="ACDOffer")

    told = dict(rung.invite.headers)
    assert event["Agent"] == "ann"
    assert "X-Evil" not in told
    assert told["X-ACD-Queue"] == "sales"
    plain = name.replace("\\\\", "\\").replace('\\"', '"')[:20]
    assert told["From"].startswith('"Q: ')
    assert plain.isprintable()
    assert plain[:3] in told["From"].replace("\\", "") or '"' in plain, told["From"]
    await rung.answer()
    begun = await centre.fact(f.RecordingStarted)
    assert "/" not in begun.file
    assert ".." not in begun.file
    assert not Path("/tmp/acd-was-here").exists()
    assert "the daemon failed" not in (centre.directory / "log").read_text()
