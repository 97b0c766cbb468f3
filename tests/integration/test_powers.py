"""Who may do what to which call and whom: every act of a supervisor by command, with the fact that tells of it."""

from urllib.parse import quote

import pytest

from acd.core import facts as f
from tests.centre.centre import Centre, Who
from tests.ua.behaviour import Answer

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

TEAMS = """
[supervisors.eve]
phone = "1003"
teams = ["north"]
may = ["calls", "state", "listen", "record", "message"]
[supervisors.idle]
teams = ["north"]
"""
QUEUES: dict[str, dict[str, object]] = {"sales": {}, "back": {}, "south": {}}
NORTH = {"attributes": {"team": "north"}}
AGENTS = {
    "ann": Who(phone="1001", queues=("sales", "back"), logged_in=False, more=NORTH),
    "bob": Who(phone="1002", queues=("south",), logged_in=False, more={"attributes": {"team": "south"}}),
}
ACTS = [
    (("priority", "5"), "re-prioritise", f.Reordered),
    (("position", "1"), "place", f.Reordered),
    (("move", "back"), "move to back", f.Queued),
    (("withdraw",), "withdraw", f.Left),
    (("drop",), "drop", f.Left),
]


async def nobody_ready(centre: Centre) -> None:
    """All at work and paused, so that callers wait."""
    for agent in ("ann", "bob"):
        await centre.acd("agent", "login", agent)
        assert (await centre.acd("agent", "pause", agent)).returncode == 0


@pytest.mark.parametrize(("command", "act", "fact"), ACTS, ids=[row[0][0] for row in ACTS])
async def test_a_waiting_call_of_the_own_team_only_may_be_handled(
    centre: Centre, command: tuple[str, ...], act: str, fact: type[f.Reordered | f.Queued | f.Left]
) -> None:
    await centre.open(QUEUES, AGENTS, people=TEAMS)
    await nobody_ready(centre)
    await centre.call("sales")
    await centre.call("south")
    await centre.fact(f.Queued, nth=2)
    own, other = (centre.facts(f.Queued, queue=queue)[0].call for queue in ("sales", "south"))
    verb, *rest = command
    before = len(centre.facts(fact))

    for actor, call, why in (
        ("eve", other, "'south' is served by none of their teams"),
        ("idle", own, "lacks the power 'calls'"),
        ("mallory", own, "is no supervisor"),
    ):
        refused = await centre.acd("call", verb, call, *rest, "--as", actor)
        assert refused.returncode == 1
        assert why in refused.stderr
        await centre.fact(f.Audited, actor=actor, act=act, subject=call, allowed=False)
    assert len(centre.facts(fact)) == before

    done = await centre.acd("call", verb, own, *rest, "--as", "eve")
    assert done.returncode == 0, done.stderr
    await centre.fact(f.Audited, actor="eve", act=act, subject=own, allowed=True)
    assert (await centre.fact(fact, nth=before + 1)).call == own


async def test_a_call_is_moved_to_and_picked_from_queues_of_the_own_team_only(centre: Centre) -> None:
    agents = AGENTS | {"ann": Who(phone="1001", queues=("back",), more=NORTH)}
    await centre.open(QUEUES, agents, people=TEAMS)
    await nobody_ready(centre)
    await centre.call("south")
    call = (await centre.fact(f.Queued)).call

    picked = await centre.acd("call", "pick", call, "ann", "--as", "eve")
    assert "'south' is served by none of their teams" in picked.stderr
    moved = await centre.acd("call", "move", call, "back", "--as", "eve")
    assert "'south' is served by none of their teams" in moved.stderr
    assert (await centre.acd("call", "move", call, "sales")).returncode == 0
    assert not centre.facts(f.Picked)


