"""One dialogue from its first node to its end: a script of acd.app.scripts. Pure.

It ends for any caller: no circle goes round without keys (config.ivr_graph), and who keys for ever is sent on after
`most_nodes` or `longest`.
"""

from collections.abc import Callable, Generator

from acd.app.ivr.hand_over import failed, to_nobody
from acd.app.ivr.steps import STEPS, Desk
from acd.app.ivr.visit import End, Visit
from acd.app.scripts.voice import HungUpError, Meanwhile, Script
from acd.core.dialogues import DialogueEnd
from acd.core.facts import IvrEnded, IvrStarted
from acd.core.ids import QueueName, ms
from config.ivr_nodes import HangUp
from telephony.agi.codec import AgiReply, encode


def dialogue(desk: Desk, visit: Visit, generation: int, hung_up: Callable[[], bool]) -> Script:
    """Lead a caller through. `hung_up` tells, once the script is closed, whether the caller was the cause."""
    desk.tell(_started(visit, generation))
    end: End | None = None
    why = "the session was closed"
    try:
        # The dialplan limits the time to the first command: a silent daemon costs a caller 2 s.
        yield encode("EXEC MSet", "TIMEOUT(absolute)=0")
        leads = yield from _walk(desk, visit)
        yield from hand_over(leads)
        end = leads
    except HungUpError:
        end = gone(visit)
    except Exception as wrong:
        why = type(wrong).__name__
        raise
    finally:
        if end is None:
            end = gone(visit) if hung_up() else End(outcome=DialogueEnd.FAILED, why=why)
        desk.tell(_ended(visit, end, desk.now, generation))


def _walk(desk: Desk, visit: Visit) -> Generator[bytes | Meanwhile, AgiReply, End]:
    ivr, name = visit.ivr, visit.ivr.start
    for _ in range(ivr.most_nodes):
        if desk.now - visit.began > ivr.longest.ns:
            return failed(ivr.fallback, f"longer than {ivr.longest.text}")
        visit.enter(name)
        node = ivr.nodes[name]
        leads = yield from STEPS[type(node)](desk, visit, node)
        if isinstance(leads, End):
            return leads
        name = leads
    return failed(ivr.fallback, f"more than {ivr.most_nodes} nodes")


def hand_over(end: End) -> Generator[bytes, AgiReply, None]:
    """Tell the dialplan where the call goes."""
    for name, value in end.variables:
        yield encode("SET VARIABLE", name, value)


def gone(visit: Visit) -> End:
    """Who hangs up during the good-bye has what they called for."""
    node = visit.ivr.nodes.get(visit.node)
    if isinstance(node, HangUp):
        return to_nobody(node)
    return End(outcome=DialogueEnd.ABANDONED)


def _started(visit: Visit, generation: int) -> IvrStarted:
    who = visit.visitor
    return IvrStarted(
        at=visit.began,
        generation=generation,
        ivr=who.ivr,
        switch=who.switch,
        uniqueid=who.uniqueid,
        channel=who.channel,
        caller=who.caller,
        dialled=who.dialled,
        language=who.language,
    )


def _ended(visit: Visit, end: End, now: int, generation: int) -> IvrEnded:
    who = visit.visitor
    return IvrEnded(
        at=now,
        generation=generation,
        ivr=who.ivr,
        switch=who.switch,
        uniqueid=who.uniqueid,
        outcome=end.outcome,
        node=visit.node,
        lasted_ms=ms(now) - ms(visit.began),
        path=tuple(visit.path),
        queue=None if end.queue is None else QueueName(end.queue),
        why=end.why,
    )
