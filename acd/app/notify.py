"""Telling systemd how the daemon does: sd_notify(3) over its datagram socket.

Without NOTIFY_SOCKET every call does nothing, so the daemon runs the same by hand.
"""

import os
import socket


class Notifier:
    """One sender; the socket is kept open, because the watchdog is pinged for as long as the daemon lives."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        """Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID."""
        env = dict(os.environ) if environ is None else environ
        self._address = env.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        usec = env.get("WATCHDOG_USEC", "")
        wanted = int(usec) if usec.isdecimal() else 0
        for_us = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = wanted / 1e6 if wanted and for_us else None
        """How often systemd wants a ping at least, or None."""

    def send(self, *lines: str) -> None:
        """Send assignments such as `READY=1` as one datagram. A systemd that does not listen is no error of ours."""
        if not self._address:
            return
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            self._socket.sendto("\n".join(lines).encode(), address)
        except OSError:
            return

    def close(self) -> None:
        """Let the socket go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
