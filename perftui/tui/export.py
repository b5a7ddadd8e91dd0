"""The visible window as a file: times in UTC, one column or field a series, gaps left empty."""

from __future__ import annotations

import csv
import io
import json
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
    """Every watched window with the mean of each bucket; null where nothing was measured."""
    document: dict[str, Any] = {"at": utc(now), "windows": []}
    for name, window in sorted(windows.items()):
        series = [
            {
                "series": one.series,
                "unit": catalogue[one.series].unit.value if one.series in catalogue else Unit.NONE.value,
                "mean": one.mean,
                "low": one.low,
                "high": one.high,
            }
            for one in window.series
        ]
        head = {"name": name, "start": utc(window.start), "step_s": window.step_s, "buckets": window.cells}
        document["windows"].append({**head, "series": series})
    return json.dumps(document, indent=1)


def as_csv(windows: Mapping[str, Window]) -> str:
    """One row a bucket: window, time, series, mean, low, high, in base units. Nothing where nothing was measured."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("window", "time_utc", "series", "mean", "low", "high"))
    for name, window in sorted(windows.items()):
        for one in window.series:
            for index in range(window.cells):
                row = (one.mean[index], one.low[index], one.high[index])
                if row[0] is not None:
                    writer.writerow((name, utc(window.start + index * window.step_s), one.series, *row))
    return text.getvalue()


def write(path: Path, text: str) -> Path:
    """Write a new file, for its owner only; one that exists is never replaced. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    path.chmod(0o600)
    return path
