"""How a request to a webhook is signed, and how its receiver checks that. Pure."""

import hashlib
import hmac
from typing import Final

SIGNATURE: Final = "X-Acd-Signature"
TIMESTAMP: Final = "X-Acd-Timestamp"
DELIVERY: Final = "X-Acd-Delivery"
TOLERANCE_S: Final = 300
"""How old a receiver should let a request be: an older one may be a recording of it."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp (seconds, decimal), a dot and the body."""
    told = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={told.hexdigest()}"


def genuine(secret: str, timestamp: str, body: bytes, signature: str, now: int) -> bool:
    """What a receiver does: the signature is right and the request is fresh."""
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode())
