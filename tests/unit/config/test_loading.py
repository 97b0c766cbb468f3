"""What an operator reads when a value is wrong: each refusal with its exact line, all of them at once."""

import os
from pathlib import Path
from typing import Any

import pytest

from config.loading import load
from config.schema import FILES, OPTIONAL
from config.toml_file import LARGEST
from config.values import Duration, Endpoint

pytestmark = pytest.mark.unit

NAME = (
    "expected a name of 1 to 64 characters from a-z 0-9 _ . - that begins with a letter or digit "
    "(names become part of AGI addresses and channel variables)"
)
DURATION = 'expected a duration such as "15s", "2m", "1m30s" or "500ms"'
PHONE = (
    'expected a phone such as "PJSIP/1001" or "1001" '
    "(technologies: PJSIP, SIP, IAX2, DAHDI; name: A-Z a-z 0-9 _ . + -)"
)
NETWORK = 'expected an IP address or network such as "10.1.2.3", "127.0.0.0/8" or "::1"'

# file, what is written behind its smallest text, the one line `acd check` prints
REFUSED_VALUES = [
    # durations
    ("queues", "ring_timeout = 15", f'3: error: queues.sales.ring_timeout: {DURATION}, got 15 (write "15s")'),
    (
        "queues",
        'ring_timeout = "15"',
        f'3: error: queues.sales.ring_timeout: {DURATION}, got "15" (write "15s")',
    ),
    (
        "queues",
        'ring_timeout = "15 S"',
        f'3: error: queues.sales.ring_timeout: {DURATION}, got "15 S" (write "15s")',
    ),
    ("queues", 'ring_timeout = ""', f'3: error: queues.sales.ring_timeout: {DURATION}, got ""'),
    ("queues", 'ring_timeout = "1.5s"', f'3: error: queues.sales.ring_timeout: {DURATION}, got "1.5s"'),
    ("queues", 'ring_timeout = "30s1m"', f'3: error: queues.sales.ring_timeout: {DURATION}, got "30s1m"'),
    ("queues", "ring_timeout = 1.5", f"3: error: queues.sales.ring_timeout: {DURATION}, got 1.5"),
    (
        "queues",
        "ring_timeout = 12:30:00",
        f"3: error: queues.sales.ring_timeout: {DURATION}, got a date or time",
    ),
    (
        "queues",
        'wrap_up = "901s"',
        '3: error: queues.sales.wrap_up: expected a duration from 0s to 15m, got "901s"',
    ),
    (
        "queues",
        'ring_timeout = "999ms"',
        '3: error: queues.sales.ring_timeout: expected a duration from 1s to 5m, got "999ms"',
    ),
    (
        "queues",
        'back_off = { rejected = "61m" }',
        '3: error: queues.sales.back_off.rejected: expected a duration from 0s to 1h, got "61m"',
    ),
    # numbers, choices, flags, texts
    (
        "queues",
        "max_waiting = 0",
        "3: error: queues.sales.max_waiting: expected a whole number from 1 to 100000, got 0",
    ),
    (
        "queues",
        'priority = "5"',
        '3: error: queues.sales.priority: expected a whole number from -1000 to 1000, got "5" (write 5 without quotes)',
    ),
    (
        "queues",
        "priority = true",
        "3: error: queues.sales.priority: expected a whole number from -1000 to 1000, got true",
    ),
    (
        "queues",
        f"priority = 0x{'f' * 5000}",
        "3: error: queues.sales.priority: expected a whole number from -1000 to 1000, got a number too large",
    ),
    (
        "agents",
        '[agents.bob]\nphone = "1002"\nqueues = ["sales"]\nskills.fr = 11',
        "8: error: agents.bob.skills.fr: expected a whole number from 1 to 10, got 11",
    ),
    (
        "queues",
        'strategy = "longest-idle"',
        (
            '3: error: queues.sales.strategy: expected "skills", "least_skilled", "longest_idle", '
            '"least_occupied", "fewest_calls", "round_robin", "linear", "simultaneous", "progressive" or "random", '
            'got "longest-idle" '
            '(did you mean "longest_idle"?)'
        ),
    ),
    (
        "queues",
        'open = "true"',
        '3: error: queues.sales.open: expected true or false, got "true" (write true without quotes)',
    ),
    ("queues", 'answer_options = "x"', '3: error: queues.sales.answer_options: expected "" or "i", got "x"'),
    (
        "queues",
        "title = 5",
        '3: error: queues.sales.title: expected one line of at most 200 characters, got 5 (write "5")',
    ),
    (
        "queues",
        'title = "a\\nb"',
        '3: error: queues.sales.title: expected one line of at most 200 characters, got "a\\nb"',
    ),
    (
        "queues",
        'music = "a,b"',
        '3: error: queues.sales.music: expected 1 to 80 characters from A-Z a-z 0-9 _ . -, got "a,b"',
    ),
    ("acd", "[kpi]\nslot_minutes = 30", "5: error: kpi.slot_minutes: expected 15, got 30"),
    ("acd", "[agi]\nport = 70000", "5: error: agi.port: expected a whole number from 1 to 65535, got 70000"),
    ("acd", '[agi]\nhost = "a b"', '5: error: agi.host: expected a host name or an IP address, got "a b"'),
    (
        "acd",
        "[refusals]\nclosed = 200",
        "5: error: refusals.closed: expected a whole number from 400 to 699, got 200",
    ),
    (
        "acd",
        '[daemon]\nstate_dir = "var"',
        '5: error: daemon.state_dir: expected an absolute path, got "var"',
    ),
    # names
    ("queues", "[queues.Sales]", f'3: error: queues.Sales: {NAME}, got "Sales" (write "sales")'),
    (
        "queues",
        '[queues."Sales Team"]',
        f'3: error: queues."Sales Team": {NAME}, got "Sales Team" (write "sales-team")',
    ),
    ("queues", '[queues."a/b"]', f'3: error: queues."a/b": {NAME}, got "a/b"'),
    ("queues", '[queues."a\\nb"]', f'3: error: queues."a\\nb": {NAME}, got "a\\nb"'),
    ("queues", '[queues.""]', f'3: error: queues."": {NAME}, got ""'),
    ("queues", f"[queues.{'a' * 65}]", f'3: error: queues."{"a" * 60}…": {NAME}, got "{"a" * 60}…"'),
    (
        "queues",
        '[queues.sales.fr]\ntitle = "x"',
        '3: error: queues.sales.fr: unknown key (a name with a dot needs quotes: [queues."sales.fr"])',
    ),
    # phones and networks
    (
        "agents",
        '[agents.bob]\nqueues = ["sales"]\nphone = "pjsip/1002"',
        f'7: error: agents.bob.phone: {PHONE}, got "pjsip/1002" (write "PJSIP/1002")',
    ),
    (
        "agents",
        '[agents.bob]\nqueues = ["sales"]\nphone = 1002',
        f'7: error: agents.bob.phone: {PHONE}, got 1002 (write "1002")',
    ),
    (
        "agents",
        '[agents.bob]\nqueues = ["sales"]\nphone = "PJSIP/1002&PJSIP/9"',
        f'7: error: agents.bob.phone: {PHONE}, got "PJSIP/1002&PJSIP/9"',
    ),
    (
        "agents",
        '[agents.bob]\nqueues = ["sales"]\nphone = "Local/1002"',
        f'7: error: agents.bob.phone: {PHONE}, got "Local/1002"',
    ),
    (
        "agents",
        '[agents.bob]\nqueues = ["sales"]\n',
        (
            "5: error: agents.bob: an agent without a phone needs a number to log in by "
            '(write phone = "PJSIP/1001" or number = "1001")'
        ),
    ),
    (
        "acd",
        '[agi]\nallow = ["10.1.2.3/8"]',
        f'5: error: agi.allow[0]: {NETWORK}, got "10.1.2.3/8" (write "10.0.0.0/8")',
    ),
    ("acd", '[agi]\nallow = ["pbx"]', f'5: error: agi.allow[0]: {NETWORK}, got "pbx"'),
    # shapes
    ("acd", '[agi]\nallow = "::1"', '5: error: agi.allow: expected an array, got a text (write ["::1"])'),
    ("acd", "[agi]\nallow = 1", "5: error: agi.allow: expected an array, got a number"),
    (
        "acd",
        "daemon = 2030-01-01",
        (
            "4: error: switch[0].daemon: unknown key (known keys: channel_events, host, name, ping_deadline, "
            "ping_every, port, reconnect_cap, reconnect_first, recordings, secret, secret_credential, secret_env, secret_file, username)"
        ),
    ),
    (
        "queues",
        "require = 1",
        "3: error: not valid TOML: queues.sales.require is written twice, first in line 2",
    ),
    ("queues", "back_off = []", "3: error: queues.sales.back_off: expected a table, got an array"),
    ("queues", "[queues]\nx = true", "4: error: queues.x: expected a table, got true or false"),
    (
        "acd",
        '[[trunk_group]]\nname = "t"\ncapacity = 3\nendpoints = []',
        "7: error: trunk_group[0].endpoints: expected at least one element, got none",
    ),
    (
        "queues",
        "[queues.b]\n  require = 5",
        (
            "4: error: queues.b.require: expected a table such as { fr = 5 }, or an expression such as "
            '"fr >= 5 and (billing >= 3 or vip)", got 5'
        ),
    ),
    (
        "queues",
        "title = { en = 1 }",
        "3: error: queues.sales.title: expected one line of at most 200 characters, got a table",
    ),
    # unknown keys
    (
        "queues",
        'ring_timout = "15s"',
        '3: error: queues.sales.ring_timout: unknown key (did you mean "ring_timeout"?)',
    ),
    ("skills", "level = 5", "2: error: skills.fr.level: unknown key (known keys: description, title)"),
    ("acd", "[deamon]", '4: error: deamon: unknown key (did you mean "daemon"?)'),
    ("skills", "[zzzz]", "2: error: zzzz: unknown key (known keys: skills)"),
    ("skills", "[queues.b]", "2: error: queues: does not belong here but in queues.toml"),
    # syntax
    ("skills", "= 5", "2: error: not valid TOML: Invalid statement"),
    ("skills", "[skills.fr]", "2: error: not valid TOML: skills.fr is written twice, first in line 1"),
    ("skills", "a = " + "[" * 5000, "error: not usable TOML: nested too deeply"),
]


