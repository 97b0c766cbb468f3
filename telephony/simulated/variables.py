"""Channel variables and the few dialplan functions the shipped dialplan and the daemon use."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from telephony.simulated.execution import Execution

ABSOLUTE: Final = "TIMEOUT(absolute)"


def read(execution: "Execution", name: str) -> str:
    """Return a variable's or function's value, empty for one that is not set."""
    channel = execution.channel
    functions = {
        "CHANNEL(state)": channel.state,
        "CHANNEL(name)": channel.name,
        "CHANNEL": channel.name,
        "CHANNEL(linkedid)": channel.linkedid,
        "UNIQUEID": channel.uniqueid,
        "CALLERID(num)": channel.caller_num,
        "CALLERID(name)": channel.caller_name,
    }
    if name in functions:
        return functions[name]
    return channel.variables.get(name, execution.switch.globals.get(name, ""))


def write(execution: "Execution", name: str, value: str) -> None:
    """Set a variable, or the absolute time-out (seconds from now, 0 for none)."""
    if name == ABSOLUTE:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        execution.limit(seconds)
    else:
        execution.channel.variables[name.lstrip("_")] = value
