"""`acd phones render`: from a configuration to files, all or none, secrets kept."""

import fcntl
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acd.cli.main import acd
from config import phones as written
from hardware.provisioning import description

pytestmark = pytest.mark.unit

ACD = '[[switch]]\nname = "pbx1"\nhost = "192.0.2.1"\nsecret = "x"\n'
AGENTS = """\
[agents.ann]
title = "Ann; [x]"
phone = "1001"
queues = ["sales"]
auto_answer = "call_info"
[agents.bob]
phone = "1002"
queues = ["sales", "support"]
[agents.eve]
number = "9"
[agents.dan]
phone = "DAHDI/1"
"""
Render = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "acd.toml").write_text(ACD)
    (folder / "queues.toml").write_text('[queues.sales]\ntitle = "Sales"\n[queues.support]\n')
    (folder / "agents.toml").write_text(AGENTS)
    (folder / "skills.toml").write_text("")
    for file in folder.iterdir():
        file.chmod(0o640)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "phones"


@pytest.fixture
def render(config: Path, out: Path) -> Render:
    def run(*args: str) -> Result:
        command = ["phones", "render", "--config", str(config), "--out", str(out), *args]
        return CliRunner().invoke(acd, command, catch_exceptions=False)

    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_files_of_asterisk_and_of_the_vendor_are_written_for_their_readers_alone(
    render: Render, out: Path
) -> None:
    result = render("--vendor", "yealink")

    assert result.exit_code == 0, result.output
    assert "2 phones, 4 files" in result.stdout
    modes = {path.name: mode(path) for path in out.iterdir()}
    assert modes == {
        "secrets.toml": 0o600,
        "pjsip_acd_phones.conf": 0o640,
        "extensions_acd_phones.conf": 0o640,
        "yealink-1001.cfg": 0o640,
        "yealink-1002.cfg": 0o640,
    }
    assert mode(out) == 0o750


def test_who_has_no_phone_to_write_for_is_told(render: Render) -> None:
    assert "agent eve has no phone of the own" in render().stderr
    assert "agent dan: DAHDI/1 is no PJSIP endpoint" in render().stderr


def test_keys_are_those_of_the_agent(render: Render, out: Path) -> None:
    render("--vendor", "yealink")
    lines = (out / "yealink-1002.cfg").read_text().splitlines()

    shown = [line.partition(" = ")[2] for line in lines if re.match(r"linekey\.\d+\.(value|label)", line)]
    assert list(zip(shown[::2], shown[1::2], strict=True)) == [
        ("%NULL%", "bob"),
        ("acd-agent-bob", "bob"),
        ("acd-pause-bob", "Paused"),
        ("acd-queue-sales", "Sales"),
        ("acd-queue-support", "support"),
        ("*45", "Log in/out"),
        ("*46", "Pause"),
        ("*47", "Waiting"),
    ]
    assert (
        "exten => acd-queue-support,hint,Custom:acd-queue-support\n"
        in texts(out)["extensions_acd_phones.conf"]
    )


def test_an_agent_may_differ(render: Render, config: Path, out: Path) -> None:
    own = '[phones]\nvendor = "polycom"\nlanguage = "de"\ncontext = "phones"\ncontacts = 2\nqualify = "0s"\n'
    own += '[phones.servers]\npbx1 = "pbx.example.org"\n[phones.agents.ann]\nvendor = "snom"\nmac = "00-15-65-AA-bb-cc"\n'
    own += 'keys = ["agent:bob=Boss", "pause:bob", "missed", "free", "*480", "*45=Hallo"]\n'
    (config / "acd.toml").write_text(ACD + own)
    assert render().exit_code == 0

    snom = texts(out)["001565AABBCC.xml"]
    assert '<user_host idx="1" perm="">pbx.example.org<' in snom
    assert re.findall(r'label="(.*?)" perm="">(\S+ ?[^@<]*)', snom) == [
        ("Boss", "blf sip:acd-agent-bob"),
        ("Pausiert bob", "blf sip:acd-pause-bob"),
        ("Verpasst", "blf sip:acd-missed-ann"),
        ("Frei Sales", "blf sip:acd-free-sales"),
        ("Bereit", "speed *480"),
        ("Hallo", "speed *45"),
    ]
    assert "polycom-1002.cfg" in texts(out)
    assert "context = phones\n" in texts(out)["pjsip_acd_phones.conf"]
    assert (
        "max_contacts = 2\nremove_existing = yes\nqualify_frequency = 0\n"
        in texts(out)["pjsip_acd_phones.conf"]
    )


