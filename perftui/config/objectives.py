"""What must be true of objectives and of the anomaly alert beyond their types."""

from __future__ import annotations

import re

from perftui.config.answering import expression_sources
from perftui.config.problems import Problems, nearest
from perftui.config.schema import Anomaly, Config

WINDOW = re.compile(r"\[\s*(?:\$window\b|\$\{window\})\s*\]")


def check_objectives(config: Config, problems: Problems) -> None:
    """Add what is wrong with them."""
    known = [*config.sources.prometheus, *config.sources.scrape]
    asked = expression_sources(config)
    for name, one in config.slo.items():
        path = ("slo", name)
        if not 0.5 <= one.target < 1:
            problems.add((*path, "target"), "a share of good events from 0.5 up to 1, such as 0.999")
        if not 600 <= one.period <= 90 * 86400:
            problems.add((*path, "period"), "from 10m to 90d")
        if one.least < 1:
            problems.add((*path, "least"), "at least 1 event")
        for key in ("bad", "all"):
            if WINDOW.search(getattr(one, key)) is None:
                problems.add((*path, key), "it counts events in [$window], such as sum(increase(x_total[$window]))")
        if one.source and one.source not in known:
            problems.add((*path, "source"), f'no source "{one.source}" takes expressions{nearest(one.source, known)}')
        elif not known:
            problems.add(path, "no source takes expressions: add [sources.prometheus.main] with a url")
        elif not one.source and len(asked) > 1:
            problems.add(path, f"which source? there are {', '.join(asked)}")
    _anomaly(config.anomaly, problems)


def _anomaly(anomaly: Anomaly, problems: Problems) -> None:
    if anomaly.series and not 1 <= anomaly.fewest <= len(anomaly.series):
        problems.add(("anomaly", "fewest"), f"from 1 to the {len(anomaly.series)} series that are listed")
    if not 1 <= anomaly.width <= 20:
        problems.add(("anomaly", "width"), "from 1 to 20 standard deviations")
    if not 30 <= anomaly.memory <= 86400:
        problems.add(("anomaly", "memory"), "from 30s to 24h")
