"""How soon a phone rings for a caller who is in the middle of a message, or of a spoken number, beside one who hears music.

`python -m tests.bench.cut [--times N] [--json FILE]`, as root, with the real Asterisk; a minute. An agent's BYE to the next INVITE at
the same phone, by the phone's own clock: one caller talks, the next waits. README.md says what `target` means.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port
from tests.pbx.settings import Settings, Trunk
from tests.ua.incoming import IncomingCall
from tests.ua.phone import Phone
from tests.ua.tone import share, write_tone

SOUNDS: Final = "usr/share/asterisk/sounds/acd-test"
TARGET_MS: Final = 50.0
MESSAGE: Final = {"join": "acd-test/tone"}
NUMBER: Final = {
    "position": True,
    "position_most": 10,
    "only_when_changed": False,
    "first": "1s",
    "every": "5s",
}
KINDS: Final[dict[str, dict[str, Any]]] = {
    "music": {},
    "a 30 s message": {"announcements": MESSAGE},
    "a spoken place": {"announcements": NUMBER},
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measure."""

    measure: str
    value: float
    unit: str = "ms"
    reference: str = ""
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None


async def gaps(centre: RealCentre, kind: str, times: int) -> list[float]:
    """Milliseconds, one a caller."""
    await centre.open({"sales": {"wrap_up": "0s"} | KINDS[kind]}, {"ann": Who(phone="1001")})
    phone, found = centre.phones["1001"], []
    first = await centre.call("sales")
    talk = await phone.next_call(8)
    await centre.fact(f.Answered)
    for nth in range(2, times + 2):
        caller = await centre.call("sales", caller=f"+49301{nth:05}")
        await caller.answered()
        await _listens(caller, kind)
        hung_up = time.monotonic_ns()
        await talk.hangup()
        talk = await phone.next_call(8)
        found.append((_invited(talk) - hung_up) / 1e6)
        await centre.fact(f.Answered, nth=nth)
        await first.ended()
        first = caller
    return found


async def _listens(caller: Any, kind: str) -> None:
    """Until the caller is in the middle of it."""
    if kind == "a 30 s message":
        await caller.rtp.sounds(lambda frames: share(frames) > 0.8, 5, "the message")
    else:
        await caller.rtp.heard(60, 5)


def _invited(call: IncomingCall) -> int:
    return call.invited_at


def percentile(values: list[float], part: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


async def measure(times: int) -> list[Row]:
    """All kinds on one Asterisk."""
    root = await asyncio.to_thread(obtain)
    await asyncio.to_thread(write_tone, root / f"{SOUNDS}/tone.wav", 30.0)
    agi = free_port()
    settings = Settings(agents=("1001",), trunks=(Trunk(name="trunk-a"),), agi=f"127.0.0.1:{agi}")
    measured: dict[str, list[float]] = {}
    async with Asterisk(root, settings) as pbx:
        for kind in KINDS:
            with tempfile.TemporaryDirectory(prefix="acd-") as folder:
                async with (
                    Phone("trunk-a", server=pbx.sip) as trunk,
                    RealCentre(pbx, Path(folder), agi, trunk) as centre,
                ):
                    measured[kind] = await gaps(centre, kind, times)
    return [row for kind, values in measured.items() for row in _rows(kind, values, measured["music"])]


def _rows(kind: str, values: list[float], music: list[float]) -> list[Row]:
    last = percentile(values, 0.99)
    return [
        Row(
            measure=f"next phone rings, caller hears {kind}, p50",
            value=percentile(values, 0.5),
            reference="music",
            ratio=percentile(values, 0.5) / percentile(music, 0.5),
        ),
        Row(
            measure=f"next phone rings, caller hears {kind}, p99",
            value=last,
            reference="music",
            ratio=last / percentile(music, 0.99),
            target=f"<= {TARGET_MS:g} ms",
            ok=last <= TARGET_MS,
        ),
    ]


def main() -> int:
    """Print the table; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = asyncio.run(measure(asked.times))
    for row in rows:
        verdict = "" if row.ok is None else "met" if row.ok else "MISSED"
        print(f"{row.measure:<62} {row.value:8.2f} ms  {row.ratio:5.2f}x music  {row.target:<10} {verdict}")
    if asked.json is not None:
        asked.json.write_bytes(msgspec.json.encode({"rows": rows}))
    return 0 if all(row.ok is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
