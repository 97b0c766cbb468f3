"""The reference page says what the schema says."""

import tomllib
from pathlib import Path

import pytest

from config.reference import TABLES, render
from tests.unit.config.conftest import LoadText

pytestmark = pytest.mark.unit
PAGE = Path(__file__).parents[3] / "docs" / "queue-reference.md"


def test_the_page_is_the_one_that_the_schema_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "python -m config.reference > docs/queue-reference.md"
    )


def test_every_key_has_its_line() -> None:
    page = render()
    for _, table in TABLES:
        for name in table.__struct_encode_fields__:
            assert f"| `{name}` |" in page


def test_the_example_of_the_page_is_a_valid_configuration(load_text: LoadText) -> None:
    text = render().partition("```toml\n")[2].partition("```")[0]
    tables = tomllib.loads(text)
    assert set(tables) == {"queues", "agents"}
    queues, _, agents = text.partition("[agents.ann]")
    loaded = load_text(
        queues=queues + "[queues.support]\n",
        agents="[agents.ann]" + agents + '[groups.back-office]\nqueues = ["support"]\n',
        skills="[skills.en]\n[skills.vip]\n",
    )
    assert [str(problem) for problem in loaded.problems] == []
