"""What to say next on one caller's AGI session, sans-I/O.

The router's commands set a goal; the conversation knows what the caller's line is like (answered, music, dialling) and
gives one line at a time that leads there. Never two commands in flight: Asterisk reads the second only when more bytes
come (asterisk-facts-2, section 1). A goal set while a command runs is followed when its reply is in, so a caller
who is being answered is dialled the moment the answer is through.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Final

import msgspec

from acd.core.commands import Hold, Offer, Refuse, Release
from acd.core.ids import OfferId, PhoneName
from acd.core.outcomes import Disposition
from acd.core.ways import Way
from telephony.agi.codec import MAX_COMMAND, AgiReply, encode
from telephony.refusal import refusal

STATUS_LINE: Final = encode("GET FULL VARIABLE", "${DIALSTATUS}")
"""Constant text: GET FULL VARIABLE evaluates, so a caller's data must never get in."""

MOST_DIALLED: Final = MAX_COMMAND - len(encode("EXEC Dial", ""))
"""Bytes of the argument of Dial."""


class Saying(Enum):
    """What the command in flight is for."""

    NOTHING = auto()
    GREETING = auto()
    ANSWER = auto()
    MUSIC = auto()
    PROMPT = auto()
    CUT = auto()
    NOTICE = auto()
    RECORD = auto()
    CONTACTS = auto()
    PRESENT = auto()
    DIAL = auto()
    DIALSTATUS = auto()
    REFUSAL = auto()
    VERDICT = auto()


class DialReturned(msgspec.Struct, frozen=True):
    """The Dial of these offers came back and the session goes on; `status` is Asterisk's DIALSTATUS."""

    offers: tuple[OfferId, ...]
    status: str


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """How an offer is put to the phone, and whether it is recorded; PLAIN for most."""

    variables: Mapping[str, str] = {}
    """For the pre-dial routine and the one before the talk (features_acd.conf): no commas, no quotes."""
    options: str = ""
    """Of Dial, besides our own."""
    bridged_only: bool = False
    """Something happens between picking up and the talk."""
    every_contact: frozenset[PhoneName] = frozenset()
    """Phones of which all that are registered under the endpoint ring; Dial by itself rings one of them."""
    record: str = ""
    """Begin a recording of the caller's channel into this file, unless one runs."""
    unrecord: bool = False
    """End one that was begun before this session, or in it for another queue."""


PLAIN: Final = Presentation()


class Recorded(msgspec.Struct, frozen=True):
    """The recording into that file was begun."""

    file: str


class Announced(msgspec.Struct, frozen=True):
    """The sounds of `announce` have been played to their end; `missing` are those that Asterisk does not have."""

    missing: tuple[str, ...] = ()


