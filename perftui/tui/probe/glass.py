"""What the terminal makes of text: how many cells it takes, and whether a picture can be shown all at once."""

from __future__ import annotations

import re

import msgspec

from perftui.tui.driver.cells import cells_of, is_disputed
from perftui.tui.probe.line import TerminalLine

_SYNC = b"\x1b[?2026$p"
_SYNC_ANSWER = re.compile(rb"\x1b\[\?2026;(\d)\$y")
# set, reset and always set are able to; not known and always reset are not (DECRPM)
_ABLE = (b"1", b"2", b"3")
SAMPLES = {
    "lines": "─╭┄",
    "shapes": "●▲✗",
    "blocks": "▁▆█",
    "braille": "⣿⡇⠁",
    "arrows": "↑→…",
    "accents": "e\u0301n\u0303",
    "wide characters": "漢字",
    "emoji": "👍",
    "joined emoji": "👩\u200d💻",
    "emoji by selector": "❤\ufe0f",
    "flags": "🇪🇺",
}


class Drawn(msgspec.Struct, frozen=True):
    """Cells that a sample takes here, and those that the console counts.

    ``matters`` is false for text whose width the driver never relies on.
    """

    name: str
    cells: int
    assumed: int
    matters: bool

    @property
    def agrees(self) -> bool:
        return self.cells == self.assumed


def probe_sync(line: TerminalLine, within_s: float) -> bool | None:
    """Whether synchronized output (mode 2026) is known; None when the terminal answers nothing. Raises GoneError."""
    answers = line.ask([_SYNC], within_s)
    if not answers:
        return None
    told = _SYNC_ANSWER.search(answers[0].before)
    return told is not None and told[1] in _ABLE


def probe_widths(line: TerminalLine, within_s: float) -> tuple[Drawn, ...]:
    """All samples at once, so that a long way is gone once; those that were answered. Raises GoneError."""
    answers = line.ask([b"\r\x1b[K" + text.encode() for text in SAMPLES.values()], within_s)
    line.send(b"\r\x1b[K", within_s)
    return tuple(
        Drawn(name, answer.column - 1, len(cells_of(text)), not is_disputed(text))
        for (name, text), answer in zip(SAMPLES.items(), answers, strict=False)
    )
