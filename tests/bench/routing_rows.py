"""From the rounds of both arms to the rows that are printed and written. Pure."""

import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from tests.bench.routing_times import quantile


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm did in one round: milliseconds each, processor milliseconds per call by load."""

    ring: Sequence[float]
    gap: Sequence[float]
    waited: Sequence[float]
    asterisk_free: float
    asterisk_busy: float
    daemon_free: float = 0.0
    daemon_busy: float = 0.0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `ratio` is value / reference; `target` says of which; None where nothing is asked."""

    measure: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    target: str | None = None
    ok: bool | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """How a row is made: one figure of a round, the median of which counts, and what is asked of it."""

    name: str
    unit: str = "ms"
    of: Callable[[Round], float]
    target: str | None = None
    """`<= 4 ms`: the value; `ratio <= 1.4`, `ratio <= 1/50`: value over reference."""
    compared: bool = True


def _share(field: str, share: float) -> Callable[[Round], float]:
    return lambda one: quantile(getattr(one, field), share)


MEASURES: Final = (
    Measure(name="idle gap, callers waiting, p50", of=_share("gap", 0.5), target="<= 4 ms"),
    Measure(name="idle gap, callers waiting, p50", of=_share("gap", 0.5), target="ratio <= 1/50"),
    Measure(name="idle gap, callers waiting, p99", of=_share("gap", 0.99)),
    Measure(name="ring latency, agents free, p50", of=_share("ring", 0.5), target="ratio <= 1.4"),
    Measure(name="ring latency, agents free, p99", of=_share("ring", 0.99)),
    Measure(name="wait, callers waiting, p50", of=_share("waited", 0.5)),
    Measure(
        name="Asterisk CPU per call, agents free",
        of=operator.attrgetter("asterisk_free"),
        target="ratio <= 1",
    ),
    Measure(
        name="Asterisk CPU per call, callers waiting",
        of=operator.attrgetter("asterisk_busy"),
        target="ratio <= 1",
    ),
    Measure(
        name="daemon CPU per call, agents free",
        of=operator.attrgetter("daemon_free"),
        target="<= 3 ms",
        compared=False,
    ),
    Measure(
        name="daemon CPU per call, callers waiting",
        of=operator.attrgetter("daemon_busy"),
        target="<= 3 ms",
        compared=False,
    ),
)


def rows(rounds: Mapping[str, Sequence[Round]]) -> list[Row]:
    """One row a measure: the median over the rounds of `acd`, beside that of `app_queue`."""
    return [_row(measure, rounds) for measure in MEASURES]


def _row(measure: Measure, rounds: Mapping[str, Sequence[Round]]) -> Row:
    value = statistics.median(measure.of(one) for one in rounds["acd"])
    reference = (
        statistics.median(measure.of(one) for one in rounds["app_queue"]) if measure.compared else None
    )
    ratio = value / reference if reference else None
    return Row(
        measure=measure.name,
        value=round(value, 2),
        unit=measure.unit,
        reference=None if reference is None else round(reference, 2),
        ratio=None if ratio is None else round(ratio, 4),
        target=measure.target,
        ok=None if measure.target is None else met(measure.target, value, ratio),
    )


def met(target: str, value: float, ratio: float | None) -> bool:
    """Whether the value, or its ratio, is within the target; ValueError for a ratio that there is none of."""
    subject, limit = target.split("<=")
    above, _, below = limit.split()[0].partition("/")
    bound = float(above) / float(below or 1)
    if not subject.strip():
        return value <= bound
    if ratio is None:
        raise ValueError(f"{target!r} asks for a ratio, but there is no reference")
    return ratio <= bound


def table(found: Sequence[Row]) -> str:
    """The rows for people."""
    lines = [f"{'measure':<40}{'acd':>10}{'app_queue':>11}  {'ratio':>8}  target"]
    for row in found:
        reference = "" if row.reference is None else f"{row.reference:,.2f}"
        verdict = "" if row.ok is None else f"{row.target}: {'met' if row.ok else 'MISSED'}"
        lines.append(
            f"{row.measure:<40}{row.value:>7,.2f} {row.unit}{reference:>11}  {_ratio(row.ratio):>8}  {verdict}".rstrip()
        )
    return "\n".join(lines) + "\n"


def _ratio(ratio: float | None) -> str:
    """1.10x, or 1/160 where ours is much the smaller."""
    if ratio is None:
        return ""
    return f"{ratio:.2f}x" if ratio > 0.1 else f"1/{1 / ratio:.0f}"