class Finished(msgspec.Struct, frozen=True):
    """The verdict is set: close the session and let the dialplan go on."""


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel remembers for a re-entry. `joined` in nanoseconds."""

    call: str
    joined: int

    def line(self) -> bytes:
        """One command that also lifts the two seconds the dialplan gives a silent daemon."""
        return encode(
            "EXEC MSet", f"TIMEOUT(absolute)=0,ACD_CALL={self.call},ACD_JOINED={self.joined},ACD_SINCE="
        )


Goal = Hold | Offer | Refuse | Release


class Conversation:
    """One session's side of a call. `line()` gives what to send whenever nothing is in flight."""

    def __init__(self, greeting: Greeting, channel: str, *, answered: bool) -> None:
        """`channel` decides how a refusal is worded; `answered` is whether the line is up already."""
        self._greeting: Greeting | None = greeting
        self._channel = channel
        self._answered = answered
        self._music: str | None = None
        self._goal: Goal | None = None
        self._status = 0
        self._dialling: tuple[OfferId, ...] = ()
        self._saying = Saying.NOTHING
        self._ask_status = False
        self._stale_answer = False
        self._reason_told = False
        self._presentation = PLAIN
        self._presented = PLAIN
        self._recording = ""
        self._unrecorded = False
        self._contacts: dict[PhoneName, str] = {}
        self._asked_for = PhoneName("")
        self._prompts: deque[str] = deque()
        self._playing = ""
        self._missing: list[str] = []
        self._cut = False
        self._notice_given = False
        self._survey = ""
        self.cuts = False
        """The line just given interrupts a sound that plays."""

    @property
    def in_flight(self) -> Saying:
        """What is being waited for."""
        return self._saying

    @property
    def dialling(self) -> tuple[OfferId, ...]:
        """The offers whose Dial was sent and has not been accounted for yet."""
        return self._dialling

    @property
    def must_cut(self) -> bool:
        """Whether a running Dial stands in the way of one with more phones."""
        if self._saying is not Saying.DIAL or not isinstance(self._goal, Offer):
            return False
        return any(leg.offer not in self._dialling for leg in self._goal.legs)

    def want(self, goal: Goal, status: int = 0, presentation: Presentation = PLAIN, survey: str = "") -> None:
        """Follow a command of the router; the newest counts. `status` goes with Refuse, `presentation` with Offer.

        `survey` goes with Release: where the caller goes after the verdict.
        """
        self._goal = goal
        self._survey = survey
        self._status = status
        self._presentation = presentation

    @property
    def presentation(self) -> Presentation:
        """Of the newest offer."""
        return self._presentation

    def announce(self, prompts: Iterable[str], *, cut: bool = False) -> bool:
        """Play these sounds one after the other, then music again. False: the caller is not just waiting.

        `cut` ends what plays and forgets what was to follow, even where nothing comes instead; without it, what plays goes on.
        """
        if not isinstance(self._goal, Hold) or (self.announcing and not cut):
            return False
        self._missing = []
        self._prompts = deque(prompts)
        self._cut = cut and self._saying is Saying.PROMPT
        return bool(self._prompts) or self._cut

    @property
    def announcing(self) -> bool:
        """Whether a sound plays or is about to."""
        return bool(self._prompts) or self._saying is Saying.PROMPT

    @property
    def interruptible(self) -> bool:
        """Whether what is in flight can be cut by the next line: a sound, once the caller does not just wait any more.

        Asterisk stops a STREAM FILE for a command that comes in and then gives no reply to it (asterisk-facts-2, section 1).
        """
        waits = self._goal is None or isinstance(self._goal, Hold)
        return self._saying is Saying.PROMPT and (self._cut or not waits)

    def _drop_prompts(self) -> None:
        """Nothing more is played to a caller who does not just wait any more."""
        if not isinstance(self._goal, Hold):
            self._prompts.clear()

    @property
    def _sound_follows(self) -> bool:
        """Whether what comes after the one that is cut may be a sound again."""
        notice = isinstance(self._goal, Release) and bool(self._goal.message) and not self._notice_given
        return notice or (self._cut and isinstance(self._goal, Hold))

    def withdraw(self, offer: OfferId) -> bool:
        """Dial an offer no more. False: its Dial has been sent, or it is not the goal any more."""
        if not isinstance(self._goal, Offer) or all(leg.offer != offer for leg in self._goal.legs):
            return False
        legs = tuple(leg for leg in self._goal.legs if leg.offer != offer)
        self._goal = msgspec.structs.replace(self._goal, legs=legs) if legs else None
        return offer not in self._dialling

    def line(self) -> bytes | None:
        """The next line to send, or None when there is nothing to say now."""
        self.cuts = self.interruptible
        if self.cuts:
            self._saying, self._music = Saying.NOTHING, None
            self._drop_prompts()
            if self._sound_follows:
                self._cut = False
                # A sound can't be cut by the next sound's command: their replies look alike.
                return self._say(Saying.CUT, encode("NOOP"))
        if self._saying is not Saying.NOTHING:
            return None
        if self._greeting is not None:
            greeting, self._greeting = self._greeting, None
            return self._say(Saying.GREETING, greeting.line())
        if self._ask_status:
            self._ask_status = False
            return self._say(Saying.DIALSTATUS, STATUS_LINE)
        match self._goal:
            case Refuse() as refuse:
                return self._refuse(refuse)
            case Hold(music=music):
                return self._hold(music)
            case Offer() as offer:
                return self._offer(offer)
            case Release() as release:
                return self._release(release)
        return None

    def replied(self, reply: AgiReply) -> DialReturned | Finished | Recorded | Announced | None:
        """Take the reply to the command in flight."""
        said, self._saying = self._saying, Saying.NOTHING
        match said:
            case Saying.ANSWER:
                self._answered = True
            case Saying.PROMPT:
                return self._prompt_over(reply)
            case Saying.CONTACTS:
                self._contacts[self._asked_for] = reply.data
            case Saying.RECORD:
                return Recorded(self._recording)
            case Saying.DIAL:
                self._dial_over(reply)
            case Saying.DIALSTATUS:
                return self._dial_known(reply.data)
            case Saying.VERDICT:
                self._goal = None
                return Finished()
        return None

    # ------------------------------------------------------------ ways to each goal

    def _refuse(self, refuse: Refuse) -> bytes:
        if refuse.way is not None:  # not turned away: the dialplan takes it there
            self._goal = Release(
                call=refuse.call,
                verdict=Disposition.LEFT,
                reason=refuse.reason.value,
                way=refuse.way,
                message=refuse.message,
            )
            return self._release(self._goal)
        if refuse.message and not self._notice_given:
            return self._notice(refuse.message)
        command, argument = refusal(self._channel, self._status, answered=self._answered)
        self._goal = None
        return self._say(Saying.REFUSAL, encode(command, argument))

    def _notice(self, sound: str) -> bytes:
        """What is said to a caller before they are sent away, on a line that is answered for it."""
        if not self._answered:
            return self._say(Saying.ANSWER, encode("EXEC Answer", ",i"))
        self._notice_given = True
        return self._say(Saying.NOTICE, encode("STREAM FILE", sound, ""))

    def _hold(self, music: str) -> bytes | None:
        if not self._answered:
            return self._say(Saying.ANSWER, encode("EXEC Answer", ",i"))
        if self._stale_answer:
            # The dialplan takes ANSWER for a caller who was served; this one waits again (a lost rescind race).
            self._stale_answer = False
            return self._say(Saying.MUSIC, encode("SET VARIABLE", "DIALSTATUS", ""))
        if self._prompts:
            self._playing, self._music = self._prompts.popleft(), None
            return self._say(Saying.PROMPT, encode("STREAM FILE", self._playing, ""))
        if self._music != music:
            self._music = music
            return self._say(Saying.MUSIC, encode("SET MUSIC ON", *filter(None, [music])))
        return None

    def _prompt_over(self, reply: AgiReply) -> Announced | None:
        """A sound that is not there is passed over; the last one ends the announcement."""
        if reply.result == "-1":
            self._missing.append(self._playing)
        return None if self._prompts else Announced(tuple(self._missing))

    def _offer(self, offer: Offer) -> bytes:
        if offer.answer_first and not self._answered:
            return self._say(Saying.ANSWER, encode("EXEC Answer", ",i"))
        wanted = self._presentation
        if wanted.unrecord and not self._unrecorded:
            self._recording, self._unrecorded = "", True
            return self._say(Saying.PRESENT, encode("EXEC StopMixMonitor"))
        if wanted.record and not self._recording:
            self._recording, self._unrecorded = wanted.record, False
            return self._say(Saying.RECORD, encode("EXEC MixMonitor", f"{wanted.record},b"))
        if wanted.variables != self._presented.variables:
            self._presented = wanted
            told = ",".join(f"_{name}={value}" for name, value in wanted.variables.items())
            return self._say(Saying.PRESENT, encode("EXEC MSet", told))
        for leg in offer.legs:
            if leg.phone in wanted.every_contact and leg.phone not in self._contacts:
                self._asked_for = leg.phone
                endpoint = leg.phone.partition("/")[2]
                line = encode("GET FULL VARIABLE", f"${{PJSIP_DIAL_CONTACTS({endpoint})}}")
                return self._say(Saying.CONTACTS, line)
        self._goal = None
        self._dialling = tuple(leg.offer for leg in offer.legs)
        self._music = None  # Dial brings its own and leaves silence behind
        return self._say(Saying.DIAL, encode("EXEC Dial", self._dial(offer)))

    def _dial(self, offer: Offer) -> str:
        """Phones, seconds, options. `g`: the session goes on after the agent's end; `i`: a 302 moves nobody away."""
        music = f"m({offer.music})" if offer.music else "m"
        heard = music if self._answered else "r"
        rest = f",{offer.ring_timeout / 1000:g},{heard}gi{self._presentation.options}"
        return "&".join(self._phones(offer, MOST_DIALLED - len(rest.encode()))) + rest

    def _phones(self, offer: Offer, room: int) -> list[str]:
        """Whom to dial: every contact of a phone where it is wanted and the line has room, else the phone."""
        phones: list[str] = [leg.phone for leg in offer.legs]
        room -= len("&".join(phones).encode())
        for place, leg in enumerate(offer.legs):
            contacts = self._contacts.pop(leg.phone, "")
            more = len(contacts.encode()) - len(leg.phone.encode())
            if contacts and more <= room:
                phones[place], room = contacts, room - more
        return phones

    def _release(self, release: Release) -> bytes:
        """The verdict, with why and which key where there is something to tell: only words of ours."""
        if release.message and not self._notice_given:
            return self._notice(release.message)
        if self._survey:
            survey, self._survey = self._survey, ""
            return self._say(Saying.MUSIC, encode("SET VARIABLE", "ACD_SURVEY", survey))
        if (release.reason or release.way) and not self._reason_told:
            self._reason_told = True
            told = f"ACD_REASON={release.reason},ACD_KEY={release.key}{_way(release.way)}"
            if release.opens:
                told += f",ACD_OPENS={release.opens // 1_000_000_000}"
            return self._say(Saying.MUSIC, encode("EXEC MSet", told))
        return self._say(Saying.VERDICT, encode("SET VARIABLE", "ACD_STATUS", release.verdict.value.upper()))

    def _dial_over(self, reply: AgiReply) -> None:
        """Ask how it ended, unless the caller is gone (the session ends by itself) or the call is over."""
        if isinstance(self._goal, Release):
            self._dialling = ()
        else:
            self._ask_status = reply.result == "0"

    def _dial_known(self, status: str) -> DialReturned | None:
        offers, self._dialling = self._dialling, ()
        if status == "ANSWER":
            self._answered = True
            self._stale_answer = True
            if isinstance(self._goal, Offer):
                self._goal = None  # somebody answered before the Dial could be cut: nobody else is to ring
        return DialReturned(offers, status) if offers else None

    def _say(self, saying: Saying, line: bytes) -> bytes:
        self._saying = saying
        return line


def _way(way: Way | None) -> str:
    """For the dialplan's acd-way: only words that the configuration's patterns let through."""
    return "" if way is None else f",ACD_WAY={way.kind},ACD_TARGET={way.target},ACD_CONTEXT={way.context}"
