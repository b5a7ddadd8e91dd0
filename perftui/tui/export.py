"""The visible window as a file: times in UTC, one column or field a series, gaps left empty."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from perftui.domain.samples import SeriesInfo, Window
from perftui.domain.units import Unit


def utc(at: float) -> str:
    """RFC 3339 with ``Z``."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(windows: Mapping[str, Window], catalogue: Mapping[str, SeriesInfo], now: float) -> str:
    """Every watched window with the mean, lowest and highest value of each bucket; null where nothing was measured."""
    import json

    document: dict[str, Any] = {"at": utc(now), "windows": []}
    for name, window in sorted(windows.items()):
        series = [
            {
                "series": one.series,
                "unit": _unit(one.series, catalogue),
                "mean": one.mean,
                "low": one.low,
                "high": one.high,
            }
            for one in window.series
        ]
        head = {"name": name, "start": utc(window.start), "step_s": window.step_s, "buckets": window.cells}
        document["windows"].append({**head, "series": series})
    return json.dumps(document, indent=1)


def as_csv(windows: Mapping[str, Window], catalogue: Mapping[str, SeriesInfo]) -> str:
    """One row a bucket: values in the base unit that stands beside them, empty where nothing was measured."""
    import csv

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("window", "time_utc", "series", "unit", "mean", "low", "high"))
    for name, window in sorted(windows.items()):
        for one in window.series:
            unit = _unit(one.series, catalogue)
            for index, values in enumerate(zip(one.mean, one.low, one.high, strict=True)):
                writer.writerow((name, utc(window.start + index * window.step_s), one.series, unit, *values))
    return text.getvalue()


def _unit(series: str, catalogue: Mapping[str, SeriesInfo]) -> str:
    return catalogue[series].unit.value if series in catalogue else Unit.NONE.value


def write(path: Path, text: str) -> Path:
    """Write a new file, for its owner only; one that exists is never replaced. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    path.chmod(0o600)
    return path