@pytest.mark.parametrize(("file", "added", "line"), REFUSED_VALUES)
def test_a_wrong_value_is_told_with_place_and_remedy(
    load_text: Any, file: str, added: str, line: str
) -> None:
    loaded = load_text(add={file: added + "\n"})

    mark = ":" if line[0].isdigit() else ": "
    assert [str(problem) for problem in loaded.problems] == [f"{file}.toml{mark}{line}"]
    assert loaded.settings is None


def test_the_smallest_configuration_has_no_problem(load_text: Any) -> None:
    loaded = load_text()

    assert loaded.problems == ()
    assert loaded.settings.agents["alice"].phone == Endpoint("PJSIP/1001")
    assert loaded.settings.queues["sales"].ring_timeout == Duration(15_000)
    assert loaded.settings.switches[0].secret.reveal() == "from-the-environment"


def test_all_mistakes_are_told_at_once_in_the_order_of_files_and_lines(load_text: Any) -> None:
    loaded = load_text(
        acd='[[switch]]\nname = "PBX"\nsecret_env = "AMI"\n[agi]\nport = "x"\nhots = 1\n',
        queues="[queues.sales]\nrequire = { de = 5, fr = 12 }\n[queues.b]\nwrap_up = 3\nopen = 1\n",
        agents='[agents.alice]\nqueues = ["sale"]\n[agents.bob]\nphone = "1"\nqueues = ["sale", "b"]\n',
        skills="[skills.fr]\ntitel = 1\n",
    )

    assert [(p.file, p.line, p.path) for p in loaded.problems] == [
        ("acd.toml", 2, "switch[0].name"),
        ("acd.toml", 5, "agi.port"),
        ("acd.toml", 6, "agi.hots"),
        ("queues.toml", 2, "queues.sales.require.fr"),
        ("queues.toml", 2, "queues.sales.require.de"),
        ("queues.toml", 4, "queues.b.wrap_up"),
        ("queues.toml", 5, "queues.b.open"),
        ("agents.toml", 2, "agents.alice.queues[0]"),
        ("agents.toml", 5, "agents.bob.queues[0]"),
        ("skills.toml", 2, "skills.fr.titel"),
    ]


