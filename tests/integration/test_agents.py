"""Agents at their phones: wishes in a call, every mode of work after it, remarks, keys, habits of phones."""

import asyncio

import pytest

from acd.core import facts as f
from acd.core.outcomes import OfferOutcome, Via
from tests.centre.centre import Centre, Who
from tests.centre.real import RealCentre
from tests.contract.ami_client import AmiClient
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER
from tests.ua.behaviour import Answer, Redirect, Reject, Ring, Silent
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

EVE = """
[supervisors.eve]
may = ["calls", "message", "state"]
"""


async def said(centre: Centre, *command: str) -> None:
    """A command that must work."""
    result = await centre.acd(*command)
    assert result.returncode == 0, result.stderr


# ---------------------------------------------------------------- wishes


@pytest.mark.parametrize(("wish", "after"), [("pause", "paused"), ("logout", "offline")])
async def test_a_wish_in_a_talk_counts_from_its_end(centre: Centre, wish: str, after: str) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")

    await said(centre, "agent", wish, "ann")

    assert not centre.facts(f.StateChanged, agent="ann", after=after)
    await caller.hangup()
    await centre.fact(f.StateChanged, agent="ann", before="talking", after=after)


async def test_a_log_out_wished_in_a_talk_survives_kill_9(centre: Centre) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    await said(centre, "agent", "logout", "ann")
    await centre.fact(f.LogOutWished, agent="ann")

    await centre.kill_daemon()
    await centre.start_daemon()

    await caller.hangup()
    await centre.fact(f.LoggedOut, agent="ann")


@pytest.mark.parametrize("wish", ["pause", "logout"])
async def test_a_wish_while_ringing_stops_the_phone_and_the_caller_keeps_the_place(
    centre: Centre, wish: str
) -> None:
    agents = {"ann": Who(phone="1001"), "bob": Who(phone="1002")}
    await centre.open({"sales": {}}, agents)
    await said(centre, "agent", "pause", "bob")
    centre.phones["1001"].script.append(Ring())
    await centre.call("sales")
    rung = await centre.phones["1001"].next_call(8)

    await said(centre, "agent", wish, "ann")
    await rung.ended()
    assert (await centre.fact(f.OfferEnded)).outcome is OfferOutcome.RESCINDED

    await said(centre, "agent", "resume", "bob")
    await centre.fact(f.Answered, agent="bob")


# ---------------------------------------------------------------- work after a talk


@pytest.mark.parametrize(
    ("mode", "ends_by"),
    [("none", ""), ("timed", "time"), ("discretionary", "agent"), ("requested", "asked")],
)
async def test_each_mode_of_work_after_a_talk(centre: Centre, mode: str, ends_by: str) -> None:
    queue = {"wrap_up": "1s", "wrap_up_mode": mode}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    if ends_by == "asked":
        await said(centre, "agent", "wrap-up", "ann")
    await caller.hangup()
    if not ends_by:
        await centre.fact(f.StateChanged, agent="ann", before="talking", after="ready")
        return
    await centre.fact(f.StateChanged, agent="ann", after="wrap_up")
    if ends_by == "agent":
        refused = await centre.acd("agent", "extend", "ann")
        assert "lasts until the agent is done" in refused.stderr
        await said(centre, "agent", "ready", "ann")
    elif ends_by == "time":
        await said(centre, "agent", "extend", "ann", "--by", "1s")
        await centre.fact(f.WrapUpExtended)
    ended = await centre.fact(f.WrapUpEnded)
    assert (ended.wrap_up_ms >= 1_900) is (ends_by == "time")


