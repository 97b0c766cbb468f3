"""The demo's call centre: three queues, eight agents, callers of every patience. Numbers chosen to be worth looking at."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tests.centre.centre import Who

QUEUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "sales": {"title": "Sales, in French", "require": {"fr": 3}, "wrap_up": "2s", "ring_timeout": "4s"},
    "support": {"title": "Support", "wrap_up": "3s", "ring_timeout": "4s", "max_waiting": 10},
    "billing": {
        "title": "Billing",
        "require": {"billing": 2},
        "wrap_up": "2s",
        "ring_timeout": "4s",
        "priority": 1,
    },
}
EVERYWHERE: Final = ("sales", "support", "billing")
AGENTS: Final[Mapping[str, Who]] = {
    "ann": Who(phone="1001", skills={"fr": 9}, queues=EVERYWHERE),
    "ben": Who(phone="1002", skills={"fr": 4, "billing": 5}, queues=EVERYWHERE),
    "cem": Who(phone="1003", skills={"billing": 8}, queues=EVERYWHERE),
    "dora": Who(phone="1004", queues=("support",)),
    "eva": Who(phone="1005", skills={"fr": 6}, queues=("sales", "support")),
    "finn": Who(phone="1006", queues=("support",)),
    "gil": Who(phone="1007", skills={"billing": 3}, queues=("billing", "support")),
    "hana": Who(phone="1008", skills={"fr": 2}, queues=EVERYWHERE),
}


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent does with a phone that rings. Shares of 1, seconds."""

    answers_after: float = 0.8
    declines: float = 0.0
    ignores: float = 0.0
    hangs_up: float = 0.3
    transfers: float = 0.05


HABITS: Final[Mapping[str, Habit]] = {
    "finn": Habit(declines=0.4),
    "gil": Habit(ignores=0.4),
    "hana": Habit(answers_after=2.0),
    "cem": Habit(transfers=0.3),
}
TRANSFER_TO: Final = "700"
"""A number that leads to the queue support."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Callers of one kind, made by one SIPp: calls a second, and how long each stays in all."""

    queue: str
    rate: float
    stays_ms: int
    caller: str


STREAMS: Final[Sequence[Stream]] = (
    Stream(queue="sales", rate=0.9, stays_ms=9_000, caller="+331"),
    Stream(queue="sales", rate=0.3, stays_ms=2_500, caller="+332"),
    Stream(queue="support", rate=0.9, stays_ms=11_000, caller="+493"),
    Stream(queue="support", rate=0.3, stays_ms=3_000, caller="+494"),
    Stream(queue="billing", rate=0.6, stays_ms=8_000, caller="+445"),
    Stream(queue="returns", rate=0.1, stays_ms=5_000, caller="+446"),
)
"""About three calls in two seconds, a little more than eight agents can take; `returns` is a queue that does not exist."""
