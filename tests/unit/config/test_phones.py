"""`[phones]` of acd.toml: keys, names of others, addresses."""

import pytest

from tests.unit.config.conftest import LoadText

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "key",
    [
        "line",
        "agent",
        "pause:alice",
        "queues",
        "free",
        "queue:sales",
        "free:sales=Free = yes; [x]",
        "*45",
        "112",
        "#9=Log in",
    ],
)
def test_a_key_may_be(load_text: LoadText, key: str) -> None:
    loaded = load_text(add={"acd": f"[phones]\nkeys = ['{key}']\n"})

    assert loaded.problems == ()
    assert loaded.settings is not None
    assert loaded.settings.phones.keys == (key,)


@pytest.mark.parametrize(
    "key",
    ["", "lamp", "line:x", "queues:sales", "queue", "agent:", "agent:A", "*45x", "*45=", "*4\\u00005", "=x"],
)
def test_another_text_is_no_key(load_text: LoadText, key: str) -> None:
    loaded = load_text(add={"acd": f'[phones]\nkeys = ["{key}"]\n'})

    assert loaded.settings is None
    assert 'expected a key such as "line", "agent", "pause"' in str(loaded.problems[0])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('keys = ["line", "queue:sale"]', 'phones.keys[1]: unknown queue "sale" (did you mean'),
        ('keys = ["agent:bob"]', 'phones.keys[0]: unknown agent "bob" (known: alice)'),
        ('[phones.agents.alcie]\nmac = ""', 'phones.agents.alcie: unknown agent "alcie" (did you mean'),
        ('[phones.agents.alice]\nkeys = ["free:x"]', 'phones.agents.alice.keys[0]: unknown queue "x"'),
        ('servers = { pbx2 = "h" }', 'phones.servers.pbx2: unknown switch "pbx2"'),
    ],
)
def test_a_name_that_nobody_declares_is_told(load_text: LoadText, text: str, told: str) -> None:
    loaded = load_text(add={"acd": f"[phones]\n{text}\n"})

    assert loaded.settings is None
    assert told in str(loaded.problems[0])


@pytest.mark.parametrize("mac", ["", "001565aabbcc", "00:15:65:AA:bb:cc", "00-15-65-aa-bb-cc"])
def test_a_mac_address_may_be_written_as(load_text: LoadText, mac: str) -> None:
    assert load_text(add={"acd": f'[phones.agents.alice]\nmac = "{mac}"\n'}).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        '[phones.agents.alice]\nmac = "00:15:65:aa:bb"',
        '[phones]\nvendor = "cisco"',
        "[phones]\ncodecs = []",
        '[phones]\ncodecs = ["speex"]',
        '[phones]\ncontext = "a b"',
        "[phones]\ncontacts = 0",
        '[phones]\nqualify = "2h"',
        '[phones]\nservers = { pbx1 = "a b" }',
    ],
)
def test_what_no_phone_could_be_told_is_refused(load_text: LoadText, text: str) -> None:
    assert load_text(add={"acd": f"{text}\n"}).settings is None
