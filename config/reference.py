"""docs/queue-reference.md, made from the schema: `python -m config.reference > docs/queue-reference.md`. Pure but for main."""

import sys
from collections.abc import Iterator
from enum import Enum
from typing import Final, get_args

import msgspec
from msgspec import Struct, inspect
from msgspec.structs import FieldInfo

from config import expectations
from config.announcing import Announcements
from config.centre import Agent, BackOff, Group, Queue
from config.daemon import Routing
from config.host import Host
from config.hours import Hours
from config.ivr import Ivr
from config.ivr_nodes import Answer, Node
from config.outlets import Metrics, QueueLog, Webhook
from config.phones import AgentPhone, Phones
from config.routing import Autopause, Hook, Serve, Step
from config.shifts import Shifts
from config.speech import Speech
from config.supervising import Recording, Supervisor
from config.survey import Question, Survey
from config.texting import Text, TextRule
from config.values import encode_value
from config.ways import Callback, KeyMenu, Message, Overflow, Transcribe, Way
from config.working import Features, Numbers, Pause, TalkKeys

TABLES: Final[tuple[tuple[str, type[Struct]], ...]] = (
    ("[queues.NAME]", Queue),
    ("[[queues.NAME.steps]]", Step),
    ("[queues.NAME.back_off]", BackOff),
    ("[queues.NAME.autopause]", Autopause),
    ("[queues.NAME.hook]", Hook),
    ("[queues.NAME.overflow]", Overflow),
    ("A way out: overflow.WHY, keys.KEY, menus.MENU.keys.KEY, steps.to", Way),
    ("[queues.NAME.menus.MENU]", KeyMenu),
    ("[queues.NAME.callback]", Callback),
    ("[queues.NAME.message]", Message),
    ("[queues.NAME.message.transcribe]", Transcribe),
    ("[hours.NAME] of queues.toml", Hours),
    ("[text] of acd.toml", TextRule),
    ("[texts.NAME] of queues.toml", Text),
    ("[surveys.NAME] of queues.toml", Survey),
    ("[[surveys.NAME.questions]]", Question),
    ("[agents.NAME]", Agent),
    ("[groups.NAME]", Group),
    ("queues.NAME of an agent or a group", Serve),
    ("[queues.NAME.announcements]", Announcements),
    ("[queues.NAME.recording]", Recording),
    ("[pauses.NAME] of agents.toml", Pause),
    ("[supervisors.NAME] of agents.toml", Supervisor),
    ("[numbers] of acd.toml", Numbers),
    ("[speech] of acd.toml", Speech),
    ("[features] of acd.toml", Features),
    ("[features.talk_keys] of acd.toml", TalkKeys),
    ("[routing] of acd.toml", Routing),
    ("[host] of acd.toml", Host),
    ("[phones] of acd.toml", Phones),
    ("[phones.agents.NAME] of acd.toml", AgentPhone),
    ("[shifts] of acd.toml", Shifts),
    ("[queue_log] of acd.toml", QueueLog),
    ("[metrics] of acd.toml", Metrics),
    ("[[webhook]] of acd.toml", Webhook),
    ("[ivr.NAME] of ivr.toml", Ivr),
    *((f'[ivr.NAME.nodes.NODE], kind = "{node.__struct_config__.tag}"', node) for node in get_args(Node)),
    ("answer.VARIABLE of a look-up", Answer),
)
HEAD: Final = """\
# Queues, agents and how they are matched: reference
Made from the schema by `python -m config.reference`; a test compares. `acd check` tells every mistake with file, line and, in an expression, column.

## Expressions
`require = { fr = 5, billing = 3 }` asks for all of these skills, each at this level or above. A text asks for more:

| written | means |
|---|---|
| `fr >= 5 and (billing >= 3 or vip)` | levels 1 to 10 with `=` `!=` `<` `<=` `>` `>=`; a bare name: the skill at any level |
| `not trainee and site = paris` | attributes of agents are compared with words, by `=` and `!=` |
| `$lang >= 5` | the skill that the call's variable `lang` names; `variables` gives the value for calls without one |
| `vip or $tier = gold` | a variable compared with a word |
| `anybody` | every agent of the queue |

A skill an agent does not have is undefined, never 0: every comparison with it is false (`fr < 3` too); only `not` turns that round.

## What a call may ask for
In the dialplan, `ACD_QUERY` (percent-encoded): `need-fr=5` · `need=fr%3E%3D5%20or%20vip` · `lang=de` (a variable) · `priority=3` · `credit=90` (seconds spent in
an IVR, counted for the order) · `position=2` · `prefer=ann:90,bob:50` · `agent=ann` (a direct call). What makes no sense is left out and told as a fact; it
never keeps a caller out.

## One example a group
```toml
[queues.sales]
strategy = "least_occupied"            # strategies
require = "$lang >= 5 or vip"          # requirement
variables = { lang = "en" }
ageing = 0.5                           # order: half a point of priority per minute
target = "20s"
max_wait = "10m"                       # leave
join_needs = ["ready", "offered", "talking", "wrap_up"]   # join
sticky = "15s"                         # affinity
reserve_above = "3m"                   # reserve agents
autopause = { no_answer = 3 }          # offers
resume_within = "2m"                   # abandoned and back
hook = { url = "http://127.0.0.1:8080/route", deadline = "200ms" }   # outside decision

[[queues.sales.steps]]                 # relaxation
after = "30s"
require = "$lang >= 3"
[[queues.sales.steps]]
after = "1m"
add_groups = ["back-office"]
raise_priority = 5
[[queues.sales.steps]]
after = "3m"
overflow = "support"

[agents.ann]
phone = "1001"
skills = { en = 7 }
attributes = { site = "paris" }
choose = "greatest_need"               # fairness between queues
queues = { sales = { level = 1 }, support = { level = 2, delay = "20s" } }
```

## Strategies
| strategy | who rings; ties go to the longest idle, then by name |
|---|---|
| `skills` | the highest sum of levels over the skills asked for |
| `least_skilled` | the lowest sum that still serves: keeps the experts free |
| `longest_idle` | since the last call or the log-in; `idle_counts_direct` counts calls of the agent's own |
| `least_occupied` | the smallest share of working time spent busy, forgetting over the `window`; breaks and absence stop its clock |
| `fewest_calls` | the fewest calls answered within the `window` |
| `round_robin` | the next in agents.toml after whoever was rung last; remembered over reloads and restarts |
| `linear` | the first in agents.toml who is free |
| `simultaneous` | up to `ring_most` phones at once; the first to answer has the call, the others see "answered elsewhere" |
| `progressive` | `ring_first` phones, and as many more every `ring_step`, by a new Dial: phones that ring see CANCEL and INVITE |
| `random` | by lot, by the agents' `weight`; the same `seed` draws the same |

## How it is decided
- **Order**: priority (queue's + call's + steps') plus ageing times minutes waited; then who waits longest, credit counted; then arrival. What nobody can serve blocks nobody.
- **A free agent** looks at queues of the lowest `level` first and among these by `choose`: `order` (the one line) · `greatest_need` (longest wait in proportion to `target`) · `weight` (highest first) · `service_level` (who is over `target` first) · `percent` (furthest behind its share).
- **A waiting call** takes, of the free agents who can serve it, those who have not declined it before, then by `strategy`, then the longest idle.
- **Changing** any of this on a live queue counts from the next match on; calls that wait keep their place, steps are taken by the time already waited. Where the steps of a queue changed, a call is at the step that time alone gives.
- **Estimated wait** = (calls before it + 1) times handle time by agents, each counted by the share of their queues; only agents who satisfy the call count.
- Moves between queues keep the time waited; a queue that is full or closed takes no overflow, and the call stays and tries again.
"""