async def test_remarks_come_by_api_and_by_asterisks_user_event(centre: RealCentre) -> None:
    queue = {"wrap_up": "5s", "codes": {"1": "sold", "2": "lost"}, "topics": {"7": "bill"}}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    await caller.hangup()
    (talked,) = [await centre.fact(f.Talked)]

    await said(centre, "agent", "classify", "ann", "--code", "2", "--topic", "7", "--unresolved")
    by_api = await centre.fact(f.Classified)
    assert (by_api.call, by_api.code, by_api.topic, by_api.resolved) == (talked.call, "lost", "bill", False)
    refused = await centre.acd("agent", "classify", "ann", "--code", "9")
    assert "one of 1 sold, 2 lost" in refused.stderr

    async with AmiClient(centre.pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        await ami.action("UserEvent", UserEvent="ACDClassify", Agent="ann", Code="sold", Resolved="yes")
    by_event = await centre.fact(f.Classified, nth=2)
    assert (by_event.code, by_event.resolved, by_event.via) == ("sold", True, Via.EVENT)


async def test_a_remark_that_is_no_name_is_refused_however_it_comes(centre: RealCentre) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    await caller.hangup()
    await centre.fact(f.Talked)

    broken = await centre.acd("agent", "classify", "ann", "--code", "a\nb")
    assert "this is no disposition code" in broken.stderr
    async with AmiClient(centre.pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        await ami.action("UserEvent", UserEvent="ACDClassify", Agent="ann", Code="x" * 900)
        await ami.action("UserEvent", UserEvent="ACDClassify", Agent="ann", Topic="bill")
    assert (await centre.fact(f.Classified)).topic == "bill"


async def test_keys_in_a_talk_ask_for_help_and_mark_the_caller(centre: Centre) -> None:
    keys = '[features.talk_keys]\nhelp = "*4"\nmalicious = "*5"\n'
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")}, more=keys)
    caller, phone = await centre.talk("ann", caller="+4930555")

    for key in "*4*5":
        await phone.dtmf(key)
        await asyncio.sleep(0.25)

    assert (await centre.fact(f.HelpWanted, agent="ann")).wanted
    assert (await centre.fact(f.MaliciousCall, agent="ann")).caller == "+4930555"
    await caller.hangup()
    await centre.fact(f.HelpWanted, agent="ann", wanted=False)


# ---------------------------------------------------------------- habits of phones


@pytest.mark.parametrize(
    ("habit", "outcome"),
    [
        (Redirect("sip:900@127.0.0.1"), OfferOutcome.REJECTED),
        (Reject(480, ring=False), OfferOutcome.NO_ANSWER),
        (Reject(486, ring=False), OfferOutcome.BUSY),
        (Reject(603), OfferOutcome.REJECTED),
    ],
    ids=["forwards to a mobile", "do not disturb as 480", "do not disturb as 486", "declines"],
)
async def test_a_phone_that_will_not_take_calls_costs_the_caller_no_place(
    centre: Centre, habit: Redirect | Reject, outcome: OfferOutcome
) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    centre.phones["1001"].on_invite = habit

    await centre.call("sales")

    ended = await centre.fact(f.OfferEnded)
    assert (ended.agent, ended.outcome) == ("ann", outcome)
    await centre.fact(f.Answered, agent="bob")


async def test_a_second_line_that_is_busy_keeps_calls_away(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")})
    own = await centre.phones["1001"].invite("900")
    await own.answered()
    await centre.fact(f.StateChanged, agent="ann", after="direct_call")

    await centre.call("sales")
    await centre.fact(f.Queued)
    assert not centre.facts(f.Offered)

    await own.hangup()
    await centre.fact(f.Answered, agent="ann")


async def test_a_phone_unplugged_while_it_rings_frees_the_caller_for_others(centre: Centre) -> None:
    queue = {"ring_timeout": "2s"}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    centre.phones["1001"].script.append(Ring())
    await centre.call("sales")
    await centre.phones["1001"].next_call(8)
    centre.phones["1001"].unplugged = True

    await centre.fact(f.Answered, agent="bob", within=10)
    assert (await centre.fact(f.OfferEnded, agent="ann")).outcome is OfferOutcome.NO_ANSWER
    centre.phones["1001"].unplugged = False  # so that it takes its registration back


async def test_a_phone_that_never_answers_the_invite_is_unreachable(centre: Centre) -> None:
    queue = {"ring_timeout": "2s"}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    centre.phones["1001"].script.append(Silent())
    await centre.call("sales")

    await centre.fact(f.Answered, agent="bob", within=10)
    assert (await centre.fact(f.OfferEnded, agent="ann")).outcome is OfferOutcome.UNREACHABLE


async def test_a_registration_lost_in_a_talk_changes_nothing_until_its_end(centre: Centre) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    await centre.phones["1001"].unregister()

    await caller.hangup()

    await centre.fact(f.StateChanged, agent="ann", after="unreachable")
    await centre.phones["1001"].register()
    await centre.fact(f.StateChanged, agent="ann", before="unreachable", after="ready")


async def test_two_phones_of_one_agent_ring_together_and_count_once(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001", more={"every_phone": True})})
    async with Phone("1001", server=centre.site.sip, on_invite=Ring()) as second:
        await second.register()
        centre.phones["1001"].on_invite = Ring()
        await centre.call("sales")
        rung = [await phone.next_call(8) for phone in (second, centre.phones["1001"])]
        await rung[0].answer()
        await centre.fact(f.Answered, agent="ann")
        assert len(centre.facts(f.Offered)) == 1
        assert len(centre.facts(f.OfferEnded)) == 1


async def test_a_call_picked_up_at_another_agents_phone_is_that_agents_talk(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",))}
    await centre.open({"sales": {"wrap_up": "0s"}, "other": {}}, agents)
    centre.phones["1001"].on_invite = Ring()
    caller = await centre.call("sales")
    rung = await centre.phones["1001"].next_call(8)

    taken = await centre.phones["1002"].invite("*81001")

    await taken.answered()
    await rung.ended()
    answered = await centre.fact(f.Answered)
    assert answered.agent == "bob"
    assert (await centre.fact(f.OfferEnded, agent="ann")).outcome is OfferOutcome.LOST_RACE
    await centre.fact(f.StateChanged, agent="bob", after="talking")
    await centre.fact(f.StateChanged, agent="ann", before="offered", after="ready")
    await taken.hangup()
    assert (await centre.fact(f.Talked, agent="bob")).by.value == "agent"
    await centre.fact(f.StateChanged, agent="bob", before="talking", after="ready")
    await caller.ended()


async def test_a_call_picked_up_at_a_phone_of_nobody_has_left_the_queue(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")})
    centre.phones["1001"].on_invite = Ring()
    caller = await centre.call("sales")
    await centre.phones["1001"].next_call(8)
    async with Phone("1005", server=centre.site.sip) as stranger:
        await stranger.register()
        taken = await stranger.invite("*81001")
        await taken.answered()

        assert (await centre.fact(f.Left)).reason.value == "picked_up"
        await centre.fact(f.StateChanged, agent="ann", before="offered", after="ready")
        assert not caller.ended_at, "they talk on"
        await taken.hangup()
        await caller.ended()


# ---------------------------------------------------------------- supervisors and waiting calls


async def test_a_waiting_call_is_picked_for_an_agent_and_another_dropped(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",))}
    await centre.open({"sales": {}, "other": {}}, agents, people=EVE)
    await said(centre, "agent", "pause", "ann", "--as", "eve")
    first = await centre.call("sales")
    calls = [(await centre.fact(f.Queued)).call]
    second = await centre.call("sales")
    calls.append((await centre.fact(f.Queued, nth=2)).call)

    await said(centre, "call", "drop", calls[0], "--as", "eve")
    await first.ended()
    assert (await centre.fact(f.Left, call=calls[0])).reason.value == "withdrawn"
    await said(centre, "call", "pick", calls[1], "bob", "--as", "eve")
    assert (await centre.fact(f.Picked)).agent == "bob"
    await centre.fact(f.Answered, agent="bob", call=calls[1])
    acts = [fact.act for fact in centre.facts(f.Audited, actor="eve")]
    assert acts == ["pause", "drop", "pick a call for"]
    await second.hangup()


async def test_a_text_reaches_the_agents_phone(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")}, people=EVE)

    await said(centre, "agent", "message", "ann", "See me after this call", "--as", "eve")

    await centre.until(lambda: centre.phones["1001"].notices, "the text")
    notice = next(item for item in centre.phones["1001"].notices if item.method == "MESSAGE")
    assert notice.body == b"See me after this call"


async def test_screens_are_told_of_an_offer(centre: RealCentre) -> None:
    await centre.open({"sales": {"screen_pop": True}}, {"ann": Who(phone="1001")})
    async with AmiClient(centre.pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        await centre.call("sales", query="tier=gold", caller="+4930555")
        event = await ami.event("UserEvent", UserEvent="ACDOffer")
    assert (event["Agent"], event["Queue"], event["Caller"]) == ("ann", "sales", "+4930555")
    assert event["Variable-tier"] == "gold"


async def test_a_callers_number_is_brought_to_one_form(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")}, more='[numbers]\ncountry = "49"\n')
    await centre.call("sales", caller="0301234567")
    assert (await centre.fact(f.Arrived)).caller == "+49301234567"


async def test_an_answer_by_the_phones_own_voicemail_is_not_taken_for_the_agent(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", more={"accept": True}), "bob": Who(phone="1002")}
    more = '[features]\npress_to_accept = "beep"\n'
    await centre.open({"sales": {"ring_timeout": "20s"}}, agents, more=more)
    centre.phones["1001"].script.append(Answer())  # picks up and presses nothing

    await centre.call("sales")

    ended = await centre.fact(f.OfferEnded, agent="ann", within=20)
    assert ended.outcome is OfferOutcome.NO_ANSWER
    await centre.fact(f.Answered, agent="bob")
