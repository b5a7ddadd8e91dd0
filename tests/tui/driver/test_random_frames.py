"""Whatever Textual draws, our driver's terminal shows what that of Textual's own driver shows, cell by cell."""

from __future__ import annotations

import os
from collections import Counter
from itertools import cycle

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.tui.driver.pair import Pair
from tests.tui.driver.pictures import EMOJI, WORDS

FRAMES = int(os.environ.get("PERFTUI_PROVE_FRAMES", "300"))
_PER_SESSION = 5
SIZES = [(30, 6), (17, 9), (44, 4), (3, 2), (60, 12)]
# every session may do all of these
HAPPENINGS = ("rows", "scroll", "overlay", "move", "close", "all", "resize")
STYLES = [
    Style(),
    Style(color="red"),
    Style(color="#c0ffee", bgcolor="#202020", bold=True),
    Style(bgcolor="blue", underline=True),
    Style(reverse=True, italic=True),
    Style(color="color(208)", bgcolor="#101010"),
    Style(bgcolor="#101010"),
    Style(color="green", link="http://a/b"),
]
# a piece may begin with a mark that belongs to the one before
PIECES = st.tuples(st.sampled_from((*WORDS, *EMOJI, "\u0301x", "─" * 30, " " * 30)), st.sampled_from(STYLES))
ROWS = st.lists(PIECES, max_size=6)
CONSOLE = Console(force_terminal=True, color_system="truecolor")

Pieces = list[tuple[str, Style]]


def strip(pieces: Pieces, width: int) -> Strip:
    return Strip([Segment(text, style) for text, style in pieces]).adjust_cell_length(width, STYLES[5])


class Stage:
    """Rows with perhaps an overlay over them, drawn by the very code that Textual draws with."""

    def __init__(self, draw: st.DrawFn, size: tuple[int, int], happened: Counter[str]) -> None:
        self._draw, self.happened = draw, happened
        self.width, self.height = size
        self._rows = [draw(ROWS) for _ in range(self.height)]
        self._over: Region | None = None
        self._window: list[Pieces] = []

    def _chops(self, y: int) -> dict[int, Strip]:
        whole = strip(self._rows[y], self.width)
        over = self._over
        if over is None or not over.y <= y < over.bottom:
            return {0: whole}
        cuts = sorted({over.x, over.right, self.width} - {0})
        pieces = dict(zip([0, *cuts], whole.divide(cuts), strict=False))
        pieces[over.x] = strip(self._window[y - over.y], over.width)
        return pieces

    def full(self) -> str:
        strips = [list(self._chops(y).values()) for y in range(self.height)]
        return LayoutUpdate(strips, Region(0, 0, self.width, self.height)).render_segments(CONSOLE)

    def partial(self, rows: list[int]) -> str:
        chops = [self._chops(y) for y in range(self.height)]
        ends = [[x + piece.cell_length for x, piece in line.items()] for line in chops]
        ends_of_spans = self._draw(st.integers(1, self.width))
        return ChopsUpdate(chops, [(y, 0, ends_of_spans) for y in rows], ends).render_segments(CONSOLE)

    def change(self, what: str = "") -> str:
        """Something happens; what Textual would write."""
        what = what or self._draw(st.sampled_from(("rows", *HAPPENINGS[:-1])))
        if what in ("move", "close") and self._over is None:
            what = "overlay"
        self.happened[what] += 1
        if what == "rows":
            changed = sorted(self._draw(st.sets(st.integers(0, self.height - 1), min_size=1, max_size=3)))
            for y in changed:
                self._rows[y] = self._draw(ROWS)
            return self.partial(changed)
        if what == "scroll":
            self._scroll()
        elif what == "overlay":
            x, y = self._draw(st.integers(0, self.width - 2)), self._draw(st.integers(0, self.height - 2))
            width = self._draw(st.integers(1, self.width - x))
            height = self._draw(st.integers(1, self.height - y))
            self._over = Region(x, y, width, height)
            self._window = [self._draw(ROWS) for _ in range(height)]
        elif what == "move" and self._over is not None:
            x = self._draw(st.integers(0, self.width - self._over.width))
            y = self._draw(st.integers(0, self.height - self._over.height))
            self._over = Region(x, y, self._over.width, self._over.height)
        elif what == "close":
            self._over = None
        else:
            self._rows = [self._draw(ROWS) for _ in range(self.height)]
        return self.full()

    def _scroll(self) -> None:
        """All rows up or down by some, below an overlay that stays where it is."""
        by = self._draw(st.integers(1, 3))
        fresh = [self._draw(ROWS) for _ in range(min(by, self.height))]
        down = self._draw(st.booleans())
        self._rows = [*fresh, *self._rows][: self.height] if down else [*self._rows, *fresh][-self.height :]


def test_random_frames_look_the_same() -> None:
    happened = Counter[str]()

    # a session that fails is short enough to be read; to find a shorter one takes minutes
    @settings(
        max_examples=max(1, FRAMES // _PER_SESSION), deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
    )
    @given(st.data())
    def plays(data: st.DataObject) -> None:
        play(data, happened)

    plays()
    # by chance a short run may lack one of the others: the next test has each
    assert {"rows", "all"} <= set(happened)


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.data())
def test_a_session_with_everything_that_can_happen_looks_the_same(data: st.DataObject) -> None:
    happened = Counter[str]()
    size = data.draw(st.sampled_from(SIZES))
    pair, stage = Pair(*size, room=cycle((1_000_000,))), Stage(data.draw, size, happened)
    pair.frame(stage.full())
    for what in ("rows", "overlay", "scroll", "move", "close", "all"):
        pair.frame(stage.change(what))
        assert pair.differences() == []
    assert set(happened) == set(HAPPENINGS) - {"resize"}


def play(data: st.DataObject, happened: Counter[str]) -> None:
    """One session: a picture, and what becomes of it."""
    size = data.draw(st.sampled_from(SIZES))
    rooms = data.draw(st.sampled_from(((1_000_000,), (1,), (60, 200))))
    pair, stage = Pair(*size, room=cycle(rooms)), Stage(data.draw, size, happened)
    pair.frame(stage.full())
    assert pair.differences() == []
    for _ in range(_PER_SESSION - 1):
        if data.draw(st.integers(0, 5)) == 0:
            happened["resize"] += 1
            size = data.draw(st.sampled_from(SIZES))
            pair.resize(*size)
            stage = Stage(data.draw, size, happened)
            pair.frame(stage.full())
        else:
            pair.frame(stage.change())
        assert pair.differences() == []
