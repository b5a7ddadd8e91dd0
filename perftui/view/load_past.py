"""Charts of a load that is over, from the seconds of its record: its own time axis, that does not move any more."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import Window
from perftui.domain.units import Unit, format_duration
from perftui.view.frame import framed
from perftui.view.load_record import Past, window_of
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit
from perftui.view.wrap import wrapped

NO_SECONDS = "The record holds no two seconds: it ended before, or an older perftui or another engine kept it."
_TIMES = (("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99"))
_RATES = (("done", "done"), ("offered", "offered"), ("failed", "errors"))


def times_picture(scene: Scene, past: Past, width: int, height: int, *, limit: float | None = None) -> tuple[Line, ...]:
    """Percentiles over the time of the run; ``limit`` in seconds is the threshold of p95."""
    names = tuple(name for name, _ in _TIMES)
    window = window_of(past.seconds, names, (1e-3,) * len(names))
    legend = tuple(label for _, label in _TIMES)
    return drawn(scene, (window,), legend, "Response times", Unit.SECONDS, width, height, bad=limit)


def rates_picture(scene: Scene, past: Past, width: int, height: int) -> tuple[Line, ...]:
    """Requests a second over the time of the run."""
    names = tuple(name for name, _ in _RATES)
    window = window_of(past.seconds, names, (1.0,) * len(names))
    legend = tuple(label for _, label in _RATES)
    return drawn(scene, (window,), legend, "Throughput", Unit.PER_SECOND, width, height)


def drawn(
    scene: Scene,
    windows: Sequence[Window],
    legend: Sequence[str],
    title: str,
    unit: Unit,
    width: int,
    height: int,
    *,
    bad: float | None = None,
) -> tuple[Line, ...]:
    """A framed chart of all series of these windows, named in its lower line; empty ones say why."""
    inner, room = max(0, width - 4), max(0, height - 2)
    series = tuple(one for window in windows for one in window.series)
    cells = max((window.cells for window in windows), default=0)
    if cells < 2:
        body = wrapped(NO_SECONDS, Role.LABEL, inner)
        return framed(indented(body), width=width, height=height, title=title, glyphs=scene.glyphs)
    whole = Window(0.0, 1.0, cells, series)
    named = _legend(scene, legend, inner)
    picture = scene.draw_chart(
        whole, start=0.0, end=float(cells), width=inner, height=max(1, room - 1), unit=unit, glyphs=scene.glyphs,
        bad=bad, roles=SERIES_ROLES, clock_text=format_duration,
    )  # fmt: skip
    return framed(indented((named, *picture)), width=width, height=height, title=title, glyphs=scene.glyphs)


def _legend(scene: Scene, names: Sequence[str], width: int) -> Line:
    line: Line = ()
    for index, name in enumerate(names):
        role = SERIES_ROLES[index % len(SERIES_ROLES)]
        line += ((f"{'  ' if index else ''}{scene.bullets.get(role, scene.glyphs.full)} ", role), (name, Role.LABEL))
    return fit(line, width, scene.glyphs.ellipsis)
