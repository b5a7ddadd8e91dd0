"""What tests of the Metrics screen draw: a mirror with results of expressions, and what somebody explores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import PrometheusSource, Sources
from perftui.domain.health import SourceHealth, SourceState
from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried, query_name
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.series import series_id
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring, Listing, Plot
from perftui.view.glyphs import UTF8, GlyphSet
from perftui.view.scene import Scene

NOW = 1_000_000.0
SPAN = 300.0
CONFIG = msgspec.structs.replace(
    DEFAULTS, sources=Sources(prometheus={"main": PrometheusSource(url="http://localhost:9090")})
)
SOURCES = (("main", True), ("host", False))

# text as it comes out of clean(): whatever a server says, with wide, joined and combining characters
HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("aZ_09{}[]\"'\\\x1b\n\x00\u202e漢字é\u0301👩\u200d🚀🇩🇪𝔘…%$ "), st.characters()),
    max_size=30,
).map(clean)


def plot(expr: str = "up", source: str = "main", *warnings: str) -> Plot:
    name = query_name(expr)
    return Plot(source, expr, f"{source}/{name}", Tried(Query(name, expr), "vector", 1, 0.01, warnings))


def measured(selector: str) -> Plot:
    source, _, expr = selector.partition("/")
    return Plot(source, expr, selector)


def result(of: Plot, value: float | None, labels: Mapping[str, str] | None = None) -> SeriesWindow:
    """A series of an expression's result: the value, a gap, the value."""
    column = (value, None, value)
    name = of.selector if of.tried is None else series_id(of.source, of.tried.query.name, labels or {})
    return SeriesWindow(name, column, column, column, value, NOW - 1)


def scene(
    shown: Sequence[SeriesWindow] = (),
    before: Sequence[SeriesWindow] | None = None,
    units: Mapping[str, Unit] | None = None,
    glyphs: GlyphSet = UTF8,
    **more: Any,
) -> Scene:
    mirror = Mirror()
    mirror.version, mirror.at = 1, NOW
    mirror.sources = tuple(
        SourceHealth(name, "prometheus" if takes else name, SourceState.OK, 1.0, polls=3) for name, takes in SOURCES
    )
    mirror.catalogue = {name: SeriesInfo(name, unit, 1.0) for name, unit in (units or {}).items()}
    mirror.windows = {WATCH: Window(NOW - SPAN, SPAN / 3, 3, tuple(shown))}
    if before is not None:
        mirror.windows[WATCH_BEFORE] = Window(NOW - 2 * SPAN, SPAN / 3, 3, tuple(before))
    return Scene(mirror, CONFIG, glyphs, NOW, NOW, SPAN, lambda at: f"t{at - NOW:+.0f}", **more)


def exploring(*plots: Plot, listing: Listing | None = None, **more: Any) -> Exploring:
    return Exploring(SOURCES, "main", listing or Listing(), plots=plots, **more)


def listing(*names: str, at: int = 0, **more: Any) -> Listing:
    infos = [MetricInfo(name, "gauge", Unit.NONE) for name in names]
    return Listing(infos, range(len(infos)), at, **more)


def exemplar(value: float = 0.25, at: float = NOW - 30, **labels: str) -> Exemplar:
    series = (("__name__", "request_duration_seconds_bucket"), ("le", "0.5"), ("path", "/pay"))
    return Exemplar(series, tuple(labels.items()), value, at)


@st.composite
def anything(draw: st.DrawFn) -> tuple[Scene, Exploring]:
    """A scene and an exploration with hostile text wherever a server or a user can put some."""
    metrics = draw(st.lists(st.tuples(HOSTILE, HOSTILE, st.sampled_from(Unit)), max_size=8))
    infos = [MetricInfo(name, "histogram", unit, text) for name, text, unit in metrics]
    order = draw(st.lists(st.sampled_from(range(len(infos))), max_size=8)) if infos else []
    plots = [plot(text, "main", *draw(st.lists(HOSTILE, max_size=2))) for text in draw(st.lists(HOSTILE, max_size=4))]
    values = st.none() | st.floats(allow_nan=False) | st.floats(0, 100)
    labels = st.dictionaries(st.sampled_from(("le", "job", "path")), HOSTILE, max_size=3)
    shown = {
        one.series: one
        for place in draw(st.lists(st.sampled_from(range(len(plots))), max_size=6)) if plots
        for one in [result(plots[place], draw(values), draw(labels))]
    } if plots else {}  # fmt: skip
    units = {name: draw(st.sampled_from(Unit)) for name in shown}
    exemplars = st.lists(
        st.builds(
            Exemplar,
            st.lists(st.tuples(HOSTILE, HOSTILE), max_size=3).map(tuple),
            st.lists(st.tuples(st.just("trace_id") | HOSTILE, HOSTILE), max_size=3).map(tuple),
            st.floats(allow_nan=False),
            st.floats(NOW - 2 * SPAN, NOW + SPAN),
        ),
        max_size=12,
    )
    found = Exploring(
        draw(st.sampled_from(((), SOURCES, (("main", True), *((f"source-{n}", True) for n in range(9)))))),
        "main",
        Listing(infos, order, draw(st.integers(0, max(0, len(order) - 1))), draw(HOSTILE), draw(HOSTILE)),
        draw(st.none() | st.dictionaries(HOSTILE, st.lists(HOSTILE, max_size=3), max_size=5)),
        draw(HOSTILE),
        plots,
        draw(st.booleans()),
        draw(st.none() | exemplars),
        draw(HOSTILE),
        draw(HOSTILE),
        draw(HOSTILE),
    )
    cursor = draw(st.none() | st.floats(NOW - SPAN, NOW))
    before = draw(st.none() | st.just(tuple(shown.values())))
    return scene(tuple(shown.values()), before, units, cursor=cursor), found
