"""Texts: named places only, one way out, and none that are not there."""

from typing import Any

import pytest

pytestmark = pytest.mark.unit
GERMANY = '[numbers]\ncountry = "49"\n'
SIP = GERMANY + '[text]\nsip = "pjsip:trunk/sip:{number}@carrier"\n'
SORRY = '[texts.sorry]\nbody = "Sorry, {name}. {queue} will call {number}."\n'


def problems(load_text: Any, queues: str, acd: str = SIP) -> list[str]:
    loaded = load_text(add={"queues": f"[queues.support]\n{queues}", "acd": acd})
    return [str(problem) for problem in loaded.problems if "text" in str(problem)]


@pytest.mark.parametrize(
    ("queues", "acd", "told"),
    [
        ('texts = { abandoned = "sory" }\n' + SORRY, SIP, "did you mean"),
        ('texts = { abandonned = "sorry" }\n' + SORRY, SIP, "abandonned"),
        ('[texts.sorry]\nbody = "Hello {caller}"\n', SIP, 'nobody fills "caller"'),
        ('[texts.sorry]\nbody = "Hello {name.__class__}"\n', SIP, "nobody fills"),
        ('[texts.sorry]\nbody = "Hello {name!r}"\n', SIP, "nobody fills"),
        ('[texts.sorry]\nbody = "Hello {"\n', SIP, "close every {"),
        ('texts = { abandoned = "sorry" }\n' + SORRY, "", "exactly one way"),
        ("", SIP + 'url = "http://gateway/"\n', "exactly one way"),
        ('texts = { abandoned = "sorry" }\n' + SORRY, SIP.replace(GERMANY, ""), "no number may be texted"),
        ("", SIP.replace("{number}", "{nummer}"), "no place but {number}"),
        ('[queues.support.overflow]\nfull = { text = "sorry" }\n' + SORRY, SIP, "a text is for keys"),
        ('[queues.support.keys]\n1 = { text = "none" }\n' + SORRY, SIP, 'unknown text "none"'),
    ],
)
def test_what_can_not_be_meant_is_told(load_text: Any, queues: str, acd: str, told: str) -> None:
    assert any(told in problem for problem in problems(load_text, queues, acd))


def test_what_can_be_meant_is_taken(load_text: Any) -> None:
    queues = 'texts = { abandoned = "sorry", callback_missed = "sorry" }\nkeys = { 4 = { text = "sorry" } }\n'
    assert problems(load_text, queues + SORRY) == []
