"""A Control that shows one small floor and takes the wishes of one agent: for tests of the API and the command line."""

import msgspec

from acd.app import traffic
from acd.core.explain import AgentExplained, CallExplained, Reason
from acd.core.facts import Decision, Rival
from acd.core.ids import AgentName, CallId, QueueName, SkillName
from acd.core.impact import Impact
from acd.core.states import AgentState, CallState
from acd.web.control import ControlError
from acd.web.lines import LineAlarm, TrunkReport, TrunkView
from acd.web.views import (
    AgentView,
    CallDone,
    CallRecording,
    CallStory,
    CallView,
    DecisionView,
    Done,
    QueueView,
    ReloadResult,
    Remark,
    Status,
    SwitchView,
)
from kpi.counters import Counters, Dimension
from kpi.definitions import USUAL, Chosen, Thresholds
from kpi.report import Report, build
from kpi.rows import Row
from tests.unit.acd.web.doors import SmallDoors
from tests.unit.acd.web.shelf import SmallLibrary
from tests.unit.acd.web.work import SmallWork

DECISION = DecisionView(
    at=1,
    offer="c1.1",
    call="c1",
    queue="sales",
    agent="ann",
    wait_ms=4_200,
    outcome="",
    decision=Decision(
        rule="skills",
        skill=7,
        idle_ms=61_000,
        free=3,
        rivals=(Rival(agent=AgentName("cid"), skill=6, idle_ms=90_000),),
        excluded={"needs fr >= 5, has fr = 2": 1},
        elsewhere={"paused": 2},
    ),
)


