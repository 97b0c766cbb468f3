"""Where a key stands in a TOML text. Pure, best effort, one pass.

The TOML parser of the standard library keeps no positions. This scanner reads keys and headers only and steps over
values, so it trusts that the text was parsed before; in anything else it finds fewer keys, never a wrong exception.
"""

import re
import tomllib
from typing import Final

from config.findings import Path

_BLANK: Final = re.compile(r"[ \t]*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED: Final = re.compile(r"""'[^'\n]*'|"(?:[^"\\\n]|\\.)*\"""")
_OPENING: Final = frozenset("[{")
_CLOSING: Final = frozenset("]}")


class Lines:
    """The first line of every key, header and array element table of one file; lines count from 1."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._table: Path = ()
        self._counts: dict[Path, int] = {}
        self._written: dict[Path, int] = {}
        self._found: dict[Path, int] = {}
        self.repeated: tuple[Path, int, int] | None = None
        """The first key or table that is written twice, with both lines."""
        self._scan()

    def find(self, path: Path) -> int | None:
        """Return the line of the path, or of the nearest thing around it; None when the file does not have it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._found:
                return self._found[path[:length]]
        return None

    def _scan(self) -> None:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\n":
                self._at, self._line = self._at + 1, self._line + 1
            elif char in " \t\r":
                self._at += 1
            elif char == "#":
                self._skip_to_line_end()
            elif char == "[":
                self._header()
            else:
                self._pair()

    def _header(self) -> None:
        array = self._text.startswith("[[", self._at)
        self._at += 2 if array else 1
        keys = self._keys()
        self._skip_to_line_end()
        path = self._resolve(keys)
        if array:
            count = self._counts.get(path, -1) + 1
            self._counts[path] = count
            path = (*path, count)
        self._table = path
        self._note(path, self._line)

    def _pair(self) -> None:
        line = self._line
        keys = self._keys()
        if keys and self._text.startswith("=", self._at):
            self._note((*self._table, *keys), line)
            self._at += 1
        self._skip_value()

    def _note(self, path: Path, line: int) -> None:
        if path in self._written and self.repeated is None:
            self.repeated = (path, self._written[path], line)
        self._written.setdefault(path, line)
        for length in range(len(path), 0, -1):
            self._found.setdefault(path[:length], line)

    def _resolve(self, keys: Path) -> Path:
        """Put the current place into a header's path wherever it goes through an array of tables."""
        path: Path = ()
        for place, key in enumerate(keys):
            path = (*path, key)
            if path in self._counts and place < len(keys) - 1:
                path = (*path, self._counts[path])
        return path

    def _keys(self) -> Path:
        """Read a dotted key and the blanks after it; empty when there is none."""
        keys: list[str] = []
        while True:
            self._skip_blanks()
            key = self._key()
            if key is None:
                return tuple(keys)
            keys.append(key)
            self._skip_blanks()
            if not self._text.startswith(".", self._at):
                return tuple(keys)
            self._at += 1

    def _key(self) -> str | None:
        for pattern in (_BARE, _QUOTED):
            found = pattern.match(self._text, self._at)
            if found:
                self._at = found.end()
                return found[0] if pattern is _BARE else _unquoted(found[0])
        return None

    def _skip_blanks(self) -> None:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _skip_to_line_end(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _skip_value(self) -> None:
        """Step over a value, which ends with the line unless a bracket or a long text is open."""
        depth = 0
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\n":
                if depth <= 0:
                    return
                self._line += 1
            if char in "\"'":
                self._skip_text(char)
            elif char == "#":
                self._skip_to_line_end()
            else:
                depth += (char in _OPENING) - (char in _CLOSING)
                self._at += 1

    def _skip_text(self, quote: str) -> None:
        long = self._text.startswith(quote * 3, self._at)
        end = quote * 3 if long else quote
        self._at += len(end)
        while self._at < len(self._text) and not self._text.startswith(end, self._at):
            char = self._text[self._at]
            if char == "\n":
                if not long:
                    return
                self._line += 1
            self._at += (
                2 if char == "\\" and quote == '"' and self._text[self._at + 1 : self._at + 2] != "\n" else 1
            )
        self._at += len(end)
        # A long text may end with one or two quotes of its own.
        while long and self._text.startswith(quote, self._at):
            self._at += 1


def _unquoted(key: str) -> str:
    """Resolve a quoted key's escapes; a key that is no valid text stays as it is written."""
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except ValueError:
        return key
