"""The proof that a new folder works: an Asterisk of our own configuration runs in it."""

import asyncio
from pathlib import Path

from tests.pbx.child import run_inside
from tests.pbx.errors import FolderError, PbxError
from tests.pbx.instance import Asterisk

AGI_IMPORT = ["python3", "-c", "import asterisk.agi"]


def prove(root: Path) -> str:
    """Return the version an Asterisk started in `root` reports over its console; FolderError when it does not work."""
    try:
        return asyncio.run(_prove(root))
    except PbxError as error:
        raise FolderError(f"it was built but does not work: {error}") from None


async def _prove(root: Path) -> str:
    await run_inside(root, AGI_IMPORT, within=20)
    await run_inside(root, ["sh", "-c", "command -v sipp"], within=20)
    async with Asterisk(root) as asterisk:
        answer = await asterisk.cli("core show version")
    return answer.split(" built by", 1)[0].strip()
