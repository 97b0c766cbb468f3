"""What a place in the schema expects, in an operator's words, and what to write instead of a usual mistake. Pure.

The words are derived from the types, so they cannot say less or more than msgspec checks.
"""

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec import inspect

from config.findings import did_you_mean, quoted, shown
from config.values import NAME_PATTERN, Duration, Endpoint, Network, Secret

_VALUES: Final[Mapping[type, type[Duration | Endpoint | Network | Secret]]] = {
    value: value for value in (Duration, Endpoint, Network, Secret)
}


def bare(type_: object) -> object:
    """Return the type without its annotations."""
    while typing.get_origin(type_) is typing.Annotated:
        type_ = typing.get_args(type_)[0]
    return type_


def layers(type_: object) -> Iterator[inspect.Type]:
    """Yield the type's annotations from the outside in, then the type itself; of "X or nothing" only X."""
    info = inspect.type_info(type_)
    while True:
        if isinstance(info, inspect.UnionType):
            info = next(x for x in info.types if not isinstance(x, inspect.NoneType))
            continue
        yield info
        if not isinstance(info, inspect.Metadata):
            return
        info = info.type


def extra(type_: object) -> Mapping[str, object]:
    """Return what the type's annotations say beyond msgspec: expects, at_least, at_most, private."""
    found: dict[str, object] = {}
    for layer in layers(type_):
        if isinstance(layer, inspect.Metadata):
            found = {**(layer.extra or {}), **found}
    return found


def is_expression(type_: object) -> bool:
    """Tell whether a text in that place is an expression of acd.core.expression."""
    return bool(extra(type_).get("expression"))


def limits(type_: object) -> tuple[Duration, Duration] | None:
    """Return the least and the greatest value of a Duration's place, None for other places."""
    said = extra(type_)
    if "at_most" not in said:
        return None
    return Duration.parse(str(said["at_least"])), Duration.parse(str(said["at_most"]))


def expected(type_: object, raw: object) -> str:
    """Return "expected …, got …"; where a secret may stand, what was written is not repeated."""
    said = extra(type_)
    got = "" if said.get("private") else f", got {shown(raw)}"
    return f"expected {_wanted(type_, said, raw)}{got}"


def _wanted(type_: object, said: Mapping[str, object], raw: object) -> str:
    if "expects" in said:
        return str(said["expects"])
    if "at_most" in said and isinstance(raw, str) and _readable(Duration.parse, raw):
        return f"a duration from {said['at_least']} to {said['at_most']}"
    *_, info = layers(type_)
    match info:
        case inspect.CustomType(cls=cls):
            return _VALUES[cls].expects
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number from {least:g} to {most:g}"
        case inspect.BoolType():
            return "true or false"
        case inspect.EnumType(cls=cls):
            return _choice([member.value for member in cls])
        case inspect.LiteralType(values=values):
            return _choice(list(values))
        case _:
            return "a text"


def _choice(values: list[object]) -> str:
    texts = [shown(value) for value in values]
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " or " + texts[-1]


def _readable(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- hints


def hint(type_: object, raw: object) -> str | None:
    """Return what to write instead, when the mistake is a usual one."""
    if extra(type_).get("private"):
        return None
    *_, info = layers(type_)
    if type(raw) is int:
        return _number_hint(info, raw)
    return _text_hint(info, raw) if isinstance(raw, str) else None


def _number_hint(info: inspect.Type, raw: int) -> str | None:
    if not 0 <= raw < 1_000_000:
        return None
    match info:
        case inspect.CustomType(cls=cls) if cls is Duration:
            return f'write "{raw}s"'
        case inspect.CustomType(cls=cls) if cls is Endpoint:
            return f'write "{raw}"'
        case inspect.StrType():
            return f'write "{raw}"'
        case _:
            return None


def _text_hint(info: inspect.Type, raw: str) -> str | None:
    match info:
        case inspect.BoolType() if raw.lower() in ("true", "false"):
            return f"write {raw.lower()} without quotes"
        case inspect.IntType() if _NUMBER.fullmatch(raw):
            return f"write {raw} without quotes"
        case inspect.EnumType(cls=cls):
            return did_you_mean(raw, [str(member.value) for member in cls])
        case inspect.StrType(pattern=pattern) if pattern == NAME_PATTERN:
            return _if(re.search(NAME_PATTERN, _as_name(raw)), _as_name(raw))
        case inspect.CustomType(cls=cls):
            likely = _LIKELY[cls](raw)
            return _if(likely != raw and _readable(_VALUES[cls].parse, likely), likely)
        case _:
            return None


_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")


def _if(good: object, text: str) -> str | None:
    return f"write {quoted(text)}" if good else None


def _as_name(raw: str) -> str:
    return raw.strip().lower().replace(" ", "-")


def _as_duration(raw: str) -> str:
    """Bare digits are seconds; blanks and capitals are dropped."""
    text = raw.replace(" ", "").lower()
    return text + "s" if text.isdecimal() else text


def _as_endpoint(raw: str) -> str:
    technology, slash, name = raw.strip().partition("/")
    return technology.upper() + slash + name if slash else technology


_LIKELY: Final[Mapping[type, Callable[[str], str]]] = {
    Duration: _as_duration,
    Endpoint: _as_endpoint,
    Network: Network.around,
}
