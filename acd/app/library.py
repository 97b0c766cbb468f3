"""The library of recordings: who may find and hear them, and which are held for the law."""

import asyncio
from typing import TYPE_CHECKING

import msgspec

from acd.app import sound_files
from acd.app.recorded import Recorded, Wanted
from acd.app.retention import Retention
from acd.app.shelf import Shelf, runs
from acd.core.facts import RecordingHeld
from acd.core.ids import CallId, ms
from acd.web.control import ControlError
from acd.web.library import Expired, RecordingList, RecordingView, Silence, Sound
from config.supervising import Power

if TYPE_CHECKING:
    from acd.app.daemon import Daemon


class Library:
    """Implements acd.web.recordings.Library."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads nothing yet."""
        self._daemon = daemon
        self._shelf = Shelf(daemon)
        self._retention = Retention(daemon, self._shelf)

    # ------------------------------------------------------------ find

    async def search(  # noqa: PLR0913 - what can be asked for
        self,
        *,
        queue: str = "",
        agent: str = "",
        caller: str = "",
        since: int | None = None,
        until: int | None = None,
        limit: int = 100,
        actor: str = "",
    ) -> RecordingList:
        """Newest first, for a supervisor only those in which no other team's agent is heard."""
        powers = self._daemon.wishes.powers
        powers.check(actor, Power.PLAY, None, "search recordings")
        if actor:
            powers.tell(actor, "search recordings", queue)
        wanted = Wanted(
            queue=queue,
            agent=agent,
            caller=caller,
            since=since,
            until=until,
            limit=limit,
            only=powers.led_by(actor),
        )
        async with self._shelf.one:
            whole = await self._shelf.ask(self._shelf.index.catch_up)
            found = await self._shelf.ask(self._shelf.index.search, wanted)
        views = tuple(self._view(each) for each in found[:limit])
        return RecordingList(recordings=views, cut=_cut(limit, more=len(found) > limit, whole=whole))

    # ------------------------------------------------------------ hear

    async def sound(self, call: str, actor: str = "", file: str = "") -> Sound:
        """The file, to whoever may hear everybody in it; told as a fact, whoever asks."""
        powers = self._daemon.wishes.powers
        powers.check_all(actor, Power.PLAY, (), "play", call)
        async with self._shelf.one:
            found = await self._shelf.known(call, file)
        self._check(actor, found, "play")
        if runs(found):
            raise ControlError(409, f"{call} is still being recorded", "try again when the call is over")
        powers.tell(actor or "operator", "play", call)
        first = found[0]
        folder = self._shelf.folder(first)
        try:
            reading = await asyncio.to_thread(sound_files.open_sound, folder, first.file)
        except (FileNotFoundError, NotADirectoryError) as wrong:
            gone = f"{folder / first.file} is gone"
            raise ControlError(404, gone, "somebody moved it, or nothing was said in the talk") from wrong
        except (OSError, sound_files.OutsideError) as wrong:
            hint = "the daemon's user must be able to read it, without symbolic links below the folder"
            raise ControlError(409, f"{first.file} cannot be read: {wrong}", hint) from wrong
        return Sound(first.file, reading.size, reading)

    def _check(self, actor: str, found: list[Recorded], act: str) -> None:
        """Raise ControlError unless the actor may over every agent who is heard in the file."""
        agents = sorted({agent for each in found for agent in each.agents})
        self._daemon.wishes.powers.check_all(actor, Power.PLAY, agents, act, found[0].call)

    # ------------------------------------------------------------ hold

    async def hold(self, call: str, *, held: bool, reason: str = "", actor: str = "") -> RecordingView:
        """Keep it whatever its age, or no longer."""
        act = "hold" if held else "unhold"
        self._daemon.wishes.powers.check_all(actor, Power.PLAY, (), act, call)
        async with self._shelf.one:
            found = await self._shelf.known(call)
            self._check(actor, found, act)
            if found[0].held is held:
                known = f"held already by {found[0].held_by}: {found[0].held_reason}" if held else "not held"
                raise ControlError(409, f"the recording of {call} is {known}")
            self._shelf.writable()
            by = actor or "operator"
            self._shelf.tell(
                RecordingHeld(**self._shelf.stamp, call=CallId(call), held=held, by=by, reason=reason)
            )
            if actor:
                self._daemon.wishes.powers.tell(actor, act, call)
            changed = msgspec.structs.replace(
                found[0], held=held, held_by=by if held else "", held_reason=reason
            )
        return self._view([changed, *found[1:]])

    # ------------------------------------------------------------ delete

    async def expire(self, *, dry_run: bool = False) -> Expired:
        """Delete what is older than its queue keeps recordings."""
        return await self._retention.expire("operator", dry_run=dry_run)

    async def run(self) -> None:
        """The same by itself; for a task."""
        await self._retention.run()

    # ------------------------------------------------------------ small things

    def _view(self, found: list[Recorded]) -> RecordingView:
        own, now = found[0], self._daemon.clock.now()
        began = max(own.started, own.answered or own.started)
        over = min((moment for moment in (own.stopped, own.ended) if moment is not None), default=now)
        return RecordingView(
            call=own.call,
            queue=own.queue,
            agents=own.agents,
            caller=self._shown(own.caller),
            began=began,
            lasted_ms=max(0, ms(over) - ms(began)),
            runs=runs(found),
            file=own.file,
            why=own.why,
            silenced=tuple(Silence(since, until) for since, until in own.silenced),
            held=own.held,
            held_by=own.held_by,
            held_reason=own.held_reason,
            shared_with=tuple(each.call for each in found[1:]),
        )

    def _shown(self, number: str) -> str:
        redacted = self._daemon.settings.daemon.redact_numbers
        return f"…{number[-2:]}" if redacted and number else number


def _cut(limit: int, *, more: bool, whole: bool) -> str:
    parts = [f"more than {limit} fit: narrow the search, or raise --limit (1000 at most)"] if more else []
    parts += [] if whole else ["the journal is not read to its end yet: ask again for the newest"]
    return "; ".join(parts)
