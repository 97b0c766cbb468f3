"""queue_log of the same calls, by app_queue and by us, on one real Asterisk, compared line by line.

Each story is acted twice with the same phones. What must differ is masked: moments, channels' ids, bridges' ids. Waits,
talks and rings may differ by a second, for they are differences of whole seconds.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre
from tests.contract.ami_client import AmiClient
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER, Settings
from tests.ua.behaviour import Answer, Reject, Ring
from tests.ua.incoming import IncomingCall
from tests.ua.outgoing import OutgoingCall
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUEUES: Final = ("keys", "sales", "short")
APP_QUEUE: Final = "[general]\npersistentmembers=no\nautofill=yes\nlog_membername_as_agent=yes\n" + "".join(
    f"[{name}]\nstrategy=leastrecent\nretry=5\ntimeout=1\nringinuse=no\nwrapuptime=0\njoinempty=yes\n"
    f"leavewhenempty=no\nannounce-frequency=0\ncontext={'exits' if name == 'keys' else 'none'}\n"
    for name in QUEUES
)
DIALPLAN: Final = """\
exten => 900,1,Answer(,i)
 same => n,Wait(60)
exten => _via-.,1,Answer(,i)
 same => n,Queue(${EXTEN:4},,,,${IF($["${EXTEN:4}" = "short"]?1:60)})
 same => n,Hangup()

[exits]
exten => 2,1,Hangup()
"""
MEMBER: Final = {"Interface": "PJSIP/1001", "MemberName": "ann"}


class Door:
    """One way in: who serves, and which log tells of it."""

    prefix = ""

    def __init__(self, centre: RealCentre, ami: AmiClient, log: Path) -> None:
        self.centre = centre
        self.ami = ami
        self.log = log
        self._mark = 0

    def begin(self) -> None:
        """What is in the log until now is no part of the story."""
        self._mark = len(self._all())

    def lines(self) -> list[str]:
        """The story so far."""
        return self._all()[self._mark :]

    def _all(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    async def line(self, event: str, nth: int = 1) -> str:
        """The nth line with that event, once it is there."""

        def found() -> list[str]:
            return [line for line in self.lines() if line.split("|")[4] == event]

        await self.centre.until(lambda: len(found()) >= nth, f"{nth} {event} in {self.lines()}")
        return found()[nth - 1]

    @property
    def ann(self) -> Phone:
        return self.centre.phone("ann")

    async def call(self, queue: str = "sales", caller: str = "+4930123") -> OutgoingCall:
        return await self.centre.call(self.prefix + queue, caller=caller)

    async def talk(self) -> tuple[OutgoingCall, IncomingCall]:
        self.ann.on_invite = Answer()
        caller = await self.call()
        caller.rtp.send = True
        phone = await self.ann.next_call(8)
        while phone.ended_at:  # left over from a story in which the phone only rang
            phone = await self.ann.next_call(8)
        await phone.rtp.heard(1)
        await self.line("CONNECT")
        return caller, phone

    async def running(self, application: str) -> None:
        """Some channel runs it."""
        async with asyncio.timeout(5):
            while f"!{application}!" not in await self.centre.pbx.cli("core show channels concise"):
                await asyncio.sleep(0.02)

    async def log_in(self) -> None:
        await self.acd("login")

    async def log_out(self) -> None:
        await self.acd("logout")

    async def pause(self, reason: str) -> None:
        await self.acd("pause", "--reason", reason)

    async def resume(self, reason: str) -> None:
        await self.acd("resume")

    async def acd(self, verb: str, *more: str) -> None:
        done = await self.centre.acd("agent", verb, "ann", *more)
        assert done.returncode == 0, done.stderr


class AppQueue(Door):
    """The way through Asterisk's own queue."""

    prefix = "via-"

    async def log_in(self) -> None:
        for queue in QUEUES:
            await self.do("QueueAdd", Queue=queue, **MEMBER)

    async def log_out(self) -> None:
        for queue in QUEUES:
            await self.do("QueueRemove", Queue=queue, Interface=MEMBER["Interface"])

    async def pause(self, reason: str) -> None:
        await self.do("QueuePause", Interface=MEMBER["Interface"], Paused="true", Reason=reason)

    async def resume(self, reason: str) -> None:
        await self.do("QueuePause", Interface=MEMBER["Interface"], Paused="false", Reason=reason)

    async def do(self, action: str, **fields: str) -> None:
        answer = await self.ami.action(action, **fields)
        assert answer["Response"] == "Success", answer


# ---------------------------------------------------------------- stories


async def ended_by_agent(door: Door) -> None:
    caller, phone = await door.talk()
    await phone.hangup()
    await door.line("COMPLETEAGENT")
    await caller.ended()


async def ended_by_caller(door: Door) -> None:
    caller, phone = await door.talk()
    await asyncio.sleep(1.1)  # a talk of more than no second
    await caller.hangup()
    await door.line("COMPLETECALLER")
    await phone.ended()


