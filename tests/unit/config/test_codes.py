"""What is keyed on phones must mean one thing."""

from typing import Any

import pytest

from config.codes import agents_by_number

pytestmark = pytest.mark.unit

BOB = '[agents.bob]\nqueues = ["sales"]\n'


@pytest.mark.parametrize(
    ("file", "added", "line"),
    [
        (
            "agents",
            BOB + 'phone = "1002"\nnumber = "1001"',
            'agents.bob.number: 1001 is keyed for agent "alice" already (give one of them another)',
        ),
        (
            "agents",
            BOB + "logged_in_at_start = true\nnumber = '7'",
            (
                "agents.bob.logged_in_at_start: an agent without a phone can't be logged in by the daemon "
                "(give the agent a phone, or let the agent log in at one)"
            ),
        ),
        (
            "agents",
            '[pauses.a]\nkey = "1"\n[pauses.b]\nkey = "1"',
            'pauses.b.key: 1 is keyed for pause "a" already (give one of them another)',
        ),
        (
            "agents",
            '[supervisors.a]\nnumber = "1"\n[supervisors.b]\nnumber = "1"',
            'supervisors.b.number: 1 is keyed for supervisor "a" already (give one of them another)',
        ),
        (
            "acd",
            '[features.talk_keys]\nhelp = "*1"\nrecord = "*12"',
            (
                "features.talk_keys.record: *12 can't be keyed: *1 is help already "
                "(let no sequence begin with another one)"
            ),
        ),
        (
            "queues",
            '[queues.b.recording]\nfile = "{queue}.wav"',
            "queues.b.recording.file: two calls would be recorded into one file (put {call} into the name)",
        ),
        (
            "queues",
            '[queues.b.recording]\nfile = "{call}"',
            "queues.b.recording.file: the file's name tells no format (end it in .wav)",
        ),
        (
            "queues",
            '[queues.b.recording]\nfile = "../{call}.wav"',
            (
                "queues.b.recording.file: the file would be outside of Asterisk's monitor folder "
                "(name it without a leading / and without ..)"
            ),
        ),
        (
            "queues",
            '[queues.b.recording]\nfile = "{call}{cal}.wav"',
            (
                'queues.b.recording.file: unknown field "cal" '
                "(known: call, caller, day, month, queue, time, year)"
            ),
        ),
        (
            "queues",
            '[queues.b.recording]\nfile = "{call"',
            "queues.b.recording.file: not a file name: expected '}' before end of string (close every { with a })",
        ),
    ],
)
def test_what_is_ambiguous_is_told_with_place_and_remedy(
    load_text: Any, file: str, added: str, line: str
) -> None:
    errors = [
        str(p).split("error: ")[1] for p in load_text(add={file: added + "\n"}).problems if "error" in str(p)
    ]
    assert errors == [line]


def test_an_agent_is_known_by_the_own_number_or_by_the_phones(load_text: Any) -> None:
    loaded = load_text(
        add={"agents": BOB + "number = '77'\n[agents.cid]\nphone = 'PJSIP/desk'\nqueues = ['sales']\n"}
    )
    assert agents_by_number(loaded.settings) == {("pbx1", "1001"): "alice", ("pbx1", "77"): "bob"}


def test_names_that_differ_by_dashes_alone_have_one_lamp(load_text: Any) -> None:
    queues, lamps = "[queues.sal-es]\n", "[features]\nlamps = true\n"
    without = load_text(add={"queues": queues}).problems
    assert not [problem for problem in without if "lamps" in str(problem)]
    told = [str(p) for p in load_text(add={"queues": queues, "acd": lamps}).problems if "lamps" in str(p)]
    assert [text.partition("error: ")[2] for text in told] == [
        (
            'queues.sal-es: its lamps would be those of "sales": Asterisk sees no dashes in them '
            "(let the names differ by more than dashes, or leave [features] lamps off)"
        )
    ]


def test_phones_that_ring_at_once_fit_into_one_dial(load_text: Any) -> None:
    queue = '[queues.all]\nstrategy = "simultaneous"\nring_most = 40\n'
    phone = "x" * 70
    agents = "".join(f'[agents.a{n}]\nphone = "{phone}{n}"\nqueues = ["all"]\n' for n in range(45))
    told = [str(p) for p in load_text(add={"queues": queue, "agents": agents}).problems if "Dial" in str(p)]
    assert [text.partition("error: ")[2] for text in told] == [
        (
            "queues.all.ring_most: 40 phones with names as long as these do not fit into one Dial "
            "(write ring_most = 24, or give phones shorter names)"
        )
    ]


def test_more_phones_may_be_allowed_than_there_are(load_text: Any) -> None:
    queue = '[queues.all]\nstrategy = "simultaneous"\nring_most = 40\n'
    agents = '[agents.ann]\nphone = "PJSIP/1001"\nqueues = ["all"]\n'
    told = [str(p) for p in load_text(add={"queues": queue, "agents": agents}).problems if "Dial" in str(p)]
    assert told == []
