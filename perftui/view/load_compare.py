"""Two loads side by side: their figures with the difference, and both drawn over the time of a run.

The figures are those of the records; what is said of them comes from the session, which knows when a difference may
be read as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.units import NO_VALUE, Unit, format_value
from perftui.view.compose import compose
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.load_figures import count, failed, ms_text, plan_text, rate_text, said, target_text
from perftui.view.load_past import drawn
from perftui.view.load_record import Past, window_of
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right
from perftui.view.wrap import wrapped

_LABEL, _CELL = 14, 12
# less than that is what two equal runs differ by
_NEXT_TO_NOTHING, _MUCH = 0.02, 0.2
_MOST_WORDS = 8


class Compared(NamedTuple):
    """``a`` is the older one; ``words`` is what the session says of their difference, ``judged`` by a figure's name
    whether it is more than chance. ``comparable`` is false where no difference says anything.
    """

    a: Past
    b: Past
    words: tuple[str, ...] = ()
    judged: dict[str, bool] = {}  # noqa: RUF012 (nobody changes it)
    comparable: bool = True


class _Row(NamedTuple):
    """``worse`` is 1 where more is worse, -1 where less is, 0 where neither is."""

    name: str
    a: float | None
    b: float | None
    text: Any
    worse: int


def words_of(data: Any) -> tuple[str, ...]:
    """The sentences in what a session answers; its figures are those of the records."""
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    found: list[str] = []
    for name in ("verdict", "notes"):
        value = given.get(name)
        found += [value] if isinstance(value, str) else [one for one in value or () if isinstance(one, str)]
    return tuple(said(one, 400) for one in found if one)[:_MOST_WORDS]


def judged_of(data: Any) -> dict[str, bool]:
    """Of each figure that was judged, whether its difference stands out."""
    figures = data.get("figures") if isinstance(data, dict) else None
    known = [one for one in figures or () if isinstance(one, dict) and isinstance(one.get("stands_out"), bool)]
    return {str(one.get("name")): one["stands_out"] for one in known}


def comparable_of(data: Any) -> bool:
    """What the session says; without its word a difference is shown as one."""
    return not isinstance(data, dict) or data.get("comparable") is not False


def compared_picture(scene: Scene, both: Compared, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells: the table, then p95 and throughput of both."""
    inner = max(0, width - 4)
    body = (*_who(scene, both, inner), *_table(scene, both, inner), *_said(both, inner))
    tall = min(height, len(body) + 2)
    table = framed(indented(body), width=width, height=tall, title="Two loads compared", glyphs=scene.glyphs)
    rest = height - tall
    if rest < 6:
        return (*table, *[fit((), width)] * rest)
    regions, pictures = {"table": Region(0, 0, width, tall)}, {"table": table}
    places = (
        (Region(0, tall, width // 2, rest), Region(width // 2, tall, width - width // 2, rest))
        if width >= 112
        else (Region(0, tall, width, -(-rest // 2)), Region(0, tall + -(-rest // 2), width, rest // 2))
        if rest >= 12
        else (Region(0, tall, width, rest),)
    )
    charts = (("p95", "p95_ms", 1e-3, Unit.SECONDS), ("Throughput", "done", 1.0, Unit.PER_SECOND))
    for (title, name, factor, unit), region in zip(charts, places, strict=False):
        windows = tuple(
            _renamed(window_of(one.seconds, (name,), (factor,)), at) for at, one in enumerate((both.a, both.b))
        )
        regions[name] = region
        pictures[name] = drawn(scene, windows, ("A", "B"), title, unit, region.width, region.height)
    return compose(regions, pictures, width, height)


def _renamed(window: Window, at: int) -> Window:
    """Two runs have series of one name."""
    return replace(window, series=tuple(replace(one, series=f'{one.series}{{run="{at}"}}') for one in window.series))


def _who(scene: Scene, both: Compared, width: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    for letter, past in (("A", both.a), ("B", both.b)):
        text = f"{target_text(past.state)} {scene.glyphs.separator} {plan_text(past.state, scene.glyphs)}"
        lines.append(
            fit(
                ((f"{letter}  ", Role.ACCENT), (text, Role.TEXT), (f"  {past.state.run_id}", Role.LABEL)),
                width,
                scene.glyphs.ellipsis,
            )
        )
    return tuple(lines)


def _rows(both: Compared) -> tuple[_Row, ...]:
    a, b = both.a.state, both.b.state

    def share(bad: int, done: int) -> float | None:
        return bad / done if done else None

    def speed(done: int, length: float) -> float | None:
        return done / length if length else None

    times = tuple(
        _Row(f"response {label}", getattr(a.response, name), getattr(b.response, name), ms_text, 1)
        for label, name in (("p50", "p50"), ("p90", "p90"), ("p95", "p95"), ("p99", "p99"), ("max", "max"))
    )
    return (
        *times,
        _Row("service p95", a.service.p95, b.service.p95, ms_text, 1),
        _Row("throughput", speed(a.done, a.at_s), speed(b.done, b.at_s), rate_text, -1),
        _Row(
            "errors",
            share(failed(a), a.done),
            share(failed(b), b.done),
            lambda value: format_value(value, Unit.RATIO),
            1,
        ),
        _Row(
            "dropped",
            float(a.dropped),
            float(b.dropped),
            lambda value: NO_VALUE if value is None else count(int(value)),
            1,
        ),
    )


def _table(scene: Scene, both: Compared, width: int) -> tuple[Line, ...]:
    lines: list[Line] = [((" " * _LABEL + right("A", _CELL) + right("B", _CELL) + right("change", _CELL), Role.LABEL),)]
    for row in _rows(both):
        change, role = _change(scene, row, both.judged.get(row.name) if both.comparable else False)
        lines.append(
            (
                (left(row.name, _LABEL), Role.LABEL), (right(row.text(row.a), _CELL), Role.TEXT),
                (right(row.text(row.b), _CELL), Role.VALUE), (right(change, _CELL), role),
            )
        )  # fmt: skip
    return tuple(fit(line, width, scene.glyphs.ellipsis) for line in lines)


def _change(scene: Scene, row: _Row, stands_out: bool | None) -> tuple[str, Role]:
    if row.a is None or row.b is None:
        return NO_VALUE, Role.STALE
    if not row.a:
        return ("=" if not row.b else "new", Role.LABEL if not row.b else Role.WATCH)
    share = row.b / row.a - 1
    if abs(share) < _NEXT_TO_NOTHING:
        return "=", Role.LABEL
    sign = "+" if share > 0 else scene.glyphs.minus
    if stands_out is False:
        return f"{sign}{format_value(abs(share), Unit.RATIO)}  ", Role.LABEL
    worse = share * row.worse
    role = Role.BAD if worse > _MUCH else Role.WATCH if worse > 0 else Role.OK
    glyph = f" {scene.glyphs.bad}" if role is Role.BAD else f" {scene.glyphs.watch}" if role is Role.WATCH else "  "
    return f"{sign}{format_value(abs(share), Unit.RATIO)}{glyph}", role


def _said(both: Compared, width: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    for text in both.words or ("The session has judged no difference.",):
        lines += wrapped(text, Role.LABEL, width)
    return tuple(lines)
