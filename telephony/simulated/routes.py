"""What stands behind an extension of the simulated dialplan."""

from typing import TypeAlias

import msgspec


class ToQueue(msgspec.Struct, frozen=True):
    """Enters the ACD loop for `queue`; `query` is ACD_QUERY of the shipped dialplan."""

    queue: str
    query: str = ""


class ToPhone(msgspec.Struct, frozen=True):
    """Dials one phone, as an office extension does, and hangs up after."""

    number: str
    seconds: float = 30.0


class Echo(msgspec.Struct, frozen=True):
    """Is answered at once by a machine and lasts until the far end hangs up."""


Route: TypeAlias = ToQueue | ToPhone | Echo
