"""Recordings on the real Asterisk: consent, one file across transfers, the library, holds and retention."""

import asyncio
import io
import json
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.core import facts as f
from tests.centre.centre import ACD, Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

PEOPLE = """
[supervisors.eve]
teams = ["north"]
may = ["play"]
[supervisors.sam]
teams = ["south"]
may = ["play"]
[supervisors.kim]
may = ["listen"]
"""
RULE = {"mode": "always", "file": "acd/{queue}-{call}.wav"}
ALWAYS: dict[str, Any] = {"wrap_up": "0s", "recording": RULE}
NORTH = Who(phone="1001", more={"attributes": {"team": "north"}})
TWO_AGENTS = {
    "ann": NORTH,
    "bob": Who(phone="1002", queues=("billing",), more={"attributes": {"team": "south"}}),
}


def monitor(centre: Centre) -> Path:
    return centre.pbx.home / "spool" / "monitor"


def seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return float(sound.getnframes() / sound.getframerate())


async def recordings(centre: Centre, *options: str) -> dict[str, Any]:
    result = await centre.acd("recordings", "--json", *options)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def play(centre: Centre, call: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [*ACD, "--socket", str(centre.directory / "c"), "recordings", "play", call, *options]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=30, check=False)


async def recorded(centre: Centre) -> f.RecordingStarted:
    """A recorded talk of ann's that is over."""
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    begun = await centre.fact(f.RecordingStarted)
    await phone.rtp.heard(60, 5)
    await caller.hangup()
    await centre.fact(f.Ended, call=begun.call)
    path = monitor(centre) / begun.file
    await centre.until(lambda: path.exists() and path.stat().st_size > 16_000, f"sound in {path}")
    return begun


# ---------------------------------------------------------------- consent


@pytest.mark.parametrize("missed", [False, True], ids=["by the first agent", "after an agent missed it"])
async def test_a_caller_hears_the_consent_prompt_before_the_talk(centre: Centre, missed: bool) -> None:
    recording = {**RULE, "consent": "vm-intro"}
    quick = {"ring_timeout": "1s", "same_call_back_off": "1s", "back_off": {"no_answer": "0s"}}
    await centre.open({"sales": {**ALWAYS, **quick, "recording": recording}}, {"ann": NORTH})
    if missed:
        centre.phone("ann").script.append(Ring())
    caller = await centre.call("sales")
    if missed:
        await centre.phone("ann").next_call(5)
    phone = await centre.phone("ann").next_call(15)
    await centre.until(lambda: phone.answered_at, "the agent's answer")
    before = caller.rtp.received
    await caller.rtp.heard(before + 100, 5)  # two seconds of the prompt: the phone is silent
    assert not centre.facts(f.Answered)

    answered = await centre.fact(f.Answered, within=10)
    assert answered.ring_ms >= 4_000, "the prompt lasts five seconds"
    caller.rtp.send = True
    await phone.rtp.heard(60, 5)
    await caller.hangup()
    await centre.fact(f.Ended)
    begun = centre.facts(f.RecordingStarted)[0]
    path = monitor(centre) / begun.file
    await centre.until(lambda: path.exists() and path.stat().st_size > 44, f"sound in {path}")
    assert seconds(path) < 3, "the recording begins at the bridge, the prompt is not in it"


# ---------------------------------------------------------------- transfers


async def test_one_recording_goes_on_across_a_blind_transfer_to_another_queue(centre: Centre) -> None:
    await centre.open({"sales": ALWAYS, "billing": ALWAYS}, TWO_AGENTS, people=PEOPLE)
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    await phone.rtp.heard(100, 5)
    await phone.refer("700")
    reached = await centre.fact(f.TransferredToQueue)
    await centre.fact(f.Answered, call=reached.into)
    second = await centre.phone("bob").next_call(8)
    second.rtp.send = True
    await second.rtp.heard(100, 5)
    await caller.hangup()
    await centre.fact(f.Ended, call=reached.into)

    begun = centre.facts(f.RecordingStarted)
    assert [(each.call, each.file) for each in begun] == [
        (reached.call, begun[0].file),
        (reached.into, begun[0].file),
    ]
    assert begun[1].why == f"goes on from {reached.call}"
    path = monitor(centre) / begun[0].file
    await centre.until(lambda: path.exists() and seconds(path) > 3.8, "both talks in one file")
    assert not (monitor(centre) / f"acd/billing-{reached.into}.wav").exists()
    found = (await recordings(centre))["recordings"]
    assert [(each["call"], each["queue"], each["agents"], each["shared_with"]) for each in found] == [
        (reached.into, "billing", ["bob"], [reached.call]),
        (reached.call, "sales", ["ann"], [reached.into]),
    ]
    told = (await centre.acd("recordings")).stdout
    assert f"same file as {reached.call}" in told
    # In that file an agent of each team is heard: neither team's supervisor may hear the other's.
    assert not (await recordings(centre, "--as", "eve"))["recordings"]
    assert b"team 'south' is not theirs" in (await play(centre, reached.call, "--as", "eve")).stderr