def test_the_place_of_an_element_behind_a_broken_one_is_the_one_in_the_file(load_text: Any) -> None:
    loaded = load_text(
        acd='[[switch]]\nsecret_env = "AMI"\n[[switch]]\nname = "b"\n',
        agents='[agents.alice]\nphone = "1"\nqueues = ["Sales", "sales", "sail"]\n',
    )

    assert [problem.path for problem in loaded.problems] == [
        "switch[0].name",
        "switch[1]",
        "agents.alice.queues[0]",
        "agents.alice.queues[2]",
    ]


def test_a_file_that_cannot_be_read_brings_no_complaints_about_names_in_it(load_text: Any) -> None:
    loaded = load_text(queues="[queues", skills="[skills")

    assert [problem.file for problem in loaded.problems] == ["queues.toml", "skills.toml"]


@pytest.mark.parametrize("name", [name for name in FILES if name not in OPTIONAL])
def test_a_missing_file_is_an_error(files: Path, load_text: Any, name: str) -> None:
    (files / name).unlink()

    loaded = load_text()

    assert [str(problem) for problem in loaded.errors] == [
        f"{name}: error: no such file (create it; it may be empty)"
    ]
    assert loaded.settings is None


def test_an_empty_queues_file_only_warns(load_text: Any) -> None:
    loaded = load_text(queues="", agents="")

    assert [str(problem) for problem in loaded.problems] == [
        "queues.toml: warning: queues: no queue: every call will be refused as unknown_queue"
    ]
    assert loaded.settings is not None


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"# caf\xe9\n", "skills.toml:1: error: not UTF-8 text (save it as UTF-8)"),
        (b"\n\n\xff", "skills.toml:3: error: not UTF-8 text (save it as UTF-8)"),
        (
            b"\xef\xbb\xbf[skills.fr]",
            "skills.toml:1: error: begins with a byte order mark (save it as UTF-8 without one)",
        ),
        (b"#" * (LARGEST + 1), "skills.toml: error: larger than 4 MiB"),
        (b"x = " + b"9" * 5000, "skills.toml: error: not valid TOML: "),
    ],
    ids=["latin-1", "third line", "byte order mark", "too large", "endless number"],
)
def test_bytes_that_are_no_text_are_refused(files: Path, load_text: Any, data: bytes, line: str) -> None:
    (files / "skills.toml").write_bytes(data)

    (problem,) = load_text().problems

    assert str(problem).startswith(line)


