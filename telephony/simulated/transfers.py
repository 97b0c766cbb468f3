"""REFER: what a phone's transfer does to channels, bridges and running dialplans (Asterisk: bridge.c, app_dial).

An attended transfer into something that is no bridge swaps the channels under two running dialplans: the consult's
goes on with the caller's channel, the caller's old one is left with the consult channel and ends with it.
"""

from typing import TYPE_CHECKING

from telephony.simulated.dial import Dial
from telephony.simulated.events import Attended
from telephony.simulated.execution import Execution
from telephony.simulated.leg import Leg
from telephony.simulated.remote_end import RemoteEnd

if TYPE_CHECKING:
    from telephony.simulated.switch import Switch


def blind(switch: "Switch", leg: Leg, exten: str) -> int:
    """Send the caller of `leg` to `exten`; return 202, or 404 when it does not exist (the talk goes on)."""
    execution = leg.dial.execution
    channel, end = execution.channel, execution.end
    if exten not in switch.routes:
        return 404
    switch.events.about("Unhold", leg.channel)
    switch.events.blind_transfer(leg.channel, channel, channel.bridge, exten)
    channel.variables["BLINDTRANSFER"] = leg.channel.name
    channel.context, channel.exten = leg.channel.context, exten
    execution.take_away(0 if "g" in leg.dial.spec.options else -1)
    switch.dialplan.run(channel, end, exten)
    return 202


def attended(switch: "Switch", leg: Leg, consult: RemoteEnd) -> int:
    """Join the caller of `leg` with `consult`, the same phone's second call; return 202, or 404 when that is over."""
    second = consult.execution
    if second is None:
        return 404
    switch.events.about("Unhold", leg.channel)
    if second.dial is not None and second.dial.bridge is not None:
        switch.events.about("Unhold", second.channel)
        _into_bridge(switch, leg, second, second.dial)
    else:
        _into_application(switch, leg, second)
    return 202


def _into_bridge(switch: "Switch", leg: Leg, second: Execution, other: Dial) -> None:
    """Put the caller in the consult channel's place; the first Dial goes on with the second agent."""
    dial = leg.dial
    caller = dial.execution.channel
    _, bridge = dial.talk()
    target, joined = other.talk()
    bridge.leave(caller)
    joined.leave(second.channel)
    joined.enter(caller)
    switch.events.attended_transfer(
        Attended(
            original=leg.channel,
            original_bridge=bridge.id,
            second=second.channel,
            second_bridge=joined.id,
            transferee=caller,
            target=target.channel,
        )
    )
    bridge.leave(leg.channel)
    leg.over(16, "")
    second.leaving = True
    other.lose_talk()
    second.finish(16)
    dial.adopt(target, joined)


def _into_application(switch: "Switch", leg: Leg, second: Execution) -> None:
    """Swap the channels of both dialplans, then end the caller's old one on the consult channel."""
    dial = leg.dial
    first = dial.execution
    _, bridge = dial.talk()
    caller, consult = first.channel, second.channel
    switch.events.attended_transfer(
        Attended(
            original=leg.channel,
            original_bridge=bridge.id,
            second=consult,
            second_bridge="",
            transferee=caller,
            app=consult.application,
        )
    )
    bridge.leave(leg.channel)
    bridge.leave(caller)
    leg.over(16, "")
    # The running dialplan's own variables come first, as after Asterisk's masquerade.
    caller.variables = {**caller.variables, **consult.variables}
    caller.application, caller.data = consult.application, consult.data
    caller_end, consult_end = first.end, second.end
    second.carry(caller, caller_end)
    first.carry(consult, consult_end)
    first.leaving = True
    dial.lose_talk()
    first.finish(16)
