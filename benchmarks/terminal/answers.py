"""What a terminal answers: a modern one, that knows synchronized output, reports of its size and the kitty keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

_QUESTION = re.compile(
    rb"\x1b\[(?P<private>[?>=]?)(?P<numbers>[0-9;]*)(?P<dollar>\$?)(?P<final>[cnpqut])"
    rb"|\x1b\](?P<colour>1[012]);\?(?:\x07|\x1b\\)"
    rb"|\x1b\[\?(?P<modes>[0-9;]+)(?P<set>[hl])"
)
_LONGEST = 24
_KNOWN = frozenset((25, 1000, 1002, 1003, 1004, 1006, 1049, 2004, 2026, 2048))
# what a program has to leave as it found it
_AT_REST = {1049: False, 1047: False, 47: False, 1000: False, 1002: False, 1003: False, 1004: False, 1006: False}
_AT_REST |= {2004: False, 2048: False, 25: True}


class Answers:
    """``to`` gives the replies to what a program wrote, and remembers the modes that it set.

    ``cursor`` tells row and column from 1; what has not been drawn yet does not move it.
    """

    def __init__(self, columns: int, rows: int, cursor: Callable[[], tuple[int, int]]) -> None:
        self._columns, self._rows, self._cursor = columns, rows, cursor
        self._modes: dict[int, bool] = {}
        self._kitty = 0
        self._tail = b""

    def to(self, data: bytes) -> bytes:
        text = self._tail + data
        replies, end = b"", 0
        for found in _QUESTION.finditer(text):
            end = found.end()
            replies += self._reply(found).encode()
        rest = text[max(end, len(text) - _LONGEST) :]
        escape = rest.rfind(b"\x1b")
        self._tail = rest[escape:] if escape >= 0 else b""
        return replies

    def _reply(self, found: re.Match[bytes]) -> str:
        if found["modes"]:
            return self._mode(found)
        if found["colour"]:
            colour = "cccc/cccc/cccc" if found["colour"] == b"10" else "1010/1010/1010"
            return f"\x1b]{found['colour'].decode()};rgb:{colour}\x1b\\"
        private, numbers, final = found["private"].decode(), found["numbers"].decode(), found["final"].decode()
        row, column = self._cursor()
        # kitty keyboard: pushed and popped, and asked for
        if final == "u":
            self._kitty += {">": 1}.get(private, 0)
            return "\x1b[?0u" if private == "?" else ""
        if final == "p" and found["dollar"] and private == "?":
            mode = int(numbers or 0)
            return f"\x1b[?{mode};{(1 if self._modes.get(mode) else 2) if mode in _KNOWN else 0}$y"
        fixed = {
            "c": "\x1b[?62;22c",
            "0c": "\x1b[?62;22c",
            ">c": "\x1b[>41;370;0c",
            ">0c": "\x1b[>41;370;0c",
            "5n": "\x1b[0n",
            "6n": f"\x1b[{row};{column}R",
            ">q": "\x1bP>|perftui-meter(1)\x1b\\",
            ">0q": "\x1bP>|perftui-meter(1)\x1b\\",
            "18t": f"\x1b[8;{self._rows};{self._columns}t",
            "14t": f"\x1b[4;{self._rows * 16};{self._columns * 8}t",
            "16t": "\x1b[6;16;8t",
        }
        return fixed.get(f"{private}{numbers}{final}", "")

    def _mode(self, found: re.Match[bytes]) -> str:
        for number in map(int, filter(None, found["modes"].split(b";"))):
            self._modes[number] = found["set"] == b"h"
        if found["modes"] == b"2048" and found["set"] == b"h":
            return f"\x1b[48;{self._rows};{self._columns};{self._rows * 16};{self._columns * 8}t"
        return ""

    def left_on(self) -> list[str]:
        """The modes that are not as they were before the program started; empty is good."""
        return [
            f"mode {mode} is {'on' if self._modes[mode] else 'off'}"
            for mode, rest in _AT_REST.items()
            if self._modes.get(mode, rest) != rest
        ]
