"""The Dial application: rings phones, bridges the first that answers, and says how it ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from telephony.simulated.bridge import Bridge
from telephony.simulated.channel import FROM_PHONES
from telephony.simulated.dial_spec import DialSpec
from telephony.simulated.events import Events
from telephony.simulated.leg import COMPLETED_ELSEWHERE, Leg
from telephony.simulated.outcomes import TIMED_OUT, Refusal, joint_dialstatus
from telephony.simulated.remote_end import TALKING

if TYPE_CHECKING:
    from telephony.simulated.execution import Execution


class Dial:
    """One running Dial on the channel of `execution`. `done(result)` is called once, with what EXEC replies."""

    def __init__(self, execution: "Execution", spec: DialSpec, done: Callable[[int], None]) -> None:
        self.execution = execution
        self.spec = spec
        self._done = done
        self.ringing: list[Leg] = []
        self.winner: Leg | None = None
        self.bridge: Bridge | None = None
        self._statuses: list[str] = []
        self._timer = execution.switch.pace.after(spec.seconds, self._time_out)

    @property
    def _events(self) -> Events:
        return self.execution.switch.events

    def start(self) -> None:
        """Ring everybody who can be reached; nobody reachable ends it at once without a trace."""
        execution = self.execution
        execution.dial = self
        variables = execution.channel.variables
        variables.update(DIALSTATUS="", DIALEDPEERNAME="", DIALEDPEERNUMBER="")
        execution.channel.application, execution.channel.data = "Dial", ",".join(self.spec.targets)
        self._entertain()
        for target in self.spec.targets:
            phone = execution.switch.phone_of(target)
            if phone is not None and phone.reachable:
                self.ringing.append(Leg.make(self, phone, target))
        for leg in list(self.ringing):
            leg.invite()
        if not self.ringing:
            variables["HANGUPCAUSE"] = "3"
            self._fail()

    def _entertain(self) -> None:
        execution, options = self.execution, self.spec.options
        if "m" in options:
            if not execution.up:
                execution.end.progressed(183)
            execution.set_music(on=True)
        elif execution.up:
            execution.set_music(on=False)
            execution.end.hears("ringing")
        else:
            execution.end.progressed(180)

    def answered(self, leg: Leg) -> None:
        """Bridge the first that answers; the others are told that it was completed elsewhere."""
        self._timer.cancel()
        self.ringing.remove(leg)
        for loser in self.ringing:
            self._events.dial_end(self.execution.channel, loser.channel, "CANCEL")
            loser.over(26, COMPLETED_ELSEWHERE)
        self.ringing.clear()
        self._events.dial_end(self.execution.channel, leg.channel, "ANSWER")
        execution = self.execution
        execution.set_music(on=False)
        execution.answer()
        execution.channel.variables.update(
            DIALSTATUS="ANSWER", DIALEDPEERNAME=leg.channel.name, DIALEDPEERNUMBER=leg.number
        )
        self.winner, self.bridge = leg, execution.switch.new_bridge()
        leg.channel.exten = ""
        self.bridge.enter(leg.channel)
        self.bridge.enter(execution.channel)
        execution.end.hears(f"{TALKING}{leg.number}")

    def failed(self, leg: Leg, refusal: Refusal, reason: str = "") -> None:
        """Take note of a leg that will not answer; the last one ends the Dial."""
        self.ringing.remove(leg)
        self._events.dial_end(self.execution.channel, leg.channel, refusal.dial_end)
        leg.over(refusal.cause, reason)
        self._statuses.append(refusal.dialstatus)
        self.execution.channel.variables["HANGUPCAUSE"] = str(refusal.cause)
        if not self.ringing:
            self._fail()

    def forwarded(self, leg: Leg, to: str) -> Leg:
        """Follow a phone's 302 (no option i): its leg ends, a Local leg to `to` takes its place and is returned."""
        self.ringing.remove(leg)
        self._events.dial_end(self.execution.channel, leg.channel, "CANCEL", forward=to)
        leg.over(23, "")
        local = Leg.make(self, None, f"Local/{to}@{FROM_PHONES}")
        self.ringing.append(local)
        return local

    def _time_out(self) -> None:
        reason = COMPLETED_ELSEWHERE if "c" in self.spec.options else "Q.850;cause=0"
        for leg in list(self.ringing):
            self.failed(leg, TIMED_OUT, reason)

    def _fail(self) -> None:
        self.execution.channel.variables["DIALSTATUS"] = joint_dialstatus(self._statuses)
        self._finish(0)

    def agent_left(self, leg: Leg, cause: int) -> None:
        """End the talk from the agent's side."""
        bridge = self.bridge
        if bridge is not None and leg is self.winner:
            bridge.leave(leg.channel)
            bridge.leave(self.execution.channel)
            self.execution.channel.variables["HANGUPCAUSE"] = str(cause)
            leg.over(cause, "")
            self._finish(0 if "g" in self.spec.options else -1)

    def caller_left(self, result: int) -> None:
        """End everything because the caller's channel goes; EXEC replies `result`."""
        channel = self.execution.channel
        if self.bridge is not None and self.winner is not None:
            self.bridge.leave(channel)
            self.bridge.leave(self.winner.channel)
            self.winner.over(16, "")
        elif self.ringing:
            channel.variables["DIALSTATUS"] = "CANCEL"
        for leg in list(self.ringing):
            self._events.dial_end(channel, leg.channel, "CANCEL")
            leg.over(16, "Q.850;cause=16")
        self.ringing.clear()
        self._finish(result)

    def talk(self) -> tuple[Leg, Bridge]:
        """Return the talking leg and its bridge. Raises ValueError when nobody talks."""
        if self.winner is None or self.bridge is None:
            raise ValueError("a transfer needs a talk; wait until the phone has answered")
        return self.winner, self.bridge

    def lose_talk(self) -> None:
        """Let an attended transfer have taken the talk away: EXEC replies -1, which is not the caller's end."""
        self.winner = self.bridge = None
        self._finish(-1)

    def adopt(self, leg: Leg, bridge: Bridge) -> None:
        """Go on with another leg and bridge: EXEC stays inside until the second agent or the caller ends."""
        self.winner, self.bridge, leg.dial = leg, bridge, self
        self.execution.end.hears(f"{TALKING}{leg.number}")

    def _finish(self, result: int) -> None:
        self._timer.cancel()
        self.execution.dial = None
        if self.execution.channel.variables.get("DIALSTATUS") != "ANSWER" and not self.execution.leaving:
            self.execution.set_music(on=False)
        self._done(result)
