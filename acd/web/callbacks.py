"""Callbacks and messages over HTTP: list, ask for one, take one away."""

from typing import Annotated, TypeAlias

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from acd.web.work import Callbacks, CallbackWish, WorkView

Text: TypeAlias = Annotated[str, QueryParameter(max_length=120)]


def routes(callbacks: Callbacks) -> list[HTTPRouteHandler]:
    """Everything under /callbacks."""

    @get("/callbacks", sync_to_thread=False)
    def listed(queue: Text = "") -> list[WorkView]:
        """Open callbacks and messages."""
        return callbacks.listed(queue)

    @post("/callbacks", sync_to_thread=False)
    def add(data: JSONBody[CallbackWish], actor: Text = "") -> WorkView:
        """Let somebody be called back, now or at a time."""
        return callbacks.add(data, actor)

    @post("/callbacks/{work:str}/cancel", status_code=200, sync_to_thread=False)
    def cancel(work: FromPath[str], actor: Text = "") -> WorkView:
        """Nobody is to do it any more."""
        return callbacks.cancel(work, actor)

    return [listed, add, cancel]
