"""Queues closed and opened by hand, over HTTP."""

from typing import Annotated, TypeAlias

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from acd.web.opening import CloseWish, DoorKeeper, DoorView

Text: TypeAlias = Annotated[str, QueryParameter(max_length=120)]


def routes(keeper: DoorKeeper) -> list[HTTPRouteHandler]:
    """/doors, and what is done to one."""

    @get("/doors", sync_to_thread=False)
    def doors() -> list[DoorView]:
        """Which queues let callers in, and why not."""
        return keeper.doors()

    @post("/queues/{queue:str}/close", status_code=200, sync_to_thread=False)
    def close(queue: FromPath[str], data: JSONBody[CloseWish], actor: Text = "") -> DoorView:
        """Let nobody in, at once and whatever the hours say."""
        return keeper.close(queue, data, actor)

    @post("/queues/{queue:str}/open", status_code=200, sync_to_thread=False)
    def open_(queue: FromPath[str], actor: Text = "") -> DoorView:
        """Let callers in again."""
        return keeper.open(queue, actor)

    return [doors, close, open_]
