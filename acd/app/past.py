"""The story of a call that is over, from the journal: every fact about it, one a line."""

import datetime as dt
from pathlib import Path
from typing import Final

from acd.app.segments import DECODER, segments
from acd.core import facts as f

MOST_SEGMENTS: Final = 20
"""Files looked through, newest first: about a gigabyte."""
NOT_TOLD: Final = frozenset({"at", "generation", "call", "decision"})
NOTHING: Final[tuple[object, ...]] = (None, "", (), {}, 0)
ZERO_COUNTS: Final = frozenset({"score"})
"""Fields whose 0 is something said."""


def story(directory: Path, call: str) -> list[str]:
    """Every fact about the call, oldest first, as `TIME what field=value …`. Blocks: for a thread."""
    named = f'"{call}"'.encode()
    lines: list[str] = []
    for path in reversed(segments(directory)[-MOST_SEGMENTS:]):
        facts = [DECODER.decode(line) for line in path.read_bytes().split(b"\n")[:-1] if named in line]
        own = [fact for fact in facts if getattr(fact, "call", None) == call]
        lines = [_line(fact) for fact in own] + lines
        if any(isinstance(fact, f.Arrived) for fact in own):
            break
    return lines


def _line(fact: f.AnyFact) -> str:
    moment = dt.datetime.fromtimestamp(fact.at / 1e9, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    fields = {name: getattr(fact, name) for name in fact.__struct_fields__ if name not in NOT_TOLD}
    told = " ".join(
        f"{name}={_shown(value)}"
        for name, value in fields.items()
        if value not in NOTHING or name in ZERO_COUNTS
    )
    kind = fact.__struct_config__.tag
    why = f" ({_decided(fact.decision)})" if isinstance(fact, f.Offered) else ""
    return f"{moment} {kind} {told}{why}".rstrip()


def _shown(value: object) -> str:
    return str(getattr(value, "value", value))


def _decided(decision: f.Decision) -> str:
    rivals = ", ".join(f"before {rival.agent}: {rival.why}" for rival in decision.rivals)
    return f"{decision.rule}: skill sum {decision.skill}, idle {decision.idle_ms} ms" + (
        f"; {rivals}" if rivals else ""
    )