async def test_a_transfer_into_a_queue_that_is_never_recorded_ends_the_recording(centre: Centre) -> None:
    never = {"wrap_up": "0s", "recording": {"mode": "never"}}
    await centre.open({"sales": ALWAYS, "billing": never}, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    await phone.rtp.heard(100, 5)
    await phone.refer("700")
    reached = await centre.fact(f.TransferredToQueue)
    second = await centre.phone("bob").next_call(8)
    await centre.fact(f.Answered, call=reached.into)
    second.rtp.send = True
    await second.rtp.heard(150, 5)
    await caller.hangup()
    await centre.fact(f.Ended, call=reached.into)

    (begun,) = centre.facts(f.RecordingStarted)
    await centre.until((monitor(centre) / begun.file).exists, "the file")
    assert 1.5 < seconds(monitor(centre) / begun.file) < 2.9
    (only,) = (await recordings(centre))["recordings"]
    assert (only["call"], only["runs"]) == (reached.call, False)


# ---------------------------------------------------------------- library


async def test_a_recording_is_found_and_played_by_whoever_may(centre: Centre) -> None:
    await centre.open({"sales": ALWAYS}, {"ann": NORTH}, people=PEOPLE)
    begun = await recorded(centre)

    (found,) = (await recordings(centre, "--queue", "sales", "--agent", "ann", "--caller", "123"))[
        "recordings"
    ]
    assert (found["call"], found["file"], found["agents"]) == (begun.call, begun.file, ["ann"])
    assert 800 < found["lasted_ms"] < 5_000
    for option in (("--agent", "bob"), ("--queue", "other"), ("--caller", "999"), ("--until", "2020-01-01")):
        assert not (await recordings(centre, *option))["recordings"]
    for options in ((), ("--as", "eve")):
        heard = await play(centre, begun.call, *options)
        assert heard.returncode == 0, heard.stderr
        with wave.open(io.BytesIO(heard.stdout)) as sound:
            assert sound.getnframes() > 8_000
    assert [(fact.actor, fact.act) for fact in centre.facts(f.Audited, subject=begun.call)] == [
        ("operator", "play"),
        ("eve", "play"),
    ]


async def test_nobody_else_hears_it(centre: Centre) -> None:
    await centre.open({"sales": ALWAYS}, {"ann": NORTH}, people=PEOPLE)
    begun = await recorded(centre)

    for who, why in (
        ("sam", "team 'north' is not theirs"),
        ("kim", "lacks the power 'play'"),
        ("mallory", "is no supervisor"),
    ):
        heard = await play(centre, begun.call, "--as", who)
        assert (heard.returncode, heard.stdout) == (1, b"")
        assert why in heard.stderr.decode()
        assert centre.facts(f.Audited, actor=who, act="play", subject=begun.call, allowed=False)
    assert not (await recordings(centre, "--as", "sam"))["recordings"]
    (monitor(centre) / begun.file).unlink()
    gone = await play(centre, begun.call)
    assert (gone.returncode, "is gone" in gone.stderr.decode()) == (1, True)
    none = await play(centre, "pbx1-0-0")
    assert "there is no recording of 'pbx1-0-0'" in none.stderr.decode()


# ---------------------------------------------------------------- hold and retention


async def test_old_recordings_are_deleted_unless_they_are_held(
    centre: Centre, aged: Callable[[Centre], Any]
) -> None:
    recording = {**RULE, "keep": "1h"}
    await centre.open({"sales": {**ALWAYS, "recording": recording}}, {"ann": NORTH}, people=PEOPLE)
    begun = await recorded(centre)
    path = monitor(centre) / begun.file
    young = await centre.acd("recordings", "expire")
    assert "0 deleted" in young.stdout
    held = await centre.acd("recordings", "hold", begun.call, "--reason", "case 7", "--as", "eve")
    assert held.returncode == 0, held.stderr
    await aged(centre)

    kept = await centre.acd("recordings", "expire")
    assert "0 deleted, 1 old but held" in kept.stdout
    assert "held by eve: case 7" in (await centre.acd("recordings")).stdout
    assert (await centre.acd("recordings", "unhold", begun.call)).returncode == 0
    tried = await centre.acd("recordings", "expire", "--dry-run")
    assert begun.file in tried.stdout
    assert path.exists()
    gone = await centre.acd("recordings", "expire")

    assert "1 deleted" in gone.stdout, gone.stderr
    assert not path.exists()
    assert [fact.held for fact in centre.facts(f.RecordingHeld, call=begun.call)] == [True, False]
    deleted = await centre.fact(f.RecordingDeleted)
    assert (deleted.call, deleted.file, deleted.by) == (begun.call, begun.file, "operator")
    assert not (await recordings(centre))["recordings"]


@pytest.fixture
def aged() -> Callable[[Centre], Any]:
    """Make what the journal has two hours older: the daemon is stopped, its facts are moved, and it starts anew."""

    async def age(centre: Centre) -> None:
        await centre.stop_daemon()
        state = centre.directory / "state"
        for stale in (*state.glob("journal/snapshot-*"), *state.glob("recordings.sqlite*")):
            stale.unlink()
        for path in state.glob("journal/facts-*"):
            lines = [json.loads(line) for line in path.read_bytes().splitlines()]
            moved = [fact | {"at": fact["at"] - 7_200_000_000_000} for fact in lines]
            path.write_text("".join(json.dumps(fact, separators=(",", ":")) + "\n" for fact in moved))
        await centre.start_daemon()

    return age


async def test_a_recording_that_is_ended_and_begun_again_goes_on_in_its_file(centre: Centre) -> None:
    await centre.open({"sales": {"recording": {**RULE, "mode": "demand"}}}, {"ann": NORTH})
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    call = centre.facts(f.Arrived)[0].call
    for wish in ("record", "unrecord", "record"):
        result = await centre.acd("call", wish, call)
        assert result.returncode == 0, result.stderr
        await phone.rtp.heard(phone.rtp.received + 75, 5)
    await caller.hangup()
    await centre.fact(f.Ended)

    path = monitor(centre) / f"acd/sales-{call}.wav"
    await centre.until(lambda: path.exists() and seconds(path) > 2.5, "both parts in one file")
    (found,) = (await recordings(centre))["recordings"]
    assert (found["call"], found["why"], found["runs"]) == (call, "operator", False)


async def test_after_an_attended_transfer_the_callers_recording_goes_on(centre: Centre) -> None:
    await centre.open({"sales": ALWAYS, "billing": ALWAYS}, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    phone.rtp.send = True
    await phone.rtp.heard(50, 5)
    await phone.hold()
    consult = await centre.phone("ann").invite("700")
    consult.rtp.send = True
    await consult.answered()
    second = await centre.phone("bob").next_call()
    second.rtp.send = True
    await centre.fact(f.Answered, nth=2)
    await consult.rtp.heard(60, 5)
    await phone.refer_replaces(consult)
    changed = await centre.fact(f.CallerChanged)
    first = centre.facts(f.RecordingStarted)[0]
    await centre.fact(f.RecordingStarted, call=changed.call, file=first.file)
    await second.rtp.heard(second.rtp.received + 100, 5)
    await caller.hangup()
    await centre.fact(f.Ended, nth=2)

    found = (await recordings(centre))["recordings"]
    assert [(each["call"], each["file"], each["shared_with"], each["runs"]) for each in found] == [
        (changed.call, first.file, [first.call], False),
        (changed.call, f"acd/billing-{changed.call}.wav", [], False),
        (first.call, first.file, [changed.call], False),
    ]
    path = monitor(centre) / first.file
    await centre.until(lambda: path.exists() and seconds(path) > 2.8, "both talks in one file")
    consulted = await play(centre, changed.call, "--file", f"acd/billing-{changed.call}.wav")
    assert consulted.stdout[:4] == b"RIFF", consulted.stderr


async def test_a_recording_that_still_runs_is_listed_and_played_later(centre: Centre) -> None:
    await centre.open({"sales": ALWAYS}, {"ann": NORTH})
    caller, _ = await centre.talk("ann")
    begun = await centre.fact(f.RecordingStarted)
    (found,) = (await recordings(centre))["recordings"]
    assert (found["call"], found["runs"], found["agents"]) == (begun.call, True, ["ann"])
    early = await play(centre, begun.call)
    assert b"is still being recorded" in early.stderr
    await caller.hangup()
    await centre.fact(f.Ended)
    assert (await play(centre, begun.call)).returncode == 0


async def test_without_the_folder_it_is_said_what_to_set(centre: Centre) -> None:
    centre.site = msgspec.structs.replace(centre.site, recordings="")
    await centre.open({"sales": ALWAYS}, {"ann": NORTH})
    begun = await recorded(centre)
    told = (await play(centre, begun.call)).stderr.decode()
    assert "nobody said where pbx1 keeps its recordings" in told
    assert 'recordings = "/var/spool/asterisk/monitor"' in told
