"""Finds the line on which a key of a TOML text stands: the parser of the standard library does not tell.

It is only asked about texts that parsed, so it follows keys, strings and brackets and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'  # multi-line basic string
    r"|'''.*?'{3,5}"  # multi-line literal string
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|\n"
    r"|[\[\]{},=.]"
    r"|[^\s\[\]{},=.#\"']+"
    r"|[ \t\r]+",
    re.S,
)


def key_lines(text: str) -> dict[Path, int]:
    """Line numbers from 1, by path: keys, tables, and elements of arrays by their index."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while (token := self._peek()) is not None:
            if token[0] == "\n":
                self._at += 1
            elif token[0] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _peek(self) -> tuple[str, int] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _header(self) -> Path:
        line = self._tokens[self._at][1]
        self._at += 1
        following = self._peek()
        array = following is not None and following[0] == "["
        self._at += array
        path = self._resolved(self._dotted(), array)
        while (token := self._peek()) is not None and token[0] != "\n":
            self._at += 1
        self._note(path, line)
        return path

    def _resolved(self, keys: list[str], array: bool) -> Path:
        """The path of a header, with the index of the newest element wherever it leads through arrays of tables."""
        path: Path = ()
        for index, key in enumerate(keys):
            path += (key,)
            if array and index == len(keys) - 1:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path += (self._counts[path],)
        return path

    def _dotted(self) -> list[str]:
        keys = []
        while (token := self._peek()) is not None:
            text = token[0]
            if text == ".":
                self._at += 1
            elif text in ("=", "]", "\n", "[", "{", ","):
                break
            else:
                keys.append(_unquoted(text))
                self._at += 1
        return keys

    def _pair(self, table: Path) -> None:
        token = self._tokens[self._at]
        path = table + tuple(self._dotted())
        self._note(path, token[1])
        following = self._peek()
        if following is not None and following[0] == "=":
            self._at += 1
            self._value(path)
        elif following is not None and following == token:
            self._at += 1  # nothing was taken: go on rather than turn in a circle

    def _value(self, path: Path) -> None:
        token = self._peek()
        if token is None:
            return
        if token[0] == "[":
            self._array(path)
        elif token[0] == "{":
            self._inline_table(path)
        else:
            # a plain value ends at the line's end, a comma or a closing bracket; dates and floats hold dots
            while (token := self._peek()) is not None and token[0] not in ("\n", ",", "]", "}"):
                self._at += 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while (token := self._peek()) is not None:
            if token[0] == "]":
                self._at += 1
                return
            if token[0] in ("\n", ","):
                self._at += 1
                continue
            self._note((*path, index), token[1])
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while (token := self._peek()) is not None:
            if token[0] == "}":
                self._at += 1
                return
            if token[0] in (",", "\n"):
                self._at += 1
                continue
            self._pair(path)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        token = match[0]
        if not token.startswith("#") and token.strip(" \t\r"):
            yield token, line
        line += token.count("\n")


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_escaped, text[1:-1])
    return text


_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else _SHORT.get(code, code)
