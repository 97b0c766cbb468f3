"""One real Asterisk for the whole session; a daemon of its own for each test."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.centre.real import RealCentre
from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port
from tests.pbx.settings import Agent, Settings, Trunk
from tests.ua.phone import Phone
from tests.ua.tone import write_tone

PHONES = tuple(str(number) for number in range(1001, 1021))
DEAD = Agent(name="1098", contact="127.0.0.1:9")
"""A phone that is there by configuration only: nobody listens on the discard port."""
SOUNDS = "usr/share/asterisk/sounds/acd-test"
"""Of a tone, to be told apart from music by its frequency; also the music class "tone"."""
DIALPLAN = """\
exten => 900,1,Answer(,i)
 same => n,Wait(60)
exten => 850,1,Answer(,i)
 same => n,ConfBridge(850)
exten => _*8XXXX,1,PickupChan(PJSIP/${EXTEN:2},p)

[night]
exten => 500,1,Answer(,i)
 same => n,UserEvent(TestNight,Target: ${EXTEN},Why: ${ACD_REASON})
 same => n,Playback(demo-congrats)

[outside]
exten => _+X.,1,Dial(PJSIP/${EXTEN}@trunk-a,30)
"""


RECORDINGS_ON_DEMAND = """
[acd](+)
write = call,reporting,originate,message,user,system
"""
"""One class more than is shipped, which a site gives if it wants them."""


@pytest.fixture(scope="session")
def agi_port() -> int:
    """Where every daemon of the session listens and Asterisk knocks."""
    return free_port()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asterisk(agi_port: int) -> AsyncIterator[Asterisk]:
    """The session's Asterisk; without one the tests fail."""
    try:
        root = await asyncio.to_thread(obtain)
    except PbxError as error:
        pytest.fail(str(error))
    for name, seconds in (("tone", 30.0), ("short", 1.0)):
        await asyncio.to_thread(write_tone, root / f"{SOUNDS}/{name}.wav", seconds)
    settings = Settings(
        agents=(*PHONES, DEAD),
        trunks=(Trunk(name="trunk-a"),),
        agi=f"127.0.0.1:{agi_port}",
        grace=30,
        numbers={"700": "billing"},
        dialplan=DIALPLAN,
        modules=("app_directed_pickup", "bridge_softmix", "app_confbridge", "app_voicemail"),
        more={
            "musiconhold.conf": f"[tone]\nmode=files\ndirectory=/{SOUNDS}\n",
            "voicemail.conf": "[general]\nformat=wav\n[default]\n200 => 1234,Sales\n",
            "manager.conf": RECORDINGS_ON_DEMAND,
            "confbridge.conf": "[general]\n",
        },
    )
    async with Asterisk(root, settings) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def centre(
    asterisk: Asterisk, agi_port: int, request: pytest.FixtureRequest
) -> AsyncIterator[RealCentre]:
    """A centre to `open`; the folder's path is short, because a Unix socket's must be."""
    with tempfile.TemporaryDirectory(prefix="acd-") as folder:
        async with (
            Phone("trunk-a", server=asterisk.sip) as trunk,
            RealCentre(asterisk, Path(folder), agi_port, trunk) as opened,
        ):
            yield opened
            # Captured by pytest, shown when the test failed.
            print(opened.story(), *(phone.ladder for phone in (trunk, *opened.phones.values())), sep="\n")
