"""Contradictions in ways out of queues, and in callbacks. Pure."""

from collections.abc import Iterator

from config.centre import Queue
from config.findings import Finding, Path, did_you_mean, quoted
from config.schema import Settings
from config.ways import Way, kind_of

_Found = Iterator[Finding]
KINDS = "queue, extension, external, voicemail, message, callback, text or menu"


def findings(settings: Settings) -> _Found:
    """Everything that can be said before a caller presses a key."""
    for name, queue in settings.queues.items():
        here: Path = ("queues", name)
        for path, way in _ways(here, queue):
            yield from _one(path, way)
            yield from _to_queue(path, way, name, settings)
            yield from _to_menu(path, way, name, queue)
        yield from _steps(here, queue)
        yield from _keys(here, queue)
        yield from _callback(here, queue, settings)
        yield from _transcribe(here, queue)


def _ways(here: Path, queue: Queue) -> Iterator[tuple[Path, Way]]:
    for reason in queue.overflow.__struct_fields__:
        way = getattr(queue.overflow, reason)
        if way is not None:
            yield (*here, "overflow", reason), way
    for place, step in enumerate(queue.steps):
        if step.to is not None:
            yield (*here, "steps", place, "to"), step.to
    for key, way in queue.keys.items():
        yield (*here, "keys", key), way
    for name, menu in queue.menus.items():
        for key, way in menu.keys.items():
            yield (*here, "menus", name, "keys", key), way


def _one(path: Path, way: Way) -> _Found:
    if not kind_of(way):
        yield Finding(path=path, message="a way out is exactly one thing", hint=f"name one of {KINDS}")


def _to_queue(path: Path, way: Way, name: str, settings: Settings) -> _Found:
    if way.queue is not None and way.queue not in settings.queues:
        yield Finding(
            path=(*path, "queue"),
            message=f"unknown queue {quoted(way.queue)}",
            hint=did_you_mean(way.queue, settings.queues),
        )
    if way.queue == name:
        yield Finding(path=(*path, "queue"), message="a queue can't send callers to itself")


def _to_menu(path: Path, way: Way, name: str, queue: Queue) -> _Found:
    if way.text is not None and "keys" not in path:
        yield Finding(path=(*path, "text"), message="a text is for keys", hint="let a key send it")
    if way.menu is not None and "keys" not in path:
        yield Finding(path=(*path, "menu"), message="a menu is for keys", hint="let a key lead to it")
    elif way.menu is not None and way.menu not in queue.menus:
        yield Finding(
            path=(*path, "menu"),
            message=f"unknown menu {quoted(way.menu)}",
            hint=did_you_mean(way.menu, queue.menus) or f"write [queues.{name}.menus.{way.menu}]",
        )
    if way.callback and queue.callback is None:
        yield Finding(
            path=(*path, "callback"),
            message="this queue calls nobody back",
            hint=f'write [queues.{name}.callback] with dial = "…"',
        )


def _steps(here: Path, queue: Queue) -> _Found:
    for place, step in enumerate(queue.steps):
        if step.to is not None and step.to.queue is not None:
            yield Finding(
                path=(*here, "steps", place, "to"),
                message="a step sends calls to another queue by overflow",
                hint=f'write overflow = "{step.to.queue}"',
            )
        if step.to is not None and step.overflow is not None:
            yield Finding(
                path=(*here, "steps", place, "to"),
                message="this step sends calls two ways",
                hint="take overflow or to away",
            )


def _keys(here: Path, queue: Queue) -> _Found:
    for key in queue.keys:
        if key in queue.exit_keys:
            yield Finding(
                path=(*here, "keys", key),
                message=f"{quoted(key)} is one of exit_keys already",
                hint="let it do one thing",
            )


def _callback(here: Path, queue: Queue, settings: Settings) -> _Found:
    rule = queue.callback
    if rule is None:
        return
    path: Path = (*here, "callback")
    if rule.dial.count("{number}") != 1 or rule.dial.replace("{number}", "").count("{"):
        yield Finding(
            path=(*path, "dial"),
            message="what is dialled has {number} once, and nothing else in braces",
            hint='write for example "PJSIP/{number}@trunk"',
        )
    if rule.hours is not None and rule.hours not in settings.hours:
        yield Finding(
            path=(*path, "hours"),
            message=f"unknown hours {quoted(rule.hours)}",
            hint=did_you_mean(rule.hours, settings.hours) or f"write [hours.{rule.hours}] in queues.toml",
        )
    if not rule.allow and not settings.numbers.country:
        yield Finding(
            path=(*path, "allow"),
            message="no number may be called back: neither allow nor the country is known",
            hint='write [numbers] country = "49", or allow = ["+49"]',
        )


def _transcribe(here: Path, queue: Queue) -> _Found:
    rule = queue.message.transcribe
    if rule is not None and (rule.url is None) is (not rule.command):
        yield Finding(
            path=(*here, "message", "transcribe"),
            message="either an address or a program turns messages into text",
            hint='write url = "http://…" or command = ["/usr/local/bin/…"]',
        )
