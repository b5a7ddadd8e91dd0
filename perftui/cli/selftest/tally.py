"""Counts what passes between a console and its terminal: bytes, pictures, and how long each took from end to end."""

from __future__ import annotations

import re
import zlib
from collections import deque

from perftui.tui.driver.pacing import ASK

_ASK = ASK.encode()
_CURSOR = re.compile(rb"\x1b\[\d{1,5};\d{1,5}R")
# pieces that are closer to each other are one picture
_APART_S = 0.008


class Tally:
    """Times are seconds of one monotonic clock, handed in. Compression is that of ssh: zlib 6, each piece flushed.

    ``answers``: this terminal is known to answer questions for its cursor.
    """

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers
        self.bytes = self.pictures = self.compressed = 0
        self.delays: list[float] = []
        self.asked: deque[float] = deque()
        self.wrote_at = self.answered_at = float("-inf")
        self._picture_at = float("-inf")
        self._zlib = zlib.compressobj(6)

    @property
    def waits(self) -> bool:
        """Whether an answer is on its way."""
        return self._answers and bool(self.asked)

    def slowest_s(self, now: float) -> float:
        """The longest that an answer took, or takes until now."""
        return max([*self.delays, *(now - at for at in self.asked)], default=0.0)

    def wrote(self, data: bytes, now: float) -> None:
        """The console wrote this."""
        if now - self.wrote_at > _APART_S:
            self.pictures += 1
            self._picture_at = now
        self.wrote_at = now
        self.bytes += len(data)
        self.compressed += len(self._zlib.compress(data)) + len(self._zlib.flush(zlib.Z_SYNC_FLUSH))
        self.asked.extend([self._picture_at] * data.count(_ASK))

    def came(self, data: bytes, now: float) -> None:
        """The terminal sent this."""
        for _ in _CURSOR.finditer(data):
            if self.asked:
                self.delays.append(now - self.asked.popleft())
                self.answered_at = now


# cursor, modes, attributes, sizes and keyboard; strings such as names and colours
_REPORT = re.compile(
    rb"\x1b\[\d{1,5};\d{1,5}R|\x1b\[\?[\d;]*(?:\$y|[cuRn])|\x1b\[>[\d;]*c"
    rb"|\x1b\[(?:4|6|8|48);[\d;]*t|\x1b[P\]_][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[\d;?>$]{0,64}|[P\]_][^\x07\x1b]{0,1024}\x1b?)?\Z")


class Reports:
    """What a terminal says by itself; keys and clicks of a person are left out."""

    def __init__(self) -> None:
        self._tail = b""

    def of(self, data: bytes) -> bytes:
        """Those that are whole by now."""
        data = self._tail + data
        cut = _UNFINISHED.search(data)
        data, self._tail = (data[: cut.start()], data[cut.start() :]) if cut else (data, b"")
        return b"".join(_REPORT.findall(data))
