"""Files of phones: golden ones byte for byte, texts that would inject, templates that are broken.

No file of a vendor was tried on hardware: the golden files say what we write, not that a phone takes it.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from hardware.provisioning.asterisk import FILES, LAMPS_FILE, Style
from hardware.provisioning.description import (
    Codec,
    DescriptionError,
    Key,
    Kind,
    Language,
    Phone,
    Site,
    Transport,
    Vendor,
)
from hardware.provisioning.rendering import TEMPLATES, Templates, render
from hardware.provisioning.templates import TemplateError
from hardware.provisioning.words import label

pytestmark = pytest.mark.unit

GOLDEN = Path(__file__).parent / "golden"
KEYS = (
    Key(kind=Kind.LINE, label="Ann"),
    Key(kind=Kind.LAMP, label="Ann", value="acd-agent-ann"),
    Key(kind=Kind.LAMP, label="Pause", value="acd-pause-ann"),
    Key(kind=Kind.LAMP, label="Sales", value="acd-queue-sales"),
    Key(kind=Kind.CODE, label="Log in/out", value="*45"),
    Key(kind=Kind.CODE, label="Pause", value="*46"),
    Key(kind=Kind.CODE, label="Waiting", value="*47"),
)
ANN = Phone(
    number="1001",
    name="Ann Müller",
    secret="Vmvx3KpQ9rTb",
    server="pbx.example.org",
    mac="001565aabbcc",
    language=Language.GERMAN,
    auto_answer=True,
    keys=KEYS,
)
BOB = Phone(
    number="bob.b",
    name='B; "[ob]" <&>',
    secret="Lw7zHd2Ykf5c",
    server="2001:db8::1",
    transport=Transport.TLS,
    port=5061,
    codecs=(Codec.OPUS, Codec.ULAW),
    keys=(Key(kind=Kind.LINE), Key(kind=Kind.LAMP, label="<&\"'>", value="acd-agent-ann")),
)
HOSTILE = (
    "a;b",
    "a;--b",
    "a\\;b",
    "[global]",
    'a" <666>',
    "a' b",
    "]]>",
    "<item/>",
    "a&amp;b",
    "#exec rm",
    "${SHELL(id)}",
    "$secret $$",
    "%NULL%",
    "é漢😀",
)


def rendered(*phones: Phone, style: Style = Style.PJSIP, **templates: str) -> dict[str, str]:
    own = {name.replace("__", "."): text for name, text in templates.items()}
    return render(phones, Site(), style=style, templates=Templates(own))


def same(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_bytes().decode(), f"{GOLDEN / name} differs"


# ---------------------------------------------------------------- golden files


@pytest.mark.parametrize("style", Style)
def test_asterisks_part_of_style(style: Style) -> None:
    files = rendered(ANN, BOB, style=style)

    assert set(files) == {FILES[style], LAMPS_FILE}
    same(FILES[style], files[FILES[style]])
    same(LAMPS_FILE, files[LAMPS_FILE])


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize("phone", [ANN, BOB], ids=["with_mac_in_german", "no_mac_by_tls"])
def test_unverified_on_hardware_the_file_of(vendor: Vendor, phone: Phone) -> None:
    files = rendered(replace(phone, vendor=vendor))

    (name,) = set(files) - {*FILES.values(), LAMPS_FILE}
    same(name if phone is BOB else f"{vendor.value}-{name}", files[name])


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        (Vendor.YEALINK, "001565aabbcc.cfg"),
        (Vendor.GRANDSTREAM, "cfg001565aabbcc.xml"),
        (Vendor.POLYCOM, "001565aabbcc-acd.cfg"),
        (Vendor.SNOM, "001565AABBCC.xml"),
    ],
)
def test_a_phone_of_known_mac_finds_its_file_by(vendor: Vendor, name: str) -> None:
    assert name in rendered(replace(ANN, vendor=vendor))


def test_a_lamp_on_many_phones_is_one_hint() -> None:
    text = rendered(ANN, BOB)[LAMPS_FILE]

    assert [line for line in text.splitlines() if line.startswith("exten")] == [
        "exten => acd-agent-ann,hint,Custom:acd-agent-ann",
        "exten => acd-pause-ann,hint,Custom:acd-pause-ann",
        "exten => acd-queue-sales,hint,Custom:acd-queue-sales",
    ]


def test_labels_are_of_the_phones_language() -> None:
    assert [label("*46", language) for language in Language] == ["Pause", "Pause", "Pausa", "Pause", "Pausa"]
    assert label("*999", Language.GERMAN) == "*999"


# ---------------------------------------------------------------- injection


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("style", Style)
def test_no_name_begins_a_section_or_a_comment_in_asterisk(name: str, style: Style) -> None:
    tame, hostile = (
        rendered(replace(ANN, name=given), style=style)[FILES[style]].splitlines() for given in ("Ann", name)
    )

    assert len(tame) == len(hostile)
    different = [line for line, other in zip(hostile, tame, strict=True) if line != other]
    assert len(different) == 1
    value = different[0].partition(" = ")[2]
    assert value.replace(r"\;", "").count(";") == 0
    assert value.startswith('"')
    assert value.endswith('" <1001>')
    assert value.count('"') == 2
    assert value.count("<") == 1


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("vendor", [Vendor.GRANDSTREAM, Vendor.POLYCOM, Vendor.SNOM])
def test_every_name_and_label_comes_back_from_xml_as_it_was(name: str, vendor: Vendor) -> None:
    phone = replace(ANN, name=name, vendor=vendor, keys=(Key(kind=Kind.CODE, label=name, value="*45"),))
    tree = ET.fromstring(_file(phone))

    found = [text for node in tree.iter() for text in (node.text, *node.attrib.values())]
    assert found.count(name) >= 2


@pytest.mark.parametrize("name", [*HOSTILE, "account.1.enable = 0"], ids=ascii)
def test_no_name_begins_a_line_in_yealinks_file(name: str) -> None:
    lines = _file(replace(ANN, name=name, vendor=Vendor.YEALINK)).splitlines()

    assert lines[4] == f"account.1.display_name = {name.strip('%')}"
    assert [line for line in lines if line.startswith("account.1.enable")] == ["account.1.enable = 1"]


def _file(phone: Phone) -> str:
    files = rendered(phone)
    (name,) = set(files) - {*FILES.values(), LAMPS_FILE}
    return files[name]


@pytest.mark.parametrize(
    "bad", ["a\nb", "a\r[x]", "\0", "\x1b[2J", "a\u2028b", "\ud800", "\ufffe", "\x85"], ids=ascii
)
@pytest.mark.parametrize("where", ["name", "label"])
def test_a_line_end_or_control_character_is_refused_in(where: str, bad: str) -> None:
    with pytest.raises(DescriptionError, match="write one line of printable characters"):
        replace(ANN, name=bad) if where == "name" else Key(kind=Kind.LINE, label=bad)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "1001]"),
        ("number", ""),
        ("number", "10 01"),
        ("number", "../x"),
        ("number", "1\n"),
        ("server", "pbx\nx"),
        ("server", "a b"),
        ("server", ""),
        ("model", "<x>"),
        ("mac", "00:15:65"),
        ("mac", "001565AABBCC"),
        ("port", 0),
        ("codecs", ()),
        ("keys", KEYS * 10),
    ],
    ids=str,
)
def test_a_value_that_no_file_may_hold_is_refused(field: str, value: object) -> None:
    with pytest.raises(DescriptionError):
        replace(ANN, **{field: value})


@pytest.mark.parametrize(
    "secret", ["", "short", "has space in it", "semi;colon;x", "line\nend12345", "x" * 65]
)
def test_a_secret_that_needs_quotes_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(DescriptionError, match="write 8 to 64 of") as caught:
        replace(ANN, secret=secret)

    assert secret == "" or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Kind.LINE, "x"), (Kind.LAMP, "ann"), (Kind.LAMP, "acd-agent-a,1"), (Kind.CODE, "4a"), (Kind.CODE, "")],
    ids=str,
)
def test_a_key_of_another_kind_is_refused(kind: Kind, value: str) -> None:
    with pytest.raises(DescriptionError, match="write"):
        Key(kind=kind, value=value)


@pytest.mark.parametrize("context", ["a]", "a b", "", "x\n"], ids=ascii)
def test_a_context_that_asterisk_would_read_otherwise_is_refused(context: str) -> None:
    with pytest.raises(DescriptionError, match="the context"):
        Site(context=context)


# ---------------------------------------------------------------- collisions


@pytest.mark.parametrize(
    ("phones", "what"),
    [
        ((ANN, replace(ANN, name="Eve")), "one endpoint 1001"),
        (
            (replace(ANN, vendor=Vendor.SNOM), replace(ANN, number="1002", vendor=Vendor.SNOM)),
            "one file 001565AABBCC.xml",
        ),
    ],
)
def test_two_phones_can_not_have(phones: Sequence[Phone], what: str) -> None:
    with pytest.raises(DescriptionError, match=what):
        rendered(*phones)


def test_lamps_that_differ_by_a_dash_only_are_refused() -> None:
    keys = tuple(Key(kind=Kind.LAMP, value=f"acd-agent-{name}") for name in ("ann-e", "anne"))

    with pytest.raises(DescriptionError, match="acd-agent-ann-e and acd-agent-anne are one extension"):
        rendered(replace(ANN, keys=keys))


# ---------------------------------------------------------------- templates


def test_a_sites_template_takes_the_place_of_ours() -> None:
    files = rendered(
        replace(ANN, vendor=Vendor.YEALINK),
        yealink__cfg="#!version:1.0.0.1\nname = ${name} costs 5$$\n",
        pjsip__conf="[$number](agents)\npassword=$secret\n",
    )

    assert files["001565aabbcc.cfg"] == "#!version:1.0.0.1\nname = Ann Müller costs 5$\n"
    assert files[FILES[Style.PJSIP]].endswith("\n[1001](agents)\npassword=Vmvx3KpQ9rTb\n")


def test_a_value_is_not_read_as_a_template() -> None:
    files = rendered(replace(ANN, name="$secret"), pjsip__conf="$name\n")

    assert files[FILES[Style.PJSIP]].endswith("\n$secret\n")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("yealink__cfg", "a\nb $nmae\n", r"yealink.cfg:2: unknown placeholder \$nmae; known: .*name"),
        ("yealink__cfg", "${name\n", r"yealink.cfg:1: no placeholder: '\${name'; write \$name"),
        (
            "pjsip__conf",
            "\n\ncosts 5$ each",
            r"pjsip.conf:3: no placeholder: '\$ each'; .* \$\$ for a dollar",
        ),
        ("pjsip__conf", "$", "pjsip.conf:1: no placeholder"),
        ("pjsip_wizard__conf", "$keys", r"pjsip_wizard.conf:1: unknown placeholder \$keys"),
        ("snom__xml", "<a>\n<b>\n</a>", "snom.xml:3: no XML once filled: mismatched tag"),
        ("polycom__cfg", "", "polycom.cfg:1: no XML once filled: no element found"),
        ("grandstream__xml", "<a>$keys</a>\n$codecs<b/>", "grandstream.xml:2: no XML"),
        ("cisco__cfg", "", "cisco.cfg: no template has this name; take one of grandstream.xml, pjsip.conf"),
    ],
)
def test_a_broken_template_is_told_by_file_and_line(name: str, text: str, told: str) -> None:
    """Whether or not any phone needs it."""
    with pytest.raises(TemplateError, match=told):
        Templates({name.replace("__", "."): text})


def test_our_own_templates_are_a_start_for_a_sites() -> None:
    own = Templates(TEMPLATES)

    assert render([ANN], Site(), style=Style.WIZARD, templates=own) == rendered(ANN, style=Style.WIZARD)