async def hold_is_talk(door: Door) -> None:
    caller, phone = await door.talk()
    await phone.hold()
    await asyncio.sleep(1.1)  # the length of the hold
    await phone.resume()
    await phone.hangup()
    await door.line("COMPLETEAGENT")
    await caller.ended()


async def abandoned_while_ringing(door: Door) -> None:
    door.ann.on_invite = Ring()
    caller = await door.call()
    phone = await door.ann.next_call(8)
    await asyncio.sleep(0.5)  # the length of the ring
    await caller.hangup()
    await door.line("ABANDON")
    await phone.ended()


async def no_answer(door: Door) -> None:
    door.ann.on_invite = Ring()
    caller = await door.call()
    await door.line("RINGNOANSWER")
    await caller.hangup()
    await door.line("ABANDON")


async def declined(door: Door) -> None:
    door.ann.on_invite = Reject(after=0.3)
    caller = await door.call()
    await door.line("RINGNOANSWER")
    await caller.hangup()
    await door.line("ABANDON")


async def positions(door: Door) -> None:
    await door.pause("training")
    callers = []
    for number in range(3):
        callers.append(await door.call(caller=f"+493012{number}"))
        await door.line("ENTERQUEUE", number + 1)
    for nth, caller in enumerate((callers[1], callers[2], callers[0])):
        await caller.hangup()
        await door.line("ABANDON", nth + 1)
    await door.resume("training")
    await door.line("UNPAUSE", 3)


async def timed_out(door: Door) -> None:
    await door.pause("training")
    caller = await door.call("short")
    await door.line("EXITWITHTIMEOUT")
    await caller.ended()
    await door.resume("training")
    await door.line("UNPAUSE", 3)


async def left_by_a_key(door: Door) -> None:
    await door.pause("training")
    caller = await door.call("keys")
    await caller.answered()
    await door.line("ENTERQUEUE")
    caller.rtp.send = True
    await caller.rtp.heard(5)
    await caller.dtmf("2")
    await door.line("EXITWITHKEY")
    await caller.ended()
    await door.resume("training")
    await door.line("UNPAUSE", 3)


async def blind_transfer(door: Door) -> None:
    caller, phone = await door.talk()
    await phone.refer("900")
    await door.line("BLINDTRANSFER")
    await caller.hangup()


async def attended_transfer_to_a_phone(door: Door) -> None:
    caller, phone = await door.talk()
    await phone.hold()
    door.centre.phone("bob").on_invite = Answer()
    consult = await door.ann.invite("1002")
    await consult.answered()
    second = await door.centre.phone("bob").next_call()
    consult.rtp.send = True
    await second.rtp.heard(1)  # bridged; before that the transfer would be into Dial
    await phone.refer_replaces(consult)
    await door.line("ATTENDEDTRANSFER")
    await second.hangup()
    await caller.ended()


async def attended_transfer_into_an_application(door: Door) -> None:
    caller, phone = await door.talk()
    await phone.hold()
    consult = await door.ann.invite("900")
    await consult.answered()
    await door.running("Wait")
    await phone.refer_replaces(consult)
    await door.line("ATTENDEDTRANSFER")
    await caller.hangup()


async def pause_and_resume(door: Door) -> None:
    await door.pause("lunch")
    await door.line("PAUSE", 3)
    await door.resume("lunch")
    await door.line("UNPAUSE", 3)


async def out_and_in_again(door: Door) -> None:
    await door.log_out()
    await door.line("REMOVEMEMBER", 3)
    await door.log_in()
    await door.line("ADDMEMBER", 3)


Story = Callable[[Door], Awaitable[None]]
STORIES: Final[tuple[Story, ...]] = (
    ended_by_agent,
    ended_by_caller,
    hold_is_talk,
    abandoned_while_ringing,
    no_answer,
    declined,
    positions,
    timed_out,
    left_by_a_key,
    blind_transfer,
    attended_transfer_to_a_phone,
    attended_transfer_into_an_application,
    pause_and_resume,
    out_and_in_again,
)


# ---------------------------------------------------------------- comparing

