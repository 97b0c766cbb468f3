"""The library of recordings as HTTP: find, hear, hold and delete."""

from typing import Annotated, TypeAlias

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from acd.web.library import Expired, Library, RecordingList, RecordingView

Moment: TypeAlias = Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1)]
Text: TypeAlias = Annotated[str, QueryParameter(max_length=120)]
File: TypeAlias = Annotated[str, QueryParameter(max_length=400)]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=1000)]
Flag: TypeAlias = Annotated[bool, QueryParameter()]


class HoldWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a hold."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")]


def routes(library: Library) -> list[HTTPRouteHandler]:
    """The library's part of the API."""

    @get("/recordings")
    async def search(  # noqa: PLR0913 - what can be asked for
        *,
        queue: Text = "",
        agent: Text = "",
        caller: Text = "",
        since: Moment = None,
        until: Moment = None,
        limit: Limit = 100,
        actor: Text = "",
    ) -> RecordingList:
        """Recordings, newest first; `caller`: the number or its last digits."""
        return await library.search(
            queue=queue, agent=agent, caller=caller, since=since, until=until, limit=limit, actor=actor
        )

    @get("/recordings/{call:str}/sound")
    async def sound(call: FromPath[str], actor: Text = "", file: File = "") -> Stream:
        """The recording's file as it is; of several that one or the last."""
        found = await library.sound(call, actor, file)
        kind = "audio/wav" if found.name.lower().endswith(".wav") else "application/octet-stream"
        return Stream(found.data, media_type=kind, headers={"Content-Length": str(found.size)})

    @post("/recordings/{call:str}/hold", status_code=200)
    async def hold(call: FromPath[str], data: JSONBody[HoldWish], actor: Text = "") -> RecordingView:
        """Keep it whatever its age."""
        return await library.hold(call, held=True, reason=data.reason, actor=actor)

    @post("/recordings/{call:str}/unhold", status_code=200)
    async def unhold(call: FromPath[str], actor: Text = "") -> RecordingView:
        """Let it go when it is old."""
        return await library.hold(call, held=False, actor=actor)

    @post("/recordings/expire", status_code=200)
    async def expire(*, dry_run: Flag = False) -> Expired:
        """Delete recordings that are older than their queue keeps them."""
        return await library.expire(dry_run=dry_run)

    return [search, sound, hold, unhold, expire]
