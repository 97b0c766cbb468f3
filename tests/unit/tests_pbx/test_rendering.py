"""The configuration of an instance as text."""

import pytest

from tests.pbx.rendering import CALL_RECORD_FIELDS, render
from tests.pbx.settings import Agent, Places, Settings, Trunk

pytestmark = pytest.mark.unit

PLACES = Places(home="/acd/asterisk-x", sip=12002, manager=12004, rtp=(12010, 13999))


def sections(text: str) -> dict[str, list[str]]:
    """Return the lines below each section header, of all sections with that header together."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            lines = found.setdefault(line[1 : line.index("]")], [])
        elif line:
            lines.append(line)
    return found


@pytest.mark.parametrize(
    ("phone", "there", "absent"),
    [
        ("1001", ["aors=1001"], ["auth=1001", "contact=sip:1001@127.0.0.1:5071", "type=auth"]),
        (Agent(name="1001", contact="127.0.0.1:5071"), ["contact=sip:1001@127.0.0.1:5071"], ["auth=1001"]),
        (Agent(name="1001", password="secret"), ["auth=1001", "type=auth", "password=secret"], []),
    ],
    ids=["registers freely", "has a fixed contact", "registers with a password"],
)
def test_a_phone_is_rendered_as_described(phone: str | Agent, there: list[str], absent: list[str]) -> None:
    lines = sections(render(Settings(agents=[phone]), PLACES)["pjsip.conf"])["1001"]

    assert [line for line in there if line not in lines] == []
    assert [line for line in absent if line in lines] == []


def test_a_trunk_without_a_port_is_known_by_its_header_only() -> None:
    found = sections(render(Settings(trunks=["trunk-a"]), PLACES)["pjsip.conf"])

    assert "match_header=X-Trunk: trunk-a" in found["trunk-a-header"]
    assert "trunk-a-port" not in found


def test_a_trunk_with_a_port_is_known_by_it_and_can_be_called() -> None:
    found = sections(render(Settings(trunks=[Trunk(name="trunk-b", port=5090)]), PLACES)["pjsip.conf"])

    assert "match=127.0.0.1:5090/32" in found["trunk-b-port"]
    assert "contact=sip:127.0.0.1:5090" in found["trunk-b"]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("pjsip.conf", "bind=127.0.0.1:12002"),
        ("pjsip.conf", "device_state_busy_at=3"),
        ("pjsip.conf", "qualify_frequency=7"),
        ("manager.conf", "port=12004"),
        ("manager.conf", "#include manager_acd.conf"),
        ("rtp.conf", "rtpstart=12010"),
        ("rtp.conf", "rtpend=13999"),
        ("asterisk.conf", "astdbdir => /acd/asterisk-x/lib"),
        ("extensions.conf", "ACD_AGI=127.0.0.1:9999"),
        ("extensions.conf", "ACD_GRACE=5"),
        ("extensions.conf", "exten => 500,1,Goto(sales,1)"),
        ("extensions.conf", "exten => 700,1,Echo()"),
        ("extensions.conf", "exten => lamp,hint,Custom:lamp"),
        ("extensions.conf", "#include extensions_acd.conf"),
        ("modules.conf", "#include modules_acd.conf"),
        ("modules.conf", "load = app_queue.so"),
        ("modules.conf", "load = app_echo.so"),
        ("queues.conf", "[bench]"),
    ],
)
def test_every_setting_reaches_its_file(file: str, line: str) -> None:
    settings = Settings(
        agi="127.0.0.1:9999",
        grace=5,
        busy_at=3,
        qualify=7,
        numbers={"500": "sales"},
        hints={"lamp": "Custom:lamp"},
        dialplan="exten => 700,1,Echo()",
        queues="[bench]\n",
        modules=("app_echo",),
    )

    assert line in render(settings, PLACES)[file].splitlines()


def test_app_queue_is_loaded_only_for_a_bench() -> None:
    files = render(Settings(), PLACES)

    assert "app_queue" not in files["modules.conf"]
    assert "queues.conf" not in files


@pytest.mark.parametrize(("records", "line"), [(True, "enable=yes"), (False, "enable=no")])
def test_records_can_be_switched_off(records: bool, line: str) -> None:
    files = render(Settings(records=records), PLACES)

    assert line in files["cdr.conf"].splitlines()
    assert line in files["cel.conf"].splitlines()


def test_a_call_record_has_one_column_a_field() -> None:
    mapping = render(Settings(), PLACES)["cdr_custom.conf"].splitlines()[1]

    assert mapping.count("CSV_QUOTE") == len(CALL_RECORD_FIELDS)


@pytest.mark.parametrize("name", ["", "1001]", "a b", "1001\ntype=transport", "-x", "x" * 41])
def test_a_name_that_would_break_a_file_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an endpoint"):
        Settings(agents=[name])


def test_one_name_for_a_phone_and_a_trunk_is_refused() -> None:
    with pytest.raises(ValueError, match="named twice"):
        Settings(agents=["1001"], trunks=["1001"])