def render() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, table in TABLES:
        parts.append(f"\n## {title}\n| key | default | what |\n|---|---|---|\n")
        parts += [
            f"| `{field.encode_name}` | {_default(field)} | {_what(field)} |\n" for field in _fields(table)
        ]
    return "".join(parts)


def _fields(table: type[Struct]) -> Iterator[FieldInfo]:
    return iter(msgspec.structs.fields(table))


def _default(field: FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None or value in ("", (), {}) or isinstance(value, Struct):
        return ""
    if isinstance(value, Enum):
        value = value.value
    return f"`{msgspec.json.encode(value, enc_hook=encode_value).decode()}`"


def _what(field: FieldInfo) -> str:
    info = inspect.type_info(field.type)
    text = (info.extra_json_schema or {}).get("description", "") if isinstance(info, inspect.Metadata) else ""
    return f"{text}{_bounds(field.type)}".replace("|", "\\|")


def _bounds(type_: object) -> str:
    """What may stand there, where the description does not say."""
    bounds = expectations.limits(type_)
    if bounds is not None:
        return f" From {bounds[0].text} to {bounds[1].text}."
    *_, info = expectations.layers(type_)
    match info:
        case inspect.EnumType(cls=cls):
            return " One of " + ", ".join(f"`{member.value}`" for member in cls) + "."
        case inspect.IntType(ge=least, le=most) | inspect.FloatType(ge=least, le=most) if most is not None:
            return f" From {least:g} to {most:g}."
        case _:
            return ""


def main() -> None:
    """Print the page."""
    sys.stdout.write(render())


if __name__ == "__main__":
    main()