def test_secrets_are_made_once(render: Render, config: Path, out: Path) -> None:
    render()
    first = (out / "secrets.toml").read_text()
    assert len(set(re.findall(r'= "([A-Za-z0-9]{20})"', first))) == 2
    (config / "agents.toml").write_text(AGENTS + '[agents.new]\nphone = "1003"\n')
    render("--style", "wizard")
    second = (out / "secrets.toml").read_text()

    assert second.startswith(first)
    assert second.count(" = ") == first.count(" = ") + 1
    for secret in re.findall(r'= "(.*)"', second):
        assert f"inbound_auth/password = {secret}\n" in texts(out)["pjsip_wizard_acd_phones.conf"]


def test_a_secret_of_the_operators_own_is_taken_and_its_file_closed_to_others(
    render: Render, out: Path
) -> None:
    out.mkdir(parents=True)
    (out / "secrets.toml").write_text('[pbx1]\n1001 = "from-the-old-pbx"\n')
    (out / "secrets.toml").chmod(0o644)
    render()

    assert "password = from-the-old-pbx\n" in texts(out)["pjsip_acd_phones.conf"]
    assert mode(out / "secrets.toml") == 0o600


def test_what_another_render_left_is_told(render: Render, out: Path) -> None:
    render()
    told = render("--style", "wizard").stderr

    assert "not of this render: pjsip_acd_phones.conf; remove what nothing reads any more" in told


def test_each_of_several_switches_has_its_folder(render: Render, config: Path, out: Path) -> None:
    other = '[[switch]]\nname = "pbx2"\nhost = "192.0.2.2"\nsecret = "x"\n'
    (config / "acd.toml").write_text(ACD + other)
    agents = '[agents.ann]\nphone = "1001"\nswitch = "pbx1"\n[agents.bob]\nphone = "1001"\nswitch = "pbx2"\n'
    (config / "agents.toml").write_text(agents)
    result = render("--vendor", "yealink")
    assert result.exit_code == 0, result.output

    found = texts(out)
    assert "address = 192.0.2.1\n" in found["pbx1/yealink-1001.cfg"]
    assert "address = 192.0.2.2\n" in found["pbx2/yealink-1001.cfg"]
    assert len(set(re.findall(r'= "(.*)"', found["secrets.toml"]))) == 2


def test_a_header_that_the_phones_do_not_know_is_told(render: Render) -> None:
    told = render("--vendor", "polycom").stderr

    assert 'agent ann: phones of polycom do not know auto_answer = "call_info": take ring_answer' in told


def test_a_sites_templates_are_used(render: Render, tmp_path: Path, out: Path) -> None:
    folder = templates(tmp_path, "pjsip.conf", '[$number](agent)\npassword=$secret\ncallerid="$name"\n')
    (folder / "pjsip.conf~").write_text("$$ $backup")
    assert render("--templates", str(folder)).exit_code == 0

    assert "\n[1001](agent)\npassword=" in texts(out)["pjsip_acd_phones.conf"]
    assert 'callerid="Ann\\; [x]"\n' in texts(out)["pjsip_acd_phones.conf"]


def templates(tmp_path: Path, name: str, text: str) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    return folder


