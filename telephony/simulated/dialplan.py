"""Runs extensions: the ACD loop, an office extension, a machine that answers."""

from telephony.simulated.channel import Channel
from telephony.simulated.dial import Dial
from telephony.simulated.dial_spec import DialSpec
from telephony.simulated.execution import Execution
from telephony.simulated.queue_loop import Connector, QueueLoop
from telephony.simulated.remote_end import RemoteEnd
from telephony.simulated.routes import ToPhone, ToQueue
from telephony.simulated.switch import Switch


class PhoneCall(Execution):
    """`Dial(PJSIP/number,seconds)`, then Hangup."""

    def ring(self, route: ToPhone) -> None:
        """Ring the phone."""
        Dial(self, DialSpec((f"PJSIP/{route.number}",), route.seconds, frozenset()), self._done).start()

    def _done(self, _: int) -> None:
        if not self.leaving:
            status = self.channel.variables.get("DIALSTATUS", "")
            self.finish({"ANSWER": 16, "BUSY": 17, "NOANSWER": 19}.get(status, 34))


class Machine(Execution):
    """Answers and waits for the far end to leave."""

    def pick_up(self) -> None:
        """Answer."""
        self.channel.application = "Echo"
        self.answer()


class Dialplan:
    """Runs the extensions in `Switch.routes`."""

    def __init__(self, switch: Switch, connector: Connector) -> None:
        self._switch = switch
        self._connector = connector

    def run(self, channel: Channel, end: RemoteEnd, exten: str) -> None:
        """Run `exten` on `channel`. Raises KeyError when there is none."""
        route = self._switch.routes[exten]
        if isinstance(route, ToQueue):
            QueueLoop(self._switch, channel, end, route, self._connector).enter()
        elif isinstance(route, ToPhone):
            PhoneCall(self._switch, channel, end).ring(route)
        else:
            Machine(self._switch, channel, end).pick_up()
