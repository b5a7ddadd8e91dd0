"""What the shape of a load has found, in words, with its rates as rows of bars."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any

from perftui.domain.text import clean
from perftui.load.frames import LevelEnd
from perftui.view.glyphs import ASCII, UTF8
from perftui.view.load_curve import load_curve, rate_points
from perftui.view.text import plain

_LEAST, _MOST, _ROWS = 60, 120, 24


def level_line(end: LevelEnd) -> str:
    """A level that is over, while the load goes on."""
    value = "" if end.value is None else f"{end.value:.4g}"
    outcome = " ".join(part for part in (end.outcome, clean(end.limit), value) if part)
    return f"{end.until_s:6.1f} s  {end.kind} {end.rate:g}/s: {outcome}"


def shape_report(shape: Mapping[str, Any] | None) -> list[str]:
    """Nothing for a shape that looks for nothing and has one rate. As wide as the terminal, 120 cells at most."""
    if not shape:
        return []
    glyphs = UTF8 if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8" else ASCII
    width = min(_MOST, max(_LEAST, shutil.get_terminal_size((100, 24)).columns))
    drawn = [plain(line).rstrip() for line in load_curve(rate_points(shape), width, _ROWS, glyphs)]
    told = [clean(text) for text in (shape.get("verdict") or {}).get("text", ())]
    if shape.get("note"):
        told.insert(0, clean(str(shape["note"])))
    if not drawn and not told:
        return []
    return ["", f"shape {clean(str(shape.get('name')))}", *(f"  {line}" for line in told), *drawn]
