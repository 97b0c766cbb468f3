"""Messages as text, by an outside program or address. Whatever that does, the message waits for an agent all the same."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import msgspec
import structlog

from acd.app.waiting.outside import FOLDER
from acd.core import events as ev
from acd.core import facts as f
from acd.core.outcomes import WorkKind
from config.ways import Transcribe

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.transcripts")
LONGEST: Final = 2_000
"""Characters kept of a text."""
MOST_BYTES: Final = 65_536
MOST_AT_ONCE: Final = 4


class Question(msgspec.Struct, frozen=True):
    """Body of the request."""

    work: str
    queue: str
    file: str


class Answer(msgspec.Struct, frozen=True):
    """Body of the response; other keys are not looked at."""

    text: str


class Transcripts:
    """Follows the facts; a few messages at a time."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nothing is asked yet."""
        self._daemon = daemon
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        daemon.engine.watch(self._see)

    def _see(self, fact: f.Fact) -> None:
        if not isinstance(fact, f.WorkAdded) or fact.kind is not WorkKind.MESSAGE:
            return
        queue = self._daemon.settings.queues.get(fact.queue)
        rule = None if queue is None else queue.message.transcribe
        if rule is not None:
            self._daemon.tasks.start(f"transcript {fact.work}", self._ask(fact, rule))

    def _here(self, fact: f.WorkAdded) -> str:
        """The sound as this machine sees it: beside the folder of recordings, where that is known."""
        folders = (one.recordings for one in self._daemon.settings.switches if one.name == fact.switch)
        monitor = next(folders, "")
        sound = Path(f"{fact.file}.wav")
        return str(Path(monitor).parent / FOLDER / sound.name if monitor else sound)

    async def _ask(self, fact: f.WorkAdded, rule: Transcribe) -> None:
        text, why = "", ""
        try:
            async with self._turns, asyncio.timeout(rule.deadline / 1000):
                question = Question(fact.work, fact.queue, self._here(fact))
                text = await (_post(rule.url, question) if rule.url else _run(rule.command, question.file))
        except TimeoutError:
            why = f"no text within {rule.deadline.text}"
        except Exception as wrong:  # noqa: BLE001 - whatever an outside program does, the message is kept
            why = f"{type(wrong).__name__}: {wrong}".rstrip(": ")[:200]
        if why:
            log.warning("message_not_transcribed", work=fact.work, queue=fact.queue, why=why)
        told = "".join(char for char in text if char.isprintable() or char == " ")[:LONGEST]
        at = self._daemon.clock.now()
        self._daemon.engine.handle(ev.WorkTextFound(at=at, work=fact.work, text=told, why=why))


async def _post(url: str, question: Question) -> str:
    """Raises httpx.HTTPError, msgspec.DecodeError and ValueError."""
    async with httpx.AsyncClient(timeout=None, trust_env=False) as client:  # noqa: S113 - the deadline is around it
        headers = {"Content-Type": "application/json"}
        response = await client.post(url, content=msgspec.json.encode(question), headers=headers)
    if response.status_code != httpx.codes.OK:
        raise ValueError(f"status {response.status_code}")
    if len(response.content) > MOST_BYTES:
        raise ValueError(f"an answer of {len(response.content)} bytes")
    return msgspec.json.decode(response.content, type=Answer).text


async def _run(command: tuple[str, ...], file: str) -> str:
    """Raises OSError and ValueError. A program that is given up is ended."""
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        *command, file, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        out = b"" if program.stdout is None else await program.stdout.read(MOST_BYTES)
        code = await program.wait()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if code:
        raise ValueError(f"{command[0]} ended with {code}")
    return out.decode(errors="replace").strip()