async def test_who_lacks_the_right_learns_nothing_of_the_state(centre: Centre) -> None:
    await centre.open(QUEUES, AGENTS, people=TEAMS)

    for wish in ("login", "logout", "pause", "resume", "ready"):
        refused = await centre.acd("agent", wish, "bob", "--as", "eve")
        assert "team 'south' is not theirs" in refused.stderr, wish
    refused = await centre.acd("agent", "message", "bob", "hello", "--as", "eve")
    assert "team 'south' is not theirs" in refused.stderr
    assert len(centre.facts(f.Audited, actor="eve", allowed=False)) == 6


async def test_the_operator_listens_without_being_a_supervisor(centre: Centre) -> None:
    agents = {"ann": Who(phone="1001", more=NORTH), "eve": Who(phone="1003", queues=("back",))}
    await centre.open(QUEUES, agents)
    await centre.talk("ann")
    centre.phones["1003"].script.append(Answer())

    asked = await centre.acd("supervise", "listen", "ann", "--phone", "1003")

    assert asked.returncode == 0, asked.stderr
    assert (await centre.fact(f.SupervisionStarted)).supervisor == "operator"


async def test_a_text_that_is_too_long_for_asterisk_or_not_one_line_is_refused(centre: Centre) -> None:
    await centre.open(QUEUES, {"ann": Who(phone="1001", more=NORTH)}, people=TEAMS)

    for text, why in (
        ("ü" * 400, "none"),
        ("\U0001f600" * 400, "too long"),
        ("a\r\nTo: pjsip:1002", "Invalid"),
    ):
        done = await centre.acd("agent", "message", "ann", text, "--as", "eve")
        assert (done.returncode == 0) is (why == "none"), (text[:9], done.stderr)
        assert "the daemon failed" not in done.stderr
    await centre.until(lambda: centre.phones["1001"].notices, "the text")
    assert [item.body.decode() for item in centre.phones["1001"].notices if item.method == "MESSAGE"] == [
        "ü" * 400
    ]


HOSTILE = [
    "",
    "x" * 10_000,
    "ann\r\nAction: Command",
    "../../etc/passwd",
    "ann\0",
    "'; DROP TABLE",
    "\uff41\uff4e\uff4e",
    "%",
    "ann%0d%0a",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_name_is_refused_everywhere_and_changes_nothing(centre: Centre, name: str) -> None:
    await centre.open(QUEUES, {"ann": Who(phone="1001", more=NORTH)}, people=TEAMS)
    before, part = len(centre.all_facts()), quote(name, safe="")
    bodies: dict[str, object] = {
        "pause": {"reason": ""},
        "classify": {"code": name},
        "message": {"text": "hi"},
    }
    for wish in (
        "login",
        "logout",
        "pause",
        "resume",
        "ready",
        "classify",
        "help",
        "malicious",
        "message",
        "extend",
    ):
        await refused(centre, f"/agents/{part}/{wish}", bodies.get(wish))
    await refused(centre, f"/agents/{part}/supervise/listen?phone=1003")
    await refused(centre, f"/agents/ann/supervise/{part}?phone=1003")
    await refused(centre, f"/agents/ann/supervise/listen?phone={part}")
    for wish, body in (
        ("withdraw", None),
        ("move", {"queue": name}),
        ("priority", {"priority": 1}),
        ("record", None),
    ):
        await refused(centre, f"/calls/{part}/{wish}", body)
    await refused(centre, f"/calls/{part}/pick", {"agent": name})
    if name:
        await refused(centre, f"/agents/ann/login?phone={part}")
        await refused(centre, f"/agents/ann/pause?actor={part}", {"reason": "x"})
    told = [fact for fact in centre.all_facts()[before:] if not isinstance(fact, f.Audited | f.LogInRefused)]
    assert told == []
    assert "the daemon failed" not in (centre.directory / "log").read_text()


async def refused(centre: Centre, path: str, body: object = None) -> None:
    """By the API, in words."""
    said = await centre.ask(path, method="POST", body=body)
    assert isinstance(said, dict), path
    assert said.get("error"), (path, said)
    assert "the daemon failed" not in said["error"], path
