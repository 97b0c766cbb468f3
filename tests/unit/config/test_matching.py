"""Contradictions in how calls are matched: told by `acd check` with the place, never found out at a call."""

import time

import pytest

from tests.unit.config.conftest import LoadText

pytestmark = pytest.mark.unit

STEP = "[[queues.sales.steps]]\n"
OTHER = "[queues.b]\n"
SERVED = '[agents.bob]\nphone = "1002"\nqueues = ["b"]\n'

# what is written behind the smallest queues.toml and agents.toml, and the lines that `acd check` prints
WRONG = [
    # expressions
    (
        'require = "fr >= "',
        "",
        [
            (
                "queues.toml:2: error: queues.sales.require: column 7: expected a level or a word, found the end "
                "(here: fr >= ▸)"
            )
        ],
    ),
    (
        'require = "fr >= 5 and fr < 3"',
        "",
        [
            (
                "queues.toml:2: error: queues.sales.require: contradicts itself: no agent can ever satisfy it "
                '("fr >= 5 and fr < 3")'
            )
        ],
    ),
    (
        'require = "fra >= 5"',
        "",
        ['queues.toml:2: error: queues.sales.require: unknown skill "fra" (did you mean "fr"?)'],
    ),
    (
        'require = "$lang >= 5"',
        "",
        [
            (
                "queues.toml:2: error: queues.sales.require: $lang has no value "
                "(write variables = { lang = … }: calls that bring none need a value)"
            )
        ],
    ),
    (
        'require = "$lang >= 5"\nvariables = { lang = "de" }',
        "",
        [
            (
                'queues.toml:2: error: queues.sales.require: unknown skill "de" '
                "(declare it in skills.toml: [skills.de])"
            )
        ],
    ),
    (
        'require = "fr >= 5 and site = paris"',
        "",
        [
            (
                'queues.toml:2: warning: queues.sales.require: no agent has the attribute "site" '
                "(write attributes = { … } in agents.toml)"
            ),
            (
                "queues.toml:2: warning: queues.sales.require: no agent of this queue satisfies "
                '"fr >= 5 and site = paris"'
            ),
        ],
    ),
    # steps
    (
        f'{STEP}after = "40s"\n{STEP}after = "20s"\n',
        "",
        [
            (
                "queues.toml:5: error: queues.sales.steps[1].after: steps out of order: 20s comes after 40s "
                "(`after` counts from entering the queue)"
            )
        ],
    ),
    (
        f'{STEP}after = "20s"\n{STEP}after = "20s"\n',
        "",
        ["queues.toml:5: error: queues.sales.steps[1].after: two steps at 20s: make them one"],
    ),
    (
        f'max_wait = "30s"\n{STEP}after = "30s"\n',
        "",
        [
            (
                "queues.toml:4: error: queues.sales.steps[0].after: this step is never reached: "
                "callers leave after max_wait 30s"
            )
        ],
    ),
    (
        f'{STEP}after = "20s"\noverflow = "b"\n{STEP}after = "30s"\n{OTHER}',
        SERVED,
        [
            (
                "queues.toml:5: error: queues.sales.steps[1]: this step is never reached: "
                "the one before sends the call on"
            )
        ],
    ),
    (
        f'{STEP}after = "20s"\nrequire = "fr >= 5 and not fr"\n',
        "",
        [
            (
                "queues.toml:4: error: queues.sales.steps[0].require: contradicts itself: "
                'no agent can ever satisfy it ("fr >= 5 and not fr")'
            )
        ],
    ),
    (
        f'{STEP}after = "20s"\nadd_groups = ["back"]\n',
        "",
        [
            (
                'queues.toml:4: error: queues.sales.steps[0].add_groups[0]: unknown group "back" '
                "(declare it in agents.toml: [groups.back])"
            )
        ],
    ),
    # overflow
    (
        f'{STEP}after = "20s"\noverflow = "sale"\n',
        "",
        [
            'queues.toml:4: error: queues.sales.steps[0].overflow: unknown queue "sale" (did you mean "sales"?)'
        ],
    ),
    (
        f'{STEP}after = "20s"\noverflow = "sales"\n',
        "",
        ["queues.toml:4: error: queues.sales.steps[0].overflow: a queue can't overflow to itself"],
    ),
    (
        f'{STEP}after = "20s"\noverflow = "b"\n{OTHER}[[queues.b.steps]]\nafter = "9s"\noverflow = "sales"\n',
        SERVED,
        [
            (
                "queues.toml:2: error: queues.sales.steps: calls would go round in circles: sales → b → sales "
                "(take one overflow away)"
            )
        ],
    ),
    # the rest
    (
        'join_needs = ["ready"]\nadmit_when_nobody_logged_in = true',
        "",
        [
            (
                "queues.toml:2: error: queues.sales.join_needs: says the same as admit_when_nobody_logged_in, "
                "differently (join_needs = [] lets everybody wait)"
            )
        ],
    ),
    (
        'reserve_above = "1m"\nreserve_below = "2m"',
        "",
        [
            (
                "queues.toml:3: error: queues.sales.reserve_below: reserve_below 2m is longer than "
                "reserve_above 1m (it must be shorter, or the same)"
            )
        ],
    ),
    (
        "",
        '[agents.bob]\nphone = "1002"\nqueues = { sales = { reserve = true } }\nskills.fr = 9\n',
        [
            (
                "agents.toml:7: error: agents.bob.queues.sales.reserve: this queue never calls a reserve "
                '(write reserve_above = "2m" into [queues.sales])'
            )
        ],
    ),
    (
        "",
        '[groups.front]\nqueues = ["sales"]\nchoose = "percent"\nshares = { sales = 60, b = 30 }\n',
        [
            'agents.toml:8: error: groups.front.shares.b: unknown queue "b"',
            "agents.toml:8: error: groups.front.shares: the shares add up to 90, not to 100",
        ],
    ),
    (
        'exit_keys = "9x"',
        "",
        [
            'queues.toml:2: error: queues.sales.exit_keys: expected keys from 0-9 * # A-D, such as "0*", got "9x"'
        ],
    ),
    (
        'hook = { url = "ftp://x" }',
        "",
        [
            (
                "queues.toml:2: error: queues.sales.hook.url: expected an address that begins with http:// or "
                'https://, got "ftp://x"'
            )
        ],
    ),
    (
        'join_needs = ["offline"]',
        "",
        [
            (
                'queues.toml:2: error: queues.sales.join_needs[0]: expected "ready", "offered", "talking", '
                '"wrap_up", "paused", "direct_call" or "unreachable", got "offline"'
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("queue", "agents", "lines"), WRONG, ids=[str(number) for number in range(len(WRONG))]
)
def test_a_contradiction_is_told_with_its_place(
    load_text: LoadText, queue: str, agents: str, lines: list[str]
) -> None:
    loaded = load_text(queues=f"[queues.sales]\n{queue}\n", add={"agents": agents})
    assert sorted(map(str, loaded.problems)) == sorted(lines)


@pytest.mark.parametrize(
    "text",
    [
        "fr >= 1 or " * 10_000 + "fr",
        " or ".join(f"(a{n} and b{n})" for n in range(100)),
        " and ".join(f"(a{n} or b{n})" for n in range(100)),
        "(" * 10_000 + "fr" + ")" * 10_000,
        "not " * 1_000 + "fr",
    ],
)
def test_an_expression_that_nobody_could_mean_is_refused_at_once(load_text: LoadText, text: str) -> None:
    before = time.process_time()
    loaded = load_text(queues=f'[queues.sales]\nrequire = "{text}"\n')
    assert loaded.settings is None
    assert time.process_time() - before < 1.0
    [problem] = loaded.errors
    assert (problem.file, problem.line, problem.path) == ("queues.toml", 2, "queues.sales.require")


def test_a_step_that_relaxes_makes_a_queue_that_nobody_serves_at_first_legal(load_text: LoadText) -> None:
    queue = f'[queues.sales]\nrequire = {{ fr = 9 }}\n{STEP}after = "20s"\nrequire = {{ fr = 5 }}\n'
    assert load_text(queues=queue).problems == ()
