"""`[ivr.NAME]` of ivr.toml: what callers hear and key before they wait in a queue. The nodes are in config.ivr_nodes.

Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from config.daemon import Line
from config.ivr_nodes import Node
from config.ivr_values import Text, Variable
from config.values import Duration, Name


class Ivr(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dialogue, from `start` to a queue, an extension or the end of the call."""

    title: Annotated[Line, Meta(description="Name for people.")] = ""
    start: Annotated[Name, Meta(description="The first node.", examples=["welcome"])]
    nodes: Annotated[
        Mapping[Name, Node],
        Meta(description="The nodes by name; `kind` says what each is.", examples=[{}]),
    ]
    variables: Annotated[
        Mapping[Variable, Text],
        Meta(
            description="Values to begin with. The address may bring others for these: ACD_IVR_QUERY in the dialplan."
        ),
    ] = {}
    credit: Annotated[
        bool, Meta(description="The time in the dialogue counts as time waited in the queue.")
    ] = True
    fallback: Annotated[
        Name | None,
        Meta(
            description="The queue for calls that the dialogue failed. Absent: ACD_IVR_FALLBACK of the dialplan, which also counts "
            "while the daemon is away."
        ),
    ] = None
    most_nodes: Annotated[
        Annotated[int, Meta(ge=1, le=1000)],
        Meta(description="A caller who passed so many nodes goes to the fallback."),
    ] = 100
    longest: Annotated[
        Duration,
        Meta(
            description="So does one at the first node after this time.",
            extra={"at_least": "10s", "at_most": "1h"},
        ),
    ] = Duration(600_000)
