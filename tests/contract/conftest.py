"""The two PBXs every contract statement is put to. A real one that cannot be had fails its half, it never skips."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.agi_desk import AgiDesk
from tests.contract.real_stand import real_stand, settings
from tests.contract.simulated_stand import simulated_stand
from tests.contract.stand import Stand
from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk


class Rack:
    """What all contract tests of a session share: the FastAGI port, and the real PBX once somebody asked for it."""

    def __init__(self, desk: AgiDesk, stack: contextlib.AsyncExitStack) -> None:
        self.desk = desk
        self._stack = stack
        self._asterisk: Asterisk | None = None
        self._missing = ""

    async def asterisk(self) -> Asterisk:
        """Return the running Asterisk, started by the first test that asks; fails the test when there is none."""
        if self._asterisk is None and not self._missing:
            try:
                root = await asyncio.to_thread(obtain)
                instance = Asterisk(root, settings(self.desk.port))
                self._asterisk = await self._stack.enter_async_context(instance)
            except PbxError as error:
                self._missing = str(error)
        if self._asterisk is None:
            pytest.fail(f"no real Asterisk: {self._missing}", pytrace=False)
        return self._asterisk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rack() -> AsyncIterator[Rack]:
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(AgiDesk())
        yield Rack(desk, stack)


@pytest_asyncio.fixture(loop_scope="session", params=["simulated", "real"])
async def stand(request: pytest.FixtureRequest, rack: Rack) -> AsyncIterator[Stand]:
    if request.param == "real":
        asterisk = await rack.asterisk()
        async with real_stand(asterisk, rack.desk) as real:
            yield real
    else:
        async with simulated_stand(rack.desk) as simulated:
            yield simulated
    rack.desk.clear()
