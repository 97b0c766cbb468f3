"""Ways out of queues: one thing each, to what there is."""

from typing import Any

import pytest

pytestmark = pytest.mark.unit

CALLED_BACK = '[queues.sales.callback]\ndial = "PJSIP/{number}@trunk"\n'
COUNTRY = '[numbers]\ncountry = "49"\n'


def problems(load_text: Any, queues: str, more: str = COUNTRY) -> list[str]:
    """What is told about the ways, without file and line."""
    loaded = load_text(add={"queues": f"[queues.support]\n{queues}", "acd": more})
    return [
        str(problem).partition(": ")[2]
        for problem in loaded.problems
        if "queues.s" in str(problem) and "no agent serves" not in str(problem)
    ]


@pytest.mark.parametrize(
    ("queues", "told"),
    [
        ("[queues.sales.keys]\n1 = {}\n", "a way out is exactly one thing"),
        (
            '[queues.sales.keys]\n1 = { queue = "support", voicemail = "200" }\n',
            "a way out is exactly one thing",
        ),
        ('[queues.sales.keys]\n12 = { queue = "support" }\n', "one key of 0-9 * # A-D"),
        ('[queues.sales.keys]\n1 = { queue = "suport" }\n', "did you mean"),
        ('[queues.sales.overflow]\nfull = { queue = "sales" }\n', "a queue can't send callers to itself"),
        ('[queues.sales.overflow]\nfull = { menu = "more" }\n', "a menu is for keys"),
        ('[queues.sales.keys]\n1 = { menu = "more" }\n', 'unknown menu "more"'),
        ("[queues.sales.keys]\n1 = { callback = true }\n", "this queue calls nobody back"),
        (
            'exit_keys = "1"\n[queues.support.keys]\n1 = { queue = "support" }\n',
            "is one of exit_keys already",
        ),
        ('[queues.sales.keys]\n1 = { extension = "a,b" }\n', "an extension of the dialplan"),
        ('[queues.sales.keys]\n1 = { voicemail = "200@de fault" }\n', "a box such as"),
        ('[queues.sales.keys]\n1 = { external = "call me" }\n', "a telephone number"),
        (
            '[[queues.sales.steps]]\nafter = "5s"\nto = { queue = "support" }\n',
            'write overflow = "support"',
        ),
        (
            '[queues.sales.callback]\ndial = "PJSIP/trunk"\n',
            "what is dialled has {number} once",
        ),
        (
            '[queues.sales.callback]\ndial = "PJSIP/{number}@{trunk}"\n',
            "what is dialled has {number} once",
        ),
        (f'{CALLED_BACK}hours = "day"\n', 'unknown hours "day"'),
        (f'{CALLED_BACK}gap = "0s"\n', "1s"),
        ("[queues.sales.message.transcribe]\n", "either an address or a program"),
        (
            '[queues.sales.message.transcribe]\nurl = "http://x/"\ncommand = ["x"]\n',
            "either an address or a program",
        ),
        (
            '[queues.sales.menus.more]\nprompts = ["../../etc/passwd"]\nkeys = { 1 = { queue = "support" } }\n',
            "outside of Asterisk's sounds",
        ),
    ],
)
def test_what_can_not_be_meant_is_told(load_text: Any, queues: str, told: str) -> None:
    assert any(told in problem for problem in problems(load_text, queues))


def test_without_a_country_the_numbers_that_may_be_called_are_named(load_text: Any) -> None:
    (problem,) = problems(load_text, CALLED_BACK, more="")
    assert "neither allow nor the country is known" in problem
    assert problems(load_text, f'{CALLED_BACK}allow = ["+49"]\n', more="") == []


def test_all_that_can_be_meant_is_taken(load_text: Any) -> None:
    queues = f"""
[queues.sales.overflow]
full = {{ queue = "support" }}
closed = {{ voicemail = "200@default" }}
timed_out = {{ extension = "500", context = "night" }}
[[queues.sales.steps]]
after = "20s"
to = {{ callback = true }}
[queues.sales.keys]
1 = {{ callback = true }}
2 = {{ menu = "more" }}
"*" = {{ message = true }}
[queues.sales.menus.more]
prompts = ["menu"]
keys = {{ 1 = {{ external = "+4930123456" }} }}
{CALLED_BACK}"""
    assert problems(load_text, queues) == []
