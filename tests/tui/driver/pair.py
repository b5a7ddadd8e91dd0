"""Two terminals side by side: one gets what Textual writes, the other what our driver makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat

from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pacing import Pace
from perftui.tui.driver.writer import Writer
from tests.tui.driver.glass import Cell, Glass


class Pair:
    """``room`` says how many bytes our driver may send at a time."""

    def __init__(self, width: int, height: int, room: Iterator[int] | None = None) -> None:
        self.stock, self.ours = Glass(width, height), Glass(width, height)
        self.stock_bytes = self.our_bytes = 0
        self._room = repeat(1_000_000) if room is None else room
        clock: Callable[[], float] = lambda: 0.0  # noqa: E731
        self.writer = Writer(
            lambda data: None,
            (width, height),
            look=lambda pen: pen,
            pace=Pace(),
            meter=LinkMeter(clock),
            monotonic=clock,
            erases_in_colour=True,
        )

    def frame(self, data: str) -> None:
        """Both show it, the other one maybe in several steps."""
        # what the terminal's line discipline does
        self.stock.write(data.replace("\n", "\r\n"))
        self.stock_bytes += len(data.encode())
        self.writer.write(data)
        self.writer.flush()
        while self.writer.pending:
            sent, _ = self.writer.take(next(self._room))
            self.ours.write(sent.decode())
            self.our_bytes += len(sent)

    def resize(self, width: int, height: int) -> None:
        for glass in (self.stock, self.ours):
            glass.resize(width, height)
        self.writer.resize(width, height)

    def differences(self) -> list[tuple[int, int, Cell, Cell]]:
        """Row, column, what Textual's own driver shows there and what ours shows."""
        return [
            (y, x, wanted, shown)
            for y, (one, other) in enumerate(zip(self.stock.cells(), self.ours.cells(), strict=True))
            if one != other
            for x, (wanted, shown) in enumerate(zip(one, other, strict=True))
            if wanted != shown
        ]
