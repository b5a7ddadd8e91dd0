"""``perftui load compare A B``: figures of two loads beside each other, and which differences stand out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from perftui.cli.arguments import Options
from perftui.cli.load_records import named
from perftui.domain.errors import Exit
from perftui.domain.text import clean
from perftui.load.compare import compare as compared


def compare(options: Options) -> int:
    """0, whatever came out: nothing is judged good or bad here; 3 when the two can't be compared."""
    found = compared(named(options, options.runs[0]), named(options, options.runs[1]))
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(_lines(found)))
    return int(Exit.OK if found["comparable"] else Exit.INSUFFICIENT_DATA)


def _lines(found: Mapping[str, Any]) -> list[str]:
    lines = []
    for letter in ("a", "b"):
        head = found[letter]
        lines.append(f"{letter.upper()}  {head['run_id']}  {head['started']}  {clean(head['target'], 200)}")
    lines.append(f"{'':16}{'A':>12}{'B':>12}{'B - A':>12}{'':>9}   {found['confidence']:.0%} interval of B - A")
    for figure in found["figures"]:
        share = "" if figure["share"] is None else f"{figure['share']:+.1%}"
        interval = "" if figure["interval"] is None else "{:+.3f} to {:+.3f}".format(*figure["interval"])
        mark = "  stands out" if figure["stands_out"] else ""
        cells = f"{_cell(figure['a'])}{_cell(figure['b'])}{_cell(figure['difference'], '+')}{share:>9}"
        lines.append(f"{figure['name']:16}{cells}   {interval}{mark}".rstrip() + _unit(figure))
    lines += [f"note: {clean(note, 400)}" for note in found["notes"]]
    lines.append(found["verdict"])
    return lines


def _cell(value: float | None, sign: str = "") -> str:
    return f"{'-':>12}" if value is None else f"{value:{sign}12.3f}"


def _unit(figure: Mapping[str, Any]) -> str:
    return "" if figure["unit"] in ("ms", "count") else f"  ({figure['unit']})"
