"""Recordings asked for twice, in talks that end meanwhile, and of callers with odd numbers."""

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from acd.app.recordings import Recordings
from acd.core import events as ev
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import CallId, Uniqueid
from acd.core.outcomes import EndedBy
from acd.web.control import ControlError
from config.centre import Queue
from config.supervising import Recording, RecordingMode
from telephony.ami.errors import ActionFailedError
from tests.unit.acd.core.stage import Stage, agent, queue

pytestmark = [pytest.mark.unit, pytest.mark.asyncio]


async def _outcome(wish: Coroutine[Any, Any, str]) -> object:
    try:
        return await wish
    except (ControlError, KeyError) as wrong:
        return wrong


class Link:
    """Takes actions; the answer comes when `slow` is set."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, dict[str, str]]] = []
        self.slow = asyncio.Event()
        self.refusal: Exception | None = None

    async def action(self, name: str, headers: dict[str, str]) -> None:
        self.actions.append((name, headers))
        await self.slow.wait()
        if self.refusal is not None:
            raise self.refusal

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.actions]


class Desk:
    """As much of a daemon as recordings need, around a talk of ann."""

    def __init__(self, template: str = "{caller}/{call}.wav", caller: str = "+4930") -> None:
        self.stage = Stage(queue("sales"), agent("ann"))
        self.call = self.stage.arrive(asking={"caller": caller})
        self.stage.play(
            ev.OfferAnswered(at=self.stage.now, offer=self.stage.router.floor.calls[self.call].offers[0].id)
        )
        self.link = Link()
        self.told: list[f.Fact] = []
        self.watchers: list[Any] = []
        self.begun: list[Coroutine[Any, Any, None]] = []
        engine = SimpleNamespace(router=self.stage.router, watch=self.watchers.append, tell=self.told.append)
        rule = Recording(mode=RecordingMode.DEMAND, file=template)
        daemon = SimpleNamespace(
            engine=engine,
            settings=SimpleNamespace(queues={"sales": Queue(recording=rule)}),
            exchange=SimpleNamespace(links={"pbx1": self.link}),
            clock=SimpleNamespace(now=lambda: self.stage.now),
            tasks=SimpleNamespace(start=lambda _name, work: self.begun.append(work)),
            generation=1,
        )
        self.recordings = Recordings(daemon)  # type: ignore[arg-type]  # see above

    @property
    def record(self) -> Call:
        return self.stage.router.floor.calls[self.call]

    def end(self) -> None:
        """The talk is over."""
        self.happens(ev.TalkEnded(at=self.stage.now, offer=self.record.offers[0].id, by=EndedBy.CALLER))

    def happens(self, event: ev.Event) -> None:
        """And whoever follows the facts is told."""
        before = len(self.stage.facts)
        self.stage.play(event)
        for fact in self.stage.facts[before:]:
            for watcher in self.watchers:
                watcher(fact)

    async def both(
        self, *wishes: Coroutine[Any, Any, str], meanwhile: Callable[[], object] = str
    ) -> list[object]:
        """The wishes in the same instant; Asterisk answers once all were made and something else has happened."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_outcome(wish), name="wish") for wish in wishes]
            await asyncio.sleep(0)
            meanwhile()
            self.link.slow.set()
        return [task.result() for task in tasks]

    async def recorded(self) -> None:
        """A recording runs."""
        await self.both(self.recordings.start(self.call, "eve"))
        self.link.slow.clear()
        self.link.actions.clear()
        self.told.clear()


async def test_two_who_ask_at_once_get_one_recording() -> None:
    desk = Desk()

    first, second = await desk.both(*(desk.recordings.start(desk.call, who) for who in ("eve", "ann")))

    assert isinstance(first, str)
    assert isinstance(second, ControlError)
    assert second.status == 409
    assert desk.link.names == ["MixMonitor"]
    assert [type(fact) for fact in desk.told] == [f.RecordingStarted]


async def test_two_who_end_it_at_once_end_it_once() -> None:
    desk = Desk()
    await desk.recorded()

    _, second = await desk.both(*(desk.recordings.stop(desk.call, who) for who in ("eve", "ann")))

    assert isinstance(second, ControlError)
    assert desk.link.names == ["StopMixMonitor"]
    assert [type(fact) for fact in desk.told] == [f.RecordingEnded]


async def test_a_key_pressed_again_before_asterisk_answers_leaves_one_recording() -> None:
    desk = Desk()

    await desk.both(*(desk.recordings.start(desk.call, "ann") for _ in range(3)))

    assert desk.link.names == ["MixMonitor"]


@pytest.mark.parametrize("wish", ["start", "stop", "silence"])
async def test_a_talk_that_ends_before_asterisk_answers_is_refused_and_told_nothing_of(wish: str) -> None:
    desk = Desk()
    if wish != "start":
        await desk.recorded()
    asked = {
        "start": lambda: desk.recordings.start(desk.call, "eve"),
        "stop": lambda: desk.recordings.stop(desk.call, "eve"),
        "silence": lambda: desk.recordings.silence(desk.call, "eve", silent=True),
    }[wish]()

    (refused,) = await desk.both(asked, meanwhile=desk.end)

    assert isinstance(refused, ControlError)
    assert refused.status == 409
    assert desk.told == []
    assert desk.link.names == {"start": ["MixMonitor", "StopMixMonitor"], "stop": ["StopMixMonitor"]}.get(
        wish, ["MixMonitorMute"]
    )


async def test_a_caller_exchanged_in_the_last_moment_leaves_no_recording_of_a_call_that_is_over() -> None:
    desk = Desk()
    await desk.recorded()
    other = ev.CallerReplaced(
        at=desk.stage.now, call=desk.call, parent=CallId("c0"), channel="other", uniqueid=Uniqueid("9.9")
    )
    desk.happens(other)
    await asyncio.sleep(0)
    (again,) = desk.begun

    async def begun() -> str:
        await again
        return ""

    await desk.both(begun(), meanwhile=desk.end)

    assert desk.link.names == ["MixMonitor", "StopMixMonitor"]
    assert [type(fact) for fact in desk.told] == [f.RecordingEnded]


@pytest.mark.parametrize("wrong", [ActionFailedError("no permission"), ValueError("a line is too long")])
async def test_a_refusal_leaves_the_way_free_for_another_try(wrong: Exception) -> None:
    desk = Desk()
    desk.link.refusal = wrong
    desk.link.slow.set()
    with pytest.raises(ControlError, match="Asterisk"):
        await desk.recordings.start(desk.call, "eve")
    desk.link.refusal = None

    assert await desk.recordings.start(desk.call, "eve")


@pytest.mark.parametrize(
    ("caller", "file"),
    [
        ("..", "unknown/c1.wav"),
        (".", "unknown/c1.wav"),
        ("../../etc/passwd", "etcpasswd/c1.wav"),
        ("+4930 / 12%s\r\n", "+493012s/c1.wav"),
        ("ünï", "n/c1.wav"),
        ("7" * 300, "7" * 40 + "/c1.wav"),
    ],
)
async def test_a_callers_number_leads_to_no_other_folder(caller: str, file: str) -> None:
    assert Desk(caller=caller).recordings.file_of(Desk(caller=caller).record) == file


async def test_calls_of_the_floor_are_named_by_their_id() -> None:
    assert Desk(template="{call}.wav").record.id == CallId("c1")
