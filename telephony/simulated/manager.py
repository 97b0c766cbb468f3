"""The manager's actions: who may ask what, and what Asterisk answers.

Responses are worded as Asterisk words them, because clients compare texts.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from telephony.simulated.ami_session import AmiSession
from telephony.simulated.events import core_show_channel, listed
from telephony.simulated.execution import Execution
from telephony.simulated.manager_user import ManagerUser, passes
from telephony.simulated.moment import Moment
from telephony.simulated.pace import wall_seconds
from telephony.simulated.switch import Switch
from telephony.simulated.variables import read, write

Headers: TypeAlias = dict[str, str]


class Manager:
    """Answers actions for a switch and hands its events to whoever may read them. `used` happens at the first login."""

    def __init__(self, switch: Switch, user: ManagerUser) -> None:
        self.sessions: set[AmiSession] = set()
        self.used = Moment()
        self._switch = switch
        self._user = user
        self._started = wall_seconds()

    def opened(self, session: AmiSession) -> None:
        """Take note of a client."""
        self.sessions.add(session)

    def closed(self, session: AmiSession) -> None:
        """Forget a client."""
        self.sessions.discard(session)
        self._count()

    def publish(self, name: str, text: str) -> None:
        """Send an event to everybody who may and wants to read it."""
        data = text.encode()
        for session in tuple(self.sessions):
            if session.user is not None and passes(session.user, name):
                session.event(data)

    def act(self, session: AmiSession, action: Headers) -> None:
        """Answer one action."""
        name = action.get("action", "").lower()
        if not name:
            _error(session, action, "Missing action in request")
        elif session.user is None and name not in {"login", "logoff"}:
            _error(session, action, "Permission denied")
        elif name not in _ACTIONS:
            self._unknown(session, action, name)
        else:
            handler, classes = _ACTIONS[name]
            if session.user is not None and not session.user.may(classes):
                _error(session, action, "Permission denied")
            else:
                handler(self, session, action)

    def _unknown(self, session: AmiSession, action: Headers, name: str) -> None:
        classes = _OTHERS.get(name)
        if classes is not None and session.user is not None and not session.user.may(classes):
            _error(session, action, "Permission denied")
        else:
            text = f"Invalid/unknown command: {action['action']}. Use Action: ListCommands to show available commands."
            _error(session, action, text)

    def _count(self) -> None:
        self._switch.events.listening = any(session.user is not None for session in self.sessions)

    # The actions.

    def login(self, session: AmiSession, action: Headers) -> None:
        """Login with Username and Secret. A wrong one is answered after a second, then the link is closed."""
        user = self._user
        if (action.get("username"), action.get("secret")) != (user.username, user.secret):
            self._switch.pace.after(1.0, self._deny, session, action)
            return
        session.user = user
        self.used.happen()
        self._count()
        _success(session, action, "Message: Authentication accepted\r\n")
        if "system" in user.read:
            uptime = int(wall_seconds() - self._started)
            session.send(
                f"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: {uptime}\r\n"
                f"LastReload: {uptime}\r\nStatus: Fully Booted\r\n\r\n".encode()
            )

    def _deny(self, session: AmiSession, action: Headers) -> None:
        _error(session, action, "Authentication failed")
        session.close()

    def logoff(self, session: AmiSession, action: Headers) -> None:
        """Logoff."""
        _respond(session, action, "Goodbye", "Message: Thanks for all the fish.\r\n")
        session.user = None
        self._count()
        session.close()

    def ping(self, session: AmiSession, action: Headers) -> None:
        """Ping."""
        _success(session, action, f"Ping: Pong\r\nTimestamp: {wall_seconds():.6f}\r\n")

    def hangup(self, session: AmiSession, action: Headers) -> None:
        """Hang up one channel with a Cause, 0 without."""
        channel = self._switch.channels.get(action.get("channel", ""))
        cause = action.get("cause", "0")
        if not action.get("channel"):
            _error(session, action, "No channel specified")
        elif channel is None or channel.owner is None:
            _error(session, action, "No such channel")
        elif not cause.isdecimal() or int(cause) > 127:
            _error(session, action, "Invalid hangup cause")
        else:
            _success(session, action, "Message: Channel Hungup\r\n")
            channel.owner.hang_up(int(cause))

    def core_show_channels(self, session: AmiSession, action: Headers) -> None:
        """List all channels."""
        now, action_id = wall_seconds(), _action_id(action)
        items = [core_show_channel(channel, now, action_id) for channel in self._switch.channels.values()]
        text = listed(action_id, "Channels will follow", "CoreShowChannelsComplete", items)
        session.send(text.encode())

    def device_state_list(self, session: AmiSession, action: Headers) -> None:
        """List all phones' device states."""
        action_id = _action_id(action)
        items = [
            f"Event: DeviceStateChange\r\n{action_id}Device: {device}\r\nState: {state}\r\n\r\n"
            for device, state in self._switch.device_states()
        ]
        text = listed(action_id, "Device State Changes will follow", "DeviceStateListComplete", items)
        session.send(text.encode())

    def setvar(self, session: AmiSession, action: Headers) -> None:
        """Set a variable of a channel, or a global one without Channel."""
        name, value = action.get("variable", ""), action.get("value", "")
        execution = self._execution(action)
        if not name:
            _error(session, action, "No variable specified")
        elif not action.get("channel"):
            self._switch.globals[name] = value
            _success(session, action, "Message: Variable Set\r\n")
        elif execution is None:
            _error(session, action, "No such channel")
        else:
            write(execution, name, value)
            _success(session, action, "Message: Variable Set\r\n")

    def getvar(self, session: AmiSession, action: Headers) -> None:
        """Read a variable of a channel, or a global one without Channel."""
        name = action.get("variable", "")
        execution = self._execution(action)
        if not name:
            _error(session, action, "No variable specified")
        elif action.get("channel") and execution is None:
            _error(session, action, "No such channel")
        else:
            value = read(execution, name) if execution else self._switch.globals.get(name, "")
            _success(session, action, f"Variable: {name}\r\nValue: {value}\r\n")

    def redirect(self, session: AmiSession, action: Headers) -> None:
        """Send a channel to another extension."""
        for name in ("Channel", "Context", "Exten", "Priority"):
            if not action.get(name.lower()):
                _error(session, action, f"{name} not specified")
                return
        channel = self._switch.channels.get(action.get("channel", ""))
        if channel is None or channel.owner is None:
            _error(session, action, "Channel does not exist: " + action.get("channel", ""))
            return
        try:
            channel.owner.redirect(action.get("exten", ""))
        except KeyError:
            _error(session, action, "Redirect failed")
        else:
            _success(session, action, "Message: Redirect successful\r\n")

    def control_playback(self, session: AmiSession, action: Headers) -> None:
        """Stop the file a channel hears."""
        execution = self._execution(action)
        if execution is None:
            _error(session, action, "No such channel")
        elif action.get("control", "").lower() != "stop":
            _error(session, action, "Unknown control type")
        else:
            if execution.player is not None:
                execution.player.stop_playing()
            _success(session, action, "")

    def _execution(self, action: Headers) -> Execution | None:
        channel = self._switch.channels.get(action.get("channel", ""))
        owner = channel.owner if channel is not None else None
        return owner if isinstance(owner, Execution) else None


