"""From phones and a site to every file, as text by name; all or nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import Template
from typing import Final

from msgspec import Struct

from hardware.provisioning import asterisk, grandstream, polycom, snom, yealink
from hardware.provisioning.asterisk import Style
from hardware.provisioning.description import DescriptionError, Phone, Site, Vendor
from hardware.provisioning.templates import TemplateError, check_xml, checked, fill


class Maker(Struct, frozen=True):
    """How one vendor's phones are told."""

    template: str
    text: str
    values: Callable[[Phone], dict[str, str]]
    file_name: Callable[[Phone], str]
    is_xml: bool


MAKERS: Final[Mapping[Vendor, Maker]] = {
    Vendor.YEALINK: Maker("yealink.cfg", yealink.TEMPLATE, yealink.values, yealink.file_name, is_xml=False),
    Vendor.GRANDSTREAM: Maker(
        "grandstream.xml", grandstream.TEMPLATE, grandstream.values, grandstream.file_name, is_xml=True
    ),
    Vendor.POLYCOM: Maker("polycom.cfg", polycom.TEMPLATE, polycom.values, polycom.file_name, is_xml=True),
    Vendor.SNOM: Maker("snom.xml", snom.TEMPLATE, snom.values, snom.file_name, is_xml=True),
}
SECTIONS: Final[Mapping[Style, tuple[str, str]]] = {
    Style.PJSIP: ("pjsip.conf", asterisk.SECTIONS),
    Style.WIZARD: ("pjsip_wizard.conf", asterisk.WIZARD),
}
"""Style -> the template's name and our own text."""
TEMPLATES: Final[Mapping[str, str]] = {
    **dict(SECTIONS.values()),
    **{maker.template: maker.text for maker in MAKERS.values()},
}
"""Every template by name: what a site may replace."""

_NOBODY: Final = Phone(number="0", name="", secret="x" * 8, server="0")


class Templates:
    """Ours, or a site's in their place. All are checked, also those that no phone needs."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        """Raise TemplateError for the first broken one; `own` is file name -> text."""
        for name in own or {}:
            if name not in TEMPLATES:
                raise TemplateError(
                    f"{name}: no template has this name; take one of {', '.join(sorted(TEMPLATES))}"
                )
        texts = {**TEMPLATES, **(own or {})}
        known = {maker.template: maker.values(_NOBODY) for maker in MAKERS.values()}
        known |= {name: asterisk.values(_NOBODY, Site()) for name, _ in SECTIONS.values()}
        self._checked: dict[str, Template] = {
            name: checked(name, text, known[name]) for name, text in texts.items()
        }
        for maker in MAKERS.values():
            if maker.is_xml:
                one_line = dict.fromkeys(known[maker.template], "0") | {"codecs": "", "keys": ""}
                check_xml(maker.template, fill(self[maker.template], one_line))

    def __getitem__(self, name: str) -> Template:
        """The template of that name."""
        return self._checked[name]


def render(
    phones: Sequence[Phone], site: Site, *, style: Style, templates: Templates | None = None
) -> dict[str, str]:
    """Return file name -> text: Asterisk's sections and hints, then a file for each phone of a known vendor.

    Raises DescriptionError for phones that would be one to Asterisk or want one file, TemplateError for a template.
    """
    _apart(phones, "endpoint", [phone.number for phone in phones])
    texts = templates or Templates()
    files = dict(_asterisk(phones, site, style, texts))
    told = [phone for phone in phones if phone.vendor is not None]
    names = [MAKERS[phone.vendor].file_name(phone) for phone in told if phone.vendor is not None]
    _apart(told, "file", names)
    return files | {name: _phone(phone, texts) for name, phone in zip(names, told, strict=True)}


def _asterisk(
    phones: Sequence[Phone], site: Site, style: Style, templates: Templates
) -> Iterator[tuple[str, str]]:
    template = templates[SECTIONS[style][0]]
    sections = (fill(template, asterisk.values(phone, site)) for phone in phones)
    yield asterisk.FILES[style], "".join([asterisk.HEAD, *sections])
    yield asterisk.LAMPS_FILE, asterisk.hints(phones, site)


def _phone(phone: Phone, templates: Templates) -> str:
    if phone.vendor is None:
        raise ValueError(f"{phone.number} has no vendor")
    maker = MAKERS[phone.vendor]
    return fill(templates[maker.template], maker.values(phone))


def _apart(phones: Sequence[Phone], what: str, names: Sequence[str]) -> None:
    owners: dict[str, Phone] = {}
    for name, phone in zip(names, phones, strict=True):
        if name in owners:
            raise DescriptionError(
                f"phones {owners[name].number} ({owners[name].name!a}) and {phone.number} ({phone.name!a}) "
                f"have one {what} {name}: give each its own"
            )
        owners[name] = phone
