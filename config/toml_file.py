"""One of the operator's files: its bytes, its tables, and where a key stands in it."""

import functools
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.findings import Finding, did_you_mean, path_text
from config.lines import Lines
from config.schema import FILE_OF, FILES, OPTIONAL

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one file: ten thousand agents take about 1.5 MiB."""

_POSITION: Final = re.compile(r" \((?:at line ([0-9]+), column [0-9]+|at end of document)\)\Z")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class TomlFile:
    """A file as it was read: `tables` is None when it could not be, and `findings` say why."""

    def __init__(self, name: str, data: bytes = b"", mode: int = 0) -> None:
        self.name = name
        self.mode = mode
        self.tables: Mapping[str, object] | None = None
        self.findings: list[Finding] = []
        self._text = ""
        self._parse(data)

    @classmethod
    def unread(cls, name: str, message: str, hint: str | None = None) -> "TomlFile":
        """Return a file that could not be read, with the reason."""
        file = cls(name)
        file._refuse(message, hint=hint)
        return file

    @functools.cached_property
    def _lines(self) -> Lines:
        """The places of the keys, scanned only once something has to be told about one."""
        return Lines(self._text)

    def line_of(self, finding: Finding) -> int | None:
        """Return the line a finding is about, counted from 1, or None."""
        return finding.line or self._lines.find(finding.path)

    def _refuse(self, message: str, *, line: int | None = None, hint: str | None = None) -> None:
        self.tables = None
        self.findings.append(Finding(path=(), message=message, line=line, hint=hint))

    def _parse(self, data: bytes) -> None:
        if data.startswith(_BYTE_ORDER_MARK):
            self._refuse("begins with a byte order mark", line=1, hint="save it as UTF-8 without one")
            return
        try:
            self._text = data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._refuse("not UTF-8 text", line=line, hint="save it as UTF-8")
            return
        try:
            self.tables = tomllib.loads(self._text)
        except RecursionError:
            self._refuse("not usable TOML: nested too deeply")
        except ValueError as error:  # TOMLDecodeError, and int() on thousands of digits
            self._refuse_syntax(str(error))
        else:
            self.findings += [
                _misplaced(self.name, key) for key in self.tables if FILE_OF.get(key) != self.name
            ]

    def _refuse_syntax(self, text: str) -> None:
        """Say where the text is no TOML; the parser has no place for what is written twice, the scanner has."""
        position = _POSITION.search(text)
        line = int(position[1]) if position and position[1] else None
        repeated = self._lines.repeated if text.startswith("Cannot") else None
        if repeated:
            path, first, line = repeated
            text = f"{path_text(path)} is written twice, first in line {first}"
        self._refuse(f"not valid TOML: {_POSITION.sub('', text)}", line=line)


def read(directory: Path, name: str) -> TomlFile:
    """Read and parse one file; whatever is wrong with it is in its findings."""
    path = directory / name
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # opening a pipe would wait for its writer
            return TomlFile.unread(name, "not a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        if name in OPTIONAL:
            return TomlFile(name)
        return TomlFile.unread(name, "no such file", hint="create it; it may be empty")
    except OSError as error:
        return TomlFile.unread(name, f"cannot be read: {error.strerror}")
    if len(data) > LARGEST:
        return TomlFile.unread(name, f"larger than {LARGEST // 1024 // 1024} MiB")
    return TomlFile(name, data, mode)


def _misplaced(name: str, key: str) -> Finding:
    """Return the finding about a top-level key that does not stand in this file."""
    if key in FILE_OF:
        return Finding(path=(key,), message=f"does not belong here but in {FILE_OF[key]}")
    known = FILES[name]
    hint = did_you_mean(key, known) or "known keys: " + ", ".join(known)
    return Finding(path=(key,), message="unknown key", hint=hint)
