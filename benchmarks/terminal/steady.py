"""What a program sends and uses while it is watched: bytes, bytes through ``ssh -C``, frames, cells, CPU and memory."""

from __future__ import annotations

import time
import zlib
from typing import NamedTuple

from benchmarks.terminal.processes import cpu_of, pss_mb
from benchmarks.terminal.program import Program
from benchmarks.terminal.screen import Screen, floor_bytes

# a silence that long ends a frame
FRAME_GAP_S = 0.012
_ZLIB_LEVEL = 6


class Steady(NamedTuple):
    """By second, over one window; CPU in percent of a core, memory (PSS) in MB of the program's own process."""

    bytes: float
    packed: float
    floor: float
    frames: float
    cells: float
    own_percent: float
    others_percent: float
    pss_mb: float

    @property
    def cpu_percent(self) -> float:
        return self.own_percent + self.others_percent


class Frames:
    """Counts frame by frame. ``packed``: zlib as ``ssh -C`` does it, one stream that is flushed after each frame."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._packer = zlib.compressobj(_ZLIB_LEVEL)
        self.bytes = self.packed = self.floor = self.frames = self.cells = 0
        self._open = False
        screen.changed()

    def take(self, data: bytes) -> None:
        """Draw a piece of output."""
        self._screen.feed(data)
        self.bytes += len(data)
        self.packed += len(self._packer.compress(data))
        self._open = True

    def end(self) -> None:
        """The frame is whole, if one has begun."""
        if not self._open:
            return
        self._open = False
        changed = self._screen.changed()
        self.packed += len(self._packer.flush(zlib.Z_SYNC_FLUSH))
        self.frames += 1
        self.cells += len(changed)
        self.floor += floor_bytes(changed)


def watch(program: Program, seconds: float) -> Steady:
    """Watch it for so long."""
    frames, before = Frames(program.screen), cpu_of(program.pid)
    began = last = time.perf_counter()
    while (left := began + seconds - time.perf_counter()) > 0:
        chunk = program.next(min(left, FRAME_GAP_S))
        if chunk is None or chunk.at - last > FRAME_GAP_S:
            frames.end()
        if chunk is not None:
            last = chunk.at
            frames.take(chunk.data)
    frames.end()
    took = time.perf_counter() - began
    used = cpu_of(program.pid).since(before)
    return Steady(
        frames.bytes / took,
        frames.packed / took,
        frames.floor / took,
        frames.frames / took,
        frames.cells / took,
        100 * used.own / took,
        100 * used.others / took,
        pss_mb(program.pid),
    )
