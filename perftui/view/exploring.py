"""What the Metrics screen knows besides the mirror: metrics to choose from, expressions on the chart, what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from perftui.domain.queries import Exemplar, MetricInfo, Tried
from perftui.domain.samples import SeriesInfo
from perftui.domain.series import parse_series
from perftui.link.mirror import Mirror

# kinds of sources that evaluate expressions; the others offer the series that they measure
EXPLORERS = ("prometheus", "scrape")
WATCH, WATCH_BEFORE = "metrics", "metrics.before"
MAX_PLOTS = 8
MAX_SERIES = 60


@dataclass(frozen=True)
class Listing:
    """Metrics of one source; ``order`` are places of those that the filter leaves, ``at`` the selected one's in it.

    ``note`` says what it waits for or why it is empty, ``bad`` that this is an error.
    """

    infos: Sequence[MetricInfo] = ()
    order: Sequence[int] = ()
    at: int = 0
    filter: str = ""
    note: str = ""
    bad: bool = False

    @property
    def selected(self) -> MetricInfo | None:
        return self.infos[self.order[self.at]] if self.at < len(self.order) else None


class Plot(msgspec.Struct, frozen=True):
    """An expression on the chart; ``selector`` picks its series. ``tried`` is what asking it once told."""

    source: str
    expr: str
    selector: str
    tried: Tried | None = None
    problem: str = ""


@dataclass(frozen=True)
class Exploring:
    """Everything the picture is drawn from besides the scene.

    ``sources`` are names with whether they take expressions. ``labels`` are those of the selected metric, None while
    they are not known; ``exemplars`` None while nobody wants them. ``asking`` says what is waited for; ``error`` is
    what went wrong last.
    """

    sources: Sequence[tuple[str, bool]] = ()
    source: str = ""
    listing: Listing = field(default_factory=Listing)
    labels: Mapping[str, Sequence[str]] | None = None
    labels_note: str = ""
    plots: Sequence[Plot] = ()
    compared: bool = False
    exemplars: Sequence[Exemplar] | None = None
    exemplars_note: str = ""
    asking: str = ""
    error: str = ""

    @property
    def takes_expressions(self) -> bool:
        return dict(self.sources).get(self.source, False)


def measured(catalogue: Mapping[str, SeriesInfo], source: str) -> list[MetricInfo]:
    """The metrics of a source that takes no expressions, from the series that it measures."""
    found: dict[str, MetricInfo] = {}
    for series, info in catalogue.items():
        if series.startswith(f"{source}/"):
            name = parse_series(series).name
            found.setdefault(name, MetricInfo(name, "gauge", info.unit, info.help))
    return sorted(found.values(), key=lambda info: info.name)


def measured_labels(catalogue: Iterable[str], source: str, metric: str) -> dict[str, list[str]]:
    """Its labels with their values."""
    found: dict[str, set[str]] = {}
    for series in catalogue:
        if series.startswith(f"{source}/{metric}"):
            ref = parse_series(series)
            if ref.name == metric:
                for label, value in ref.labels:
                    found.setdefault(label, set()).add(value)
    return {label: sorted(values) for label, values in sorted(found.items())}


def suggested(info: MetricInfo, *, expressions: bool) -> str:
    """The expression that a metric is looked at with: counters as rates, histograms as their 95th percentile."""
    name = info.name
    if not expressions:
        return name
    if name.endswith("_bucket"):
        return f"histogram_quantile(0.95, sum by (le) (rate({name}[$win])))"
    counts = name.endswith(("_total", "_count", "_sum")) and info.kind != "gauge"
    return f"rate({name}[$win])" if info.kind == "counter" or counts else name


def sources_of(mirror: Mirror) -> tuple[tuple[str, bool], ...]:
    """Names of the sources, those that take expressions first, with whether they do."""
    listed = [(source.name, source.kind in EXPLORERS) for source in mirror.sources]
    return tuple(sorted(listed, key=lambda one: not one[1]))


def at_rest(mirror: Mirror) -> Exploring:
    """What can be shown without asking anybody: the series that sources measure by themselves."""
    sources = sources_of(mirror)
    source = next((name for name, takes in sources if not takes), "")
    infos = measured(mirror.catalogue, source)
    labels = measured_labels(mirror.catalogue, source, infos[0].name) if infos else None
    return Exploring(sources, source, Listing(infos, range(len(infos))), labels)
