"""A terminal that is far away: it answers where its cursor is, after as long as the way and the bytes on it take."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping, Sequence

from tests.e2e.terminal import Terminal

ASK = "\x1b[6n"
SYNC = "\x1b[?2026$p"


class FarTerminal(Terminal):
    """``delay_s`` there and back, ``rate`` in bytes a second; ``syncs`` that it can show pictures all at once."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | os.PathLike[str],
        size: tuple[int, int] = (120, 40),
        delay_s: float = 0.0,
        rate: float = float("inf"),
        syncs: bool = False,
        narrow: bool = True,
    ) -> None:
        self.delay_s, self.rate, self.syncs, self.narrow = delay_s, rate, syncs, narrow
        self._due: deque[tuple[float, str]] = deque()
        self._free_at = 0.0
        self._carry = ""
        super().__init__(command, size=size, env=env, cwd=cwd)

    def _feed(self, text: str) -> None:
        text, self._carry = self._carry + text, ""
        for length in range(len(ASK) - 1, 0, -1):
            if text.endswith(ASK[:length]):
                text, self._carry = text[:-length], text[-length:]
                break
        *asked, rest = text.split(ASK)
        for piece in asked:
            super()._feed(piece + ASK)
            self._answer_later(piece)
        super()._feed(rest)
        self._pass(len(rest.encode()))

    def _answer_later(self, piece: str) -> None:
        at = self._pass(len(piece.encode()) + len(ASK))
        cursor = self._screen.cursor
        column = cursor.x + 1 if self.narrow else 2 * cursor.x + 1
        told = "\x1b[?2026;2$y" if self.syncs and SYNC in piece else ""
        self._due.append((at, f"{told}\x1b[{cursor.y + 1};{column}R"))

    def _pass(self, size: int) -> float:
        self._free_at = max(time.monotonic(), self._free_at) + size / self.rate
        return self._free_at + self.delay_s

    def pump(self, seconds: float) -> int:
        until, taken = time.monotonic() + seconds, 0
        while (left := until - time.monotonic()) > 0:
            taken += super().pump(min(left, self._next_s()))
            while self._due and self._due[0][0] <= time.monotonic():
                self.type(self._due.popleft()[1])
        return taken

    def _next_s(self) -> float:
        return 0.02 if not self._due else min(0.02, max(0.001, self._due[0][0] - time.monotonic()))
