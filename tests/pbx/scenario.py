"""SIPp scenarios with their numbers filled in. Pure."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tests.pbx.errors import SippError

SCENARIOS: Final = Path(__file__).with_name("scenarios")
PLACE: Final = re.compile(r"@([A-Z]+(?:_[A-Z]+)*)@")

DEFAULTS: Final[Mapping[str, str | int]] = {
    "CALLER": "+4930555",
    "TRUNK": "trunk-a",
    "QUERY": "",
    "HOLD_MS": 1_000,
    "WAIT_MS": 1_000,
    "RING_MS": 50,
    "TALK_MS": 3_600_000,
    "STATUS": 486,
}
"""What a scenario says when the test does not. CALLER is a prefix: SIPp puts the number of the call behind it."""


def fill(template: str, values: Mapping[str, str | int]) -> str:
    """Return the scenario with each @NAME@ replaced; SippError for a value no scenario has a place for.

    SIPp takes variables in messages but not in a time-out's attribute, so numbers are written into the file.
    """
    unknown = sorted(set(values) - set(DEFAULTS))
    if unknown:
        raise SippError(f"no scenario has a place for {', '.join(unknown)}; there are {', '.join(DEFAULTS)}")
    whole = {**DEFAULTS, **values}
    return PLACE.sub(lambda place: escape(str(whole[place[1]])), template)


def load(name: str, values: Mapping[str, str | int]) -> str:
    """Return the scenario `name` (a file of scenarios/ without .xml) filled in."""
    path = SCENARIOS / f"{name}.xml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in SCENARIOS.glob("*.xml")))
        raise SippError(f"no scenario {name!r}; there are {known}")
    return fill(path.read_text(encoding="utf-8"), values)
