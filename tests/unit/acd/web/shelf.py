"""A library with one recording, for tests of the API and the command line."""

from collections.abc import Iterator

from acd.web.control import ControlError
from acd.web.library import Expired, RecordingList, RecordingView, Silence, Sound

SECOND = 1_000_000_000
BEGAN = 1_794_000_000 * SECOND
SOUND = b"RIFF" + bytes(200_000)


class SmallLibrary:
    """Implements Library."""

    def __init__(self) -> None:
        self.wishes: list[str] = []

    async def search(
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
        self.wishes.append(f"search {queue} {agent} {caller} {since} {until} {limit} {actor}")
        return RecordingList(recordings=(self._view(held=True),), cut="more than 1 fit")

    async def sound(self, call: str, actor: str = "", file: str = "") -> Sound:
        if call != "c1":
            raise ControlError(404, f"there is no recording of {call!r}", "acd recordings lists them")
        self.wishes.append(f"play {call} {actor} {file}")
        return Sound("a.wav", len(SOUND), self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        yield SOUND[:100_000]
        yield SOUND[100_000:]

    async def hold(self, call: str, *, held: bool, reason: str = "", actor: str = "") -> RecordingView:
        self.wishes.append(f"hold {call} {held} {reason} {actor}")
        return self._view(held=held)

    async def expire(self, *, dry_run: bool = False) -> Expired:
        self.wishes.append(f"expire {dry_run}")
        problems = () if dry_run else ("a.wav: Permission denied",)
        return Expired(dry_run=dry_run, files=("old.wav",), deleted=1, held=2, gone=3, problems=problems)

    def _view(self, *, held: bool) -> RecordingView:
        return RecordingView(
            call="c1",
            queue="sales",
            agents=("ann", "bob"),
            caller="+4930",
            began=BEGAN,
            lasted_ms=62_000,
            runs=False,
            file="2026/a.wav",
            why="always",
            silenced=(Silence(BEGAN + 10 * SECOND, BEGAN + 14 * SECOND),),
            held=held,
            held_by="eve" if held else "",
            held_reason="case 7" if held else "",
            shared_with=("c2",),
        )
