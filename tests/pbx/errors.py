"""What can go wrong around the real Asterisk. Every message is one line that says what to do."""

from typing import Final

SIMULATED: Final = "without a real Asterisk: make demo PBX=simulated"


class PbxError(Exception):
    """Base of the errors of this package."""


class FolderError(PbxError):
    """There is no folder with a working Asterisk and none could be made."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no Asterisk folder: {reason} ({SIMULATED})")


class InstanceError(PbxError):
    """An Asterisk did not start, answer or stop in time. Names the folder with its logs."""


class SippError(PbxError):
    """A SIPp run could not start, or calls of it failed. Names the folder with its traces."""