# ---------------------------------------------------------------- refused: nothing is written


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("yealink.cfg", "a\n$nmae\n", "yealink.cfg:2: unknown placeholder $nmae; known: "),
        ("pjsip.conf", "[$number]\ncost = 5$ a\n", "pjsip.conf:2: no placeholder: '$ a'; write $name"),
        ("snom.xml", "<a>", "snom.xml:1: no XML once filled"),
        ("other.txt", "", "other.txt: no template has this name"),
        ("snom.xml", "a\n\udcff", "snom.xml:2: no UTF-8"),
    ],
)
def test_a_broken_template_changes_nothing(
    render: Render, tmp_path: Path, out: Path, name: str, text: str, told: str
) -> None:
    render()
    before = texts(out)
    result = render("--vendor", "yealink", "--templates", str(templates(tmp_path, name, text)))

    assert result.exit_code == 1
    assert told in result.stderr
    assert "nothing is written" in result.stderr
    assert texts(out) == before


def test_a_configuration_that_is_refused_writes_nothing(render: Render, config: Path, out: Path) -> None:
    (config / "acd.toml").write_text(ACD + '[phones]\nkeys = ["queue:slaes"]\n')
    result = render()

    assert result.exit_code == 1
    assert 'unknown queue "slaes"' in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pbx1\n", r"secrets.toml: Expected.*line 1.*mend it"),
        ("pbx1 = 3\n", "secrets.toml: Expected `object`"),
        ('[pbx1]\n1001 = "a;b c"\n', "the secret of phone '1001' is wrong: write 8 to 64"),
    ],
)
def test_broken_secrets_change_nothing_and_are_not_repeated(
    render: Render, out: Path, text: str, told: str
) -> None:
    out.mkdir(parents=True)
    (out / "secrets.toml").write_text(text)
    result = render()

    assert result.exit_code == 1
    assert re.search(told, result.stderr)
    assert "a;b c" not in result.stderr
    assert texts(out) == {"secrets.toml": text}


def test_a_place_that_cannot_be_written_leaves_nothing_behind(render: Render, out: Path) -> None:
    (out / "pjsip_acd_phones.conf").mkdir(parents=True)
    result = render()

    assert result.exit_code == 1
    assert "pjsip_acd_phones.conf: is a directory; move it away; nothing is written" in result.stderr
    assert texts(out) == {}


def test_a_full_disk_leaves_nothing_behind(
    render: Render, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render()
    before = texts(out)
    written_so_far: list[int] = []

    def full(number: int) -> None:
        written_so_far.append(number)
        if len(written_so_far) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = render("--vendor", "yealink")

    assert result.exit_code == 1
    assert "cannot be written: No space left on device; free space" in result.stderr
    assert texts(out) == before


def test_two_renders_do_not_mix(render: Render, out: Path) -> None:
    out.mkdir(parents=True)
    held = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = render()
    finally:
        os.close(held)

    assert result.exit_code == 1
    assert "another render writes there" in result.stderr
    assert texts(out) == {}


def test_a_file_in_the_way_of_the_folder_is_told(render: Render, out: Path) -> None:
    out.parent.mkdir()
    out.write_text("")
    result = render()

    assert result.exit_code == 2
    assert "is a file" in result.stderr


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_phones_are_not_sent_to_their_own_loopback(
    render: Render, config: Path, out: Path, address: str
) -> None:
    (config / "acd.toml").write_text(ACD.replace("192.0.2.1", address))
    assert render().exit_code == 0
    result = render("--vendor", "snom")

    assert result.exit_code == 1
    assert "[phones] servers = { pbx1 = " in result.stderr


@pytest.mark.parametrize("kind", ["Vendor", "Language", "Transport", "Codec"])
def test_the_configuration_knows_the_same_as_the_renderer(kind: str) -> None:
    """Neither may import the other."""
    one, other = getattr(written, kind), getattr(description, kind)

    assert [member.value for member in one] == [member.value for member in other]
