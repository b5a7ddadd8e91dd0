"""Throughput and p95 over the rate of a load: a row for each rate, so that the numbers stand beside the picture.

The knee is where the bar of the throughput stops growing and that of p95 begins to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value, three_digits
from perftui.view.gauge import bar
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, fit, left, right, text_width

_NUMBER, _TIME, _FAILED, _SIGN = 8, 9, 8, 2
_LEAST_BAR = 4
_LEFT_OUT = ("recover", "rest")


class RatePoint(msgspec.Struct, frozen=True):
    """What one rate gave: calls a second, p95 in s, the share that failed; ``outcome`` is held, broke, or nothing."""

    rate: float
    throughput: float | None
    p95_s: float | None
    failed: float
    outcome: str = ""
    note: str = ""


def rate_points(shape: Mapping[str, Any]) -> tuple[RatePoint, ...]:
    """From the ``shape`` part of a record, the lowest rate first; levels of the same rate are one, the latest."""
    found: dict[float, RatePoint] = {}
    for level in shape.get("levels") or ():
        if level.get("kind") in _LEFT_OUT or not level.get("offered"):
            continue
        p95, done = level.get("p95"), level.get("done") or 0
        rate = float(level["rate"])
        found[rate] = RatePoint(
            rate,
            level.get("throughput"),
            None if p95 is None else p95 / 1000,
            (level.get("failed") or 0) / done if done else 0.0,
            str(level.get("outcome") or ""),
            clean(str(level.get("limit") or ""), 60) if level.get("outcome") == "broke" else "",
        )
    return tuple(found[rate] for rate in sorted(found))


def load_curve(points: Sequence[RatePoint], width: int, height: int, glyphs: GlyphSet) -> tuple[Line, ...]:
    """At most ``height`` lines of ``width`` cells, nothing for fewer than two rates.

    Where there are more of them than lines, they are thinned evenly; the lowest and the highest stay.
    """
    if len(points) < 2 or height < 2 or width < _NUMBER + _NUMBER + _TIME:
        return ()
    shown = _chosen(points, height - 1)
    longest = max((text_width(point.note) for point in shown), default=0)
    notes = min(longest + 1, width // 4 + 6) if longest else 0
    fixed = _NUMBER + 1 + _NUMBER + 2 + _TIME + 2 + _FAILED + _SIGN + notes
    room = max(0, (width - fixed) // 2)
    room = room if room >= _LEAST_BAR else 0
    most = max((point.throughput or 0.0 for point in shown), default=0.0)
    slowest = max((point.p95_s or 0.0 for point in shown), default=0.0)
    head = (
        f"{right('rate/s', _NUMBER)} {right('done/s', _NUMBER)} {' ' * room} {right('p95', _TIME)} {' ' * room} "
        f"{right('failed', _FAILED)}"
    )
    lines = [fit(((head, Role.LABEL),), width, glyphs.ellipsis)]
    lines += [fit(_row(point, room, notes, most, slowest, glyphs), width, glyphs.ellipsis) for point in shown]
    return tuple(lines)


def _row(point: RatePoint, room: int, notes: int, most: float, slowest: float, glyphs: GlyphSet) -> Line:
    role = {"held": Role.OK, "broke": Role.BAD}.get(point.outcome, Role.VALUE)
    sign = {"held": glyphs.ok, "broke": glyphs.bad}.get(point.outcome, " ")
    done = glyphs.dash if point.throughput is None else three_digits(point.throughput)
    failed = f"{point.failed:.1%}" if point.failed else "0"
    return (
        (right(three_digits(point.rate), _NUMBER), role),
        (f" {right(done, _NUMBER)} ", Role.VALUE),
        (bar((point.throughput or 0.0) / most if most else 0.0, room, glyphs), Role.SERIES1),
        (f" {right(format_value(point.p95_s, Unit.SECONDS), _TIME)} ", Role.VALUE),
        (bar((point.p95_s or 0.0) / slowest if slowest else 0.0, room, glyphs), Role.SERIES2),
        (f" {right(failed, _FAILED)}", Role.BAD if point.failed else Role.LABEL),
        (f" {sign}", role),
        (f" {left(point.note, max(0, notes - 1), glyphs.ellipsis)}" if point.note else "", Role.LABEL),
    )


def _chosen(points: Sequence[RatePoint], room: int) -> list[RatePoint]:
    if len(points) <= room:
        return list(points)
    return [points[round(place * (len(points) - 1) / max(1, room - 1))] for place in range(room)]
