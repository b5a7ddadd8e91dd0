"""Histograms in a record: small enough to keep for ever, and whole enough to compare runs and to export them later.

They are HdrHistogram's own payload (V2), so that others read them, too. Response times are kept for stretches of the
run beside the whole: how much they differ from each other tells how sure a percentile is.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from perftui.load.hdr import encoded
from perftui.load.histogram import Histogram
from perftui.load.run import Run

_MOST_STRETCHES = 60
_COOKIE, _COMPRESSED_COOKIE = 0x1C849313, 0x1C849314
_HEAD = struct.Struct(">iiiiqqd")
_MOST_BYTES = 1 << 20
# as hdr.encoded writes: 256 sub-buckets, the upper half of them used in every bucket but the first
_HALF_BITS, _HALF = 7, 128


class Kept(NamedTuple):
    """``stretches`` are response times, each of ``every_s`` seconds, from the start of the measured time."""

    response: Histogram
    service: Histogram
    every_s: float
    stretches: tuple[Histogram, ...]


def kept(run: Run) -> dict[str, Any]:
    """For the record."""
    seconds = max(1, int(run.measured_s + 1e-6))
    every = -(-seconds // _MOST_STRETCHES)
    stretches = [Histogram() for _ in range(-(-seconds // every))]
    for key, second in run.seconds.items():
        # what came after the end of the measured time belongs to its last stretch
        stretches[min(key // every, len(stretches) - 1)].merge(second.response)
    return {
        "response": encoded(run.tally.response()),
        "service": encoded(run.tally.service),
        "every_s": every,
        "stretches": [encoded(each) for each in stretches],
    }


def read_kept(record: Mapping[str, Any]) -> Kept | None:
    """None for a record without histograms, or with broken ones."""
    found = record.get("histograms")
    if not isinstance(found, Mapping):
        return None
    try:
        return Kept(
            decoded(found["response"]),
            decoded(found["service"]),
            float(found["every_s"]),
            tuple(decoded(each) for each in found["stretches"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def decoded(text: str) -> Histogram:
    """What ``hdr.encoded`` has written. Raises ValueError for anything else."""
    try:
        packed = base64.b64decode(text, validate=True)
        cookie, length = struct.unpack_from(">ii", packed)
        payload = zlib.decompressobj().decompress(packed[8 : 8 + length], _MOST_BYTES)
        inner, size, _, _, _, _, _ = _HEAD.unpack_from(payload)
    except (binascii.Error, struct.error, zlib.error) as error:
        raise ValueError(f"not a histogram: {error}") from None
    if (cookie, inner) != (_COMPRESSED_COOKIE, _COOKIE):
        raise ValueError("not a histogram of version 2")
    return _counted(payload[_HEAD.size : _HEAD.size + size])


def _counted(body: bytes) -> Histogram:
    histogram = Histogram()
    place = at = 0
    while at < len(body):
        number, at = _zigzag(body, at)
        if number < 0:
            place -= number
            continue
        if number:
            _add(histogram, _middle(place), number)
        place += 1
        if place > 1 << 20:
            raise ValueError("not a histogram: a value beyond all")
    return histogram


def _add(histogram: Histogram, value: int, count: int) -> None:
    one = Histogram()
    one.record(value)
    ((index, _),) = one.counts.items()
    histogram.merge(Histogram({index: count}, count, value * count, value, value))


def _middle(place: int) -> int:
    bucket = max(0, (place >> _HALF_BITS) - 1)
    return ((place - (bucket << _HALF_BITS)) << bucket) + (1 << bucket) // 2


def _zigzag(body: bytes, at: int) -> tuple[int, int]:
    """One number of LEB128, nine bytes at most, and where the next one begins."""
    value = shift = 0
    while True:
        if at >= len(body):
            raise ValueError("not a histogram: it ends too early")
        byte = body[at]
        at += 1
        if shift == 56:
            value |= byte << shift
            break
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
        shift += 7
    return (value >> 1) ^ -(value & 1), at
