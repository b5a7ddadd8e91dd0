"""The console itself, in a terminal of its own that is passed on to the real one and back, and what passes is counted.

It is the program that a user starts, with the same driver, session and screens. A terminal in between makes figures of
it that the console need not help with, and whatever happens to it, this side puts the terminal right.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import termios
import tty
from collections.abc import Callable, Mapping, Sequence

import msgspec

from perftui.cli.selftest.tally import Reports, Tally
from perftui.cli.selftest.work import child_seconds, cpu_seconds
from perftui.domain.text import clean
from perftui.tui.probe.line import TerminalLine

_START_S, _WARM_S, _END_S = 15.0, 2.0, 5.0
# a key that did not paint anything by then paints nothing
_KEY_S, _KEYS_S = 8.0, 25.0
_QUIET_S = 0.12
_PICTURE_BYTES = 500
_LAST_WORDS = 2000


class Press(msgspec.Struct, frozen=True):
    """A key, by what it does; ``seconds`` until what it changed was on screen, None when nothing changed."""

    name: str
    seconds: float | None
    bytes: int


class ConsoleFigures(msgspec.Struct, frozen=True):
    """Rates are of ``seconds`` of watching; ``cpu`` are shares of one core. ``failed`` says why there are none.

    ``drawn_s``: from a picture's first byte to the terminal's answer behind it, the median; None without answers.
    """

    failed: str = ""
    first_picture_s: float | None = None
    ready_s: float | None = None
    seconds: float = 0.0
    bytes_per_s: float = 0.0
    compressed: float | None = None
    pictures_per_s: float = 0.0
    drawn_s: float | None = None
    drawn_most_s: float | None = None
    ui_cpu: float = 0.0
    session_cpu: float = 0.0
    keys: tuple[Press, ...] = ()


class Script(msgspec.Struct, frozen=True):
    """What is pressed: (what it does, the key as it is sent). ``freeze`` makes the console paint nothing by itself."""

    freeze: bytes
    keys: tuple[tuple[str, bytes], ...]


class _EndedError(Exception):
    """The console is not there any more."""


class Rehearsal:
    """``command`` is started on entering and gone after leaving."""

    def __init__(
        self, line: TerminalLine, command: Sequence[str], monotonic: Callable[[], float], *, answers: bool
    ) -> None:
        self._line, self._monotonic = line, monotonic
        self._size = line.size
        self.tally, self._reports = Tally(answers=answers), Reports()
        self._out = b""
        self._last = b""
        self._began = monotonic()
        self._first_at: float | None = None
        self._master, slave = pty.openpty()
        try:
            tty.setraw(slave)
            self._resize()
            self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        os.set_blocking(self._master, False)

    def __enter__(self) -> Rehearsal:
        return self

    def __exit__(self, *_: object) -> None:
        """End it in good order, or else without."""
        try:
            with contextlib.suppress(_EndedError):
                self._process.terminate()
                self._pass_on(_END_S, lambda: self._process.poll() is not None)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            os.close(self._master)
            self._line.owe(len(self.tally.asked), self.tally.slowest_s(self._monotonic()))

    def run(self, seconds: float, script: Script) -> ConsoleFigures:
        """Watch for so long, then press keys. Raises what ``line`` raises."""
        try:
            ready_s = self._start()
            figures = self._watch(seconds)
            return msgspec.structs.replace(
                figures,
                first_picture_s=None if self._first_at is None else self._first_at - self._began,
                ready_s=ready_s,
                keys=self._press_all(script),
            )
        except _EndedError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
            return ConsoleFigures(failed=self._why())

    def _start(self) -> float:
        """Until it reads keys: then it asks where the cursor is, or has drawn and is quiet. Seconds since its start."""

        def ready() -> bool:
            tally = self.tally
            drawn = tally.bytes >= _PICTURE_BYTES
            return drawn and (bool(tally.asked or tally.delays) or self._monotonic() - tally.wrote_at > 1.0)

        self._pass_on(_START_S, ready)
        took = self._monotonic() - self._began
        self._pass_on(_WARM_S)
        # the first picture is large: on a slow link it takes longer than anything after it
        self._pass_on(_START_S, lambda: not self.tally.waits)
        return took

    def _watch(self, seconds: float) -> ConsoleFigures:
        tally, pid = self.tally, self._process.pid
        before = (tally.bytes, tally.compressed, tally.pictures, len(tally.delays))
        began, ui, session = self._monotonic(), cpu_seconds(pid), child_seconds(pid)
        self._pass_on(seconds)
        took = self._monotonic() - began
        sent, delays = tally.bytes - before[0], tally.delays[before[3] :]
        return ConsoleFigures(
            seconds=took,
            bytes_per_s=sent / took,
            compressed=(tally.compressed - before[1]) / sent if sent else None,
            pictures_per_s=(tally.pictures - before[2]) / took,
            drawn_s=statistics.median(delays) if delays else None,
            drawn_most_s=max(delays, default=None),
            ui_cpu=max(0.0, cpu_seconds(pid) - ui) / took,
            session_cpu=max(0.0, child_seconds(pid) - session) / took,
        )

    def _press_all(self, script: Script) -> tuple[Press, ...]:
        """In a frozen console, so that what is painted was painted because of the key."""
        until = self._monotonic() + _KEYS_S
        self._press("freeze", script.freeze)
        pressed: list[Press] = []
        for name, key in script.keys:
            if self._monotonic() > until:
                break
            pressed.append(self._press(name, key))
            if name == "host":
                # its table comes a little later, and would be taken for what the next key painted
                self._pass_on(_WARM_S)
        return tuple(pressed)

    def _press(self, name: str, key: bytes) -> Press:
        tally = self.tally
        self._pass_on(_KEY_S, lambda: not tally.waits)
        sent = tally.bytes
        at = self._monotonic()
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, key)

        def painted() -> bool:
            latest = max(tally.wrote_at, tally.answered_at)
            return tally.wrote_at > at and not tally.waits and self._monotonic() - latest > _QUIET_S

        self._pass_on(_KEY_S, painted)
        if tally.wrote_at <= at:
            return Press(name, None, 0)
        until = self._monotonic() if tally.waits else max(tally.wrote_at, tally.answered_at)
        return Press(name, until - at, tally.bytes - sent)

    def _pass_on(self, seconds: float, done: Callable[[], bool] = lambda: False) -> None:
        """Both ways, until that time is over or ``done``. Nothing is kept in between that the terminal didn't take."""
        until = self._monotonic() + seconds
        while (left := until - self._monotonic()) > 0 and not done():
            self._follow_size()
            reads = [self._line.fd] if self._out else [self._line.fd, self._master]
            ready, room, _ = select.select(reads, [self._line.fd] if self._out else [], [], min(0.05, left))
            if self._line.fd in ready:
                self._back()
            if self._master in ready:
                self._forth()
            if self._out and room:
                self._out = self._out[self._line.write(self._out) :]

    def _forth(self) -> None:
        try:
            data = os.read(self._master, 16384)
        except BlockingIOError:
            return
        except OSError:
            raise _EndedError from None
        if not data:
            raise _EndedError
        now = self._monotonic()
        self.tally.wrote(data, now)
        if self._first_at is None and self.tally.bytes >= _PICTURE_BYTES:
            self._first_at = now
        self._last = (self._last + data)[-_LAST_WORDS:]
        self._out = data[self._line.write(data) :]

    def _back(self) -> None:
        data = self._reports.of(self._line.read())
        self.tally.came(data, self._monotonic())
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def _follow_size(self) -> None:
        if self._line.size != self._size:
            self._size = self._line.size
            self._resize()
            self._process.send_signal(signal.SIGWINCH)

    def _resize(self) -> None:
        columns, rows = self._size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _why(self) -> str:
        said = [line for line in self._last.decode("utf-8", "replace").splitlines() if "perftui:" in line]
        return clean(said[-1], 300) if said else f"it ended with exit code {self._process.returncode}"


def command(python: str, arguments: Sequence[str]) -> list[str]:
    """The console as it is started here; without a journal, as another console may be writing that."""
    return [python, "-m", "perftui", "--no-journal", *arguments]


def script(strokes: Mapping[str, bytes]) -> Script:
    """Two kinds of keys: those that change a row, and those that change the screen. ``strokes`` by bindings' ids."""
    rows = [("row", "table.down"), ("row", "table.up")] * 3
    screens = [("screen", "screen.sources"), ("screen", "screen.overview")] * 2
    keys = [("host", "screen.host"), *rows, *screens]
    return Script(strokes.get("time.freeze", b""), tuple((name, strokes[key]) for name, key in keys if key in strokes))