class SmallFloor:
    """Implements Control."""

    def __init__(self) -> None:
        self.wishes: list[str] = []
        self.library = SmallLibrary()
        self.callbacks = SmallWork(self.wishes)
        self.doors = SmallDoors(self.wishes)
        self.caller = "+4930"
        self.reload_result = ReloadResult(ok=True, generation=3, changes=("changed queues.sales.priority",))

    def status(self) -> Status:
        return Status(
            version="0.1.0",
            node="acd",
            generation=2,
            uptime_ms=185_000,
            waiting=1,
            ringing=1,
            talking=0,
            agents={"ready": 1, "paused": 2},
            switches=(SwitchView(name="pbx1", link="up", in_sight=True, channels=4),),
            agi="127.0.0.1:4573",
            sessions=2,
            agi_sessions_seen=5,
            journal_position=99,
            journal_failing="",
            facts_lost=0,
            settling=False,
        )

    def queues(self) -> list[QueueView]:
        return [
            QueueView(
                name="sales",
                title="Sales",
                open=True,
                draining=False,
                waiting=1,
                ringing=1,
                talking=0,
                longest_wait_ms=4_200,
                agents={"ready": 1},
            )
        ]

    def agents(self) -> list[AgentView]:
        return [
            AgentView(
                name="ann",
                title="Ann",
                state="paused",
                for_ms=3_661_000,
                reason="lunch",
                phone="PJSIP/1001",
                phone_state="free",
                call="",
                queue="",
                skills={SkillName("fr"): 7},
                queues=("sales",),
                idle_ms=0,
                wants_help=True,
                leaving=True,
                pause_overrun=True,
                missed="no_answer",
                held_back_ms=8_000,
                hot_desk=True,
                wrap_up_left_ms=4_000,
            )
        ]

    def calls(self) -> list[CallView]:
        return [
            CallView(
                id="c1",
                queue="sales",
                state="waiting",
                caller=self.caller,
                wait_ms=4_200,
                talk_ms=0,
                position=1,
                priority=0,
                requires="fr >= 5",
                agent="",
                switch="pbx1",
                channel="PJSIP/trunk-1",
                offers=0,
            )
        ]

    def decisions(self, limit: int) -> list[DecisionView]:
        return [DECISION][:limit]

    async def explain_call(self, call: str) -> CallStory:
        if call not in ("c0", "c1"):
            raise ControlError(
                404, f"no call {call!r} is open or among the last", "acd calls lists the open ones"
            )
        now = CallExplained(
            call=CallId("c1"),
            queue=QueueName("sales"),
            state=CallState.WAITING,
            requires="fr >= 5",
            priority=0,
            waited_ms=4_200,
            ahead=0,
            agents=(Reason(subject="bob", why="needs fr >= 5, has fr = 2"),),
            step=1,
            next_step_ms=20_000,
            expected_ms=42_000,
            waits_for=(AgentName("ann"),),
        )
        if call == "c0":
            return CallStory(call=call, now=None, offers=(), facts=("2026-11-23 06:00:00.000 call_ended",))
        return CallStory(call=call, now=now, offers=(DECISION,))

    def explain_agent(self, agent: str) -> AgentExplained:
        return AgentExplained(
            agent=AgentName(agent),
            state=AgentState.PAUSED,
            why="paused (lunch)",
            calls=(Reason(subject="c1", why="paused (lunch)"),),
        )

    def log_in(self, agent: str, phone: str = "", actor: str = "") -> Done:
        if agent != "ann":
            raise ControlError(404, f"there is no agent {agent!r}", "acd agents lists them")
        return self._wish(f"log in {agent} {phone} {actor}")

    def log_out(self, agent: str, *, forced: bool = False, actor: str = "") -> Done:
        return self._wish(f"log out {agent} {'by force' if forced else ''} {actor}")

    def pause(self, agent: str, reason: str, actor: str = "") -> Done:
        return self._wish(f"pause {agent} {reason} {actor}")

    def resume(self, agent: str, actor: str = "") -> Done:
        raise ControlError(409, f"{agent} is not paused")

    def finish_wrap_up(self, agent: str, actor: str = "") -> Done:
        return self._wish(f"ready {agent} {actor}")

    def ask_wrap_up(self, agent: str, *, wanted: bool) -> Done:
        return self._wish(f"wrap-up {agent} {wanted}")

    def extend_wrap_up(self, agent: str, seconds: int | None) -> Done:
        return self._wish(f"extend {agent} {seconds}")

    def classify(self, agent: str, remark: Remark) -> Done:
        return self._wish(f"classify {agent} {remark.code} {remark.topic} {remark.resolved}")

    def ask_help(self, agent: str, *, wanted: bool) -> Done:
        return self._wish(f"help {agent} {wanted}")

    def mark_malicious(self, agent: str) -> Done:
        return self._wish(f"malicious {agent}")

    def supervise(self, kind: str, agent: str, actor: str, phone: str = "") -> Done:
        return self._wish(f"{kind} {agent} {actor} {phone}")

    async def record(self, call: str, actor: str = "") -> CallRecording:
        self.wishes.append(f"record {call} {actor}".strip())
        return CallRecording(call=call, file="a.wav", recording=True)

    async def end_recording(self, call: str, actor: str = "") -> CallRecording:
        self.wishes.append(f"unrecord {call} {actor}".strip())
        return CallRecording(call=call, file="a.wav", recording=False)

    async def silence(self, call: str, *, silent: bool, actor: str = "") -> CallRecording:
        self.wishes.append(f"silence {call} {silent} {actor}".strip())
        return CallRecording(call=call, file="a.wav", recording=True, silenced=silent)

    async def message(self, agent: str, text: str, actor: str = "") -> Done:
        return self._wish(f"message {agent} {text} {actor}")

    def pick(self, call: str, agent: str, actor: str = "") -> CallDone:
        return self._moved(f"pick {call} {agent} {actor}".strip())

    def drop(self, call: str, actor: str = "") -> CallDone:
        return self._moved(f"drop {call} {actor}".strip())

    def _wish(self, wish: str) -> Done:
        self.wishes.append(wish.strip())
        return Done(agent="ann", state="wrap_up")

    def withdraw(self, call: str, actor: str = "") -> CallDone:
        return self._moved(f"withdraw {call}")

    def move(self, call: str, queue: str, actor: str = "") -> CallDone:
        if queue == "nowhere":
            raise ControlError(404, "there is no queue 'nowhere'", "acd queues lists them")
        return self._moved(f"move {call} {queue}")

    def set_priority(self, call: str, priority: int, actor: str = "") -> CallDone:
        return self._moved(f"priority {call} {priority}")

    def set_position(self, call: str, position: int, actor: str = "") -> CallDone:
        return self._moved(f"position {call} {position}")

    def _moved(self, wish: str) -> CallDone:
        self.wishes.append(wish)
        return CallDone(call="c1", queue="support", state="waiting", position=2)

    async def reload(self, *, dry_run: bool = False, confirm_s: int | None = None) -> ReloadResult:
        if not dry_run:
            return msgspec.structs.replace(self.reload_result, confirm_s=confirm_s)
        impact = Impact(
            stranded=(CallId("c1"),),
            stranded_total=1,
            unstaffed_total=2,
            losing={AgentName("ann"): (QueueName("sales"),)},
            gaining={AgentName("bob"): (QueueName("sales"),)},
            draining=(QueueName("old"),),
            hopeless=("step 2 of sales: no agent has fr >= 9",),
        )
        return msgspec.structs.replace(self.reload_result, dry_run=True, impact=impact)

    async def confirm(self) -> ReloadResult:
        return ReloadResult(ok=True, generation=3)

    async def report(
        self, since: int | None, until: int | None, minutes: int | None, chosen: Chosen = USUAL
    ) -> Report:
        if minutes == 7:
            raise ControlError(400, "a period of 7 minutes: choose a multiple of 15, or the whole")
        thresholds = chosen.over(Thresholds())
        until = until or 900_000_000_000
        return build([], since=since or 0, until=until, minutes=minutes, thresholds=thresholds)

    def trunks(self) -> list[TrunkView]:
        alarm = LineAlarm(switch="pbx1", line="DAHDI/3", alarm="Red Alarm")
        carrier = TrunkView(
            name="carrier",
            lines=3,
            capacity=3,
            usable=2,
            up=2,
            peak=2,
            refused=1,
            busy_for_ms=4_200,
            alarms=(alarm,),
        )
        return [carrier]

    async def trunk_report(self, since: int | None, until: int | None) -> TrunkReport:
        counts = Counters(
            arrived=100, blocked=10, blocked_trunk_full=10, carried_ms=9_000_000, peak=3, alarms=1
        )
        begin = since or 0
        row = Row(
            dimension=Dimension.TRUNK, name="carrier", slot=begin // 900_000_000_000 + 32, counts=counts
        )
        end = until or 86_400_000_000_000
        return traffic.build([row], {"carrier": 3, "spare": None}, since=begin, until=end, now=end)
