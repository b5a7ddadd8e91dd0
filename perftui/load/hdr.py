"""Histograms as files of others: ``.hgrm`` as HdrHistogram prints it, and its log of intervals (V2).

Formats: HdrHistogram's AbstractHistogram.encodeIntoByteBuffer (V2 payload, ZigZag LEB128), HistogramLogWriter and
outputPercentileDistribution. An encoder of our own, as the package for it is not built for every machine.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable
from datetime import datetime, timezone

from perftui.load.histogram import Histogram, middle

_COOKIE, _COMPRESSED_COOKIE = 0x1C849313, 0x1C849314
_DIGITS = 2
# 2 significant digits: 256 sub-buckets, the upper half of them used in every bucket but the first
_SUB_BITS, _HALF = 8, 128
_HIGHEST_NS = 3_600_000_000_000
_MS = 1e6


def hgrm(histogram: Histogram) -> str:
    """The percentile distribution in milliseconds, one line a bucket."""
    lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""]
    reached = 0
    for index, count in histogram.sorted():
        reached += count
        share = reached / histogram.n
        rest = f"{1 / (1 - share):14.2f}" if reached < histogram.n else f"{'inf':>14}"
        # the last one is known exactly
        value = (histogram.high if reached == histogram.n else max(histogram.low, middle(index))) / _MS
        lines.append(f"{value:12.3f} {share:2.12f} {reached:10d} {rest}")
    mean, deviation = (histogram.mean() or 0.0) / _MS, (histogram.deviation() or 0.0) / _MS
    lines += [
        f"#[Mean    = {mean:12.3f}, StdDeviation   = {deviation:12.3f}]",
        f"#[Max     = {histogram.high / _MS:12.3f}, Total count    = {histogram.n:12d}]",
        f"#[Buckets = {_HIGHEST_NS.bit_length() - _SUB_BITS + 1:12d}, SubBuckets     = {1 << _SUB_BITS:12d}]",
    ]
    return "\n".join(lines) + "\n"


def log(intervals: Iterable[tuple[float, float, Histogram]], started_at: float) -> str:
    """An HdrHistogram log: ``intervals`` are (seconds since the start, length in s, histogram)."""
    stamp = datetime.fromtimestamp(started_at, timezone.utc).isoformat(timespec="milliseconds")
    lines = [
        "#[Logged with perftui]",
        "#[Histogram log format version 1.3]",
        f"#[StartTime: {started_at:.3f} (seconds since epoch), {stamp}]",
        f"#[BaseTime: {started_at:.3f} (seconds since epoch)]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]
    for start, length, histogram in intervals:
        lines.append(f"{start:.3f},{length:.3f},{histogram.high / _MS:.3f},{encoded(histogram)}")
    return "\n".join(lines) + "\n"


def encoded(histogram: Histogram) -> str:
    """One histogram in ns as HdrHistogram's compressed V2 payload in base 64."""
    counts: dict[int, int] = {}
    for index, count in histogram.counts.items():
        value = round(min(histogram.high, max(histogram.low, middle(index)), _HIGHEST_NS))
        place = _place(value)
        counts[place] = counts.get(place, 0) + count
    body = bytearray()
    next_place = 0
    for place in sorted(counts):
        if place > next_place:
            body += _zigzag(next_place - place)
        body += _zigzag(counts[place])
        next_place = place + 1
    head = struct.pack(">iiiiqqd", _COOKIE, len(body), 0, _DIGITS, 1, _HIGHEST_NS, 1.0)
    packed = zlib.compress(head + bytes(body))
    return base64.b64encode(struct.pack(">ii", _COMPRESSED_COOKIE, len(packed)) + packed).decode()


def _place(value: int) -> int:
    bucket = max(0, value.bit_length() - _SUB_BITS)
    return ((bucket + 1) << (_SUB_BITS - 1)) + (value >> bucket) - _HALF


def _zigzag(value: int) -> bytes:
    """A count, or how many zeros as a negative number, in LEB128 of up to nine bytes."""
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while rest >= 0x80 and len(out) < 8:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
