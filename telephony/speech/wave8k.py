"""Speech from a synthesiser's rate to the telephone's 8 kHz: a windowed-sinc filter in phases, and silence cut at both ends."""

from collections.abc import Sequence
from math import ceil, cos, gcd, pi, sin
from operator import mul
from typing import Final

RATE: Final = 8_000
_LOBES: Final = 12
"""Zero crossings on each side: enough that nothing above 4 kHz folds back audibly."""
_EDGE: Final = 0.92
"""Of 4 kHz: where the filter begins to fall."""
_QUIET: Final = 200
"""Of 32,768: below it nothing is heard."""
_MARGIN: Final = RATE // 50
"""20 ms are kept at the ends, so that no consonant is lost."""


def to_telephone(samples: Sequence[int], rate: int) -> list[int]:
    """16-bit samples of a rate in Hz, as 8 kHz without the silence around them."""
    return trimmed(samples if rate == RATE else resampled(samples, rate))


def resampled(samples: Sequence[int], rate: int) -> list[int]:
    """At 8 kHz, of the same length in time."""
    common = gcd(rate, RATE)
    up, down = RATE // common, rate // common
    cutoff = _EDGE * min(1.0, RATE / rate)
    reach = ceil(_LOBES / cutoff)
    phases = [_taps(phase / up, cutoff, reach) for phase in range(up)]
    padded = [0] * reach + list(samples) + [0] * (reach + 1)
    spoken = []
    for index in range(len(samples) * up // down):
        whole, phase = divmod(index * down, up)
        spoken.append(_clipped(sum(map(mul, phases[phase], padded[whole + 1 : whole + 2 * reach + 1]))))
    return spoken


def trimmed(samples: Sequence[int]) -> list[int]:
    """Without what is too quiet to be heard at both ends; [] if all of it is."""
    loud = [at for at, sample in enumerate(samples) if abs(sample) > _QUIET]
    return list(samples[max(loud[0] - _MARGIN, 0) : loud[-1] + _MARGIN]) if loud else []


def _taps(shift: float, cutoff: float, reach: int) -> list[float]:
    """The filter as seen from a point `shift` samples after one: for the samples 1 - reach to reach around it."""
    taps = [
        _lowpass(at - shift, cutoff) * _window((at - shift) / reach) for at in range(1 - reach, reach + 1)
    ]
    total = sum(taps)
    return [tap / total for tap in taps]


def _lowpass(at: float, cutoff: float) -> float:
    angle = pi * at * cutoff
    return sin(angle) / angle if angle else 1.0


def _window(at: float) -> float:
    """Hann, from -1 to 1."""
    return 0.5 + 0.5 * cos(pi * at) if abs(at) < 1 else 0.0


def _clipped(value: float) -> int:
    return max(-32_768, min(32_767, round(value)))
