"""Where the nodes of an IVR lead: what is reached, and what goes round by itself. Pure."""

from collections.abc import Iterator

from config.findings import Path
from config.ivr import Ivr
from config.ivr_nodes import Branch, Collect, Lookup, Menu, Node, Say, SetTo, WhenOpen

Lead = tuple[Path, str]
"""The key in the node, and the node it names."""


def leads(node: Node) -> Iterator[Lead]:
    """Every node that this one may lead to."""
    yield from by_itself(node)
    match node:
        case Menu():
            yield from ((("keys", key), name) for key, name in node.keys.items())
        case Collect():
            yield ("next",), node.next
        case _:
            pass


def by_itself(node: Node) -> Iterator[Lead]:
    """Those it may lead to though the caller keys nothing, or nothing right."""
    match node:
        case Say() | SetTo():
            yield ("next",), node.next
        case Menu() | Collect():
            yield ("no_input",), node.no_input
            yield ("on_invalid",), node.on_invalid
        case Lookup():
            yield ("found",), node.found
            yield ("not_found",), node.not_found
            yield ("failed",), node.failed
        case Branch():
            yield from ((("cases", value), name) for value, name in node.cases.items())
            yield ("otherwise",), node.otherwise
        case WhenOpen():
            yield ("open",), node.open
            yield ("closed",), node.closed
        case _:
            pass


def reached(ivr: Ivr) -> frozenset[str]:
    """The nodes that callers can come to; all names must be known."""
    found, new = {ivr.start}, [ivr.start]
    while new:
        for _, name in leads(ivr.nodes[new.pop()]):
            if name not in found:
                found.add(name)
                new.append(name)
    return frozenset(found)


def loops(ivr: Ivr) -> list[tuple[str, ...]]:
    """Circles that need nothing of the caller, each told once; all names must be known."""
    after = {name: [target for _, target in by_itself(node)] for name, node in ivr.nodes.items()}
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in after:
        if start not in done:
            _walk(start, after, done, found)
    return found


def _walk(start: str, after: dict[str, list[str]], done: set[str], found: list[tuple[str, ...]]) -> None:
    """Depth first, without recursion: an IVR may have more nodes than Python has frames."""
    way, ways = [start], [iter(after[start])]
    while way:
        target = next(ways[-1], None)
        if target is None:
            done.add(way.pop())
            ways.pop()
        elif target in way:
            found.append(tuple(way[way.index(target) :]))
        elif target not in done:
            way.append(target)
            ways.append(iter(after[target]))
