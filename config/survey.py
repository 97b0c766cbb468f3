"""`[surveys.NAME]` of queues.toml: what callers are asked by keypad after a talk. Durations are milliseconds."""

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from config.findings import Finding, Path, did_you_mean, quoted
from config.values import Duration, Name
from config.ways import Key
from config.working import Sound

if TYPE_CHECKING:
    from config.schema import Settings


class QuestionKind(Enum):
    """What is asked, and so which answers there are."""

    CSAT = "csat"  # satisfied, 1 to 5
    NPS = "nps"  # would recommend, 0 to 10
    CES = "ces"  # it was easy, 1 to 10
    RESOLVED = "resolved"  # 1: yes, 2: no


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[surveys.NAME.questions]]`: asked in their order."""

    id: Annotated[Name, Meta(description="How reports name it.", examples=["satisfied"])]
    kind: Annotated[
        QuestionKind,
        Meta(
            description="csat: 1 to 5. nps: 0 to 10. ces: 1 to 10. resolved: 1 yes, 2 no.", examples=["csat"]
        ),
    ]
    prompt: Annotated[
        Sound, Meta(description="A sound that asks it and names the keys.", examples=["survey/satisfied"])
    ]


class Survey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One survey."""

    questions: Annotated[
        tuple[Question, ...],
        Meta(
            min_length=1,
            max_length=10,
            description="What is asked.",
            examples=[[{"id": "satisfied", "kind": "csat", "prompt": "survey/satisfied"}]],
        ),
    ]
    intro: Annotated[
        Sound, Meta(description="Said before; it should name the key that ends surveys for good.")
    ] = ""
    thanks: Annotated[Sound, Meta(description="Said after.")] = ""
    sample: Annotated[
        Annotated[int, Meta(ge=1, le=100)], Meta(description="Per cent of the talks, drawn by lot.")
    ] = 100
    not_again: Annotated[
        Duration,
        Meta(
            description="A caller who was asked is not asked again for so long.",
            extra={"at_least": "0s", "at_most": "8760h"},
        ),
    ] = Duration(30 * 86_400_000)
    opt_out: Annotated[
        Key, Meta(description="Pressed at any question: this number is never asked again.")
    ] = "*"
    least_talk: Annotated[
        Duration,
        Meta(description="After shorter talks nobody is asked.", extra={"at_least": "0s", "at_most": "1h"}),
    ] = Duration(10_000)
    tries: Annotated[
        Annotated[int, Meta(ge=1, le=5)],
        Meta(description="How often a question is asked before it is passed over."),
    ] = 2
    timeout: Annotated[
        Duration,
        Meta(description="Silence after a question.", extra={"at_least": "1s", "at_most": "30s"}),
    ] = Duration(5_000)


def findings(settings: "Settings") -> Iterator[Finding]:
    """Queues that name surveys which are not there, questions with one name, keys that are answers."""
    for name, queue in settings.queues.items():
        if queue.survey is not None and queue.survey not in settings.surveys:
            yield Finding(
                path=("queues", name, "survey"),
                message=f"unknown survey {quoted(queue.survey)}",
                hint=did_you_mean(queue.survey, settings.surveys) or f"write [surveys.{queue.survey}]",
            )
    for name, survey in settings.surveys.items():
        yield from _of_one(("surveys", name), survey)


def _of_one(here: Path, survey: Survey) -> Iterator[Finding]:
    ids = [question.id for question in survey.questions]
    for place, one in enumerate(ids):
        if one in ids[:place]:
            yield Finding(
                path=(*here, "questions", place, "id"),
                message=f"there are two questions {quoted(one)}",
                hint="give each a name of its own",
            )
    if survey.opt_out.isdecimal() or survey.opt_out == "#":
        yield Finding(
            path=(*here, "opt_out"),
            message=f"{quoted(survey.opt_out)} is an answer, or ends one",
            hint='take "*" or a letter',
        )
    yield from _sounds(here, survey)


def _sounds(here: Path, survey: Survey) -> Iterator[Finding]:
    sounds: list[tuple[Path, str]] = [((*here, "intro"), survey.intro), ((*here, "thanks"), survey.thanks)]
    for place, question in enumerate(survey.questions):
        sounds.append(((*here, "questions", place, "prompt"), question.prompt))
    for path, sound in sounds:
        if sound.startswith("/") or ".." in sound.split("/"):
            yield Finding(
                path=path,
                message=f"{quoted(sound)} would be outside of Asterisk's sounds",
                hint="name a sound without a leading / and without ..",
            )
