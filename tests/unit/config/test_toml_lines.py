"""The scanner finds the same keys as the parser, each on the line where it stands."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.toml_lines import key_lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TEXT = '''# a comment with [brackets] and "quotes"
title = "a # no comment"
[intervals]   # here
host = "1s"
"quoted.key" = 'x'
[panels.cpu]
series = [
  "a",   # one
  "b",
]
limits = { watch = 0.5, "bad" = 0.9 }
text = """
[not.a.table]
x = 1
"""
[[rows]]
a.b.c = 1
[[rows]]
a = [[1, 2], [3]]
when = 2026-11-20T12:00:00Z
number = 1.5e3
'''


def test_keys_are_found_on_their_lines() -> None:
    lines = key_lines(_TEXT)

    assert lines[("title",)] == 2
    assert lines[("intervals",)] == 3
    assert lines[("intervals", "quoted.key")] == 5
    assert lines[("panels", "cpu", "series", 1)] == 9
    assert lines[("panels", "cpu", "limits", "bad")] == 11
    assert lines[("rows", 0, "a", "b", "c")] == 17
    assert lines[("rows", 1, "a", 1, 0)] == 19
    assert lines[("rows", 1, "number")] == 21


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return {(*above, key) for key in value} | {
            path for key, item in value.items() for path in _paths(item, (*above, key))
        }
    if isinstance(value, list):
        return {path for index, item in enumerate(value) for path in _paths(item, (*above, index))}
    return set()


def test_it_finds_every_key_that_the_parser_finds() -> None:
    assert _paths(tomllib.loads(_TEXT)) <= set(key_lines(_TEXT))


_KEYS = st.text("abc.-_ #\"'[]=", min_size=1, max_size=6)
_STRINGS = st.text("ab\"'\\#[]{}=,\n", max_size=8)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@settings(max_examples=100)
@given(st.dictionaries(_KEYS, st.dictionaries(_KEYS, _STRINGS, max_size=4), max_size=4))
def test_whatever_the_parser_takes_the_scanner_follows(document: dict[str, dict[str, str]]) -> None:
    lines: list[str] = []
    wanted: dict[tuple[str, ...], int] = {}
    for table, pairs in document.items():
        lines.append(f"[{_quoted(table)}]")
        wanted[(table,)] = len(lines)
        for key, value in pairs.items():
            lines.append(f"{_quoted(key)} = {_quoted(value)}")
            wanted[(table, key)] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == document

    found = key_lines(text)

    assert {path: found.get(path) for path in wanted} == wanted


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_at_all_is_scanned_to_its_end(text: str) -> None:
    assert isinstance(key_lines(text), dict)
