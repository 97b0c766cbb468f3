"""Every configuration file of an instance, as text by name. Pure: nothing here touches a disk."""

from collections.abc import Mapping
from typing import Final

from tests.pbx.dialplan_conf import render_extensions
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER, Places, Settings
from tests.pbx.sip_conf import render_pjsip

SHARED_DATA: Final = "/usr/share/asterisk"
"""Sounds, music and the XML documentation that some modules refuse to start without."""

CHANNEL_EVENTS: Final = (
    "CHAN_START,ANSWER,HANGUP,CHAN_END,BRIDGE_ENTER,BRIDGE_EXIT,BLINDTRANSFER,ATTENDEDTRANSFER,LINKEDID_END"
)
# Column -> what the logger is asked for. Times are epoch seconds with microseconds.
CHANNEL_EVENT_FIELDS: Final = {
    "event": "eventtype",
    "time": "eventtime",
    "uniqueid": "CHANNEL(uniqueid)",
    "linkedid": "CHANNEL(linkedid)",
    "channel": "CHANNEL(channame)",
    "peer": "CHANNEL(peer)",
    "exten": "CHANNEL(exten)",
    "context": "CHANNEL(context)",
    "application": "CHANNEL(appname)",
    "extra": "eventextra",
}
CALL_RECORD_FIELDS: Final = {
    "start": "CDR(start,u)",
    "answer": "CDR(answer,u)",
    "end": "CDR(end,u)",
    "disposition": "CDR(disposition)",
    "src": "CDR(src)",
    "dst": "CDR(dst)",
    "channel": "CDR(channel)",
    "dstchannel": "CDR(dstchannel)",
    "application": "CDR(lastapp)",
    "uniqueid": "CDR(uniqueid)",
    "linkedid": "CDR(linkedid)",
}

# Files that Asterisk asks for at start and that need nothing in them: without them the log begins with warnings.
EMPTY: Final = (
    "acl.conf",
    "ccss.conf",
    "features.conf",
    "http.conf",
    "pjproject.conf",
    "queuerules.conf",
    "stasis.conf",
    "udptl.conf",
)

TONES: Final = """\
[general]
country=us

[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
"""


def render(settings: Settings, places: Places) -> dict[str, str]:
    """Return the files of the instance's etc folder: name -> text. The files we ship are not among them."""
    files = dict.fromkeys(EMPTY, "; nothing to set here\n")
    files |= {
        "asterisk.conf": _asterisk(places),
        "logger.conf": _logger(settings),
        "modules.conf": _modules(settings),
        "manager.conf": _manager(places),
        "manager_acd_secret.conf": f"secret = {MANAGER_SECRET}\n",
        "rtp.conf": f"[general]\nrtpstart={places.rtp[0]}\nrtpend={places.rtp[1]}\nicesupport=no\n",
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={SHARED_DATA}/moh\n",
        "indications.conf": TONES,
        "pjsip.conf": render_pjsip(settings, places),
        "extensions.conf": render_extensions(settings),
        "cdr.conf": f"[general]\nenable={_yes(settings.records)}\nunanswered=yes\ncongestion=yes\n",
        "cdr_custom.conf": f"[mappings]\ncalls.csv => {_csv(CALL_RECORD_FIELDS)}\n",
        "cel.conf": f"[general]\nenable={_yes(settings.records)}\nevents={CHANNEL_EVENTS}\n",
        "cel_custom.conf": f"[mappings]\nevents.csv => {_csv(CHANNEL_EVENT_FIELDS)}\n#include cel_acd.conf\n",
    }
    if settings.queues:
        files["queues.conf"] = settings.queues
    for name, text in settings.more.items():
        files[name] = files.get(name, "") + text
    return files


def _asterisk(places: Places) -> str:
    home = places.home
    return f"""\
[directories]
astetcdir => {home}/etc
astvarlibdir => {home}/lib
astdbdir => {home}/lib
astkeydir => {home}/lib
astdatadir => {SHARED_DATA}
astagidir => {home}/agi-bin
astspooldir => {home}/spool
astrundir => {home}/run
astlogdir => {home}/log

[options]
nocolor=yes
maxfiles=65536
"""


def _logger(settings: Settings) -> str:
    levels = "notice,warning,error" + (f",verbose({settings.verbose})" if settings.verbose else "")
    return f"[general]\ndateformat=%F %T.%3q\nuse_callids=yes\n\n[logfiles]\nfull => {levels}\n"


def _modules(settings: Settings) -> str:
    more = (*settings.modules, *(("app_queue",) if settings.queues else ()))
    loads = "".join(f"load = {name}.so\n" for name in more)
    return f"[modules]\nautoload=no\n#include modules_acd.conf\n{loads}"


def _manager(places: Places) -> str:
    return f"""\
[general]
enabled=yes
webenabled=no
bindaddr=127.0.0.1
port={places.manager}
displayconnects=no

#include manager_acd.conf
; What the tests themselves log in as, to check from outside what the daemon claims.
[{TESTS_USER}]
secret = {MANAGER_SECRET}
read = all
write = all
writetimeout = 1000
"""


def _csv(fields: Mapping[str, str]) -> str:
    return ",".join(f"${{CSV_QUOTE(${{{value}}})}}" for value in fields.values())


def _yes(value: bool) -> str:
    return "yes" if value else "no"
