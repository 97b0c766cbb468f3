"""From a directory to Settings, or to the list of all that keeps it from them. Never raises for an operator's mistake."""

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path as Directory
from typing import Final

from msgspec import Struct, structs

from config import credentials, outlets, toml_file
from config.daemon import Switch
from config.decoding import decode
from config.findings import Finding, Severity, path_text
from config.hours import unknown_zones
from config.ivr_nodes import Lookup
from config.outlets import Webhook
from config.schema import FILE_OF, FILES, Settings
from config.shifts import unknown_zone
from config.toml_file import TomlFile
from config.validation import Declared, validate

_ORDER: Final[Mapping[str, int]] = {name: place for place, name in enumerate(FILES)}


class Problem(Struct, frozen=True, kw_only=True):
    """One mistake as it is told: `str(problem)` is the line that `acd check` prints.

    `path` is written as in TOML ("queues.sales.ring_timeout"; "" for the file itself), `line` counts from 1.
    """

    file: str
    path: str
    line: int | None
    message: str
    hint: str | None
    severity: Severity

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.severity.value}: {path}{self.message}{hint}"


class Loaded(Struct, frozen=True, kw_only=True):
    """The settings, None when any problem is an error; problems in the order of the files and their lines."""

    settings: Settings | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the settings from being used."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def load(
    directory: Directory, *, environ: Mapping[str, str], credentials_dir: Directory | None = None
) -> Loaded:
    """Read, decode and check the files; secrets come from `environ` or `credentials_dir` where a key says so.

    `credentials_dir` is systemd's $CREDENTIALS_DIRECTORY. Mistakes become problems, also unreadable or missing files:
    a missing file is an error, so that a reload half-way through a copy never removes every queue.
    """
    unusable = _unusable(directory)
    if unusable:
        return Loaded(settings=None, problems=(unusable,))
    files = {name: toml_file.read(directory, name) for name in FILES}
    raw = _merged(files.values())
    settings, findings, kept = decode(raw)
    whole = not findings and all(file.tables is not None for file in files.values())
    places = credentials.Places(directory=directory, environ=environ, credentials_dir=credentials_dir)
    settings, later = _with_secrets(settings, places)
    later += validate(settings, _declared(files, raw, whole=whole))
    later += unknown_zone(settings.shifts)
    later += outlets.check(settings.metrics, settings.webhooks)
    later += unknown_zones(settings)
    findings += [structs.replace(finding, path=kept.path_in_file(finding.path)) for finding in later]
    findings += _exposed(settings, files)
    problems = [_problem(files[FILE_OF[str(finding.path[0])]], finding) for finding in findings]
    problems += [_problem(file, finding) for file in files.values() for finding in file.findings]
    problems.sort(key=lambda problem: (_ORDER[problem.file], problem.line or 0))
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    return Loaded(settings=None if failed else settings, problems=tuple(problems))


def _unusable(directory: Directory) -> Problem | None:
    try:
        if stat.S_ISDIR(directory.stat().st_mode):
            return None
        message = "not a directory"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except ValueError:  # a NUL in the path
        message = "not a path"
    return Problem(
        file=str(directory),
        path="",
        line=None,
        message=message,
        hint="give the directory that holds acd.toml",
        severity=Severity.ERROR,
    )


def _merged(files: Iterable[TomlFile]) -> dict[str, object]:
    """Return the top-level tables of all files, each from the file it belongs in."""
    return {
        key: value
        for file in files
        for key, value in (file.tables or {}).items()
        if FILE_OF.get(key) == file.name
    }


def _problem(file: TomlFile, finding: Finding) -> Problem:
    return Problem(
        file=file.name,
        path=path_text(finding.path),
        line=file.line_of(finding),
        message=finding.message,
        hint=finding.hint,
        severity=finding.severity,
    )


def _declared(files: Mapping[str, TomlFile], raw: Mapping[str, object], *, whole: bool) -> Declared:
    """Collect the names that stand in the files, whether or not their entries could be read."""

    def names(key: str) -> frozenset[str] | None:
        if files[FILE_OF[key]].tables is None:
            return None
        entries = raw.get(key, {})
        return frozenset(entries) if isinstance(entries, dict) else None

    switches = raw.get("switch", [])
    entries = [entry for entry in switches if isinstance(entry, dict)] if isinstance(switches, list) else []
    named = [entry.get("name") for entry in entries]
    return Declared(
        queues=names("queues"),
        groups=names("groups"),
        skills=names("skills"),
        switches=frozenset(name for name in named if isinstance(name, str)),
        whole=whole,
    )


def _with_secrets(settings: Settings, places: credentials.Places) -> tuple[Settings, list[Finding]]:
    resolved = [
        credentials.resolve(switch, ("switch", place), places)
        for place, switch in enumerate(settings.switches)
    ]
    hooks = [
        credentials.resolve(hook, ("webhook", place), places) for place, hook in enumerate(settings.webhooks)
    ]
    switches, webhooks = tuple(switch for switch, _ in resolved), tuple(hook for hook, _ in hooks)
    findings = [finding for _, found in (*resolved, *hooks) for finding in found]
    return structs.replace(settings, switches=switches, webhooks=webhooks), findings


def _exposed(settings: Settings, files: Mapping[str, TomlFile]) -> list[Finding]:
    """Warn of files that hold a secret themselves and that everybody on the machine may read."""
    holders: tuple[Switch | Webhook, ...] = (*settings.switches, *settings.webhooks)
    inline = any(holder.secret and not credentials.elsewhere(holder) for holder in holders)
    pins = any(agent.pin for agent in settings.agents.values())
    asking = (node for ivr in settings.ivr.values() for node in ivr.nodes.values())
    tokens = any(isinstance(node, Lookup) and bool(node.authorization) for node in asking)
    held = (
        ("acd.toml", ("switch",), inline),
        ("agents.toml", ("agents",), pins),
        ("ivr.toml", ("ivr",), tokens),
    )
    found = [
        credentials.world_readable(path, files[name].mode, f"{name}, which holds a secret,")
        for name, path, holds in held
        if holds
    ]
    return [finding for finding in found if finding is not None]
