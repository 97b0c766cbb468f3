"""A centre beside a real Asterisk, which tests also ask and change directly."""

from pathlib import Path

from tests.centre.centre import Centre, Site
from tests.pbx.instance import Asterisk
from tests.ua.phone import Phone


class RealCentre(Centre):
    """A centre that knows its Asterisk as `pbx`."""

    def __init__(self, pbx: Asterisk, directory: Path, agi_port: int, trunk: Phone) -> None:
        super().__init__(Site.of(pbx), directory, agi_port, trunk)
        self.pbx = pbx
