"""Rates as they were once: from a table of times and rates, or counted in an access log.

Logs are read line by line and only counted, so that their size does not matter; what is no line of a log is counted
too. Rotated ones are read together, in any order: a count knows none.
"""

from __future__ import annotations

import csv
import glob
import gzip
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from perftui.config.values import expanded, parse_span
from perftui.load.hidden import without_secrets
from perftui.load.log_times import log_time, moment
from perftui.load.schedule import Segment

_MOST_POINTS, _MOST_SECONDS = 20_000, 2_000_000
_FORMATS = ("auto", "rates", "log")
_LONGEST_LINE = 1_000_000
_MOST_TABLE_BYTES = 64 * 1024 * 1024


class PlannedRecorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From ``file``, from ``points`` (time and rate), or from a Prometheus by an expression and a range.

    ``file`` may have wildcards, and end with ``.gz``. ``format``: ``rates`` (CSV or JSON), ``log``, or ``auto``.
    ``scale`` times the rate, ``speed`` times as fast; ``step`` is how finely a log is counted, and asked for.
    """

    file: str = ""
    format: str = "auto"
    time_field: str = ""
    prometheus: str = ""
    expr: str = ""
    start: str = "-1h"
    end: str = "now"
    step: str = ""
    points: tuple[tuple[float, float], ...] = ()
    scale: float = 1.0
    speed: float = 1.0
    note: str = ""


class Recorded(NamedTuple):
    """``note`` says what was read, and what of it could not be used."""

    segments: tuple[Segment, ...]
    note: str


def recorded(plan: PlannedRecorded) -> Recorded:
    """Raises ValueError with what is wrong, OSError with what can't be read."""
    if not 0 < plan.scale < 1e6 or not 0 < plan.speed < 1e6:
        raise ValueError("recorded: expected a scale and a speed above 0")
    if plan.format not in _FORMATS:
        raise ValueError(f"recorded.format: unknown {plan.format!r} (known: {', '.join(_FORMATS)})")
    if plan.points:
        return Recorded(along(plan.points, plan.scale, plan.speed), plan.note or f"{len(plan.points)} points")
    if plan.prometheus:
        raise ValueError("recorded.prometheus: only the command asks a Prometheus (perftui load run plan.toml)")
    if not plan.file:
        raise ValueError('recorded: shape recorded needs file = "access.log", points, or prometheus and expr')
    paths = _paths(plan.file)
    if _is_table(plan.format, paths):
        points = _table(paths[0])
        return Recorded(along(points, plan.scale, plan.speed), f"{plan.file}: {len(points)} points")
    return _counted(plan, paths)


def recorded_words(plan: PlannedRecorded) -> dict[str, object]:
    """For a record: how many points instead of all of them, and no password of a URL."""
    words: dict[str, object] = msgspec.to_builtins(plan)
    url = urlsplit(plan.prometheus)
    words["prometheus"] = without_secrets(url._replace(netloc=url.netloc.rpartition("@")[2]).geturl())
    words["points"] = len(plan.points)
    return words


def along(points: Sequence[tuple[float, float]], scale: float, speed: float) -> tuple[Segment, ...]:
    """From point to point in straight lines. Raises ValueError when there are too few, or one is no rate."""
    ordered = sorted(points)
    if len(ordered) > _MOST_POINTS:
        raise ValueError(f"recorded: more than {_MOST_POINTS} points")
    if any(not (math.isfinite(at) and 0 <= rate < 1e9) for at, rate in ordered):
        raise ValueError("recorded: expected rates from 0 at times that are numbers")
    found = [
        Segment((later - at) / speed, rate * scale, next_rate * scale)
        for (at, rate), (later, next_rate) in pairwise(ordered)
        if later > at
    ]
    if not found or not any(segment.start_rate or segment.end_rate for segment in found):
        raise ValueError("recorded: expected at least two points at different times, and some rate")
    return tuple(found)


def _counted(plan: PlannedRecorded, paths: Sequence[Path]) -> Recorded:
    seconds: dict[int, int] = {}
    lines = bad = 0
    for line in _lines(paths):
        lines += 1
        at = log_time(line, plan.time_field)
        if at is None:
            bad += 1
            continue
        seconds[int(at)] = seconds.get(int(at), 0) + 1
        if len(seconds) > _MOST_SECONDS:
            raise ValueError(f"{plan.file}: more than {_MOST_SECONDS} different seconds; give it a part of the log")
    if not seconds:
        raise ValueError(f"{plan.file}: none of {lines} lines has a time that is understood")
    first, last = min(seconds), max(seconds) + 1
    step = max(1, round(parse_span(plan.step)) if plan.step else -(-(last - first) // 600))
    if (last - first) / step > _MOST_POINTS:
        raise ValueError(f"{plan.file}: {last - first} s are too many parts of {step} s; raise recorded.step")
    counts = [0] * -(-(last - first) // step)
    for second, count in seconds.items():
        counts[(second - first) // step] += count
    rates = [count / step * plan.scale for count in counts]
    note = f"{plan.file}: {lines - bad} requests in {last - first} s" + (f", {bad} lines without a time" if bad else "")
    return Recorded(tuple(Segment(step / plan.speed, rate, rate) for rate in rates), note)


def _paths(pattern: str) -> list[Path]:
    path = expanded(pattern)
    found = sorted(glob.glob(str(path))) if not path.exists() else [str(path)]  # noqa: PTH207 (absolute patterns too)
    if not found:
        raise ValueError(f"{pattern}: there is no such file")
    return [Path(each) for each in found]


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # read as one


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield from _lines_of(path)


def _lines_of(path: Path) -> Iterator[str]:
    try:
        with _opened(path) as stream:
            while line := stream.readline(_LONGEST_LINE):
                if line.strip():
                    yield line.decode("utf-8", "replace")
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{path}: {error}") from None


def _is_table(form: str, paths: Sequence[Path]) -> bool:
    if form != "auto":
        return form == "rates"
    if paths[0].suffix == ".csv":
        return True
    if paths[0].suffix != ".json":
        return False
    with _opened(paths[0]) as stream:
        return stream.read(64).lstrip().startswith(b"[")


def _table(path: Path) -> list[tuple[float, float]]:
    """Rows of a time (seconds, or RFC 3339) and a rate; a first row of names is passed over."""
    with _opened(path) as stream:
        data = stream.read(_MOST_TABLE_BYTES + 1)
    if len(data) > _MOST_TABLE_BYTES:
        raise ValueError(f"{path}: larger than {_MOST_TABLE_BYTES} bytes")
    text = data.decode("utf-8", "replace")
    rows: list[list[Any]] = (
        _json_rows(text, path) if text.lstrip().startswith("[") else list(csv.reader(text.splitlines()))
    )
    found = []
    for number, row in enumerate(rows, 1):
        if not row:
            continue
        at = moment(row[0])
        rate = _number(row[1]) if len(row) > 1 else None
        if at is None or rate is None:
            if number == 1:
                continue
            raise ValueError(f"{path}:{number}: expected a time and a rate")
        found.append((at, rate))
    return found


def _json_rows(text: str, path: Path) -> list[list[Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    return [
        [row.get("timestamp"), row.get("rate")] if isinstance(row, dict) else row if isinstance(row, list) else [None]
        for row in rows
    ]


def _number(value: object) -> float | None:
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