SECONDS: Final = {
    "CONNECT": (0, 2),
    "COMPLETEAGENT": (0, 1),
    "COMPLETECALLER": (0, 1),
    "ABANDON": (2,),
    "EXITWITHTIMEOUT": (2,),
    "EXITWITHKEY": (3,),
    "BLINDTRANSFER": (2, 3),
    "ATTENDEDTRANSFER": (-3, -2),
}
"""Arguments that are lengths, which two runs never have quite alike."""
MILLISECONDS: Final = {"RINGNOANSWER": (0,), "RINGCANCELED": (0,)}
EACH_QUEUE: Final = ("PAUSE", "UNPAUSE", "ADDMEMBER", "REMOVEMEMBER")
UNIQUEID: Final = re.compile(r"\d{10}\.\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def masked(lines: list[str]) -> tuple[list[str], list[int]]:
    """Lines without what differs from run to run, and the lengths, in milliseconds, in their order."""
    ids: dict[str, str] = {}
    shown, lengths = [], []
    for line in lines:
        moment, call, queue, agent, event, *told = line.split("|")
        assert moment.isdigit()
        for place in SECONDS.get(event, ()):
            lengths.append(1000 * int(told[place]))
            told[place] = "s"
        for place in MILLISECONDS.get(event, ()):
            lengths.append(int(told[place]))
            told[place] = "ms"
        # By then another channel may stand for the caller, and app_queue names now the one, now the other; we always
        # name the one that entered, which readers join by.
        if event == "ATTENDEDTRANSFER":
            call = lines[0].split("|")[1]
        text = "|".join((call, queue, agent, event, *told))
        shown.append(UNIQUEID.sub(lambda found: ids.setdefault(found[0], f"id{len(ids)}"), text))
    return list(_in_order(shown)), lengths


def _in_order(lines: list[str]) -> Iterator[str]:
    """app_queue goes through queues in no order that means anything: neighbours of one such kind are sorted."""
    for kind, run in groupby(lines, _kind):
        told = list(run)
        yield from sorted(told) if kind in EACH_QUEUE else told


def _kind(line: str) -> str:
    return line.split("|")[3]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors() -> AsyncIterator[tuple[Door, Door]]:
    """One Asterisk with app_queue, one daemon; ann is at work in both."""
    root, port = await asyncio.to_thread(obtain), free_port()
    settings = Settings(agi=f"127.0.0.1:{port}", dialplan=DIALPLAN, queues=APP_QUEUE)
    with tempfile.TemporaryDirectory(prefix="acd-") as folder:
        async with (
            Asterisk(root, settings) as pbx,
            Phone("trunk-a", server=pbx.sip) as trunk,
            RealCentre(pbx, Path(folder), port, trunk) as centre,
            AmiClient(pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami,
        ):
            quick = {
                "wrap_up": "0s",
                "ring_timeout": "1s",
                "back_off": {"rejected": "0s", "no_answer": "0s"},
                "same_call_back_off": "1m",
            }
            await centre.open(
                {"sales": quick, "short": {**quick, "max_wait": "1s"}, "keys": {**quick, "exit_keys": "2"}},
                {
                    "ann": Who(phone="1001", queues=QUEUES),
                    "bob": Who(phone="1002", queues=("sales",), logged_in=False),
                },
                more=f'[queue_log]\nfile = "{folder}/queue_log"\n',
            )
            theirs, ours = (
                AppQueue(centre, ami, Path(pbx.home) / "log" / "queue_log"),
                Door(centre, ami, Path(folder) / "queue_log"),
            )
            await theirs.log_in()
            yield theirs, ours
            print(centre.story(), ours.log.read_text(), theirs.log.read_text(), sep="\n")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_log_is_what_app_queue_writes_of_the_same_story(
    doors: tuple[Door, Door], story: Story
) -> None:
    found = []
    for door in doors:
        door.begin()
        await story(door)
        await door.centre.hang_up_all()
        found.append(masked(door.lines()))
    (theirs, their_lengths), (ours, our_lengths) = found
    print(*doors[0].lines(), "---", *doors[1].lines(), sep="\n")
    assert ours == theirs
    assert all(abs(mine - other) <= 1100 for mine, other in zip(our_lengths, their_lengths, strict=True)), (
        our_lengths,
        their_lengths,
    )


async def test_a_start_is_logged_as_asterisk_logs_its_own(doors: tuple[Door, Door]) -> None:
    first = [door.log.read_text().splitlines()[0].partition("|")[2] for door in doors]
    assert first[0] == first[1] == "NONE|NONE|NONE|QUEUESTART|"


async def test_after_kill_9_each_line_is_there_once_and_the_call_goes_on(doors: tuple[Door, Door]) -> None:
    door = doors[1]
    door.begin()
    caller, phone = await door.talk()
    await door.centre.kill_daemon()
    await door.centre.start_daemon()
    await phone.hangup()
    await door.line("COMPLETEAGENT")
    await caller.ended()
    events = [line.split("|")[4] for line in door.lines()]
    assert events == ["ENTERQUEUE", "CONNECT", "QUEUESTART", "COMPLETEAGENT"]
    assert len(door.centre.facts(f.EngineStarted)) == 2


async def test_a_reload_is_logged_as_asterisk_logs_its_own(doors: tuple[Door, Door]) -> None:
    _, ours = doors
    for door in doors:
        door.begin()
    await ours.centre.pbx.cli("logger reload")
    queues = dict(ours.centre._queues)
    ours.centre.write(queues | {"new": {}}, ours.centre._agents)
    await ours.centre.ask("/reload", method="POST")
    lines = [(await door.line("CONFIGRELOAD")).partition("|")[2] for door in doors]
    assert lines[0] == lines[1]
