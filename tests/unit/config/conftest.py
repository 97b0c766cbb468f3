"""A directory with the smallest valid configuration, and a way to change one file of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from config.loading import Loaded, load

SMALLEST = {
    "acd": '[[switch]]\nname = "pbx1"\nsecret_env = "AMI"\n',
    "queues": "[queues.sales]\nrequire = { fr = 5 }\n",
    "agents": '[agents.alice]\nphone = "1001"\nskills = { fr = 7 }\nqueues = ["sales"]\n',
    "skills": "[skills.fr]\n",
}


class LoadText(Protocol):
    """Load the smallest configuration with `add` behind some files' text, or with other texts altogether."""

    def __call__(
        self,
        *,
        add: Mapping[str, str] = ...,
        environ: Mapping[str, str] = ...,
        credentials_dir: Path | None = ...,
        **texts: str,
    ) -> Loaded: ...


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in SMALLEST.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


@pytest.fixture
def load_text(files: Path) -> LoadText:
    def load_them(
        *,
        add: Mapping[str, str] = {},
        environ: Mapping[str, str] = {"AMI": "from-the-environment"},
        credentials_dir: Path | None = None,
        **texts: str,
    ) -> Loaded:
        for name in {*add, *texts}:
            text = texts.get(name, SMALLEST[name]) + add.get(name, "")
            (files / f"{name}.toml").write_text(text, newline="")
        return load(files, environ=environ, credentials_dir=credentials_dir)

    return load_them
