"""What was decided and seen: the input of KPIs, wallboards, logs and of a restart. Append-only, so change with care.

Every fact is one line of the journal, tagged by `fact`. Fields may be added with a default; a change of meaning gets a
new tag. `at` is nanoseconds (see acd.core.events), durations are whole milliseconds named `…_ms`, `generation` is the
configuration the router decided by. Together the facts are enough to rebuild what the router must remember
(acd.core.memory), which is what makes a restart exact.
"""

from acd.core.facts.agent import (
    BackedOff,
    Classified,
    HelpWanted,
    LoggedIn,
    LoggedOut,
    LogInRefused,
    LogOutWished,
    MaliciousCall,
    OffShift,
    Paused,
    PauseOverrun,
    Resumed,
    StateChanged,
    WrapUpEnded,
    WrapUpExtended,
    WrapUpStarted,
    WrapUpWished,
)
from acd.core.facts.call import (
    Abandoned,
    Advice,
    Arrived,
    Blocked,
    CallerChanged,
    Diverted,
    Ended,
    Left,
    Misread,
    Picked,
    PlaceRestored,
    PreferenceEnded,
    Queued,
    Reordered,
    ReserveChanged,
    Returned,
    SessionEnded,
    Starved,
    StepTaken,
)
from acd.core.facts.dialogue import IvrEnded, IvrStarted, LookupDone
from acd.core.facts.engine import (
    EngineStarted,
    EngineStopped,
    HostStrained,
    LinkLost,
    LinkSynced,
    QueueSwitched,
    Refuted,
    RulesApplied,
    Stale,
    TrunkAlarm,
    TrunkPeak,
    TrunksBusy,
    TrunkUse,
)
from acd.core.facts.fact import Fact
from acd.core.facts.offer import (
    Answered,
    Decision,
    HeldCaller,
    Offered,
    OfferEnded,
    Rival,
    Talked,
    TookBack,
    Transferred,
    TransferredToQueue,
)
from acd.core.facts.supervision import (
    Audited,
    RecordingDeleted,
    RecordingEnded,
    RecordingHeld,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    SupervisionEnded,
    SupervisionStarted,
)
from acd.core.facts.survey import SurveyAnswered, SurveyEnded, SurveyOffered
from acd.core.facts.text import TextSent
from acd.core.facts.work import (
    CallingAllowed,
    LineMade,
    WorkAdded,
    WorkDeferred,
    WorkEnded,
    WorkMissed,
    WorkReached,
    WorkTranscribed,
)

AnyFact = (
    CallingAllowed
    | SurveyAnswered
    | SurveyEnded
    | SurveyOffered
    | TextSent
    | LineMade
    | WorkAdded
    | WorkDeferred
    | WorkEnded
    | WorkMissed
    | WorkReached
    | WorkTranscribed
    | Arrived
    | Blocked
    | Queued
    | Returned
    | SessionEnded
    | CallerChanged
    | Misread
    | PlaceRestored
    | StepTaken
    | Reordered
    | Picked
    | PreferenceEnded
    | Advice
    | Starved
    | ReserveChanged
    | Abandoned
    | Left
    | Ended
    | Diverted
    | Offered
    | OfferEnded
    | Answered
    | HeldCaller
    | TookBack
    | Transferred
    | TransferredToQueue
    | Talked
    | LoggedIn
    | LoggedOut
    | Paused
    | Resumed
    | StateChanged
    | WrapUpStarted
    | WrapUpEnded
    | BackedOff
    | LogInRefused
    | LogOutWished
    | PauseOverrun
    | WrapUpWished
    | WrapUpExtended
    | Classified
    | HelpWanted
    | MaliciousCall
    | OffShift
    | Audited
    | SupervisionStarted
    | SupervisionEnded
    | RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingEnded
    | RecordingHeld
    | RecordingDeleted
    | IvrStarted
    | IvrEnded
    | LookupDone
    | RulesApplied
    | QueueSwitched
    | EngineStarted
    | EngineStopped
    | LinkLost
    | LinkSynced
    | TrunkPeak
    | TrunkAlarm
    | TrunksBusy
    | TrunkUse
    | HostStrained
    | Stale
    | Refuted
)
"""The closed union, for decoders."""

__all__ = [
    "Abandoned",
    "Advice",
    "Answered",
    "AnyFact",
    "Arrived",
    "Audited",
    "BackedOff",
    "Blocked",
    "CallerChanged",
    "CallingAllowed",
    "Classified",
    "Decision",
    "Diverted",
    "Ended",
    "EngineStarted",
    "EngineStopped",
    "Fact",
    "HeldCaller",
    "HelpWanted",
    "HostStrained",
    "IvrEnded",
    "IvrStarted",
    "Left",
    "LineMade",
    "LinkLost",
    "LinkSynced",
    "LogInRefused",
    "LogOutWished",
    "LoggedIn",
    "LoggedOut",
    "LookupDone",
    "MaliciousCall",
    "Misread",
    "OffShift",
    "OfferEnded",
    "Offered",
    "PauseOverrun",
    "Paused",
    "Picked",
    "PlaceRestored",
    "PreferenceEnded",
    "QueueSwitched",
    "Queued",
    "RecordingDeleted",
    "RecordingEnded",
    "RecordingHeld",
    "RecordingPaused",
    "RecordingResumed",
    "RecordingStarted",
    "Refuted",
    "Reordered",
    "ReserveChanged",
    "Resumed",
    "Returned",
    "Rival",
    "RulesApplied",
    "SessionEnded",
    "Stale",
    "Starved",
    "StateChanged",
    "StepTaken",
    "SupervisionEnded",
    "SupervisionStarted",
    "SurveyAnswered",
    "SurveyEnded",
    "SurveyOffered",
    "Talked",
    "TextSent",
    "TookBack",
    "Transferred",
    "TransferredToQueue",
    "TrunkAlarm",
    "TrunkPeak",
    "TrunkUse",
    "TrunksBusy",
    "WorkAdded",
    "WorkDeferred",
    "WorkEnded",
    "WorkMissed",
    "WorkReached",
    "WorkTranscribed",
    "WrapUpEnded",
    "WrapUpExtended",
    "WrapUpStarted",
    "WrapUpWished",
]
