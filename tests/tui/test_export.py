"""The visible window as CSV and JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.tui.export import as_csv, as_json, utc, write

NAME = 'host/filesystem_used_ratio{mount="/a, \\"b\\""}'
WINDOWS = {
    "disk": Window(1_800_000_000.0, 0.5, 2, (SeriesWindow(NAME, (0.25, None), (0.0, None), (0.5, None)),)),
}
CATALOGUE = {NAME: SeriesInfo(NAME, Unit.RATIO, 1.0)}


def test_times_are_rfc_3339_in_utc() -> None:
    assert utc(1_800_000_000.5) == "2027-01-15T08:00:00.500Z"


def test_a_gap_is_an_empty_field_and_never_zero() -> None:
    rows = list(csv.reader(as_csv(WINDOWS, CATALOGUE).splitlines()))
    assert rows == [
        ["window", "time_utc", "series", "unit", "mean", "low", "high"],
        ["disk", "2027-01-15T08:00:00.000Z", NAME, "ratio", "0.25", "0.0", "0.5"],
        ["disk", "2027-01-15T08:00:00.500Z", NAME, "ratio", "", "", ""],
    ]


def test_a_gap_is_null_in_json() -> None:
    document = json.loads(as_json(WINDOWS, {}, 1_800_000_001.0))
    assert document == {
        "at": "2027-01-15T08:00:01.000Z",
        "windows": [
            {
                "name": "disk",
                "start": "2027-01-15T08:00:00.000Z",
                "step_s": 0.5,
                "buckets": 2,
                "series": [
                    {"series": NAME, "unit": "none", "mean": [0.25, None], "low": [0.0, None], "high": [0.5, None]}
                ],
            }
        ],
    }


def test_a_file_that_exists_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "window.csv"
    write(path, "first")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(FileExistsError):
        write(path, "second")
    assert path.read_text("utf-8") == "first"
