"""Agents and phones in awkward moments: two log-ins at once, reloads in a talk, links and phones lost and back."""

import asyncio
import random

import pytest

from acd.core import facts as f
from tests.centre.centre import Centre, Who
from tests.ua.behaviour import Answer, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

SALES: dict[str, dict[str, object]] = {"sales": {"wrap_up": "0s"}, "other": {"wrap_up": "0s"}}
NORTH = {"attributes": {"team": "north"}}
EVE = """
[supervisors.eve]
phone = "1003"
may = ["listen", "calls", "state"]
"""


async def states(centre: Centre) -> dict[str, str]:
    return {view["name"]: view["state"] for view in await centre.ask("/agents")}


# ---------------------------------------------------------------- two at once


async def test_an_agent_who_logs_in_at_two_phones_at_once_sits_at_one(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001", logged_in=False), "bob": Who(phone="1002")})

    done = await asyncio.gather(
        *(centre.acd("agent", "login", "ann", "--phone", to) for to in ("1001", "1003"))
    )

    assert sorted(result.returncode for result in done) == [0, 1]
    assert len(centre.facts(f.LoggedIn, agent="ann")) == 1
    assert len(centre.facts(f.LogInRefused, agent="ann")) == 1, "the other is told of"


async def test_two_agents_who_log_in_at_one_phone_at_once_are_one(centre: Centre) -> None:
    agents = {name: Who(phone=phone, logged_in=False) for name, phone in (("ann", "1001"), ("bob", "1002"))}
    await centre.open(SALES, agents)

    done = await asyncio.gather(*(centre.acd("agent", "login", name, "--phone", "1003") for name in agents))

    assert sorted(result.returncode for result in done) == [0, 1]
    assert len(centre.facts(f.LoggedIn)) == len(centre.facts(f.LogInRefused)) == 1


async def test_who_leaves_after_the_talk_logs_in_again_here_but_not_elsewhere(centre: Centre) -> None:
    await centre.open(
        SALES, {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",), logged_in=False)}
    )
    caller, _ = await centre.talk("ann")
    await centre.acd("agent", "logout", "ann")

    elsewhere = await centre.acd("agent", "login", "ann", "--phone", "1002")
    assert elsewhere.returncode == 1
    assert "logged in already at PJSIP/1001" in elsewhere.stderr
    assert (await centre.acd("agent", "login", "ann")).returncode == 0
    await caller.hangup()
    await centre.fact(f.StateChanged, agent="ann", before="talking", after="ready")


async def test_pause_and_forced_log_out_at_once_end_in_a_log_out(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001", more=NORTH)}, people=EVE)
    caller, _ = await centre.talk("ann")

    await asyncio.gather(
        centre.acd("agent", "pause", "ann"),
        centre.acd("agent", "logout", "ann"),
        centre.acd("agent", "logout", "ann", "--as", "eve"),
    )

    await centre.fact(f.LoggedOut, agent="ann", forced=True)
    assert (await states(centre))["ann"] == "offline"
    assert len(centre.facts(f.LoggedOut)) == 1
    await caller.ended()


async def test_a_call_that_rings_at_one_agent_is_picked_for_another(centre: Centre) -> None:
    await centre.open(
        SALES, {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",))}, people=EVE
    )
    centre.phones["1001"].on_invite = Ring()
    await centre.call("sales")
    rung = await centre.phones["1001"].next_call(8)
    call = (await centre.fact(f.Offered)).call

    picked = await centre.acd("call", "pick", call, "bob", "--as", "eve")

    assert picked.returncode == 0, picked.stderr
    await rung.ended()
    assert (await centre.fact(f.Answered)).agent == "bob"
    assert (await states(centre))["ann"] == "ready"


WISHES = [
    *["login", "resume", "ready"] * 4,
    "login?phone=1003",
    "logout",
    "logout?forced=true",
    "logout?actor=eve",
    "pause",
    "resume",
    "ready",
    "wrap-up",
    "extend",
    "help",
    "malicious",
    "supervise/listen?actor=eve&phone=1004",
]


async def test_many_wishes_at_once_while_calls_come_leave_floor_and_journal_of_one_mind(
    centre: Centre,
) -> None:
    dice = random.Random(4)
    agents = {"ann": Who(phone="1001"), "bob": Who(phone="1002")}
    await centre.open({"sales": {"wrap_up": "1s", "same_call_back_off": "1s"}}, agents, people=EVE)

    async def somebody() -> None:
        for _ in range(40):
            agent, wish = dice.choice(["ann", "bob"]), dice.choice(WISHES)
            body = {"reason": ""} if wish == "pause" else None
            await centre.ask(f"/agents/{agent}/{wish}", method="POST", body=body)
            for call in await centre.ask("/calls"):
                act = dice.choice(
                    ["record", "record?wanted=false", "silence", "withdraw", "priority", "drop"]
                )
                more: dict[str, int] | None = {"priority": 1} if act == "priority" else None
                if dice.random() < 0.3:
                    await centre.ask(f"/calls/{call['id']}/{act}", method="POST", body=more)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(somebody(), name=f"somebody {number}")
        for number in range(12):
            await centre.call("sales", caller=f"+49301{number}")
            await asyncio.sleep(0.1)  # callers come one after the other

    await centre.hang_up_all()
    arrived = len(centre.facts(f.Arrived))
    await centre.fact(f.Ended, nth=arrived)
    async with asyncio.timeout(8):
        while {"wrap_up", "direct_call"} & set((await states(centre)).values()):
            await asyncio.sleep(0.05)
    before = await centre.ask("/agents")
    await centre.kill_daemon()
    await centre.start_daemon()
    after = await centre.ask("/agents")

    lasting = ("name", "state", "reason", "phone", "leaving", "wants_help")
    assert [[view[key] for key in lasting] for view in after] == [
        [view[key] for key in lasting] for view in before
    ]
    assert arrived == len({fact.call for fact in centre.facts(f.Ended)}) == len(centre.facts(f.Ended))
    report = await centre.report()
    assert report.balance.balanced, report.unbalanced
    assert not centre.facts(f.Refuted)
    log = (centre.directory / "log").read_text()
    assert not [word for word in ('"level":"error"', "Traceback") if word in log], log[-3000:]


# ---------------------------------------------------------------- supervision that is cut


async def test_an_agent_listened_to_logs_out_and_the_supervisor_is_let_go_at_the_end(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001"), "eve": Who(phone="1003", queues=("other",))}
    await centre.open(SALES, agents, people=EVE)
    caller, _ = await centre.talk("ann")
    centre.phones["1003"].script.append(Answer())
    assert (await centre.acd("supervise", "listen", "ann", "--as", "eve")).returncode == 0
    await centre.fact(f.SupervisionStarted)
    spy = await centre.phones["1003"].next_call()

    await centre.acd("agent", "logout", "ann")
    assert not centre.facts(f.SupervisionEnded)
    await caller.hangup()

    await centre.fact(f.SupervisionEnded)
    await centre.fact(f.LoggedOut, agent="ann")
    await spy.ended()


async def test_a_supervisor_whose_phone_is_on_no_call_hears_a_refusal_when_the_talk_is_over(
    centre: Centre,
) -> None:
    agents = {"ann": Who(phone="1001"), "eve": Who(phone="1003", queues=("other",))}
    await centre.open(SALES, agents, people=EVE)
    caller, _ = await centre.talk("ann")
    centre.phones["1003"].script.append(Ring())
    assert (await centre.acd("supervise", "listen", "ann", "--as", "eve")).returncode == 0
    spy = await centre.phones["1003"].next_call()
    await caller.hangup()
    await centre.fact(f.Talked)

    await spy.answer()

    await spy.ended(15)
    assert not centre.facts(f.SupervisionStarted)


# ---------------------------------------------------------------- reload


async def test_an_agent_removed_in_a_talk_ends_it_and_is_gone(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",))})
    caller, talk = await centre.talk("ann")
    await centre.acd("agent", "pause", "ann")
    centre.write(SALES, {"bob": Who(phone="1002", queues=("other",))})
    assert (await centre.acd("reload")).returncode == 0

    assert talk.ending is None
    await caller.hangup()
    await centre.fact(f.Talked, agent="ann")
    await centre.fact(f.StateChanged, agent="ann", after="offline")
    assert "ann" not in await states(centre)
    assert (await centre.acd("agent", "login", "ann")).returncode == 1


async def test_an_agent_removed_at_a_hot_desk_leaves_it_to_others(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", logged_in=False), "bob": Who(phone="1002", logged_in=False)}
    await centre.open(SALES, agents)
    assert (await centre.acd("agent", "login", "ann", "--phone", "1003")).returncode == 0
    centre.write(SALES, {"bob": Who(phone="1002", logged_in=False)})
    assert (await centre.acd("reload")).returncode == 0

    await centre.fact(f.StateChanged, agent="ann", after="offline")
    taken = await centre.acd("agent", "login", "bob", "--phone", "1003")
    assert taken.returncode == 0, taken.stderr


async def test_a_hot_desk_and_a_wish_survive_kill_9_and_the_desk_stays_taken(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", logged_in=False), "bob": Who(phone="1002", logged_in=False)}
    await centre.open(SALES, agents)
    await centre.acd("agent", "login", "ann", "--phone", "1003")
    await centre.acd("agent", "pause", "ann", "--reason", "lunch")

    await centre.kill_daemon()
    await centre.start_daemon()

    (ann,) = [view for view in await centre.ask("/agents") if view["name"] == "ann"]
    assert (ann["phone"], ann["state"], ann["reason"]) == ("PJSIP/1003", "paused", "lunch")
    refused = await centre.acd("agent", "login", "bob", "--phone", "1003")
    assert "ann is logged in at PJSIP/1003" in refused.stderr


# ---------------------------------------------------------------- what was not seen while the link was down


async def test_phones_lost_and_back_while_the_link_was_down_are_known_after_it(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001"),
        "bob": Who(phone="1002"),
        "cid": Who(phone="1003"),
        "dan": Who(phone="1004"),
    }
    await centre.open(SALES, agents)
    await centre.phones["1002"].unregister()
    await centre.fact(f.StateChanged, agent="bob", after="unreachable")
    own = await centre.phones["1004"].invite("900")
    await own.answered()
    await centre.fact(f.StateChanged, agent="dan", after="direct_call")
    await centre.link.cut()
    await centre.fact(f.LinkLost, nth=2)
    await centre.phones["1001"].unregister()
    await centre.phones["1002"].register()
    begun = await centre.phones["1003"].invite("900")
    await begun.answered()
    await own.hangup()

    await centre.link.mend()
    await centre.fact(f.LinkSynced, nth=2, within=15)

    await centre.until(
        lambda: len(centre.facts(f.StateChanged, agent="dan", after="ready")) == 2, "dan to be free"
    )
    assert await states(centre) == {
        "ann": "unreachable",
        "bob": "ready",
        "cid": "direct_call",
        "dan": "ready",
    }
    await begun.hangup()
    await centre.fact(f.StateChanged, agent="cid", before="direct_call", after="ready")


async def test_a_phone_that_unregisters_while_it_rings_is_not_offered_again(centre: Centre) -> None:
    queue = {"sales": {"ring_timeout": "2s", "same_call_back_off": "1s", "back_off": {"no_answer": "1s"}}}
    await centre.open(queue, {"ann": Who(phone="1001")})
    centre.phones["1001"].on_invite = Ring()
    caller = await centre.call("sales")
    await centre.phones["1001"].next_call(8)
    await centre.phones["1001"].unregister()

    await centre.fact(f.OfferEnded)
    await centre.fact(f.StateChanged, agent="ann", after="unreachable")
    assert caller.ending is None
    centre.phones["1001"].on_invite = Answer()
    await centre.phones["1001"].register()
    await centre.fact(f.Answered, agent="ann")


async def test_a_phone_unplugged_in_a_talk_ends_it_once_its_sound_is_missed(centre: Centre) -> None:
    await centre.open(SALES, {"ann": Who(phone="1001")})
    caller, _ = await centre.talk("ann")
    centre.phones["1001"].unplugged = True

    await caller.hangup()

    talked = await centre.fact(f.Talked, agent="ann")
    assert talked.by.value == "caller"
    centre.phones["1001"].unplugged = False
