"""What no single node of an IVR can show: where it leads, what it never reaches, loops, variables, secrets. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from config.findings import Finding, Path, did_you_mean, quoted
from config.ivr import Ivr
from config.ivr_graph import leads, loops, reached
from config.ivr_nodes import (
    Branch,
    Collect,
    Lookup,
    Menu,
    Node,
    Say,
    SetTo,
    ToQueue,
    WhenOpen,
)
from config.ivr_values import GIVEN, bound, split, stray, used

_Found = Iterator[Finding]


class Known(Struct, frozen=True):
    """Names that stand elsewhere in the files; None: that file was not readable."""

    queues: frozenset[str] | None
    skills: frozenset[str] | None


def findings(ivrs: Mapping[str, Ivr], known: Known, *, whole: bool) -> _Found:
    """All that is wrong with the dialogues. `whole`: everything could be read, so absence means something."""
    for name, ivr in ivrs.items():
        here: Path = ("ivr", name)
        yield from _queue((*here, "fallback"), ivr.fallback, known)
        yield from _given_secrets((*here, "variables"), ivr)
        for node_name, node in ivr.nodes.items():
            at = (*here, "nodes", node_name)
            yield from _node(at, node, known)
            yield from _variables(at, node, ivr)
        if whole:
            yield from _paths(here, ivr)


# ---------------------------------------------------------------- where it leads


def _paths(here: Path, ivr: Ivr) -> _Found:
    broken = list(_unknown(here, ivr))
    yield from broken
    if broken:
        return
    at_hand = reached(ivr)
    for name in ivr.nodes:
        if name not in at_hand:
            hint = "let a node lead to it, or remove it"
            yield Finding(path=(*here, "nodes", name), message="no caller can reach this node", hint=hint)
    for loop in loops(ivr):
        yield Finding(
            path=(*here, "nodes", loop[0]),
            message=f"goes round without the caller doing anything: {' -> '.join((*loop, loop[0]))}",
            hint="let one of them lead to a queue, an extension or hangup",
        )


def _unknown(here: Path, ivr: Ivr) -> _Found:
    if ivr.start not in ivr.nodes:
        yield _no_node((*here, "start"), ivr.start, ivr)
    for name, node in ivr.nodes.items():
        for path, target in leads(node):
            if target not in ivr.nodes:
                yield _no_node((*here, "nodes", name, *path), target, ivr)


def _no_node(path: Path, name: str, ivr: Ivr) -> Finding:
    hint = did_you_mean(name, ivr.nodes) or f"declare it: [{path[0]}.{path[1]}.nodes.{name}]"
    return Finding(path=path, message=f"unknown node {quoted(name)}", hint=hint)


# ---------------------------------------------------------------- what stands in a node


def _node(at: Path, node: Node, known: Known) -> _Found:
    for key in ("prompts", "wrong"):
        yield from _outside((*at, key), getattr(node, key, ()))
    match node:
        case Say():
            if not node.prompts and node.number is None and node.spell is None:
                yield Finding(path=at, message="says nothing", hint='write prompts = ["site/welcome"]')
        case Menu():
            yield from _empty((*at, "keys"), node.keys, 'write keys = { 1 = "sales" }')
            yield from _empty((*at, "prompts"), node.prompts, 'write prompts = ["site/menu"]')
        case Collect():
            yield from _empty((*at, "prompts"), node.prompts, 'write prompts = ["site/number"]')
            yield from _bounds(at, node)
        case Lookup():
            yield from _asked(at, node)
        case Branch():
            yield from _empty((*at, "cases"), node.cases, 'write cases = { gold = "vip" }')
        case WhenOpen():
            yield from _queue((*at, "queue"), node.queue, known)
        case ToQueue():
            yield from _queue((*at, "queue"), node.queue, known)
            yield from _parameters((*at, "parameters"), node, known)
        case _:
            pass


def _outside(path: Path, sounds: Iterable[str]) -> _Found:
    for place, sound in enumerate(sounds):
        if not sound:
            yield Finding(path=(*path, place), message="an empty name of a sound", hint="remove it")
        if sound.startswith("/") or ".." in sound.split("/"):
            yield Finding(
                path=(*path, place),
                message=f"{quoted(sound)} would be outside of Asterisk's sounds",
                hint="name a sound without a leading / and without ..",
            )


def _empty(path: Path, value: object, hint: str) -> _Found:
    if not value:
        yield Finding(path=path, message="expected at least one, got none", hint=hint)


def _queue(path: Path, name: str | None, known: Known) -> _Found:
    if name is not None and known.queues is not None and name not in known.queues:
        hint = did_you_mean(name, known.queues) or f"declare it in queues.toml: [queues.{name}]"
        yield Finding(path=path, message=f"unknown queue {quoted(name)}", hint=hint)


def _bounds(at: Path, node: Collect) -> _Found:
    if node.least > node.most:
        yield Finding(path=(*at, "least"), message=f"{node.least} is more than most, {node.most}")
    low, high = node.lowest, node.highest
    if low is not None and high is not None and low > high:
        yield Finding(path=(*at, "lowest"), message=f"{low} is more than highest, {high}")
    if node.into in GIVEN:
        yield Finding(
            path=(*at, "into"), message=f"{quoted(node.into)} is given by the call: take another name"
        )


def _asked(at: Path, node: Lookup) -> _Found:
    if (node.url is None) is (not node.database):
        hint = 'write url = "http://…", or database = "/…" and query = "SELECT …"'
        yield Finding(path=at, message="asks nobody, or two at once", hint=hint)
    if bool(node.database) is not bool(node.query):
        yield Finding(path=(*at, "query"), message="database and query belong together")
    if node.send and node.url is None:
        yield Finding(
            path=(*at, "send"), message="is for HTTP: in SQL a variable stands as :variable in query"
        )
    if node.authorization and (node.url is None or not node.authorization.reveal().isascii()):
        message = "is a header of HTTP, in ASCII"
        yield Finding(path=(*at, "authorization"), message=message, hint='write "Bearer …" and url')
    if node.url is not None and "{" in "/".join(node.url.split("/", 3)[:3]):
        hint = "variables may stand behind the first / of the path"
        yield Finding(path=(*at, "url"), message="the host must not depend on the call", hint=hint)
    for name in node.answer:
        if name in GIVEN:
            yield Finding(path=(*at, "answer", name), message=f"{quoted(name)} is given by the call")


def _parameters(path: Path, node: ToQueue, known: Known) -> _Found:
    if "credit" in node.parameters:
        hint = "credit = true of the ivr counts the time in the dialogue"
        yield Finding(path=(*path, "credit"), message="is given by the dialogue itself", hint=hint)
    if node.priority is not None and "priority" in node.parameters:
        yield Finding(path=(*path, "priority"), message="stands in priority already: write it once")
    for name in node.parameters:
        skill = name.removeprefix("need-")
        if skill != name and known.skills is not None and skill not in known.skills:
            hint = did_you_mean(skill, known.skills) or f"declare it in skills.toml: [skills.{skill}]"
            yield Finding(path=(*path, name), message=f"unknown skill {quoted(skill)}", hint=hint)


# ---------------------------------------------------------------- variables


def declared(ivr: Ivr) -> frozenset[str]:
    """Every variable that something gives a value."""
    found = {*GIVEN, *ivr.variables}
    for node in ivr.nodes.values():
        match node:
            case Collect():
                found.add(node.into)
            case Lookup():
                found.update(node.answer)
            case SetTo():
                found.update(node.variables)
            case _:
                pass
    return frozenset(found)


def secrets(ivr: Ivr) -> frozenset[str]:
    """Variables that must never be shown."""
    collects = (node for node in ivr.nodes.values() if isinstance(node, Collect))
    return frozenset(node.into for node in collects if node.secret)


def _given_secrets(path: Path, ivr: Ivr) -> _Found:
    for name in ivr.variables:
        if name in secrets(ivr):
            hint = "remove it: collect gives it its value"
            yield Finding(
                path=(*path, name), message=f"{quoted(name)} is secret: no address may bring it", hint=hint
            )
        elif name in GIVEN:
            yield Finding(path=(*path, name), message=f"{quoted(name)} is given by the call")


def _variables(at: Path, node: Node, ivr: Ivr) -> _Found:
    names, hidden = declared(ivr), secrets(ivr)
    for key, text in _texts(node):
        if stray(text):
            hint = "a variable stands as {name}; other braces can't be written"
            yield Finding(path=(*at, *key), message="a brace that belongs to no variable", hint=hint)
    for key, name, shows in _uses(node):
        if name not in names:
            hint = did_you_mean(name, names) or "give it a value in variables, collect, set or answer"
            yield Finding(path=(*at, *key), message=f"unknown variable {quoted(name)}", hint=hint)
        elif shows and name in hidden:
            hint = "only send and query of a look-up and the variable of a branch may use it"
            yield Finding(
                path=(*at, *key), message=f"{quoted(name)} is secret and would be shown here", hint=hint
            )
    if isinstance(node, Collect) and not node.secret and node.into in hidden:
        message = f"{quoted(node.into)} is secret elsewhere and would be told here"
        yield Finding(path=(*at, "into"), message=message, hint="write secret = true, or take another name")
    if isinstance(node, SetTo):
        yield from (
            Finding(
                path=(*at, "variables", name), message=f"{quoted(name)} is given by the call", hint=_LANGUAGE
            )
            for name in node.variables
            if name in GIVEN
        )


_LANGUAGE: Final = "the language is changed by language"


def _texts(node: Node) -> Iterator[tuple[Path, str]]:
    match node:
        case Lookup(url=str(url)):
            yield ("url",), url
        case SetTo():
            yield from ((("variables", name), text) for name, text in node.variables.items())
        case ToQueue():
            yield from ((("parameters", name), text) for name, text in node.parameters.items())
        case _:
            pass


def _uses(node: Node) -> Iterator[tuple[Path, str, bool]]:
    """Where a node uses which variable, and whether that shows it."""
    yield from ((key, name, True) for key, text in _texts(node) for name in used(text))
    match node:
        case Say():
            yield from ((("number",), name, True) for name in (node.number,) if name is not None)
            yield from ((("spell",), name, True) for name in (node.spell,) if name is not None)
        case Lookup():
            yield from ((("send", place), name, False) for place, name in enumerate(node.send))
            yield from ((("query",), name, False) for name in bound(node.query))
        case Branch():
            yield ("variable",), node.variable, False
        case _:
            pass


def asks_secrets(node: Lookup, ivr: Ivr) -> bool:
    """Whether a secret is part of the question."""
    asked = {*node.send, *bound(node.query), *split(node.url or "")[1::2]}
    return bool(asked & secrets(ivr))
