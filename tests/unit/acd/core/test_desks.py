"""Who is at work at which phone: own phones, hot desks, log-outs of every kind."""

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.floor import Output
from acd.core.ids import AgentName, PhoneName, SwitchName
from acd.core.outcomes import EndedBy, OfferOutcome, PhoneState, Via
from tests.unit.acd.core.stage import PBX, Stage, agent, queue, with_

pytestmark = pytest.mark.unit

ANN, BOB = AgentName("ann"), AgentName("bob")
DESK = PhoneName("PJSIP/desk")


def sit(stage: Stage, name: AgentName, phone: str = "PJSIP/desk") -> Output:
    return stage.wait(1).play(
        ev.AgentLoggedIn(at=stage.now + 10**9, agent=name, phone=PhoneName(phone), via=Via.PHONE)
    )


def floor_of(*names: str) -> Stage:
    return Stage(queue(join_states=frozenset()), *(agent(name) for name in names), logged_in=False)


def test_an_agent_at_another_phone_is_rung_there() -> None:
    stage = floor_of("ann")
    sit(stage, ANN)
    call = stage.arrive()
    (told,) = stage.told(f.LoggedIn)
    assert (told.phone, told.hot_desk, told.via, told.switch) == (DESK, True, Via.PHONE, PBX)
    assert stage.told(f.Offered)[0].phone == DESK
    assert [c.legs[0].phone for c in stage.commands if isinstance(c, cmd.Offer)] == [DESK]
    assert stage.rings() == {"ann": call}


def test_one_phone_has_one_agent() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, ANN)
    sit(stage, BOB)
    assert stage.state("bob") == "offline"
    (refused,) = stage.told(f.LogInRefused)
    assert (refused.agent, refused.phone) == (BOB, DESK)
    assert refused.why == "ann is logged in at PJSIP/desk"
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN))
    sit(stage, BOB)
    assert stage.state("bob") == "ready"


def test_an_absent_agents_phone_is_free_for_others_and_then_not_for_its_owner() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, BOB, "PJSIP/ann")
    stage.log_in("ann")
    assert stage.state("ann") == "offline"
    assert stage.told(f.LogInRefused)[0].why == "bob is logged in at PJSIP/ann"


def test_an_agent_without_a_phone_must_name_one() -> None:
    stage = Stage(queue(), with_(agent("ann"), phone=PhoneName("")), logged_in=False)
    stage.log_in("ann")
    assert "one must be named" in stage.told(f.LogInRefused)[0].why
    sit(stage, ANN)
    assert stage.state("ann") == "ready"


def test_the_state_of_the_phone_counts_that_the_agent_sits_at() -> None:
    stage = floor_of("ann")
    stage.phone("desk", PhoneState.UNREACHABLE)
    sit(stage, ANN)
    assert stage.state("ann") == "unreachable"
    stage.phone("ann", PhoneState.BUSY)
    stage.phone("desk", PhoneState.FREE)
    assert stage.state("ann") == "ready"
    stage.phone("desk", PhoneState.BUSY)
    assert stage.state("ann") == "direct_call"


def test_a_seat_survives_reload_and_restart() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, ANN)
    stage.reload(queue(join_states=frozenset()), agent("ann"), agent("bob"))
    again = stage.restarted(queue(join_states=frozenset()), agent("ann"), agent("bob"))
    for floor in (stage, again):
        sit(floor, BOB)
        assert floor.told(f.LogInRefused)
        floor.arrive()
        assert floor.told(f.Offered)[-1].phone == DESK


def test_a_reload_moves_who_sits_at_their_own_phone_and_nobody_else() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, ANN)
    stage.log_in("bob")
    new = [with_(agent(name), phone=PhoneName(f"PJSIP/new-{name}")) for name in ("ann", "bob")]
    stage.reload(queue(join_states=frozenset()), *new)
    agents = stage.router.floor.agents
    assert agents[ANN].at_phone == DESK
    assert agents[BOB].at_phone == "PJSIP/new-bob"


def test_a_reload_that_gives_an_agent_a_phone_somebody_sits_at_logs_that_agent_out() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, ANN)
    stage.log_in("bob")
    call = stage.arrive()
    stage.reload(queue(join_states=frozenset()), agent("ann"), with_(agent("bob"), phone=DESK))
    assert stage.state("bob") == "offline"
    assert stage.told(f.LoggedOut)[0].reason == "ann is logged in at PJSIP/desk"
    assert stage.rings() == {"ann": call}


def test_a_log_out_wished_in_a_talk_survives_a_restart_and_can_be_taken_back() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    stage.answer(stage.arrive())
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN))
    assert stage.told(f.LogOutWished)[-1].wished
    again = stage.restarted(queue(), agent("ann"), agent("bob"))
    assert again.router.floor.agents[ANN].leaving
    again.log_in("ann")
    assert not again.router.floor.agents[ANN].leaving
    assert not again.memory().agents[ANN].leaving


def test_a_forced_log_out_cuts_the_talk_and_a_soft_one_does_not() -> None:
    stage = Stage(queue(wrap_up=5 * 10**9), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    offer = stage.offer_of(call)
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN))
    assert not [c for c in stage.commands if isinstance(c, cmd.Disconnect)]
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN, forced=True))
    assert [c.offer for c in stage.commands if isinstance(c, cmd.Disconnect)] == [offer]
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN, forced=True))
    assert [wish.forced for wish in stage.told(f.LogOutWished)] == [False, True]
    again = stage.restarted(queue(wrap_up=5 * 10**9), agent("ann"))
    for floor in (stage, again):
        floor.end_talk(call)
        assert floor.state("ann") == "offline"
        assert floor.told(f.LoggedOut)[0].forced


