"""The folder that `acd phones render` writes: secrets kept, all files or none, nobody else reads them."""

import fcntl
import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

SECRETS: Final = "secrets.toml"
SECRETS_MODE: Final = 0o600
FILE_MODE: Final = 0o640
FOLDER_MODE: Final = 0o750
MOST_TOLD: Final = 5
HEAD: Final = """\
# Secrets of phones by switch and endpoint. `acd phones render` adds those of new phones and changes none; delete a line
# to have a new one made.
"""


class FilesError(Exception):
    """A folder or file that can't be used; the text says which and what to do."""


def read_templates(folder: Path | None) -> dict[str, str]:
    """Return file name -> text of every file in the folder but hidden ones and backups."""
    if folder is None:
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith("~") or not path.is_file():
            continue
        found[path.name] = _text(path, "write the template in UTF-8")
    return found


def _text(path: Path, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        raise FilesError(f"{path}:{line}: no UTF-8: {hint}") from None
    except OSError as wrong:
        raise FilesError(f"{path}: cannot be read: {wrong.strerror}; give this user access") from None


class Folder:
    """The folder, made when missing, while one render has it to itself."""

    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self._path = path
        self._lock = -1
        self.secrets: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        """Make it and read the secrets; FilesError says what is in the way."""
        try:
            self._path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            self._lock = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as wrong:
            raise FilesError(f"{self._path}: cannot be used: {wrong.strerror}; give another --out") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.secrets = self._read_secrets()
        except BlockingIOError:
            os.close(self._lock)
            raise FilesError(
                f"{self._path}: another render writes there; try again when it is done"
            ) from None
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next render in."""
        os.close(self._lock)

    def _read_secrets(self) -> dict[str, dict[str, str]]:
        path = self._path / SECRETS
        if not path.exists():
            return {}
        text = _text(path, "restore the file")
        try:
            return msgspec.convert(tomllib.loads(text), dict[str, dict[str, str]])
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
            # TOMLDecodeError tells the line, never the text; ValidationError tells the path.
            raise FilesError(
                f'{path}: {wrong}; mend it: [switch] and lines of "endpoint" = "secret"'
            ) from None

    def write(self, files: Mapping[str, str], secrets: Mapping[str, Mapping[str, str]]) -> None:
        """Write everything beside its place first, then rename: FilesError means that all is as it was."""
        wanted = {name: (text, FILE_MODE) for name, text in files.items()}
        # First, because files with secrets that are written down nowhere are worse than the other way round.
        ordered = {SECRETS: (_secrets_text(secrets), SECRETS_MODE), **wanted}
        ready: list[tuple[Path, Path]] = []
        try:
            for name, (text, mode) in ordered.items():
                place = self._path / name
                place.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
                if place.is_dir():
                    raise FilesError(f"{place}: is a directory; move it away")
                ready.append((_beside(place, text, mode), place))
            for waiting, place in ready:
                waiting.replace(place)
            os.fsync(self._lock)
        except OSError as wrong:
            raise FilesError(
                f"{self._path}: cannot be written: {wrong.strerror}; free space, or give another --out"
            ) from None
        finally:
            for waiting, _ in ready:
                waiting.unlink(missing_ok=True)

    def strange(self, files: Mapping[str, str]) -> tuple[str, ...]:
        """Tell what else lies there: files of a phone that is gone still hold a secret."""
        ours = {SECRETS, *files}
        here = {self._path, *((self._path / name).parent for name in files)}
        found = sorted(
            str(path.relative_to(self._path))
            for folder in here
            for path in folder.iterdir()
            if stat.S_ISREG(path.lstat().st_mode) and str(path.relative_to(self._path)) not in ours
        )
        more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        names = ", ".join(found[:MOST_TOLD])
        return (f"not of this render: {names}{more}; remove what nothing reads any more",) if found else ()


def _secrets_text(secrets: Mapping[str, Mapping[str, str]]) -> str:
    """TOML; its quoted texts are JSON's for what a switch, an endpoint and a secret are made of."""
    lines = [HEAD]
    for switch, entries in secrets.items():
        lines.append(f"\n[{_quoted(switch)}]\n")
        lines += [f"{_quoted(endpoint)} = {_quoted(secret)}\n" for endpoint, secret in entries.items()]
    return "".join(lines)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _beside(place: Path, text: str, mode: int) -> Path:
    """Write under a name nobody asks for; nothing remains when that fails."""
    number, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)
