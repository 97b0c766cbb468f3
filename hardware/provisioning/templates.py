"""Texts with `$placeholders` that become files; a site may bring its own. A broken one is refused before any is filled."""

import string
from collections.abc import Iterable, Mapping
from typing import Final
from xml.parsers import expat

SHOWN: Final = 40


class TemplateError(ValueError):
    """A template that can't be filled; the text is `file:line: what is wrong, what to do`."""


def checked(file: str, text: str, known: Iterable[str]) -> string.Template:
    """Return the template; raise TemplateError for a placeholder that is malformed or unknown, the first of them."""
    names = frozenset(known)
    for found in string.Template.pattern.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["invalid"] is not None:
            here = text[found.start() :].split("\n", 1)[0][:SHOWN]
            raise TemplateError(
                f"{file}:{line}: no placeholder: {here!a}; write $name or ${{name}}, and $$ for a dollar sign"
            )
        name = found["named"] or found["braced"]
        if name is not None and name not in names:
            raise TemplateError(
                f"{file}:{line}: unknown placeholder ${name}; known: {', '.join(sorted(names))}"
            )
    return string.Template(text)


def fill(template: string.Template, values: Mapping[str, str]) -> str:
    """Put escaped values in. A value is never read as a template again."""
    return template.substitute(values)


def check_xml(file: str, text: str) -> None:
    """Raise TemplateError when the text is no XML; only a template can be the reason, as values are escaped."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(text, True)
    except expat.ExpatError as wrong:
        reason = expat.ErrorString(wrong.code)
        raise TemplateError(f"{file}:{wrong.lineno}: no XML once filled: {reason}; mend this line") from None
