import asyncio
from typing import Any

class AMIProtocol(asyncio.Protocol):
    transport: Any
    closed: bool
    factory: Any
    responses: dict[str, Any]
    version: str | None
    def send(self, data: Any, as_list: Any = ...) -> Any: ...
    def handle_message(self, message: Any) -> None: ...
    def close(self) -> None: ...
