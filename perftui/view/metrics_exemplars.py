"""Exemplars below the chart: the newest events behind its histograms, numbered as they are marked on the chart."""

from __future__ import annotations

from perftui.domain.queries import Exemplar, unit_of
from perftui.domain.roles import Role
from perftui.domain.units import format_duration, format_value
from perftui.view.exploring import Exploring
from perftui.view.frame import framed
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right
from perftui.view.wrap import wrapped

MARKED = 9
_TRACE = ("trace_id", "traceid", "traceID", "traceId", "trace")
_NAME = "__name__"


def marks(scene: Scene, exploring: Exploring) -> tuple[tuple[float, str], ...]:
    """Their times with their numbers in the list."""
    newest = list(exploring.exemplars or ())[:MARKED]
    return tuple((one.at, str(number)) for number, one in enumerate(newest, 1) if scene.start <= one.at <= scene.end)


def exemplars_picture(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    found, inner = exploring.exemplars or (), width - 4
    if not found:
        text = exploring.exemplars_note or (
            "No exemplars in this window. They come with histograms whose program attaches trace ids, when the server "
            "keeps them (--enable-feature=exemplar-storage)."
        )
        body = wrapped(text, Role.LABEL, inner)
    else:
        body = tuple(_row(scene, number, one, inner) for number, one in enumerate(found[: height - 2], 1))
    summary: Line = ((f"{len(found)} newest", Role.LABEL),) if found else ()
    return framed(
        indented(body), width=width, height=height, title="Exemplars", summary=summary, footer="x closes",
        glyphs=scene.glyphs,
    )  # fmt: skip


def _row(scene: Scene, number: int, one: Exemplar, width: int) -> Line:
    series, labels = dict(one.series), dict(one.labels)
    unit = unit_of(series.get(_NAME, "").removesuffix("_bucket"))
    trace = next((labels[name] for name in _TRACE if name in labels), "")
    others = [f"{name}={value}" for name, value in labels.items() if value != trace]
    where = [f"{name}={value}" for name, value in series.items() if name not in (_NAME, "le")]
    age = format_duration(max(0.0, scene.end - one.at))
    sign = str(number) if number <= MARKED else " "
    return fit(
        (
            (f"{sign} ", Role.MARK),
            (f"{right(age, 8)} ago ", Role.LABEL),
            (right(format_value(one.value, unit), 10, scene.glyphs.ellipsis) + "  ", Role.VALUE),
            (left(trace, 33, scene.glyphs.ellipsis) if width >= 76 else f"{trace} ", Role.ACCENT),
            (" ".join([*others, *where]), Role.LABEL),
        ),
        width,
        scene.glyphs.ellipsis,
    )
