"""A message on its way to somebody. Pure."""

import msgspec

from tests.ua.address import Endpoint
from tests.ua.message import Message


class Datagram(msgspec.Struct, frozen=True, kw_only=True):
    """One message and where it goes."""

    message: Message
    to: Endpoint
