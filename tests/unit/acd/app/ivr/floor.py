"""A dialogue without a daemon: a desk that notes facts, and a caller who keys."""

import asyncio
import tomllib
from collections.abc import Callable, Iterable, Sequence

from acd.app.ivr.dialogue import dialogue
from acd.app.ivr.steps import Looked
from acd.app.ivr.visit import Visit, Visitor
from acd.app.scripts.voice import Meanwhile, Script
from acd.core import facts as f
from acd.core.dialogues import LookupEnd
from acd.core.ids import SwitchName, Uniqueid
from config.decoding import decode
from config.ivr import Ivr
from config.ivr_checks import Known, findings
from config.ivr_nodes import Lookup
from telephony.agi.codec import AgiReply

SECOND = 1_000_000_000
SILENCE = ""
"""What a caller keys who keys nothing."""


def ivr(text: str) -> Ivr:
    """The dialogue `main` of a text; it must be accepted."""
    settings, wrong, _ = decode(tomllib.loads(text))
    found = list(findings(settings.ivr, Known(None, None), whole=True))
    assert (wrong, found) == ([], [])
    return settings.ivr["main"]


class Desk:
    """Notes facts; answers look-ups by what it was given; each line takes a second."""

    def __init__(self, *looked: Looked, open_queues: Sequence[str] = ()) -> None:
        self.now = 0
        self.facts: list[f.Fact] = []
        self.looked = list(looked)
        self.open_queues = open_queues
        self.not_there: list[str] = []

    def tell(self, fact: f.Fact) -> None:
        self.facts.append(fact)

    def missing(self, sound: str) -> None:
        self.not_there.append(sound)

    def is_open(self, queue: str) -> bool:
        return queue in self.open_queues

    def number_sounds(self, number: int, language: str) -> Sequence[str]:
        return [f"{language}/number/{number}"]

    def digit_sounds(self, digits: str, language: str) -> Sequence[str]:
        return [f"{language}/digit/{digit}" for digit in digits]

    async def look_up(self, visit: Visit, node: Lookup) -> Looked:
        return self.looked.pop(0) if self.looked else Looked(outcome=LookupEnd.ERROR)

    @property
    def ended(self) -> f.IvrEnded:
        """The one fact of the end."""
        (found,) = (fact for fact in self.facts if isinstance(fact, f.IvrEnded))
        return found


def visit(of: Ivr, **values: str) -> Visit:
    """A caller who just came."""
    visitor = Visitor(
        ivr="main",
        switch=SwitchName("pbx1"),
        uniqueid=Uniqueid("1.1"),
        channel="PJSIP/trunk-1",
        caller="+4930123",
    )
    given = {"caller": "+4930123", "dialled": "100", "language": "en"}
    return Visit(visitor=visitor, ivr=of, began=0, values={**of.variables, **given, **values})


class Heard:
    """The lines of a dialogue, and the variables it left."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hung_up = False

    @property
    def variables(self) -> dict[str, str]:
        words = [line.split(" ", 3) for line in self.lines if line.startswith("SET VARIABLE ACD_")]
        return {parts[2]: parts[3].strip('"') for parts in words}

    @property
    def sounds(self) -> list[str]:
        return [line.split()[2] for line in self.lines if line.startswith(("STREAM FILE", "GET DATA"))]


def play(
    desk: Desk,
    of: Ivr,
    keys: Iterable[str] = (),
    *,
    gone_at: Callable[[str], bool] = lambda _: False,
    most: int = 20_000,
    **values: str,
) -> Heard:
    """Play a dialogue to its end. A question takes the next of `keys`; without any the caller is silent.

    `gone_at`: the caller hangs up when that line comes.
    """
    heard = Heard()
    keyed = iter(keys)
    script = dialogue(desk, visit(of, **values), 1, lambda: heard.hung_up)
    reply: AgiReply | None = None
    for _ in range(most):
        try:
            said = next(script) if reply is None else script.send(reply)
        except StopIteration:
            return heard
        reply = _reply(desk, said, heard, keyed)
        if gone_at(heard.lines[-1] if heard.lines else ""):
            return _left(script, heard)
    raise AssertionError(f"still going on after {most} lines: {heard.lines[-20:]}")


def _reply(desk: Desk, said: bytes | Meanwhile, heard: Heard, keyed: Iterable[str]) -> AgiReply:
    desk.now += SECOND
    if isinstance(said, Meanwhile):
        asyncio.run(_waited(said))
        return AgiReply(200, "0")
    heard.lines.append(said.decode().rstrip("\n"))
    if not said.startswith(b"GET DATA"):
        return AgiReply(200, "0")
    keys = next(iter(keyed), SILENCE)
    most = int(said.split()[-1])
    if keys == "#":
        return AgiReply(200, "")
    return AgiReply(200, keys[:most]) if keys else AgiReply(200, "", "timeout")


async def _waited(said: Meanwhile) -> None:
    await said.work()


def _left(script: Script, heard: Heard) -> Heard:
    heard.hung_up = True
    script.close()
    return heard
