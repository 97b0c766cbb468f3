"""Every asyncio test of telephony runs on the stock loop and on uvloop."""

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the loops (hook of pytest-asyncio 1.5)."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
