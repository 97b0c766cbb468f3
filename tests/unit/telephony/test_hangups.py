"""Ends of channels from Asterisk's own log."""

from pathlib import Path

import pytest

from acd.core.ids import Uniqueid
from telephony.hangups import Hangup, hangups, read_hangups

pytestmark = pytest.mark.unit

LEG = Uniqueid("1795398545.1")
EXTRA = '"{""hangupcause"":16,""hangupsource"":""PJSIP/1001-00000001"",""dialstatus"":""""}"'
LINE = f'"HANGUP","1795398550.250000","{LEG}","PJSIP/1001-00000001",{EXTRA}'


def test_the_end_of_a_wanted_channel_is_found_with_who_asked_for_it() -> None:
    found = hangups([LINE.replace(LEG, "1.9"), LINE], frozenset({LEG}))

    assert found == {LEG: Hangup(1_795_398_550_250_000_000, "PJSIP/1001-00000001")}


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace("HANGUP", "ANSWER"),
        LINE.replace("1795398550.250000", "2026-11-23"),
        LINE.replace(EXTRA, '"{"'),
        '"HANGUP","1"',
        "",
    ],
)
def test_lines_of_another_form_are_passed_over(line: str) -> None:
    assert hangups([line], frozenset({LEG})) == {}


def test_the_file_s_tail_is_read_whatever_bytes_stand_in_it(tmp_path: Path) -> None:
    log = tmp_path / "acd.csv"
    log.write_bytes(b"\xff\x00garbage\n" + LINE.encode() + b"\n")

    assert LEG in read_hangups(log, frozenset({LEG}))
