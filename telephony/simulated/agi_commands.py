"""The AGI commands the simulated Asterisk knows, and the applications EXEC may run.

A command answers through its session, at once or later. Unknown commands get 510, wrong arguments 520, unknown
applications -2, as from Asterisk.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from telephony.simulated import dial_spec
from telephony.simulated.agi_line import substitute
from telephony.simulated.channel import STATES
from telephony.simulated.dial import Dial
from telephony.simulated.outcomes import CAUSE_BY_SIP
from telephony.simulated.variables import read, write

if TYPE_CHECKING:
    from telephony.simulated.agi_session import AgiSession

Command: TypeAlias = Callable[["AgiSession", Sequence[str]], None]
Application: TypeAlias = Callable[["AgiSession", str], None]


def run(session: "AgiSession", given: Sequence[str]) -> None:
    """Run one command line's words; a command's name is one to three words."""
    for length in (3, 2, 1):
        entry = _COMMANDS.get(" ".join(given[:length]).upper())
        if entry is not None and len(given) >= length:
            command, least, most = entry
            arguments = given[length:]
            if least <= len(arguments) <= most:
                command(session, arguments)
            else:
                session.say(
                    "520-Invalid command syntax.  Proper usage follows:\n"
                    f"Usage: {' '.join(given[:length]).upper()} takes {least} to {most} arguments\n"
                    "520 End of proper usage."
                )
            return
    session.say("510 Invalid or unknown command")


# ---------------------------------------------------------------- commands


def _answer(session: "AgiSession", _: Sequence[str]) -> None:
    session.execution.answer()
    session.reply(0)


def _channel_status(session: "AgiSession", _: Sequence[str]) -> None:
    session.reply(STATES[session.execution.channel.state])


def _set_music(session: "AgiSession", arguments: Sequence[str]) -> None:
    session.execution.set_music(on=arguments[0].lower() == "on")
    session.reply(0)


def _set_variable(session: "AgiSession", arguments: Sequence[str]) -> None:
    write(session.execution, arguments[0], arguments[1])
    session.reply(1)


def _get_variable(session: "AgiSession", arguments: Sequence[str]) -> None:
    value = read(session.execution, arguments[0])
    if value:
        session.reply(1, f" ({value})")
    else:
        session.reply(0)


def _get_full_variable(session: "AgiSession", arguments: Sequence[str]) -> None:
    session.reply(1, f" ({substitute(arguments[0], lambda name: read(session.execution, name))})")


def _stream_file(session: "AgiSession", arguments: Sequence[str]) -> None:
    prompt, escape = arguments[0], arguments[1]
    settings = session.execution.switch.settings
    session.execution.set_music(on=False)
    if ".." in prompt or prompt in settings.missing:
        session.reply(-1, " endpos=0")
        return
    session.execution.end.hears(f"prompt {prompt}")
    session.stream(settings.prompts.get(prompt, settings.prompt_seconds), escape)


def _hangup(session: "AgiSession", _: Sequence[str]) -> None:
    session.execution.leaving = True
    session.reply(1)
    session.execution.finish(0)


def _noop(session: "AgiSession", _: Sequence[str]) -> None:
    session.reply(0)


def _verbose(session: "AgiSession", _: Sequence[str]) -> None:
    session.reply(1)


def _exec(session: "AgiSession", arguments: Sequence[str]) -> None:
    application = _APPLICATIONS.get(arguments[0].lower())
    if application is None:
        session.reply(-2)
    else:
        application(session, arguments[1] if len(arguments) > 1 else "")


# ---------------------------------------------------------------- applications


def _app_dial(session: "AgiSession", argument: str) -> None:
    spec = dial_spec.parse(argument)
    channel = session.execution.channel
    if spec is None:
        channel.variables["DIALSTATUS"] = "INVALIDARGS"
        session.reply(-1)
        return

    def done(result: int) -> None:
        current = session.execution.channel
        current.application, current.data = "AGI", ""
        session.reply(result)

    Dial(session.execution, spec, done).start()


def _app_mset(session: "AgiSession", argument: str) -> None:
    for pair in dial_spec.split(argument):
        name, equals, value = pair.partition("=")
        if equals:
            write(session.execution, name.strip(), value)
    session.reply(0)


def _app_answer(session: "AgiSession", _: str) -> None:
    session.execution.answer()
    session.reply(0)


def _app_hangup(session: "AgiSession", argument: str) -> None:
    session.execution.leaving = True
    session.reply(-1)
    session.execution.finish(int(argument) if argument.isdecimal() else 16)


def _app_pjsip_hangup(session: "AgiSession", argument: str) -> None:
    code = int(argument) if argument.isdecimal() else 0
    cause = CAUSE_BY_SIP.get(code)
    if cause is None:
        session.reply(-1)
        return
    execution = session.execution
    execution.leaving = True
    session.reply(-1)
    execution.switch.events.hangup_request(execution.channel, cause)
    execution.finish(cause, code)


def _app_music(session: "AgiSession", _: str) -> None:
    session.execution.set_music(on=True)
    session.reply(0)


def _app_no_music(session: "AgiSession", _: str) -> None:
    session.execution.set_music(on=False)
    session.reply(0)


def _app_ringing(session: "AgiSession", _: str) -> None:
    if not session.execution.up:
        session.execution.end.progressed(180)
    session.reply(0)


def _app_wait(session: "AgiSession", argument: str) -> None:
    try:
        seconds = float(argument)
    except ValueError:
        seconds = 0.0
    session.execution.switch.pace.after(seconds, session.reply, 0)


_COMMANDS: Final[dict[str, tuple[Command, int, int]]] = {
    "ANSWER": (_answer, 0, 0),
    "CHANNEL STATUS": (_channel_status, 0, 1),
    "EXEC": (_exec, 1, 126),
    "GET FULL VARIABLE": (_get_full_variable, 1, 2),
    "GET VARIABLE": (_get_variable, 1, 1),
    "HANGUP": (_hangup, 0, 1),
    "NOOP": (_noop, 0, 126),
    "SET MUSIC": (_set_music, 1, 2),
    "SET VARIABLE": (_set_variable, 2, 2),
    "STREAM FILE": (_stream_file, 2, 3),
    "VERBOSE": (_verbose, 1, 2),
}
"""Name: (what runs, fewest and most arguments)."""

_APPLICATIONS: Final[dict[str, Application]] = {
    "answer": _app_answer,
    "dial": _app_dial,
    "hangup": _app_hangup,
    "mset": _app_mset,
    "pjsiphangup": _app_pjsip_hangup,
    "ringing": _app_ringing,
    "set": _app_mset,
    "startmusiconhold": _app_music,
    "stopmusiconhold": _app_no_music,
    "wait": _app_wait,
}
