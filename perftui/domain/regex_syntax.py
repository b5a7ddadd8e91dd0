"""Reads regular expressions in the syntax of RE2, which Alertmanager's matchers are written in, into a small tree.

Python's own ``re`` knows another syntax, and its matching can take for ever (``(a+)+b``): what is read here is matched
by ``domain.regex`` in time that is linear in the text. Syntax: https://github.com/google/re2/wiki/Syntax, without \\p.
"""

from __future__ import annotations

from typing import NamedTuple

LONGEST = 1000
_DEEPEST = 50
_MOST_REPEATS = 1000
_LAST = 0x10FFFF
_DIGIT, _SPACE, _WORD = ((48, 57),), ((9, 10), (12, 13), (32, 32)), ((48, 57), (65, 90), (95, 95), (97, 122))
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_POSIX = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)), "digit": _DIGIT, "graph": ((33, 126),),
    "lower": ((97, 122),), "print": ((32, 126),), "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)), "upper": ((65, 90),), "word": _WORD, "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_ANCHORS = {"A": "start", "z": "end", "b": "word", "B": "inside"}
Ranges = tuple[tuple[int, int], ...]


class Chars(NamedTuple):
    """One character out of these ranges of code points, or none of them; ``fold`` ignores case."""

    ranges: Ranges
    negated: bool = False
    fold: bool = False

    def takes(self, char: str) -> bool:
        found = self._has(char)
        if self.fold and not found:
            found = any(self._has(other) for other in (char.lower(), char.upper()) if len(other) == 1)
        return found is not self.negated

    def _has(self, char: str) -> bool:
        code = ord(char)
        return any(low <= code <= high for low, high in self.ranges)


class Anchor(NamedTuple):
    """``start`` and ``end`` of the text, ``line_start`` and ``line_end``, a ``word`` boundary or ``inside`` of none."""

    kind: str


class Many(NamedTuple):
    """``most`` None: any number."""

    node: Node
    least: int
    most: int | None


class Row(NamedTuple):
    """One after the other."""

    nodes: tuple[Node, ...]


class Either(NamedTuple):
    """One of them."""

    nodes: tuple[Node, ...]


Node = Chars | Anchor | Many | Row | Either


class _Flags(NamedTuple):
    fold: bool = False
    lines: bool = False
    dot_all: bool = False


