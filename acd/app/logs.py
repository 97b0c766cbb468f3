"""Log lines: JSON for machines, colours on a terminal, callers' numbers shown only as far as allowed."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import msgspec
import structlog

NUMBERS: Final = ("caller", "caller_name", "target")
"""Keys that hold what a caller is known by."""
LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the last two digits of a number, enough to tell two callers apart on one screen."""
    for key in NUMBERS:
        value = event.get(key)
        if isinstance(value, str) and value:
            event[key] = "…" + value[-2:]
    return event


def configure(form: str, level: str, *, redacted: bool) -> None:
    """Set structlog up for the process. `form`: auto, json or console; `level`: debug, info, warning or error."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if redacted:
        shared.append(redact)
    if console:
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
        return
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
    )


def _encode(event: object, **_options: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)
