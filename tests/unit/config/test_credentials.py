"""Where the switch's secret comes from, and that it goes nowhere else."""

import copy
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.diff import diff
from config.values import Secret, encode_value

pytestmark = pytest.mark.unit

HIDDEN = "hunter2-hunter2"
PBX = '[[switch]]\nname = "pbx1"\n'


@pytest.fixture
def places(files: Path) -> Path:
    (files / "credentials").mkdir()
    (files / "credentials" / "ami").write_text(HIDDEN + "\n")
    (files / "ami.secret").write_text(HIDDEN + "\n")
    (files / "ami.secret").chmod(0o640)
    (files / "acd.toml").write_text("")
    (files / "acd.toml").chmod(0o640)
    return files


@pytest.mark.parametrize(
    "source",
    [f'secret = "{HIDDEN}"', 'secret_file = "ami.secret"', 'secret_env = "AMI"', 'secret_credential = "ami"'],
)
def test_each_source_gives_the_same_secret(load_text: Any, places: Path, source: str) -> None:
    loaded = load_text(acd=PBX + source, environ={"AMI": HIDDEN}, credentials_dir=places / "credentials")

    assert loaded.problems == ()
    assert loaded.settings.switches[0].secret.reveal() == HIDDEN


NOT_ONE_LINE = "what was read is not one line of 1 to 256 printable characters"
REFUSED = [
    ("", ":1: error: switch[0]: no secret (give one of secret, secret_file, secret_env, secret_credential)"),
    (
        f'secret = "{HIDDEN}"\nsecret_env = "AMI"',
        ":4: error: switch[0].secret_env: secret and secret_env are given (keep one of them)",
    ),
    (
        f'secret_env = "{HIDDEN}"',
        ":3: error: switch[0].secret_env: the environment variable it names is not set",
    ),
    ('secret_env = "EMPTY"', f":3: error: switch[0].secret_env: {NOT_ONE_LINE}"),
    ('secret_env = "LINES"', f":3: error: switch[0].secret_env: {NOT_ONE_LINE}"),
    (
        f'secret_file = "{HIDDEN}"',
        ":3: error: switch[0].secret_file: the file it names cannot be read: No such file or directory",
    ),
    ('secret_file = "."', ":3: error: switch[0].secret_file: the file it names is not a regular file"),
    (
        'secret_file = "/dev/zero"',
        ":3: error: switch[0].secret_file: the file it names is not a regular file",
    ),
    ('secret_file = "latin"', ":3: error: switch[0].secret_file: the file it names is not UTF-8 text"),
    ('secret_file = "long"', f":3: error: switch[0].secret_file: {NOT_ONE_LINE}"),
    ('secret_file = "a\\u0000b"', ":3: error: switch[0].secret_file: expected the path of a file"),
    (
        f'secret_credential = "{HIDDEN}"',
        ":3: error: switch[0].secret_credential: the file it names cannot be read: No such file or directory",
    ),
    (
        'secret_credential = "../ami.secret"',
        ":3: error: switch[0].secret_credential: expected the name of a credential, not a path",
    ),
    (
        f'secret = "{HIDDEN}\\r\\nAction: Command"',
        ":3: error: switch[0].secret: expected a secret of 1 to 256 printable characters",
    ),
    (
        f'secret = ["{HIDDEN}"]',
        ":3: error: switch[0].secret: expected a secret of 1 to 256 printable characters",
    ),
    (f'secret_env = ["{HIDDEN}"]', ":3: error: switch[0].secret_env: expected a text"),
]


@pytest.mark.parametrize(("source", "line"), REFUSED)
def test_a_secret_that_cannot_be_had_is_told_without_telling_it(
    load_text: Any, places: Path, source: str, line: str
) -> None:
    (places / "latin").write_bytes(b"\xe9")
    (places / "long").write_text("x" * 5000)

    loaded = load_text(
        acd=PBX + source,
        environ={"EMPTY": "", "LINES": f"{HIDDEN}\nx", "AMI": "x"},
        credentials_dir=places / "credentials",
    )

    assert f"acd.toml{line}" in [str(problem) for problem in loaded.problems]
    assert HIDDEN not in repr(loaded)


@pytest.mark.parametrize("wrong", [f'switch = "{HIDDEN}"', f'switch = ["{HIDDEN}"]'])
def test_a_secret_in_the_place_of_a_table_is_not_repeated(load_text: Any, wrong: str) -> None:
    loaded = load_text(acd=wrong)

    assert loaded.settings is None
    assert HIDDEN not in repr(loaded)


def test_a_credential_without_systemd_says_how_to_get_one(load_text: Any, places: Path) -> None:
    (problem,) = load_text(acd=PBX + 'secret_credential = "ami"').problems

    assert problem.message == (
        "there is no credentials directory: start by systemd with LoadCredential=, or use secret_file"
    )


@pytest.mark.parametrize(
    ("file", "texts", "line"),
    [
        (
            "ami.secret",
            {"acd": 'secret_file = "ami.secret"'},
            "acd.toml:3: warning: switch[0].secret_file: the file with the secret is readable by everybody (chmod 0640)",
        ),
        (
            "acd.toml",
            {"acd": f'secret = "{HIDDEN}"'},
            "acd.toml:1: warning: switch: acd.toml, which holds a secret, is readable by everybody (chmod 0640)",
        ),
        (
            "agents.toml",
            {"acd": 'secret_file = "ami.secret"', "agents": 'pin = "4711"\n'},
            "agents.toml:1: warning: agents: agents.toml, which holds a secret, is readable by everybody (chmod 0640)",
        ),
    ],
)
def test_a_secret_everybody_can_read_is_warned_of(
    load_text: Any, places: Path, file: str, texts: dict[str, str], line: str
) -> None:
    (places / file).chmod(0o644)

    loaded = load_text(acd=PBX, add=texts)

    assert [str(problem) for problem in loaded.problems] == [line]
    assert loaded.settings is not None


def test_settings_never_show_a_secret(load_text: Any, places: Path) -> None:
    (places / "agents.toml").chmod(0o640)
    before = load_text(acd=PBX + 'secret_env = "AMI"', environ={"AMI": "another"}).settings
    after = load_text(acd=PBX + f'secret = "{HIDDEN}"', add={"agents": f'pin = "{HIDDEN}"\n'}).settings

    changes = diff(before, after)

    assert "switch.pbx1.secret" in [change.path for change in changes.changes]
    for text in (
        repr(after),
        str(after),
        repr(changes),
        f"{after.switches[0].secret}",
        msgspec.json.encode(after, enc_hook=encode_value).decode(),
    ):
        assert HIDDEN not in text
        assert "another" not in text


@pytest.mark.parametrize("leak", [pickle.dumps, copy.deepcopy, msgspec.json.encode])
def test_a_secret_does_not_leave_in_clear_by_accident(leak: Any) -> None:
    with pytest.raises(TypeError):
        leak(Secret(HIDDEN))
