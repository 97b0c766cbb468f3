"""One FastAGI session, Asterisk's side: connects, sends the header block, runs one command at a time.

As with AGIEXITONHANGUP=yes, which the shipped dialplan sets: a channel that goes ends the session at once with two
HANGUP lines and the end of the stream, and no command is possible after that.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from telephony.simulated import agi_commands
from telephony.simulated.agi_line import CommandLines, words
from telephony.simulated.outlet import Outlet, Weather

if TYPE_CHECKING:
    from telephony.simulated.execution import Execution


class AgiSession(asyncio.Protocol):
    """A running AGI() on the channel of `execution`. `ended` is called once, when the script is over.

    The end is not called when the channel goes (`hang_up`): its dialplan is over, too.
    """

    def __init__(
        self, execution: "Execution", header: bytes, weather: Weather, ended: Callable[[], None]
    ) -> None:
        self.execution = execution
        self._header = header
        self._weather = weather
        self._ended = ended
        self._lines = CommandLines()
        self._transport: asyncio.Transport | None = None
        self._outlet: Outlet | None = None
        self._busy = False
        self._over = False
        self._stream: asyncio.TimerHandle | None = None
        self._escape = ""

    # What the daemon's end of the wire does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the header block; a session given up while connecting closes at once."""
        self._transport = cast("asyncio.Transport", transport)
        self._outlet = Outlet(self._transport, self._weather)
        if self._over:
            self._transport.close()
        else:
            self._outlet.write(self._header)

    def data_received(self, data: bytes) -> None:
        """Take commands."""
        self._lines.feed(data)
        self._poll()

    def eof_received(self) -> bool:
        """Take the daemon's end; a Dial goes on without it."""
        self._lines.end()
        self._poll()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Take a broken connection for the end."""
        self._lines.end()
        self._poll()

    # What the channel's end of it does.

    def hang_up(self) -> None:
        """End because the channel is gone."""
        if self._over:
            return
        if self._stream is not None:
            self._finish_stream(-1)
        self._close(b"HANGUP\nHANGUP\n")

    def stop_playing(self) -> None:
        """End a running STREAM FILE as ControlPlayback stop does."""
        if self._stream is not None:
            self._finish_stream(0)
            self._poll()

    def key(self, digit: str) -> None:
        """End a running STREAM FILE when `digit` is one of its escape digits."""
        if self._stream is not None and digit in self._escape:
            self._finish_stream(ord(digit))
            self._poll()

    # What commands do.

    def reply(self, result: object, text: str = "") -> None:
        """Answer the running command with 200 and go on with the next."""
        self.say(f"200 result={result}{text}")

    def say(self, line: str) -> None:
        """Answer the running command with a whole line and go on with the next."""
        self._busy = False
        self._write(line)
        self._poll()

    def stream(self, seconds: float, escape: str) -> None:
        """Play a file for the time it lasts; a new command cuts it."""
        self._escape = escape
        self.execution.player = self
        self._stream = self.execution.switch.pace.after(seconds, self._stream_over)

    def _stream_over(self) -> None:
        self._finish_stream(0)
        self._poll()

    def _finish_stream(self, result: int) -> None:
        self._drop_stream()
        self._busy = False
        self._write(f"200 result={result} endpos=16000")

    def _drop_stream(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None
            self.execution.player = None

    def _poll(self) -> None:
        """Run commands while the session is idle. A stream is cut by whatever comes and gets no reply."""
        if self._stream is not None and self._lines.readable:
            self._drop_stream()
            self._busy = False
        while not (self._busy or self._over or self.execution.leaving):
            line = self._lines.next()
            if line is None:
                return
            if not line:
                self._close(b"HANGUP\n")
                self._ended()
                return
            self._busy = True
            agi_commands.run(self, words(line))

    def _write(self, line: str) -> None:
        if self._outlet is not None:
            self._outlet.write(line.encode() + b"\n")

    def _close(self, last: bytes) -> None:
        self._over = True
        self._drop_stream()
        if self._outlet is not None:
            self._outlet.write(last)
            self._outlet.close()

    # Faults.

    def break_wire(self) -> None:
        """Reset the connection; both ends see it."""
        if self._outlet is not None:
            self._outlet.reset()

    def write_raw(self, data: bytes) -> None:
        """Send bytes that are no reply."""
        if self._outlet is not None:
            self._outlet.write(data)

    def half_close(self) -> None:
        """Send the end of the stream and go on reading."""
        if self._outlet is not None:
            self._outlet.half_close()
