"""What agents say about a call, in it or after it: what it was about, that they need help, that the caller is malicious."""

from acd.core.agents import Agent
from acd.core.events import CallClassified, CallMarkedMalicious, HelpAsked
from acd.core.facts import Classified, HelpWanted, MaliciousCall
from acd.core.floor import Floor
from acd.core.ids import CallId, QueueName


def about(floor: Floor, agent: Agent) -> tuple[CallId, QueueName] | None:
    """The call a remark of this agent is about: the present talk, the one worked after, or the last."""
    if agent.call is not None and agent.talking:
        return agent.call, floor.calls[agent.call].queue
    if agent.wrap_up is not None:
        return agent.wrap_up.call, agent.wrap_up.queue
    return agent.last_talk


def on_call_classified(floor: Floor, event: CallClassified) -> None:
    """A disposition code, a topic, resolved or not."""
    agent = floor.agents.get(event.agent)
    subject = None if agent is None else about(floor, agent)
    if agent is None or subject is None:
        floor.stale(event, event.agent, "has talked with nobody" if agent else "no such agent")
        return
    floor.tell(
        Classified(
            **floor.stamp,
            call=subject[0],
            queue=subject[1],
            agent=agent.name,
            code=event.code,
            topic=event.topic,
            resolved=event.resolved,
            via=event.via,
        )
    )


def on_help_asked(floor: Floor, event: HelpAsked) -> None:
    """A supervisor is asked to come, or need not any more."""
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.logged_in:
        floor.stale(event, event.agent, "is not logged in" if agent else "no such agent")
    elif agent.wants_help is event.wanted:
        floor.stale(event, event.agent, "has said so already")
    else:
        want_help(floor, agent, wanted=event.wanted)


def want_help(floor: Floor, agent: Agent, *, wanted: bool) -> None:
    """State the wish for help, or its end; the end of the talk is one."""
    agent.wants_help = wanted
    subject = about(floor, agent) or (None, None)
    floor.tell(HelpWanted(**floor.stamp, agent=agent.name, call=subject[0], queue=subject[1], wanted=wanted))


def on_call_marked_malicious(floor: Floor, event: CallMarkedMalicious) -> None:
    """Keep who called from where. Of a call that has ended the journal knows the rest."""
    agent = floor.agents.get(event.agent)
    subject = None if agent is None else about(floor, agent)
    if agent is None or subject is None:
        floor.stale(event, event.agent, "has talked with nobody" if agent else "no such agent")
        return
    call = floor.calls.get(subject[0])
    floor.tell(
        MaliciousCall(
            **floor.stamp,
            agent=agent.name,
            call=subject[0],
            queue=subject[1],
            caller="" if call is None else call.caller,
            channel="" if call is None else call.channel,
            uniqueid="" if call is None else call.uniqueid,
        )
    )
