"""Runs a program in a pseudo-terminal of its own, answers its questions, and keeps when each piece of output came.

One thread does nothing but read, stamp and answer: drawing with pyte is slow, and must not make the program look slow.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import queue
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from benchmarks.terminal.answers import Answers
from benchmarks.terminal.link import Link
from benchmarks.terminal.processes import Cpu, cpu_of
from benchmarks.terminal.screen import Screen

_READ = 65536
_LINK_STEP_S = 0.004
_PATIENCE_S = 8.0
_NO_CPU = Cpu(0.0, 0.0)


class Chunk(NamedTuple):
    """One piece of output: when it reached the terminal (``perf_counter``), and the CPU used until then.

    ``cpu`` is zero unless it was asked for.
    """

    at: float
    data: bytes
    cpu: Cpu


class Program:
    """A context manager. ``home`` is the folder that all its files go to: a fresh user's unless it is given.

    ``files`` are written into it ahead. ``link`` stands between program and terminal. ``stamp_cpu`` notes the CPU with
    each chunk.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        home: Path | None = None,
        files: Mapping[str, str] | None = None,
        size: tuple[int, int] = (120, 40),
        link: Link | None = None,
        stamp_cpu: bool = False,
    ) -> None:
        self.screen = Screen(*size)
        self._answers = Answers(*size, lambda: self.screen.cursor)
        self._link, self.stamp_cpu = link, stamp_cpu
        self._home = tempfile.TemporaryDirectory(prefix="perftui-bench-")
        environ = environment(home or Path(self._home.name), files or {})
        self._master, self._slave = pty.openpty()
        columns, rows = size
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 8, rows * 16))
        self._settings = termios.tcgetattr(self._slave)
        self._chunks: queue.Queue[Chunk] = queue.Queue()
        self._running = True
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=cwd,
            env=environ,
            start_new_session=True,
            # what is between fork and exec is async-signal-safe
            preexec_fn=_take_terminal,  # noqa: PLW1509
        )
        self._reader = threading.Thread(target=self._read if link is None else self._carry, daemon=True)
        self._reader.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._running = False
        self._reader.join()
        for fd in (self._master, self._slave):
            os.close(fd)
        # a session that ends a moment later may still write there
        with contextlib.suppress(OSError):
            self._home.cleanup()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> float:
        """Until it has ended by itself; when that was."""
        self._process.wait(_PATIENCE_S)
        return time.perf_counter()

    # what the terminal does

    def _read(self) -> None:
        while self._running:
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self._master, _READ)
            except OSError:
                return
            now = time.perf_counter()
            self._take(now, data)
            reply = self._answers.to(data)
            if reply:
                os.write(self._master, reply)

    def _carry(self) -> None:
        link = self._link
        assert link is not None  # noqa: S101 (this thread only runs with one)
        while self._running:
            if link.room() and select.select([self._master], [], [], _LINK_STEP_S)[0]:
                try:
                    data = os.read(self._master, min(_READ, link.room()))
                    link.write(data, time.perf_counter())
                except OSError:
                    return
            elif not link.room():
                time.sleep(_LINK_STEP_S)
            now = time.perf_counter()
            for at, data in link.arrivals(now):
                self._take(at, data)
                reply = self._answers.to(data)
                if reply:
                    link.type(reply, at)
            for _, data in link.typed(now):
                os.write(self._master, data)

    def _take(self, now: float, data: bytes) -> None:
        self._chunks.put(Chunk(now, data, cpu_of(self.pid) if self.stamp_cpu else _NO_CPU))

    # what a person does and sees

    def type(self, keys: str) -> float:
        """Press keys; when that was."""
        now = time.perf_counter()
        if self._link is None:
            os.write(self._master, keys.encode())
        else:
            self._link.type(keys.encode(), now)
        return now

    def next(self, seconds: float) -> Chunk | None:
        """The next piece of output, not drawn yet; None when none comes in time."""
        try:
            return self._chunks.get(timeout=max(seconds, 0.0001))
        except queue.Empty:
            return None

    def pump(self, seconds: float) -> Chunk | None:
        """The next piece of output, drawn."""
        chunk = self.next(seconds)
        if chunk is not None:
            self.screen.feed(chunk.data)
        return chunk

    def pass_time(self, seconds: float) -> None:
        """Let it work, and draw what it writes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump(left)

    def quiet(self, silence_s: float, limit_s: float) -> None:
        """Until nothing has come for that long."""
        end = time.perf_counter() + limit_s
        while time.perf_counter() < end and self.pump(silence_s):
            pass

    def finish(self, keys: str) -> list[str]:
        """Leave it by its keys; what is not as it was before it started, empty is good."""
        self.type(keys)
        end = time.perf_counter() + _PATIENCE_S
        while self.lives and time.perf_counter() < end:
            self.pump(0.05)
        self.quiet(0.1, 1.0)
        wrong = [] if not self.lives else ["it did not end"]
        settings = termios.tcgetattr(self._slave)
        return wrong + self._answers.left_on() + ([] if settings == self._settings else ["the line settings differ"])


def environment(home: Path, files: Mapping[str, str]) -> dict[str, str]:
    """What a fresh user has, with ``files`` (text by path below HOME); nothing of Python's or of the user's own."""
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "USER": os.environ.get("USER", "root"),
    }


def _take_terminal() -> None:
    """In the child: the pseudo-terminal becomes its controlling terminal, signals are as a shell leaves them."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