def read(pattern: str) -> Node:
    """The tree of an expression. Raises ValueError in words."""
    if len(pattern) > LONGEST:
        raise ValueError(f"a regular expression has at most {LONGEST} characters, this has {len(pattern)}")
    reader = _Reader(pattern)
    node = reader.either(_Flags(), 0)
    if reader.at < len(pattern):
        raise reader.wrong("there is a ) without a (")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self.at = text, 0

    def wrong(self, why: str) -> ValueError:
        return ValueError(f"{why} (at character {self.at + 1} of the regular expression)")

    def _peek(self) -> str:
        return self._text[self.at : self.at + 1]

    def _take(self) -> str:
        char = self._peek()
        self.at += 1
        return char

    def _skip(self, text: str) -> bool:
        found = self._text.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def either(self, flags: _Flags, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.wrong("too many ( inside of each other")
        found, row = [], list[Node]()
        while True:
            if self._skip("|"):
                found.append(_row(row))
                row = []
            elif self._peek() in ("", ")"):
                found.append(_row(row))
                return found[0] if len(found) == 1 else Either(tuple(found))
            elif self._skip("(?"):
                flags, group = self._special_group(flags, depth)
                row += [] if group is None else [self._repeated(group)]
            elif self._skip("\\Q"):
                row += self._quoted(flags)
            else:
                row.append(self._repeated(self._atom(flags, depth)))

    def _special_group(self, flags: _Flags, depth: int) -> tuple[_Flags, Node | None]:
        """What stands behind ``(?``: flags from here on, or a group that is not counted, has flags or a name."""
        if self._skip("P<") or (self._peek() == "<" and self._text[self.at + 1 : self.at + 2] not in ("=", "!")):
            end = self._text.find(">", self.at)
            if end < 0:
                raise self.wrong("the name of a group does not end")
            self.at = end + 1
            return flags, self._group(flags, depth)
        if self._peek() in ("=", "!", "<"):
            raise self.wrong("looking ahead and behind is not part of RE2")
        inner, on = flags, True
        while True:
            char = self._take()
            if char in (")", ":"):
                return (inner, None) if char == ")" else (flags, self._group(inner, depth))
            if char == "-" and on:
                on = False
            elif char in ("i", "m", "s", "U"):  # U only changes which match is preferred
                inner = inner._replace(**{"i": {"fold": on}, "m": {"lines": on}, "s": {"dot_all": on}}.get(char, {}))
            else:
                raise self.wrong("after (? stands a flag (i, m, s, U), : or P<name>")

    def _group(self, flags: _Flags, depth: int) -> Node:
        node = self.either(flags, depth + 1)
        if not self._skip(")"):
            raise self.wrong("a ( has no )")
        return node

    def _atom(self, flags: _Flags, depth: int) -> Node:
        char = self._take()
        if char == "(":
            return self._group(flags, depth)
        if char == "[":
            return self._class(flags)
        if char == ".":
            return Chars(() if flags.dot_all else ((10, 10),), negated=True)
        if char in "^$":
            return Anchor(("line_" if flags.lines else "") + ("start" if char == "^" else "end"))
        if char in "*+?":
            self.at -= 1
            raise self.wrong(f"before {char} stands nothing that it could repeat")
        return self._escaped(flags) if char == "\\" else _one(ord(char), flags)

    def _repeated(self, node: Node) -> Node:
        again = False
        while (bounds := self._quantifier()) is not None:
            if again:
                raise self.wrong("what is repeated is repeated again: use ( )")
            node, again = Many(node, *bounds), True
            self._skip("?")
        return node

    def _quantifier(self) -> tuple[int, int | None] | None:
        plain: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        char = self._peek()
        if char in plain:
            self.at += 1
            return plain[char]
        end = self._text.find("}", self.at)
        least, comma, most = self._text[self.at + 1 : end].partition(",")
        counted = char == "{" and end > 0 and _is_number(least) and (not most or _is_number(most))
        if not counted:
            return None  # as in RE2, a { that counts nothing is a character
        low, high = int(least), int(most) if most else None if comma else int(least)
        if low > _MOST_REPEATS or (high is not None and not low <= high <= _MOST_REPEATS):
            raise self.wrong(f"a count goes up, and to {_MOST_REPEATS}")
        self.at = end + 1
        return low, high

    def _quoted(self, flags: _Flags) -> list[Node]:
        """Characters up to ``\\E``; what is counted behind it is the last of them."""
        end = self._text.find("\\E", self.at)
        text = self._text[self.at : end] if end >= 0 else self._text[self.at :]
        self.at = end + 2 if end >= 0 else len(self._text)
        chars: list[Node] = [_one(ord(char), flags) for char in text]
        return [*chars[:-1], self._repeated(chars[-1])] if chars else []

    def _escaped(self, flags: _Flags) -> Node:
        char = self._peek()
        if char in _ANCHORS:
            self.at += 1
            return Anchor(_ANCHORS[char])
        perl = _PERL.get(char.lower()) if char else None
        if perl is not None:
            self.at += 1
            return Chars(perl, negated=char.isupper(), fold=flags.fold)
        return _one(self._code(), flags)

    def _code(self) -> int:
        """The character that is written behind a backslash."""
        char = self._take()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "x":
            return self._hexadecimal()
        if char == "0" or (char in "1234567" and char and self._peek() in tuple("01234567")):
            digits = char
            while len(digits) < 3 and self._peek() in tuple("01234567"):
                digits += self._take()
            return int(digits, 8)
        if not char:
            raise self.wrong("behind the last backslash stands nothing")
        if char.isascii() and char.isalnum():
            self.at -= 1
            raise self.wrong(f"\\{char} is not understood")
        return ord(char)

    def _hexadecimal(self) -> int:
        if self._skip("{"):
            end = self._text.find("}", self.at)
            digits = self._text[self.at : end] if end >= 0 else ""
            self.at = end + 1
        else:
            digits = self._text[self.at : self.at + 2]
            self.at += 2
        try:
            code = int(digits, 16)
        except ValueError:
            code = -1
        if not digits.isalnum() or not 0 <= code <= _LAST:
            raise self.wrong("behind \\x stand two digits, or a code point in { }")
        return code

    def _class(self, flags: _Flags) -> Node:
        negated, ranges, first = self._skip("^"), list[tuple[int, int]](), True
        while first or self._peek() != "]":
            first = False
            if not self._peek():
                raise self.wrong("a [ has no ]")
            named = self._named_class()
            if named is not None:
                ranges += named
                continue
            low = self._class_char()
            high = low
            if self._peek() == "-" and self._text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._class_char()
            if high < low:
                raise self.wrong("a range in [ ] goes up")
            ranges.append((low, high))
        self.at += 1
        return Chars(tuple(ranges), negated, flags.fold)

    def _class_char(self) -> int:
        char = self._take()
        return self._code() if char == "\\" else ord(char)

    def _named_class(self) -> Ranges | None:
        """The ranges of ``[:alpha:]`` or ``\\d``, when one stands here."""
        end = self._text.find(":]", self.at)
        if self._text.startswith("[:", self.at) and end > 0:
            name = self._text[self.at + 2 : end]
            found = _POSIX.get(name.removeprefix("^"))
            if found is None:
                raise self.wrong(f"[:{name}:] is not known")
            self.at = end + 2
            return _others(found) if name.startswith("^") else found
        char = self._text[self.at + 1 : self.at + 2]
        if self._peek() != "\\" or char.lower() not in _PERL:
            return None
        self.at += 2
        return _others(_PERL[char.lower()]) if char.isupper() else _PERL[char.lower()]


def _one(code: int, flags: _Flags) -> Chars:
    return Chars(((code, code),), fold=flags.fold)


def _row(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Row(tuple(nodes))


def _others(ranges: Ranges) -> Ranges:
    """All code points outside of sorted ranges."""
    starts = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), _LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
