"""What a phone does with an incoming call by itself. Pure data; `IncomingCall.behave` carries it out."""

import msgspec


class Ring(msgspec.Struct, frozen=True):
    """180, then wait for the test to answer or reject."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """180 (unless `ring` is False), then 200 `after` so many seconds."""

    after: float = 0.0
    ring: bool = True


class Reject(msgspec.Struct, frozen=True):
    """180 (unless `ring` is False: do-not-disturb), then `status` `after` so many seconds."""

    status: int = 486
    after: float = 0.0
    ring: bool = True


class Silent(msgspec.Struct, frozen=True):
    """No reply at all, not even to a CANCEL: a phone that lost its power with the call on its way."""


class Redirect(msgspec.Struct, frozen=True):
    """302 with that Contact URI: call forwarding on the phone."""

    target: str
    after: float = 0.0
    ring: bool = True


Behaviour = Ring | Answer | Reject | Silent | Redirect
