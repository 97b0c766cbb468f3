"""The text of a file that a key of the configuration names. Never raises for an operator's mistake."""

import stat
from collections.abc import Collection
from pathlib import Path
from typing import Final

from config.findings import Finding, Severity
from config.loading import Problem

LARGEST: Final = 32 * 1024 * 1024
"""Bytes: a thousand agents' shifts for a year take about 15 MiB as CSV."""


def read_text(path: Path, key: str, *, largest: int = LARGEST) -> tuple[str, list[Finding]]:
    """The text, and what keeps it from being read; blocks. `key` is where the file was named: "[shifts] file"."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            return "", [Finding(path=(), message="not a regular file", hint=f"name a file in {key}")]
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as wrong:
        hint = f"put the file there, or correct {key}"
        return "", [Finding(path=(), message=f"cannot be read: {wrong.strerror}", hint=hint)]
    if len(data) > largest:
        hint = "leave out what is over"
        return "", [Finding(path=(), message=f"larger than {largest // 1024 // 1024} MiB", hint=hint)]
    try:
        return data.decode("utf-8-sig"), []  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        return "", [Finding(path=(), message="not UTF-8 text", hint="save it as UTF-8", line=line)]


def problems_of(path: Path, findings: Collection[Finding]) -> tuple[Problem, ...]:
    """The findings as they are told, in the order of the lines."""
    ordered = sorted(findings, key=lambda finding: finding.line or 0)
    return tuple(
        Problem(
            file=path.name,
            path="",
            line=finding.line,
            message=finding.message,
            hint=finding.hint,
            severity=Severity.ERROR,
        )
        for finding in ordered
    )
