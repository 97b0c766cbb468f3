"""Lots without dice: the same seed and call give the same number anywhere, so a replay decides as the original did."""

from hashlib import blake2b

BITS = 1 << 64


def lot(seed: int, subject: str, number: int) -> float:
    """A number from 0 up to, not including, 1 for the `number`-th draw about a subject."""
    text = f"{seed} {subject} {number}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") / BITS
