"""How a text is written so that each format reads back that text and nothing else."""

import html
from typing import Final

_CALLER: Final = str.maketrans({'"': "'", "\\": "/", "<": "(", ">": ")"})


def asterisk(text: str) -> str:
    """A value in Asterisk's configuration: a semicolon would begin a comment. Line ends are refused before."""
    return text.replace(";", r"\;")


def caller(text: str) -> str:
    """A name inside the quotes of `callerid="name" <number>`, which knows no escapes on its way to the phone."""
    return asterisk(text.translate(_CALLER))


def xml(text: str) -> str:
    """Text or a quoted attribute of XML."""
    return html.escape(text, quote=True)


def yealink(text: str) -> str:
    """A value of Yealink's `key = value`; at the line's end, so that nothing in it has a meaning but %NULL% and %EMPTY%."""
    return text.replace("%NULL%", "NULL").replace("%EMPTY%", "EMPTY").strip()
