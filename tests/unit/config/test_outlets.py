"""queue_log, metrics and webhooks: off unless asked for, and what is refused or warned of."""

from typing import Any

import pytest

from config.diff import diff
from config.outlets import KINDS, wanted
from tests.unit.config.conftest import SMALLEST

pytestmark = pytest.mark.unit
HOOK = '[[webhook]]\nname = "crm"\nurl = "https://crm.example.org/acd"\nevents = ["call_answered"]\n'


def problems(load_text: Any, text: str) -> list[str]:
    loaded = load_text(acd=SMALLEST["acd"] + text, environ={"AMI": "x", "HOOK": "hunter2-hunter2"})
    return [problem.message for problem in loaded.problems]


def test_nothing_is_written_or_opened_by_default(load_text: Any) -> None:
    settings = load_text().settings
    assert (settings.queue_log.file, settings.metrics.listen, settings.webhooks) == ("", "", ())


def test_a_webhook_has_its_secret_from_where_it_is_kept(load_text: Any) -> None:
    loaded = load_text(
        acd=SMALLEST["acd"] + HOOK + 'secret_env = "HOOK"\n',
        environ={"AMI": "x", "HOOK": "hunter2-hunter2"},
    )
    assert loaded.problems == ()
    assert loaded.settings.webhooks[0].secret.reveal() == "hunter2-hunter2"
    assert "hunter2" not in repr(loaded.settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HOOK, "no secret"),
        (HOOK + 'secret_env = "NOWHERE"\n', "the environment variable it names is not set"),
        (
            HOOK.replace("call_answered", "call_anwered") + 'secret_env = "HOOK"\n',
            'no fact is "call_anwered"',
        ),
        (2 * (HOOK + 'secret_env = "HOOK"\n'), 'another webhook is named "crm"'),
        (
            HOOK.replace("https:", "http:") + 'secret_env = "HOOK"\n',
            "callers' numbers go over the network in clear",
        ),
        ('[metrics]\nlisten = "0.0.0.0:9180"\n', "anybody who reaches that address reads the numbers"),
        ('[metrics]\nlisten = "127.0.0.1:99999"\n', "no such address"),
        ('[metrics]\nlisten = "127.0.0.999:9180"\n', "no such address"),
    ],
)
def test_mistakes_and_dangers_are_told(load_text: Any, text: str, message: str) -> None:
    assert problems(load_text, text) == [message]


@pytest.mark.parametrize("address", ["127.0.0.1:9180", "[::1]:9180"])
def test_loopback_needs_no_warning(load_text: Any, address: str) -> None:
    assert problems(load_text, f'[metrics]\nlisten = "{address}"\n') == []


def test_kinds_may_be_named_by_how_they_begin() -> None:
    assert wanted(("*",)) == KINDS
    assert wanted(("talk_ended", "call_a*")) == (
        "call_abandoned",
        "call_answered",
        "call_arrived",
        "talk_ended",
    )


def test_a_change_of_an_outlet_is_refused_by_name_until_a_restart_and_shows_no_secret(load_text: Any) -> None:
    def settings(url: str, secret: str) -> Any:
        text = HOOK.replace("https://crm.example.org/acd", url) + f'secret = "{secret}"\n'
        return load_text(acd=SMALLEST["acd"] + text).settings

    found = diff(
        settings("https://a.example.org", "hunter1-hunter1"), settings("https://b.example.org", "hunter2")
    )
    assert sorted(found.needs_restart) == ["webhook.crm.secret", "webhook.crm.url"]
    assert "hunter" not in repr(found.changes)