def test_a_pipe_in_the_place_of_a_file_is_refused_instead_of_waited_for(files: Path, load_text: Any) -> None:
    (files / "skills.toml").unlink()
    os.mkfifo(files / "skills.toml")

    (problem,) = load_text().problems

    assert str(problem) == "skills.toml: error: not a regular file"


def test_a_link_in_a_circle_is_told_in_the_systems_words(files: Path, load_text: Any) -> None:
    (files / "skills.toml").unlink()
    (files / "skills.toml").symlink_to("skills.toml")

    (problem,) = load_text().problems

    assert str(problem) == "skills.toml: error: cannot be read: Too many levels of symbolic links"


@pytest.mark.parametrize(
    ("directory", "message"),
    [
        ("nowhere", "cannot be read: No such file or directory"),
        ("acd.toml", "not a directory"),
        ("a\x00b", "not a path"),
    ],
)
def test_an_unusable_directory_is_one_problem(files: Path, directory: str, message: str) -> None:
    loaded = load(files / directory, environ={})

    (problem,) = loaded.problems
    assert (problem.message, problem.hint) == (message, "give the directory that holds acd.toml")
    assert loaded.settings is None


def test_files_with_carriage_returns_keep_their_line_numbers(load_text: Any) -> None:
    loaded = load_text(skills='[skills.fr]\r\ntitle = """\r\na\r\nb"""\r\nx = 1\r\n')

    assert [problem.line for problem in loaded.problems] == [2, 5]
