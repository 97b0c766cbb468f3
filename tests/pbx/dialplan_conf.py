"""extensions.conf of an instance: pure text."""

from tests.pbx.settings import Settings

SORRY = "vm-sorry"
"""A prompt that asterisk-core-sounds-en-wav has."""
IVR = """\
[dialogues]
exten => _ivr-[a-z]!,1,Set(ACD_IVR=${EXTEN:4})
 same => n,Set(ACD_IVR_FALLBACK=fallback)
 same => n,GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?enter)
 same => n,Set(ACD_IVR_QUERY=${PJSIP_HEADER(read,X-Acd-Query)})
 same => n(enter),Goto(acd-ivr,s,1)
"""
"""Calls to ivr-NAME come into that dialogue."""


def render_extensions(settings: Settings) -> str:
    """Return extensions.conf: how phones and trunks reach queues and phones, then the dialplan that we ship."""
    return "\n".join(
        (
            _globals(settings),
            "[from-trunk]\ninclude => tests\ninclude => dialogues\ninclude => queues\ninclude => phones\n",
            "[from-phones]\ninclude => acd-codes\ninclude => acd-lamps\ninclude => tests\ninclude => queues\ninclude => phones\n",
            _queues(settings),
            _phones(settings),
            IVR,
            f"[tests]\n{settings.dialplan}\n",
            "#include extensions_acd.conf",
            "#include features_acd.conf",
            "#include work_acd.conf",
            "#include ivr_acd.conf",
            "#include features_freepbx.conf\n",
        )
    )


def _globals(settings: Settings) -> str:
    return f"""\
[general]
static=yes
writeprotect=yes

[globals]
ACD_AGI={settings.agi}
ACD_GRACE={settings.grace}
ACD_SORRY={SORRY}
ACD_OUTSIDE=outside
"""


def _queues(settings: Settings) -> str:
    # Two characters at least, else the pattern would take Asterisk's own h, i, s, t and T for queues.
    numbers = "".join(f"exten => {number},1,Goto({queue},1)\n" for number, queue in settings.numbers.items())
    return f"""\
[queues]
{numbers}exten => _[a-zA-Z][a-zA-Z0-9_]!,1,Set(ACD_QUEUE=${{EXTEN}})
 same => n,GotoIf($["${{CHANNEL(channeltype)}}" != "PJSIP"]?enter)
 same => n,Set(ACD_QUERY=${{PJSIP_HEADER(read,X-Acd-Query)}})
 same => n(enter),Goto(acd-enter,s,1)
"""


def _phones(settings: Settings) -> str:
    lines = ["[phones]"]
    for phone in settings.phones:
        lines += [
            f"exten => {phone.name},hint,PJSIP/{phone.name}",
            f"exten => {phone.name},1,Dial(PJSIP/{phone.name},30)",
        ]
    lines += [f"exten => {number},hint,{device}" for number, device in settings.hints.items()]
    return "\n".join([*lines, ""])
