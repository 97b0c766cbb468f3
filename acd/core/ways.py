"""Ways out of a queue: where a call goes when a limit, a step, the hours or a key sends it away."""

import msgspec

from acd.core.outcomes import WayKind


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One destination: a queue's name, an extension, a number, a box; empty where the kind says all."""

    kind: WayKind
    target: str = ""
    context: str = ""
    """Of an extension."""
