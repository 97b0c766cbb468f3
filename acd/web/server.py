"""The control API on a Unix socket, inside the daemon's loop. Signals stay the daemon's."""

import asyncio
import contextlib
import grp
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from acd.web.api import api
from acd.web.control import Control

log = structlog.get_logger("acd.web")

GROUP: Final = "acd"
MASK: Final = 0o117
"""Leaves 0660: the daemon's user and the group `acd`. uvicorn's own `uds=` would make the socket writable by all."""
STOP_SECONDS: Final = 5.0
SOCKET_PATH_BYTES: Final = 107


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave SIGTERM and SIGINT alone: the daemon's stop is more than the API's."""
        yield


class ControlServer:
    """`start`, then `stop`."""

    def __init__(self, control: Control, path: Path) -> None:
        """`path` is where the socket goes; its folder is made."""
        self._path = path
        config = uvicorn.Config(
            api(control),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._bound: socket.socket
        self._serving: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Bind and serve. Raises OSError, whose text says what to do, when the socket cannot be had."""
        self._bound = bound = bind(self._path)
        self._serving = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[bound]), name="control api"
        )
        self._serving.add_done_callback(_tell_failure)

    async def stop(self) -> None:
        """Finish the requests under way and remove the socket."""
        if self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.wait({self._serving}, timeout=STOP_SECONDS)
        self._serving.cancel()
        self._bound.close()
        self._path.unlink(missing_ok=True)


def _tell_failure(served: asyncio.Future[None]) -> None:
    """Say at once that nobody answers any more; calls are routed all the same, so the daemon goes on."""
    error = None if served.cancelled() else served.exception()
    if error is not None:
        log.error("control_api_failed", exc_info=error)


def bind(path: Path) -> socket.socket:
    """A listening socket with mode 0660 and the group `acd` where that exists.

    What a killed daemon left behind is removed, but only after a connection to it was refused.
    """
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise OSError(
            f"{path}: longer than {SOCKET_PATH_BYTES} bytes; choose a shorter control_socket in acd.toml"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(MASK)
    try:
        bound.bind(os.fspath(path))
    except OSError as wrong:
        bound.close()
        raise OSError(wrong.errno, f"{path}: {wrong.strerror}; check control_socket in acd.toml") from wrong
    finally:
        os.umask(before)
    with contextlib.suppress(KeyError, PermissionError):
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
    bound.listen(128)
    bound.setblocking(False)
    return bound


def _remove_stale(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_socket():  # connecting to a plain file is refused too
        raise OSError(f"{path}: is in the way; remove it or name another control_socket in acd.toml")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as wrong:
            raise OSError(
                f"{path}: is in the way ({wrong}); remove it or name another control_socket"
            ) from wrong
    raise OSError(f"{path}: another daemon answers there; stop it or name another control_socket in acd.toml")
