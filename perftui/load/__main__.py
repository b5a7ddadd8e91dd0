"""``python -m perftui.load``: the engine's process. A job comes in on stdin, frames go out on stdout.

The end of stdin is the end of whoever started us, and of the load; where somebody else holds that pipe too, the system
tells us of the end of our parent. No screen and no HTTP client is imported.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys

import msgspec

from perftui.load.engine import Engine
from perftui.load.frames import Frames, Up, frame, read_down, read_job
from perftui.load.job import Job

_IN, _OUT = 0, 1
# how long the last frames may wait for a reader, and for one that is probably gone
_LAST_S, _LOST_S = 2.0, 0.05
_PR_SET_PDEATHSIG = 1


class Pipe:
    """The way up: one frame may wait for room, more may not."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rest = b""
        self.is_broken = False
        os.set_blocking(_OUT, False)

    def emit(self, message: Up, *, can_wait: bool = False) -> bool:
        """False when a frame that can wait found no room."""
        if can_wait and self._rest:
            return False
        self._rest += frame(message)
        self._write()
        return True

    def _write(self) -> None:
        try:
            while self._rest:
                self._rest = self._rest[os.write(_OUT, self._rest) :]
            self._loop.remove_writer(_OUT)
        except BlockingIOError:
            self._loop.add_writer(_OUT, self._write)
        except OSError:
            self._rest, self.is_broken = b"", True
            self._loop.remove_writer(_OUT)

    async def drained(self, within_s: float) -> None:
        end = self._loop.time() + within_s
        while self._rest and self._loop.time() < end:  # noqa: ASYNC110 (two seconds at most, after the load)
            await asyncio.sleep(0.005)


async def _run(job: Job, frames: Frames, waiting: list[bytes], loop_name: str) -> None:
    loop = asyncio.get_running_loop()
    pipe = Pipe(loop)
    engine = Engine(job, pipe.emit, loop_name, os.getpid())

    def read() -> None:
        try:
            data = os.read(_IN, 65536)
            bodies = frames.feed(data)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            data, bodies = b"", []
        for body in bodies:
            engine.command(read_down(body))
        if not data:
            loop.remove_reader(_IN)
            engine.stop("lost")

    os.set_blocking(_IN, False)
    loop.add_reader(_IN, read)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, engine.stop, "signal")
    for body in waiting:
        engine.command(read_down(body))
    await engine.run()
    await pipe.drained(_LOST_S if engine.stopped_by in ("lost", "signal") else _LAST_S)


def _loop() -> tuple[asyncio.AbstractEventLoop, str]:
    """uvloop where it is there and not switched off, else the loop of the standard library."""
    if os.environ.get("PERFTUI_LOAD_LOOP") != "asyncio":
        try:
            import uvloop
        except ImportError:
            pass
        else:
            return uvloop.new_event_loop(), "uvloop"
    return asyncio.new_event_loop(), "asyncio"


def _end_with_parent() -> None:
    """Linux: SIGTERM when whoever started us is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def main() -> int:
    """2 when the job could not be read."""
    _end_with_parent()
    frames = Frames()
    bodies: list[bytes] = []
    while not bodies:
        data = os.read(_IN, 65536)
        if not data:
            return 2
        bodies = frames.feed(data)
    try:
        job = read_job(bodies[0])
    except msgspec.DecodeError as error:
        print(f"perftui: the load engine was given no job: {error}", file=sys.stderr)
        return 2
    loop, name = _loop()
    # what is there now stays: looking through it again and again would only make arrivals late
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    try:
        loop.run_until_complete(_run(job, frames, bodies[1:], name))
    finally:
        loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