def test_a_forced_log_out_ends_a_wrap_up() -> None:
    stage = Stage(queue(wrap_up=5 * 10**9), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    stage.end_talk(call)
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN, forced=True, reason="shift is over"))
    assert stage.state("ann") == "offline"
    (out,) = stage.told(f.LoggedOut)
    assert (out.forced, out.reason) == (True, "shift is over")


def test_a_log_out_while_ringing_pulls_the_offer_back_and_the_caller_keeps_the_place() -> None:
    stage = Stage(queue(), agent("ann"))
    call, later = stage.arrive(), stage.arrive()
    offer = stage.offer_of(call)
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=ANN))
    assert cmd.Rescind(offer=offer) in stage.commands
    stage.play(ev.OfferFailed(at=stage.now, offer=offer, outcome=OfferOutcome.RESCINDED))
    assert stage.state("ann") == "offline"
    assert stage.router.floor.in_order() == [call, later]


def test_a_caller_on_hold_is_a_state_of_the_agent() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    offer = stage.offer_of(call)
    stage.play(ev.HoldStarted(at=stage.now, offer=offer))
    assert stage.state("ann") == "on_hold"
    assert stage.restarted(queue(), agent("ann")).state("ann") == "on_hold"
    stage.wait(5).play(ev.HoldEnded(at=stage.now, offer=offer))
    assert stage.state("ann") == "talking"
    held = [fact for fact in stage.told(f.StateChanged) if fact.before.value == "on_hold"]
    assert [fact.lasted_ms for fact in held] == [5_000]


def test_a_talk_that_ends_on_hold_leaves_nobody_on_hold() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    stage.play(ev.HoldStarted(at=stage.now, offer=stage.offer_of(call)))
    stage.end_talk(call)
    assert stage.state("ann") == "ready"
    assert not stage.memory().agents[ANN].holding


def test_who_logs_out_and_in_again_is_last_in_the_order() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    stage.wait(60).play(ev.AgentLoggedOut(at=stage.now, agent=ANN))
    stage.log_in("ann")
    assert stage.rings() == {}
    call = stage.arrive()
    assert stage.rings() == {"bob": call}


def test_an_agent_stays_at_the_phone_chosen_whatever_their_own_becomes() -> None:
    stage = floor_of("ann")
    sit(stage, ANN)
    own = with_(agent("ann"), phone=DESK)
    stage.reload(queue(join_states=frozenset()), own)
    again = stage.restarted(queue(join_states=frozenset()), own)
    for floor in (stage, again):
        floor.reload(queue(join_states=frozenset()), agent("ann"))
        assert floor.router.floor.agents[ANN].at_phone == DESK


def test_an_agent_whose_switch_changes_leaves_a_phone_of_the_old_one() -> None:
    stage = floor_of("ann")
    sit(stage, ANN)
    moved = with_(agent("ann"), switch=SwitchName("pbx2"))
    stage.reload(queue(join_states=frozenset()), moved)
    assert stage.state("ann") == "offline"
    assert not stage.router.floor.by_phone
    assert stage.told(f.LoggedOut)[0].reason == "has no phone there"


def test_in_a_talk_an_agent_whose_phone_is_taken_leaves_at_its_end() -> None:
    stage = floor_of("ann", "bob")
    sit(stage, ANN)
    stage.log_in("bob")
    stage.phone("desk", PhoneState.UNREACHABLE)
    call = stage.arrive()
    stage.answer(call)
    stage.reload(queue(join_states=frozenset()), agent("ann"), with_(agent("bob"), phone=DESK))
    assert stage.state("bob") == "talking"
    stage.end_talk(call)
    assert stage.state("bob") == "offline"
    assert stage.router.floor.agent_on(PBX, DESK) is stage.router.floor.agents[ANN]


def test_a_back_off_that_a_phone_ended_by_coming_back_is_over_after_a_restart_too() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.UNREACHABLE)
    stage.phone("ann", PhoneState.UNREACHABLE)
    stage.phone("ann", PhoneState.FREE)
    live, kept = stage.router.floor.agents[ANN], stage.memory().agents[ANN]
    assert live.backed_off_until == kept.backed_off_until == stage.now


@pytest.mark.parametrize("in_talk", [False, True], ids=["who has left", "in the last talk"])
def test_an_agent_removed_from_the_rules_comes_to_work_no_more(in_talk: bool) -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    stage.answer(stage.arrive())
    (talk,) = stage.told(f.Answered)
    stage.reload(queue(), *(agent(name) for name in ("ann", "bob") if name != talk.agent))
    if not in_talk:
        stage.play(ev.TalkEnded(at=stage.now, offer=talk.offer, by=EndedBy.CALLER))
    sit(stage, talk.agent, phone=f"PJSIP/{talk.agent}")

    (refused,) = stage.told(f.LogInRefused)
    assert refused.why == f"{talk.agent} was removed from the configuration"
    if in_talk:
        stage.play(ev.TalkEnded(at=stage.now, offer=talk.offer, by=EndedBy.CALLER))
    assert stage.told(f.LoggedOut)[0].agent == talk.agent
    assert len(stage.told(f.LoggedIn)) == 2
