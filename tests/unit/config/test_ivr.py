"""ivr.toml: what is refused, each mistake told where it stands; what is taken."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from config.diff import diff
from config.ivr_checks import asks_secrets, secrets
from config.ivr_nodes import Lookup, Menu, WhenOpen
from config.ivr_values import bound, fits, split, stray, used
from config.loading import Loaded

pytestmark = pytest.mark.unit

Ivr = Callable[..., Loaded]
HEAD = '[ivr.main]\nstart = "menu"\n'
MENU = """[ivr.main.nodes.menu]
kind = "menu"
prompts = ["site/menu"]
keys = { 1 = "sales", 2 = "bye" }
no_input = "sales"
on_invalid = "bye"
"""
ENDS = """[ivr.main.nodes.sales]
kind = "queue"
queue = "sales"
[ivr.main.nodes.bye]
kind = "hangup"
"""
SMALL = HEAD + MENU + ENDS


@pytest.fixture
def ivr(files: Path, load_text: Any) -> Ivr:
    def load_it(text: str = "", *, instead: str | None = None) -> Loaded:
        (files / "ivr.toml").write_text(SMALL + text if instead is None else instead)
        loaded: Loaded = load_text()
        return loaded

    return load_it


def node(name: str = "more", **keys: str) -> str:
    return f"[ivr.main.nodes.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


def led(name: str, text: str) -> str:
    """The small dialogue whose menu leads to one more node by key 3."""
    return SMALL.replace('2 = "bye"', f'2 = "bye", 3 = "{name}"') + text


def told(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems]


COLLECT: Mapping[str, str] = {
    "kind": '"collect"',
    "prompts": '["site/pin"]',
    "into": '"pin"',
    "most": "4",
    "next": '"look"',
    "no_input": '"bye"',
    "on_invalid": '"bye"',
    "secret": "true",
}
LOOK: Mapping[str, str] = {
    "kind": '"lookup"',
    "found": '"sales"',
    "not_found": '"sales"',
    "failed": '"sales"',
}


def asking(**look: str) -> str:
    """A dialogue that collects a secret PIN and looks something up."""
    return led("more", node(**COLLECT) + node("look", **{**LOOK, **look}))


def test_a_directory_without_the_file_has_no_dialogues(load_text: Any) -> None:
    settings = load_text().settings

    assert settings is not None
    assert settings.ivr == {}


def test_nodes_are_read_by_their_kind(ivr: Ivr) -> None:
    loaded = ivr()

    assert told(loaded) == []
    assert loaded.settings is not None
    menu = loaded.settings.ivr["main"].nodes["menu"]
    assert isinstance(menu, Menu)
    assert (menu.keys, menu.retries, menu.timeout) == ({"1": "sales", "2": "bye"}, 2, 5_000)


REFUSED: list[tuple[str, str, str]] = [
    ("an unknown kind", led("more", node(kind='"mneu"')), 'unknown kind "mneu" (did you mean "menu"?)'),
    ("no kind", led("more", node(next='"sales"')), "nodes.more.kind: required key is missing (known kinds: say,"),
    ("a node that is no table", HEAD + "[ivr.main.nodes]\nmenu = 5\n", "expected a table, got a number"),
    ("a key of another kind", led("more", node(kind='"say"', next='"sales"', keys="{}")), "more.keys: unknown key"),
    ("an unknown node", SMALL.replace('2 = "bye"', '2 = "by"'), 'keys.2: unknown node "by" (did you mean "bye"?)'),
    ("an unknown start", SMALL.replace('start = "menu"', 'start = "m"'), 'ivr.main.start: unknown node "m"'),
    ("a node nobody reaches", SMALL + node(kind='"hangup"'), "nodes.more: no caller can reach this node"),
    ("a key that is none", SMALL.replace("2 =", "12 ="), 'expected one key of 0-9 * #, got "12"'),
    ("a key twice", SMALL.replace("2 =", "1 ="), "not valid TOML"),
    ("a menu without keys", SMALL.replace('1 = "sales", 2 = "bye"', ""), "menu.keys: expected at least one"),
    ("a prompt outside", SMALL.replace("site/menu", "../../etc/passwd"), "would be outside of Asterisk's sounds"),
    ("an absolute prompt", SMALL.replace("site/menu", "/etc/passwd"), "would be outside of Asterisk's sounds"),
    ("an unknown queue", SMALL.replace('queue = "sales"', 'queue = "sale"'), 'unknown queue "sale" (did you mean'),
    ("an unknown fallback", SMALL.replace(HEAD, HEAD + 'fallback = "sale"\n'), 'main.fallback: unknown queue "sale"'),
    ("too many retries", SMALL.replace("[ivr.main.nodes.sales]", "retries = 11\n[ivr.main.nodes.sales]"),
     "expected a whole number from 0 to 10, got 11"),
    ("retries for ever", SMALL.replace('on_invalid = "bye"', 'on_invalid = "menu"'),
     "goes round without the caller doing anything: menu -> menu"),
    ("two that say and say", led("a", node("a", kind='"say"', prompts='["x"]', next='"b"')
     + node("b", kind='"say"', prompts='["y"]', next='"a"')), "goes round without the caller doing anything: a -> b -> a"),
    ("a say that is silent", led("more", node(kind='"say"', next='"sales"')), "nodes.more: says nothing"),
    ("an unknown variable", led("more", node(kind='"branch"', variable='"tier"', cases='{ gold = "sales" }',
     otherwise='"bye"')), 'more.variable: unknown variable "tier"'),
    ("a parameter of an unknown skill", SMALL.replace('queue = "sales"', 'queue = "sales"\nparameters = { need-de = "5" }'),
     'parameters.need-de: unknown skill "de"'),
    ("credit by hand", SMALL.replace('queue = "sales"', 'queue = "sales"\nparameters = { credit = "5" }'),
     "parameters.credit: is given by the dialogue itself"),
    ("a stray brace", SMALL.replace('queue = "sales"', 'queue = "sales"\nparameters = { lang = "{Lang}" }'),
     "a brace that belongs to no variable"),
    ("a secret in an address", asking(url='"http://crm/?pin={pin}"'), '"pin" is secret and would be shown here'),
    ("a secret that is spelled", led("more", node(**{**COLLECT, "next": '"s"'})
     + node("s", kind='"say"', spell='"pin"', next='"sales"')), '"pin" is secret and would be shown here'),
    ("a secret in parameters", led("more", node(**{**COLLECT, "next": '"sales"'})).replace(
     'queue = "sales"', 'queue = "sales"\nparameters = { pin = "{pin}" }'), '"pin" is secret and would be shown here'),
    ("a secret passed on", led("more", node(**{**COLLECT, "next": '"s"'})
     + node("s", kind='"set"', variables='{ other = "{pin}" }', next='"sales"')), '"pin" is secret and would be shown'),
    ("a host that depends on the call", asking(url='"http://{caller}/x"'), "the host must not depend on the call"),
    ("a look-up that asks nobody", asking(), "nodes.look: asks nobody, or two at once"),
    ("SQL that is no SELECT", asking(database='"/x"', query='"DELETE FROM x"'), "expected one SELECT without a semicolon"),
    ("two statements", asking(database='"/x"', query='"SELECT 1; SELECT 2"'), "expected one SELECT without a semicolon"),
    ("SQL without a file", asking(query='"SELECT 1"'), "database and query belong together"),
    ("a deadline without end", asking(url='"http://crm/"', deadline='"1h"'), "expected a duration from 50ms to 10s"),
    ("more digits at least than at most", led("more", node(**{**COLLECT, "least": "5", "next": '"sales"'})),
     "more.least: 5 is more than most, 4"),
    ("a mask that is none", led("more", node(**{**COLLECT, "masks": '["(a+)+"]', "next": '"sales"'})), "expected digits, X for"),
    ("a secret that an address may bring", led("more", node(**{**COLLECT, "next": '"sales"'})).replace(
     HEAD, HEAD + 'variables = { pin = "" }\n'), 'variables.pin: "pin" is secret: no address may bring it'),
    ("a secret keyed in the open elsewhere", led("more", node(**{**COLLECT, "next": '"again"'})
     + node("again", **{**COLLECT, "secret": "false", "next": '"sales"'})), '"pin" is secret elsewhere'),
    ("a header without HTTP", asking(database='"/x"', query='"SELECT 1"', authorization='"Bearer x"'),
     "look.authorization: is a header of HTTP"),
    ("a given variable overwritten", led("more", node(kind='"set"', variables='{ caller = "1" }', next='"sales"')),
     '"caller" is given by the call'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused(ivr: Ivr, text: str, message: str) -> None:
    loaded = ivr(instead=text)

    assert loaded.settings is None
    assert any(message in line for line in told(loaded)), told(loaded)
    assert all(line.startswith("ivr.toml:") for line in told(loaded))


def test_a_way_back_by_key_is_no_loop(ivr: Ivr) -> None:
    loaded = ivr(instead=SMALL.replace('2 = "bye"', '2 = "bye", "*" = "menu"'))

    assert told(loaded) == []


def test_a_very_long_way_is_followed(ivr: Ivr) -> None:
    hops = "".join(
        node(f"n{i}", kind='"set"', next=f'"n{i + 1}"' if i < 1999 else '"sales"') for i in range(2000)
    )

    assert told(ivr(instead=led("n0", hops))) == []


def test_secrets_are_known_where_a_look_up_asks_by_them(ivr: Ivr) -> None:
    settings = ivr(instead=asking(url='"http://crm/"', send='["pin"]')).settings

    assert settings is not None
    main = settings.ivr["main"]
    look = main.nodes["look"]
    assert isinstance(look, Lookup)
    assert secrets(main) == {"pin"}
    assert asks_secrets(look, main)


def test_a_node_that_changes_its_kind_is_a_change(ivr: Ivr) -> None:
    more = led("more", node(kind='"hangup"'))
    old = ivr(instead=more).settings
    new = ivr(
        instead=more.replace('kind = "hangup"\n[', 'kind = "hangup"\n[', 1)[: -len('kind = "hangup"\n')]
        + 'kind = "when_open"\nqueue = "sales"\nopen = "sales"\nclosed = "bye"\n'
    ).settings

    assert old is not None
    assert new is not None
    assert isinstance(new.ivr["main"].nodes["more"], WhenOpen)
    assert ("ivr.main.nodes.more.kind", '"hangup"', '"when_open"') in [
        (change.path, change.before, change.after) for change in diff(old, new).changes
    ]


@pytest.mark.parametrize(
    ("mask", "digits", "fit"),
    [
        ("49XXXX", "491234", True),
        ("49XXXX", "49123", False),
        ("ZXX", "012", False),
        ("N.", "2", False),
        ("N.", "23456", True),
        ("X.", "1*2", False),
        ("12", "12\n", False),
    ],
)
def test_masks(mask: str, digits: str, fit: bool) -> None:
    assert fits(mask, digits) is fit


def test_variables_in_texts() -> None:
    assert list(used("{a} and {b_2}{a}")) == ["a", "b_2", "a"]
    assert split("x={a}&y") == ["x=", "a", "&y"]
    assert [stray(text) for text in ("{a}", "{A}", "a}", "{{a}}", "")] == [False, True, True, True, False]
    assert bound("SELECT x FROM y WHERE a = :a AND b = :b OR a = :a") == ("a", "b")


def test_the_example_is_toml_that_leads_somewhere() -> None:
    import config

    text = (Path(config.__file__).parent / "example" / "ivr.toml").read_text()
    assert set(tomllib.loads(text)["ivr"]["main"]["nodes"]) == {"open", "menu", "sales", "support", "closed"}


def test_a_file_with_a_token_is_for_nobody_else_and_tells_it_to_nobody(ivr: Ivr, files: Path) -> None:
    text = asking(url='"http://crm/"', authorization='"Bearer t0k3n"')
    old = ivr(instead=text)
    new = ivr(instead=text.replace("t0k3n", "0th3r"))

    assert any("ivr.toml, which holds a secret," in line for line in told(old))
    assert old.settings is not None
    assert new.settings is not None
    assert "t0k3n" not in repr(old) + repr(diff(old.settings, new.settings))
