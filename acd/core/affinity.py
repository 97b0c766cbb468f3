"""Calls that wait for certain agents alone: direct calls, preferred agents, the agent of the last talk. Always for a time."""

from acd.core.agents import Agent
from acd.core.callers import known_agent
from acd.core.calls import Call
from acd.core.facts import PreferenceEnded
from acd.core.floor import Floor
from acd.core.ids import AgentName
from acd.core.placing import FOREVER
from acd.core.profiles import CallClass
from acd.core.states import AgentState

STICKY_SCORE = 100


def begin_preference(floor: Floor, call: Call) -> None:
    """Let a call that enters a queue wait for those it names, else for the agent it knows."""
    queue = floor.queue_of(call)
    if call.direct is not None:
        call.prefer_until = floor.now + queue.direct_for
    elif call.prefer:
        call.prefer_until = floor.now + queue.prefer_for
    elif (known := known_agent(floor, call, queue)) is not None:
        call.prefer = ((known, STICKY_SCORE),)
        call.prefer_until = floor.now + queue.sticky
    if call.prefer_until and not hope(floor, call):
        end_preference(floor, call, "not at work")


def hope(floor: Floor, call: Call) -> bool:
    """Whether any agent the call waits for is at work and could serve it."""
    return any(_could(floor, call, name) for name in floor.waits_for(call))


def _could(floor: Floor, call: Call, name: AgentName) -> bool:
    agent = floor.agents.get(name)
    if agent is None or agent.state is AgentState.OFFLINE or agent.rule.switch != call.switch:
        return False
    if call.direct is not None:
        return True
    key = floor.class_of(call).key
    patient = CallClass(key.switch, key.queue, key.need, key.groups, FOREVER)
    return bool(floor.staff.eligible(patient) & floor.staff.of[name].bit)


def end_preference(floor: Floor, call: Call, why: str) -> None:
    """From here on anybody will do. The caller puts the call to its new place, if it waits."""
    call.prefer_until = 0
    call.direct = None
    call.prefer = ()
    floor.tell(PreferenceEnded(**floor.stamp, call=call.id, queue=call.queue, why=why))


def look_again(floor: Floor) -> None:
    """The rules are others: calls that wait for agents who can't serve them any more wait for anybody."""
    for call in [floor.calls[call_id] for call_id in floor.line.personal_calls()]:
        if not hope(floor, call):
            floor.step_aside(call)
            floor.place(call)


def agent_gone(floor: Floor, agent: Agent) -> None:
    """An agent has left: calls that waited for nobody else wait no longer for them."""
    for call_id in list(floor.line.personal(agent.name) or ()):
        call = floor.calls[call_id]
        if not hope(floor, call):
            floor.step_aside(call)
            end_preference(floor, call, f"{agent.name} left")
            floor.place(call)
