"""What `acd phones render` writes for Asterisk, loaded by the real one: endpoints, names, hints, log-ins."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner

from acd.cli.main import acd
from tests.contract.ami_client import AmiClient
from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER, Settings
from tests.ua.behaviour import Ring
from tests.ua.errors import RefusedError
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

ACD = """\
[[switch]]
name = "pbx1"
secret = "x"
[phones]
context = "from-phones"
qualify = "0s"
keys = ["line", "agent", "pause", "missed", "help", "queues", "free", "*45"]
"""
QUEUES = "[queues.sales]\n[queues.support]\n"
NAMES = {
    "2001": "Ann Müller",
    "2002": "semi; colon ;-- and [global] #exec true",
    "2003": 'quote " <666> back\\slash',
    "2004": "${SHELL(id)} é漢 \\;",
    "bob.b_x": "Bob",
}
"""Endpoint -> display name."""
SHOWN = NAMES | {"2003": "quote ' (666) back/slash", "2004": "${SHELL(id)} é漢 /;"}
"""What Asterisk is to make of it: caller IDs know no escapes on their way to the phone."""
CALLS_AS = {"bob.b_x": "bobb_x"}
"""Asterisk takes dots out of caller numbers."""
AGENTS = [f"a-{place}" for place in range(len(NAMES))]
LAMPS = {f"acd-{kind}-{agent}" for kind in ("agent", "pause", "missed", "help") for agent in AGENTS}
LAMPS |= {f"acd-{kind}-{queue}" for kind in ("queue", "free") for queue in ("sales", "support")}


class Site(msgspec.Struct):
    """A running Asterisk, and the secrets of its phones."""

    asterisk: Asterisk
    secrets: dict[str, str]


def render(folder: Path, style: str) -> dict[str, str]:
    """Run the command on a configuration; return what it wrote."""
    config, out = folder / "config", folder / "out"
    config.mkdir()
    agents = [
        f"[agents.{agent}]\nphone = {_toml(number)}\ntitle = {_toml(name)}\nqueues = ['sales', 'support']\n"
        for agent, (number, name) in zip(AGENTS, NAMES.items(), strict=True)
    ]
    texts = {"acd": ACD, "queues": QUEUES, "agents": "".join(agents), "skills": ""}
    for name, text in texts.items():
        (config / f"{name}.toml").write_text(text)
    command = ["phones", "render", "--config", str(config), "--out", str(out), "--style", style]
    result = CliRunner().invoke(acd, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return {path.name: path.read_text() for path in out.iterdir()}


def _toml(text: str) -> str:
    return msgspec.json.encode(text).decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["pjsip", "wizard"])
async def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    style = request.param
    files = render(tmp_path_factory.mktemp(style), style)
    secrets = tomllib.loads(files.pop("secrets.toml"))["pbx1"]
    (sections,) = set(files) - {"extensions_acd_phones.conf"}
    including = {"pjsip": "pjsip.conf", "wizard": "pjsip_wizard.conf"}[style]
    settings = Settings(
        agents=("1001",),
        more={
            **files,
            including: f"#include {sections}\n",
            "extensions.conf": "#include extensions_acd_phones.conf\n",
        },
        modules=("codec_g722", "res_pjsip_config_wizard") if style == "wizard" else ("codec_g722",),
    )
    try:
        root = await asyncio.to_thread(obtain)
    except PbxError as error:
        pytest.fail(str(error))
    async with Asterisk(root, settings) as asterisk:
        yield Site(asterisk, secrets)


async def endpoint(site: Site, number: str) -> dict[str, str]:
    """The endpoint's settings as AMI tells them."""
    async with AmiClient(site.asterisk.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        answer = await ami.action("PJSIPShowEndpoint", Endpoint=number)
        assert answer["Response"] == "Success", answer
        return await ami.event("EndpointDetail")


async def test_the_log_of_the_start_holds_no_warning(site: Site) -> None:
    log = site.asterisk.log.read_text(errors="replace")

    assert [line for line in log.splitlines() if "WARNING" in line or "ERROR" in line] == []


async def test_every_endpoint_is_there_and_no_other(site: Site) -> None:
    shown = await site.asterisk.cli("pjsip list endpoints")
    names = {line.split()[1].split("/")[0] for line in shown.splitlines() if line.startswith(" Endpoint:  ")}

    assert names - {"<Endpoint", "1001", "trunk-a"} == set(NAMES)


@pytest.mark.parametrize("number", NAMES)
async def test_an_endpoint_is_as_described(site: Site, number: str) -> None:
    found = await endpoint(site, number)

    assert found["Callerid"] == f'"{SHOWN[number]}" <{CALLS_AS.get(number, number)}>'
    assert found["Context"] == "from-phones"
    assert found["Allow"] == "(g722|alaw|ulaw)"
    assert found["Language"] == "en"
    assert found["AllowSubscribe"] == "true"
    assert found["DirectMedia"] == "false"
    assert found["Aors"] == number


async def test_every_hint_is_there(site: Site) -> None:
    shown = await site.asterisk.cli("core show hints")
    found = {
        line.split("@")[0].strip()
        for line in shown.splitlines()
        if "Custom:acd-" in line and "@acd-lamps" in line
    }

    assert found == LAMPS


async def test_hints_that_differ_by_a_dash_are_one_to_asterisk(site: Site) -> None:
    """So that such lamps are refused."""
    for name in ("ann-e", "anne"):
        await site.asterisk.cli(f"dialplan add extension acd-agent-{name},hint,Custom:{name} into dashes")
    shown = await site.asterisk.cli("core show hints")
    assert [name for name in ("ann-e", "anne") if f"Custom:{name}" in shown] == ["ann-e"]


@pytest.mark.parametrize("number", NAMES)
async def test_a_phone_registers_with_the_secret_that_was_made(site: Site, number: str) -> None:
    async with Phone(number, server=site.asterisk.sip, password=site.secrets[number]) as phone:
        assert (await phone.register()).status == 200
        assert f"{number}/sip:{number}@" in await site.asterisk.cli("pjsip list contacts")


async def test_another_phones_secret_does_not_do(site: Site) -> None:
    async with Phone("2001", server=site.asterisk.sip, password=site.secrets["2002"]) as phone:
        with pytest.raises(RefusedError, match="401"):
            await phone.register()


async def test_a_second_registration_takes_the_place_of_the_first(site: Site) -> None:
    secret = site.secrets["2001"]
    async with (
        Phone("2001", server=site.asterisk.sip, password=secret) as old,
        Phone("2001", server=site.asterisk.sip, password=secret) as new,
    ):
        await old.register()
        await new.register()
        shown = await site.asterisk.cli("pjsip list contacts")
        assert shown.count("2001/sip:") == 1
        assert f":{new.address[1]}" in shown


async def test_a_lamp_key_of_the_phone_follows_its_device_state(site: Site) -> None:
    async with Phone("2001", server=site.asterisk.sip, password=site.secrets["2001"]) as phone:
        await phone.register()
        lamp = await phone.subscribe("acd-pause-a-0")
        for state, shown in (("INUSE", "confirmed"), ("RINGING", "early"), ("NOT_INUSE", "terminated")):
            async with AmiClient(site.asterisk.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
                await ami.action("Setvar", Variable="DEVICE_STATE(Custom:acd-pause-a-0)", Value=state)
            await lamp.state(shown)


async def test_a_call_shows_the_name_of_who_calls(site: Site) -> None:
    async with (
        Phone("2002", server=site.asterisk.sip, password=site.secrets["2002"]) as caller,
        Phone("1001", server=site.asterisk.sip, on_invite=Ring()) as callee,
    ):
        await caller.register()
        await callee.register()
        call = await caller.invite("1001")
        invite = (await callee.next_call()).invite
        assert invite.get("From").startswith(f'"{SHOWN["2002"]}" <sip:2002@')
        await call.hangup()
