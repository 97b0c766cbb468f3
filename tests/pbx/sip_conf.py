"""pjsip.conf of an instance: pure text."""

from collections.abc import Iterator

from tests.pbx.settings import Agent, Places, Settings, Trunk


def render_pjsip(settings: Settings, places: Places) -> str:
    """Return pjsip.conf: transports, one endpoint for each phone and each trunk."""
    sections = [_common(settings, places)]
    sections += [_phone(phone) for phone in settings.phones]
    sections += [_trunk(trunk) for trunk in settings.lines]
    return "\n".join(sections)


def _common(settings: Settings, places: Places) -> str:
    return f"""\
[global]
type=global
user_agent=Asterisk
endpoint_identifier_order=ip,header,username
debug={"yes" if settings.sip_log else "no"}

[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:{places.sip}

[transport-tcp]
type=transport
protocol=tcp
bind=127.0.0.1:{places.sip}

[endpoint](!)
type=endpoint
disallow=all
allow=ulaw,alaw
direct_media=no
dtmf_mode=info
allow_subscribe=yes

[phone](!,endpoint)
context=from-phones
send_pai=yes
device_state_busy_at={settings.busy_at}

[trunk](!,endpoint)
context=from-trunk
trust_id_inbound=yes

[contacts](!)
type=aor
max_contacts=5
qualify_frequency={settings.qualify}
qualify_timeout=1.0
"""


def _phone(phone: Agent) -> str:
    lines = [f"[{phone.name}](phone)", f"aors={phone.name}", f"callerid=Agent {phone.name} <{phone.name}>"]
    if phone.password:
        lines += [f"auth={phone.name}"]
    lines += ["", f"[{phone.name}](contacts)"]
    if phone.contact:
        lines += [f"contact=sip:{phone.name}@{phone.contact}"]
    if phone.password:
        lines += ["", f"[{phone.name}]", "type=auth", f"username={phone.name}", f"password={phone.password}"]
    return "\n".join([*lines, ""])


def _trunk(trunk: Trunk) -> str:
    lines = [f"[{trunk.name}](trunk)", f"aors={trunk.name}", "", f"[{trunk.name}](contacts)"]
    if trunk.port:
        lines += [f"contact=sip:127.0.0.1:{trunk.port}"]
    return "\n".join([*lines, "", *_identify(trunk), ""])


def _identify(trunk: Trunk) -> Iterator[str]:
    yield from (
        f"[{trunk.name}-header]",
        "type=identify",
        f"endpoint={trunk.name}",
        f"match_header=X-Trunk: {trunk.name}",
    )
    if trunk.port:
        yield from (
            "",
            f"[{trunk.name}-port]",
            "type=identify",
            f"endpoint={trunk.name}",
            f"match=127.0.0.1:{trunk.port}/32",
        )
