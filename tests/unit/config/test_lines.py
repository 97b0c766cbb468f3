"""Where a key stands, in every way TOML has to write one."""

import pytest

from config.findings import Path
from config.lines import Lines

pytestmark = pytest.mark.unit

TEXT = '''\
# a comment with [brackets] and key = 1
title = "it's # no comment"  # but this is
long = """
[not.a.table]
key = 1 \\"""
"""""
literal = \'\'\'
[not.a.table.either]\'\'\'
[a]
b.c = 1
"d.e" = 2
'f' . g = 3
list = [
  "[x]",  # ]
  { y = 1 },
]
inline = { z = 1, w = { v = 2 } }
[a."q\\u0041"]
x = 1
[[t]]
name = "one"
[t.sub]
k = 1
[[t]]
name = "two"
[[t.inner]]
[[t.inner]]
deep = 1
[late.parent.child]
[late.parent]
y = 2'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("long",), 3),
        (("not",), None),
        (("literal",), 7),
        (("a",), 9),
        (("a", "b", "c"), 10),
        (("a", "b"), 10),
        (("a", "d.e"), 11),
        (("a", "f", "g"), 12),
        (("a", "list", 1, "y"), 13),
        (("a", "inline", "w", "v"), 17),
        (("a", "missing"), 9),
        (("a", "qA", "x"), 19),
        (("t",), 20),
        (("t", 0, "name"), 21),
        (("t", 0, "sub", "k"), 23),
        (("t", 1, "name"), 25),
        (("t", 1, "inner", 0), 26),
        (("t", 1, "inner", 1, "deep"), 28),
        (("late", "parent"), 29),
        (("late", "parent", "y"), 31),
        ((), None),
    ],
)
def test_a_path_is_found_or_what_is_around_it(path: Path, line: int | None) -> None:
    assert Lines(TEXT).find(path) == line


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("a = 1\n\na = 2", (("a",), 1, 3)),
        ("[x]\ny.z = 1\n[x]", (("x",), 1, 3)),
        ("[x.y]\n[x]", None),
        ("[[x]]\na = 1\n[[x]]\na = 1", None),
    ],
)
def test_what_is_written_twice_is_known_by_both_lines(
    text: str, repeated: tuple[Path, int, int] | None
) -> None:
    assert Lines(text).repeated == repeated


@pytest.mark.parametrize(
    "text", ["a. = 1", "= 1", '"\\x" = 1', 'x = "open\ny = 1', "[", "[[", "]", "x = [", '"""']
)
def test_a_text_that_is_no_toml_only_hides_places(text: str) -> None:
    assert Lines(text + "\nlast = 1").find(("other",)) is None
