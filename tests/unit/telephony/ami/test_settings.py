"""Settings refuse what could only fail later and never show the secret."""

import pytest

from tests.unit.telephony.ami.clients import Ours, settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"secret": "a\r\nAction: x"}, "'Secret'"),
        ({"username": "a\0"}, "'Username'"),
        ({"ping_every": 0}, "ping_every"),
        ({"retry_most": -1.0}, "retry_most"),
        ({"port": 70000}, "port"),
    ],
)
def test_what_cannot_work_is_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        settings(5038, **change)


def test_neither_settings_nor_link_show_the_secret() -> None:
    link = Ours(5038).link

    shown = f"{link!r} {link.settings!r} {link.config!r}"

    assert "s3cret" not in shown
    assert "'acd' at 127.0.0.1:5038" in shown
