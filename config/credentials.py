"""Secrets from where the operator keeps them: the file itself, another file, the environment, a systemd credential.

No message repeats what was written in a secret's key or read from its place: the secret itself is easily written there.
"""

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct, structs

from config.daemon import Switch
from config.findings import Finding, Severity
from config.outlets import Webhook
from config.values import Secret

_SOURCES: Final = ("secret", "secret_file", "secret_env", "secret_credential")
Holder = TypeVar("Holder", Switch, Webhook)
"""A table with the four keys."""
_LONGEST: Final = 4096  # bytes read of a secret's file; a secret has 256 characters at most


class Places(Struct, frozen=True, kw_only=True):
    """Where secrets are looked for: the configuration's directory, the environment, systemd's directory."""

    directory: Path
    environ: Mapping[str, str]
    credentials_dir: Path | None


class _RefusedError(Exception):
    """A secret cannot be had; the text says why without naming what was written."""


def resolve(switch: Holder, path: tuple[str | int, ...], places: Places) -> tuple[Holder, list[Finding]]:
    """Return the switch, or webhook, with its secret in `secret`, or as it was with the reason."""
    given = [source for source in _SOURCES if getattr(switch, source)]
    if len(given) != 1:
        return switch, [_not_one(given, path)]
    (source,) = given
    try:
        secret, warning = _READERS[source](switch, places)
    except _RefusedError as refused:
        return switch, [Finding(path=(*path, source), message=str(refused))]
    found = [] if warning is None else [structs.replace(warning, path=(*path, source))]
    return structs.replace(switch, secret=secret), found


def _not_one(given: list[str], path: tuple[str | int, ...]) -> Finding:
    if not given:
        return Finding(path=path, message="no secret", hint=f"give one of {', '.join(_SOURCES)}")
    both = " and ".join(given)
    return Finding(path=(*path, given[-1]), message=f"{both} are given", hint="keep one of them")


def elsewhere(switch: Switch | Webhook) -> bool:
    """Tell whether the secret comes from another place than the file itself."""
    return any(getattr(switch, source) for source in _SOURCES[1:])


_Read = tuple[Secret, Finding | None]


def _inline(switch: Switch | Webhook, _places: Places) -> _Read:
    return switch.secret, None


def _from_environment(switch: Switch | Webhook, places: Places) -> _Read:
    text = places.environ.get(switch.secret_env)
    if text is None:
        raise _RefusedError("the environment variable it names is not set")
    return _secret(text), None


def _from_credential(switch: Switch | Webhook, places: Places) -> _Read:
    if places.credentials_dir is None:
        raise _RefusedError(
            "there is no credentials directory: start by systemd with LoadCredential=, or use secret_file"
        )
    if "/" in switch.secret_credential or switch.secret_credential in (".", ".."):
        raise _RefusedError("expected the name of a credential, not a path")
    return _secret(_file(places.credentials_dir / switch.secret_credential)[0]), None


def _from_file(switch: Switch | Webhook, places: Places) -> _Read:
    text, mode = _file(places.directory / switch.secret_file)
    return _secret(text), world_readable((), mode, "the file with the secret")


_READERS: Final[Mapping[str, Callable[[Switch | Webhook, Places], _Read]]] = {
    "secret": _inline,
    "secret_file": _from_file,
    "secret_env": _from_environment,
    "secret_credential": _from_credential,
}


def _file(path: Path) -> tuple[str, int]:
    """Return a small regular file's text and mode; a pipe or a device could block or never end."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _RefusedError("the file it names is not a regular file")
        with path.open("rb") as file:
            return file.read(_LONGEST).decode(), mode
    except UnicodeDecodeError:
        raise _RefusedError("the file it names is not UTF-8 text") from None
    except OSError as error:
        raise _RefusedError(f"the file it names cannot be read: {error.strerror}") from None
    except ValueError:  # a NUL in the path
        raise _RefusedError("expected the path of a file") from None


def _secret(text: str) -> Secret:
    """Take one line, without its line end."""
    try:
        return Secret.parse(text.removesuffix("\n").removesuffix("\r"))
    except ValueError:
        raise _RefusedError("what was read is not one line of 1 to 256 printable characters") from None


def world_readable(path: tuple[str | int, ...], mode: int, what: str) -> Finding | None:
    """Return a warning when everybody on the machine may read a file that holds a secret."""
    if not mode & stat.S_IROTH:
        return None
    return Finding(
        path=path,
        message=f"{what} is readable by everybody",
        hint="chmod 0640",
        severity=Severity.WARNING,
    )
