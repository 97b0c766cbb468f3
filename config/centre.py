"""The tables of queues.toml, agents.toml and skills.toml: what is waited for, and who serves it.

Durations are milliseconds. Every description here is what the reference manual prints.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.announcing import Announcements
from config.daemon import Line, Word
from config.routing import (
    REST,
    Autopause,
    Choose,
    Hook,
    Level,
    Needs,
    Presence,
    Serves,
    Skip,
    Step,
    Strategy,
    Value,
)
from config.supervising import AutoAnswer, Recording
from config.texting import TextOn
from config.values import Duration, Endpoint, Name, Secret
from config.ways import Callback, Key, KeyMenu, Message, Overflow, Way
from config.working import AtClosing, Codes, Digits, Sound, WrapUpMode

Percent = Annotated[int, Meta(ge=0, le=100)]


class BackOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`back_off`: how long an agent gets no offer after one that failed, by its outcome."""

    no_answer: Annotated[Duration, Meta(description="The phone rang out.", extra=REST)] = Duration(10_000)
    rejected: Annotated[Duration, Meta(description="The agent declined.", extra=REST)] = Duration(30_000)
    busy: Annotated[Duration, Meta(description="The phone was busy.", extra=REST)] = Duration(5_000)
    unreachable: Annotated[Duration, Meta(description="The phone could not be reached.", extra=REST)] = (
        Duration(60_000)
    )
    error: Annotated[Duration, Meta(description="The offer failed for another cause.", extra=REST)] = (
        Duration(5_000)
    )


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[queues.NAME]`: one waiting line."""

    title: Annotated[Line, Meta(description="Name for people, in reports and on wallboards.")] = ""
    strategy: Annotated[Strategy, Meta(description="Who is chosen among those who can serve.")] = (
        Strategy.SKILLS
    )
    require: Annotated[
        Needs,
        Meta(
            description="What an agent must have: a table of skills, all of them, each at this level (1-10) or "
            "above; or an expression."
        ),
    ] = {}
    priority: Annotated[
        Annotated[int, Meta(ge=-1000, le=1000)],
        Meta(description="Callers of a queue with a higher number are served first."),
    ] = 0
    max_waiting: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="Callers who may wait; the next is refused as queue_full. Absent: no limit."),
    ] = None
    ring_timeout: Annotated[
        Duration,
        Meta(
            description="How long one agent's phone rings.",
            extra={"at_least": "1s", "at_most": "5m"},
        ),
    ] = Duration(15_000)
    wrap_up: Annotated[
        Duration,
        Meta(
            description="Time for after-call work; no call is offered meanwhile.",
            extra={"at_least": "0s", "at_most": "15m"},
        ),
    ] = Duration(10_000)
    wrap_up_mode: Annotated[
        WrapUpMode,
        Meta(
            description="timed: always, for wrap_up. none. discretionary: always, until the agent is done. "
            "requested: for wrap_up when the agent asks in the talk."
        ),
    ] = WrapUpMode.TIMED
    wrap_up_most: Annotated[
        Duration,
        Meta(
            description="How long an agent may make it by extensions.",
            extra={"at_least": "0s", "at_most": "15m"},
        ),
    ] = Duration(900_000)
    codes: Annotated[
        Codes, Meta(description="Disposition codes by the digits that choose them on a phone.")
    ] = {}
    topics: Annotated[Codes, Meta(description="The same for what calls are about.")] = {}
    back_off: Annotated[BackOff, Meta(description="Pause of an agent after a failed offer.")] = BackOff()
    same_call_back_off: Annotated[
        Duration,
        Meta(
            description="Time before the same call is offered to the same agent again.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(30_000)
    admit_when_nobody_logged_in: Annotated[
        bool, Meta(description="Let callers wait though no agent of the queue is logged in.")
    ] = False
    open: Annotated[
        bool, Meta(description="false refuses new callers as closed; those who wait are still served.")
    ] = True
    drain: Annotated[
        bool,
        Meta(
            description="true lets the queue run empty before it is deleted, as a removed queue does: new callers "
            "are refused as closed, those who wait are served."
        ),
    ] = False
    hours: Annotated[
        Name | None,
        Meta(
            description="Opening hours, [hours.NAME]; out of them callers are refused as closed. Absent: always open."
        ),
    ] = None
    closed_message: Annotated[
        Sound,
        Meta(
            description="Said to those who find the queue closed, and to those who leave because it closes, before they go the "
            "overflow's way where there is one. Empty: a status instead."
        ),
    ] = ""
    texts: Annotated[
        Mapping[TextOn, Name],
        Meta(description='Texts sent by themselves, such as { abandoned = "sorry" }: [texts.NAME].'),
    ] = {}
    survey: Annotated[
        Name | None, Meta(description="Asked of callers who stay when the agent hangs up: [surveys.NAME].")
    ] = None
    at_closing: Annotated[
        AtClosing,
        Meta(
            description="Those who wait when the hours end, or when somebody closes the queue: serve them, or let them leave as "
            "closed after closing_grace; a phone that rings then may be answered."
        ),
    ] = AtClosing.SERVE
    closing_grace: Annotated[
        Duration,
        Meta(
            description="With leave: how long they are still served.",
            extra={"at_least": "0s", "at_most": "12h"},
        ),
    ] = Duration(0)
    number: Annotated[
        Digits | None,
        Meta(description="Keyed by supervisors to close or open the queue from a phone. 0 means all queues."),
    ] = None
    ring_before_answer: Annotated[
        bool,
        Meta(description="Let the caller hear ringing, not yet charged, while a free agent's phone rings."),
    ] = False
    music: Annotated[Word, Meta(description="Music-on-hold class of Asterisk.")] = "default"
    answer_options: Annotated[
        Literal["i", ""],
        Meta(
            description='Options of Asterisk\'s Answer: "i" answers at once, "" waits up to 500 ms for media.'
        ),
    ] = "i"

    # ------------------------------------------------------------ who is asked for
    idle_counts_direct: Annotated[
        bool,
        Meta(description="Strategy longest_idle: calls of the agents' own end being idle too."),
    ] = False
    variables: Annotated[
        Mapping[Name, Value],
        Meta(description="Values of the $names in expressions, for calls that bring none."),
    ] = {}
    steps: Annotated[
        tuple[Step, ...], Meta(description="What changes while a call waits, in order of time.")
    ] = ()
    skip_steps: Annotated[
        Skip,
        Meta(
            description="Go on to the next step at once when nobody logged in (or nobody ready) could serve what "
            "is asked for at present; or never."
        ),
    ] = Skip.NOBODY_LOGGED_IN

    # ------------------------------------------------------------ the order
    ageing: Annotated[
        Annotated[float, Meta(ge=0, le=1000)],
        Meta(description="Priority a call gains per minute of waiting."),
    ] = 0.0
    weight: Annotated[
        Annotated[int, Meta(ge=1, le=1000)], Meta(description='For agents who choose by "weight".')
    ] = 1
    target: Annotated[
        Duration,
        Meta(
            description='Wait to stay under, for agents who choose by "greatest_need" or "service_level".',
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = Duration(20_000)

    # ------------------------------------------------------------ entering and leaving
    max_wait: Annotated[
        Duration | None,
        Meta(
            description="Then the caller leaves as timed_out. Absent: no limit.",
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = None
    max_estimated_wait: Annotated[
        Duration | None,
        Meta(
            description="A caller who would have to expect longer is refused as long_wait, unless nobody waits.",
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = None
    max_waiting_per_agent: Annotated[
        Annotated[float, Meta(ge=0.01, le=1000)] | None,
        Meta(description="The same for waiting callers per agent logged in."),
    ] = None
    join_needs: Annotated[
        tuple[Presence, ...] | None,
        Meta(
            description="Somebody of the queue must be in one of these states for a caller to enter. "
            "Absent: any but logged out."
        ),
    ] = None
    stay_needs: Annotated[
        tuple[Presence, ...],
        Meta(description="The same for callers to stay; empty: they stay whatever happens."),
    ] = ()
    stay_grace: Annotated[
        Duration,
        Meta(
            description="How long nobody may be there before those who wait leave as no_agents.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(30_000)
    exit_keys: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^[0-9*#A-D]{0,16}\Z",
                extra={"expects": 'keys from 0-9 * # A-D, such as "0*"'},
            ),
        ],
        Meta(description="Keys that let a waiting caller go on in the dialplan."),
    ] = ""
    overflow: Annotated[
        Overflow, Meta(description="Where callers go instead of being refused or let go, by why.")
    ] = Overflow()
    keys: Annotated[
        Mapping[Key, Way],
        Meta(
            description="What a key does at any time of the wait, such as { 1 = { callback = true } }; also during messages."
        ),
    ] = {}
    menus: Annotated[Mapping[Name, KeyMenu], Meta(description="More keys behind a key, by name.")] = {}
    callback: Annotated[Callback | None, Meta(description="How callers are called back.")] = None
    message: Annotated[Message, Meta(description="Messages that callers leave, for agents to hear.")] = (
        Message()
    )
    resume_within: Annotated[
        Duration,
        Meta(
            description="A caller who hung up and is back within this time has the old place. 0s: never.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(0)
    shared_numbers: Annotated[
        tuple[
            Annotated[
                str, Meta(pattern=r"^\+?[0-9]{2,15}\Z", extra={"expects": "a number or its beginning"})
            ],
            ...,
        ],
        Meta(description="Beginnings of numbers that many callers share: never resumed, never known."),
    ] = ()

    # ------------------------------------------------------------ offers
    ring_most: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        Meta(description="Phones that ring at once, with strategy simultaneous or progressive."),
    ] = 20
    ring_first: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        Meta(description="Phones that progressive begins with, and adds each ring_step."),
    ] = 1
    ring_step: Annotated[
        Duration,
        Meta(
            description="Time until progressive adds more phones.",
            extra={"at_least": "2s", "at_most": "5m"},
        ),
    ] = Duration(10_000)
    max_offers: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None,
        Meta(description="Phones that ring for this queue at the same time. Absent: no limit."),
    ] = None
    reoffer_gap: Annotated[
        Duration,
        Meta(
            description="An agent whose offer came to nothing without fault is left alone this long.",
            extra={"at_least": "0s", "at_most": "1m"},
        ),
    ] = Duration(0)
    autopause: Annotated[Autopause, Meta(description="Pause an agent who misses calls in a row.")] = (
        Autopause()
    )

    # ------------------------------------------------------------ known agents
    sticky: Annotated[
        Duration,
        Meta(
            description="How long a known caller waits for the agent of the last talk alone. 0s: not at all.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(0)
    sticky_within: Annotated[
        Duration,
        Meta(
            description="How long ago that talk may be.",
            extra={"at_least": "1m", "at_most": "720h"},
        ),
    ] = Duration(86_400_000)
    prefer_for: Annotated[
        Duration,
        Meta(
            description="How long a call that names preferred agents waits for them alone.",
            extra={"at_least": "1s", "at_most": "1h"},
        ),
    ] = Duration(30_000)
    direct_for: Annotated[
        Duration,
        Meta(
            description="How long a call to one agent waits for that agent before anybody of the queue will do.",
            extra={"at_least": "1s", "at_most": "1h"},
        ),
    ] = Duration(30_000)

    # ------------------------------------------------------------ before and beside the talk
    caller_prefix: Annotated[
        Line, Meta(description="Put before the caller's name on the agent's display, such as \"Sales: \".")
    ] = ""
    announce: Annotated[
        Sound, Meta(description="Said to the agent alone before the talk, such as the queue's name.")
    ] = ""
    announce_wait: Annotated[bool, Meta(description="Also say how many seconds the caller has waited.")] = (
        False
    )
    sip_headers: Annotated[
        bool, Meta(description="Tell the phone call, queue, wait and the call's variables in X-ACD- headers.")
    ] = False
    screen_pop: Annotated[
        bool,
        Meta(
            description="Tell of each offer by an AMI UserEvent, ACDOffer, for a screen beside the phone; "
            "needs user in the manager's write classes."
        ),
    ] = False
    announcements: Annotated[Announcements, Meta(description="What callers hear while they wait.")] = (
        Announcements()
    )
    recording: Annotated[Recording, Meta(description="What is recorded.")] = Recording()

    # ------------------------------------------------------------ help
    reserve_above: Annotated[
        Duration | None,
        Meta(
            description="Estimated wait of a new caller from which agents with reserve = true help out.",
            extra={"at_least": "1s", "at_most": "24h"},
        ),
    ] = None
    reserve_below: Annotated[
        Duration | None,
        Meta(
            description="Estimated wait under which they stop. Absent: half of reserve_above.",
            extra={"at_least": "0s", "at_most": "24h"},
        ),
    ] = None
    hook: Annotated[Hook | None, Meta(description="An outside program that chooses the agent.")] = None


class Agent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[agents.NAME]`: one person, the phone, the skills and the queues."""

    phone: Annotated[
        Endpoint | None,
        Meta(
            description="Endpoint to ring; PJSIP unless it says else. Absent: the agent takes any phone.",
            examples=["PJSIP/1001"],
        ),
    ] = None
    number: Annotated[
        Digits | None,
        Meta(description="Keyed to log in at another phone. Absent: the digits of the agent's own phone."),
    ] = None
    title: Annotated[Line, Meta(description="Name for people.")] = ""
    switch: Annotated[
        Name | None, Meta(description="The Asterisk the phone is on; needed when there are several.")
    ] = None
    skills: Annotated[Mapping[Name, Level], Meta(description="Level of each skill, 1 to 10.")] = {}
    queues: Annotated[
        Serves,
        Meta(description="Queues this agent serves: their names, or a table of how each is served."),
    ] = ()
    groups: Annotated[
        tuple[Name, ...], Meta(description="Groups whose queues this agent serves as well.")
    ] = ()
    attributes: Annotated[
        Mapping[Name, Value], Meta(description="Words that expressions compare: site, language, team.")
    ] = {}
    weight: Annotated[
        Annotated[int, Meta(ge=1, le=1000)], Meta(description="Chances with strategy random.")
    ] = 1
    ring_timeout: Annotated[
        Duration | None,
        Meta(
            description="How long this phone rings, where that is shorter than the queue's.",
            extra={"at_least": "1s", "at_most": "5m"},
        ),
    ] = None
    choose: Annotated[
        Choose | None,
        Meta(
            description="How the agent chooses among queues; absent: as the first group that says, else by order."
        ),
    ] = None
    shares: Annotated[
        Mapping[Name, Percent], Meta(description='With choose = "percent": parts of a hundred per queue.')
    ] = {}
    pin: Annotated[
        Secret, Meta(description="Asked when the agent logs in from a phone.", extra={"private": True})
    ] = Secret()
    accept: Annotated[
        bool,
        Meta(
            description="The agent must press 1 to take a call: for mobile and outside phones with voicemail."
        ),
    ] = False
    every_phone: Annotated[
        bool,
        Meta(
            description="Several phones may be registered under the endpoint: ring all. Without it Asterisk rings one."
        ),
    ] = False
    auto_answer: Annotated[
        AutoAnswer, Meta(description="Let the phone answer by itself, in the way its maker understands.")
    ] = AutoAnswer.NONE
    logged_in_at_start: Annotated[
        bool, Meta(description="Logged in when the daemon sees the agent for the first time.")
    ] = False


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[groups.NAME]` of agents.toml: queues that several agents serve together."""

    title: Annotated[Line, Meta(description="Name for people.")] = ""
    queues: Annotated[
        Serves,
        Meta(
            description="Queues the group's agents serve: names, or a table; an agent's own entry counts first."
        ),
    ] = ()
    choose: Annotated[
        Choose | None,
        Meta(description="How its agents choose among queues, unless they have a way of their own."),
    ] = None
    shares: Annotated[
        Mapping[Name, Percent], Meta(description='With choose = "percent": parts of a hundred per queue.')
    ] = {}


class Skill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[skills.NAME]`: something an agent can do; queues and calls ask for a level of it."""

    title: Annotated[Line, Meta(description="Name for people.")] = ""
    description: Annotated[Line, Meta(description="What a level of it means.")] = ""
