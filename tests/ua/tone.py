"""What is heard, told by its frequencies: G.711 mu-law frames, and how much of their power lies at one of them (Goertzel)."""

import math
import struct
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Final

RATE: Final = 8_000
TONE_HZ: Final = 1_000
FULL: Final = 32_000
BIAS: Final = 0x84


def _linear(code: int) -> int:
    """One mu-law code as a sample (ITU-T G.711)."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + BIAS) << ((code & 0x70) >> 4)
    return BIAS - magnitude if code & 0x80 else magnitude - BIAS


LINEAR: Final = tuple(_linear(code) for code in range(256))


def share(frames: Iterable[bytes], hertz: float = TONE_HZ) -> float:
    """The part of the frames' power at that frequency, 0 to 1; 0 where there is next to silence."""
    samples = [LINEAR[code] for frame in frames for code in frame]
    power = sum(sample * sample for sample in samples)
    if len(samples) == 0 or power / len(samples) < 100:
        return 0.0
    turn = 2 * math.pi * hertz / RATE
    real = sum(sample * math.cos(turn * at) for at, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * power)


def write_tone(path: Path, seconds: float, hertz: float = TONE_HZ) -> None:
    """A sine as Asterisk plays it: 8 kHz, mono, 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    step = 2 * math.pi * hertz / RATE
    samples = [round(FULL / 4 * math.sin(step * at)) for at in range(int(RATE * seconds))]
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
