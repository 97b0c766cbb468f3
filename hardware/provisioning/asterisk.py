"""Endpoint, auth and aor of each phone, as sections of pjsip.conf or as wizards, and the hints of the lamps.

No `transport` is written: Asterisk answers a phone over whatever it registered by; a site's template may add it.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from hardware.provisioning import escaping
from hardware.provisioning.description import DescriptionError, Kind, Phone, Site

HEAD: Final = (
    "; Written by `acd phones render`, which writes it anew: change a template instead. Holds secrets.\n"
)

SECTIONS: Final = """\

[$number]
type = endpoint
context = $context
disallow = all
allow = $codecs
aors = $number
auth = $number
callerid = "$name" <$number>
language = $language
allow_subscribe = yes
direct_media = no

[$number]
type = aor
max_contacts = $contacts
remove_existing = yes
qualify_frequency = $qualify

[$number]
type = auth
username = $number
password = $secret
"""

WIZARD: Final = """\

[$number]
type = wizard
accepts_auth = yes
accepts_registrations = yes
inbound_auth/username = $number
inbound_auth/password = $secret
endpoint/context = $context
endpoint/disallow = all
endpoint/allow = $codecs
endpoint/callerid = "$name" <$number>
endpoint/language = $language
endpoint/allow_subscribe = yes
endpoint/direct_media = no
aor/max_contacts = $contacts
aor/remove_existing = yes
aor/qualify_frequency = $qualify
"""


class Style(Enum):
    """How Asterisk is told of endpoints."""

    PJSIP = "pjsip"
    WIZARD = "wizard"


FILES: Final[Mapping[Style, str]] = {
    Style.PJSIP: "pjsip_acd_phones.conf",
    Style.WIZARD: "pjsip_wizard_acd_phones.conf",
}
"""What pjsip.conf or pjsip_wizard.conf includes."""
LAMPS_FILE: Final = "extensions_acd_phones.conf"


def values(phone: Phone, site: Site) -> dict[str, str]:
    """What a template of a section may use, escaped for Asterisk."""
    return {
        "number": phone.number,
        "name": escaping.caller(phone.name),
        "secret": escaping.asterisk(phone.secret),
        "context": site.context,
        "codecs": ",".join(codec.value for codec in phone.codecs),
        "language": phone.language.value,
        "transport": phone.transport.value,
        "contacts": str(site.contacts),
        "qualify": str(site.qualify),
    }


def hints(phones: Iterable[Phone], site: Site) -> str:
    """Dialplan: a hint for each lamp that some key shows. Raises DescriptionError for lamps that Asterisk can't tell apart."""
    lamps = sorted({key.value for phone in phones for key in phone.keys if key.kind is Kind.LAMP})
    seen: dict[str, str] = {}
    for lamp in lamps:
        # Asterisk compares extensions without their dashes (pbx.c, ext_cmp).
        other = seen.setdefault(lamp.replace("-", ""), lamp)
        if other != lamp:
            raise DescriptionError(
                f"lamps {other} and {lamp} are one extension for Asterisk, which skips dashes: rename one of the two"
            )
    lines = [f"exten => {lamp},hint,Custom:{lamp}\n" for lamp in lamps]
    return "".join([HEAD.replace(" Holds secrets.", ""), f"\n[{site.lamps_context}]\n", *lines])