def _action_id(action: Headers) -> str:
    return f"ActionID: {action['actionid']}\r\n" if action.get("actionid") else ""


def _respond(session: AmiSession, action: Headers, response: str, rest: str) -> None:
    session.send(f"Response: {response}\r\n{_action_id(action)}{rest}\r\n".encode())


def _success(session: AmiSession, action: Headers, rest: str) -> None:
    _respond(session, action, "Success", rest)


def _error(session: AmiSession, action: Headers, message: str) -> None:
    _respond(session, action, "Error", f"Message: {message}\r\n")


Handler: TypeAlias = Callable[[Manager, AmiSession, Headers], None]
_ANYBODY: Final[frozenset[str]] = frozenset()

_ACTIONS: Final[dict[str, tuple[Handler, frozenset[str]]]] = {
    "controlplayback": (Manager.control_playback, frozenset({"call"})),
    "coreshowchannels": (Manager.core_show_channels, frozenset({"system", "reporting"})),
    "devicestatelist": (Manager.device_state_list, frozenset({"call", "reporting"})),
    "getvar": (Manager.getvar, frozenset({"call", "reporting"})),
    "hangup": (Manager.hangup, frozenset({"system", "call"})),
    "login": (Manager.login, _ANYBODY),
    "logoff": (Manager.logoff, _ANYBODY),
    "ping": (Manager.ping, _ANYBODY),
    "redirect": (Manager.redirect, frozenset({"call"})),
    "setvar": (Manager.setvar, frozenset({"call"})),
}
"""Action: (what answers it, the write classes of which one is needed)."""

_OTHERS: Final[dict[str, frozenset[str]]] = {
    "command": frozenset({"command"}),
    "filter": frozenset({"system"}),
    "messagesend": frozenset({"message"}),
    "mixmonitor": frozenset({"system"}),
    "mixmonitormute": frozenset({"system", "call"}),
    "originate": frozenset({"originate"}),
    "pjsipshowcontacts": frozenset({"system"}),
    "pjsipshowendpoints": frozenset({"system"}),
    "reload": frozenset({"system", "config"}),
}
"""Actions Asterisk has and this PBX has not, with their write classes: without one the answer is the same."""
