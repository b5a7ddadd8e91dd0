"""How long a start takes beside an empty Python start, btop and a bare Textual program, in one interleaved run.

``python -m benchmarks.start [--rounds N]`` prints two tables; 1 when a bound does not hold. Linux only. First frame:
from spawn to the bytes with which figures of this machine (load, memory, CPU) have come, in 120x40. Live: CPU of each
process until every panel of the Overview has its figures; then a key must work.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pyte

from benchmarks.terminal.processes import children

_ROOT = Path(__file__).resolve().parents[1]
_COLUMNS, _ROWS = 120, 40
_DEADLINE_S = 30.0
_HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("hello")

Hello().run()
"""
# what the first frame of the console has to say, each with a figure
_FIGURES = (rb"load", rb"\d [KMGT]iB", rb"\d %")
_FOREIGN = re.compile(r"\x1b\[[<>=?][\d;]*\$?[a-zA-Z](?<![hl])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[\?[\d;]*\$p")
BOUNDS = {"first_in_passes": 4.0, "first_ms": 60.0, "ui_in_hellos": 1.7, "both_in_hellos": 2.6}


class Program:
    """A program in a pseudo-terminal that had its size before; a context manager that ends it."""

    def __init__(self, command: Sequence[str], home: Path, **more: str) -> None:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), "HOME": str(home), "TERM": "xterm-256color"}
        environ |= {"COLORTERM": "truecolor", "LANG": "C.UTF-8", **more}
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self.output = b""
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.Stream(self._screen)
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(slave, fd)
            os.chdir(home)
            os.execvpe(command[0], list(command), environ)  # noqa: S606 (the command is ours to choose)
        os.close(slave)

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        until = time.monotonic() + 5
        try:
            os.kill(self.pid, signal.SIGTERM)
            while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                self._pump(0.02)
                if time.monotonic() > until:
                    os.kill(self.pid, signal.SIGKILL)
        except (ProcessLookupError, ChildProcessError):
            pass  # it has ended and was waited for
        os.close(self._master)

    def wait(self, done: Callable[[], bool]) -> float:
        """Seconds from spawn until that."""
        while not done():
            if time.monotonic() - self.began > _DEADLINE_S:
                raise SystemExit(f"waited in vain; the last that came: {self.output[-300:]!r}")
            self._pump(0.1)
        return time.monotonic() - self.began

    def _pump(self, seconds: float) -> None:
        if select.select([self._master], [], [], seconds)[0]:
            try:
                self.output += os.read(self._master, 65536)
            except OSError:
                time.sleep(0.001)

    def says(self, *patterns: bytes) -> Callable[[], bool]:
        return lambda: all(re.search(pattern, self.output) for pattern in patterns)

    def text(self) -> str:
        """What stands on the screen, when everything that came is drawn."""
        self._screen.reset()
        self._stream.feed(_FOREIGN.sub("", self.output.decode("utf-8", "replace")))
        return "\n".join(self._screen.display)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())


class Start(NamedTuple):
    """Milliseconds: first figures on the wall's clock, CPU of the console and of its session until all is live."""

    first_ms: float
    ui_ms: float
    session_ms: float


def cpu_ms(pid: int) -> float:
    """CPU time of a process with all threads that it had (the clock of another process: clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2) * 1e3


def started(home: Path) -> Start:
    """The console, until every panel is live."""
    with Program([sys.executable, "-m", "perftui"], home) as program:
        first = program.wait(program.says(*_FIGURES))
        program.wait(program.says(rb"\x1b\[\?1004h"))
        program.wait(lambda: _live(program.text()))
        session = children(program.pid)
        start = Start(first * 1e3, cpu_ms(program.pid), sum(map(cpu_ms, session)))
        program.type(" ")
        program.wait(lambda: "FROZEN" in program.text())
        return start


def _live(text: str) -> bool:
    """CPU, memory, disk, network, saturation and alerts all have figures."""
    waits = "collecting the first samples" in text or "starting" in text
    has_all = all(re.search(pattern, text) for pattern in (r"requests +\d", r"rules, checked|since", r"\? help"))
    return has_all and not waits


def passed(home: Path) -> float:
    """An empty Python start from spawn to its end, in milliseconds."""
    with Program([sys.executable, "-c", "pass"], home) as program:
        os.waitpid(program.pid, 0)
        return (time.monotonic() - program.began) * 1e3


def hello(home: Path) -> float:
    """CPU of a bare Textual program until its text stands, in milliseconds."""
    with Program([sys.executable, "-c", _HELLO], home) as program:
        program.wait(program.says(b"hello"))
        return cpu_ms(program.pid)


def btop(home: Path) -> float:
    """btop's first figure, the memory of the machine, in milliseconds."""
    with Program(["btop"], home) as program:
        return program.wait(program.says(rb"Total: +[\d.]+ [KMGT]iB")) * 1e3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    taken: dict[str, list[float]] = {"pass": [], "hello": [], "btop": []}
    fresh: list[Start] = []
    again: list[Start] = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            taken["pass"].append(passed(home))
            fresh.append(started(home))
            taken["hello"].append(hello(home))
            again.append(started(home))
            if shutil.which("btop"):
                taken["btop"].append(btop(home))
    medians = {name: statistics.median(values) for name, values in taken.items() if values}
    figures = {
        name: max(first, second)
        for (name, first), second in zip(
            _figures(fresh, medians).items(), _figures(again, medians).values(), strict=True
        )
    }
    _print(fresh, again, medians)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    document = {"taken": taken, "fresh": fresh, "again": again}
    (folder / f"start-{time.strftime('%Y%m%dT%H%M%S')}.json").write_text(json.dumps(document, indent=1), "utf-8")
    failed = [name for name, bound in BOUNDS.items() if figures[name] > bound]
    for name in failed:
        print(f"FAILED: {name} is {figures[name]:.2f}, the bound is {BOUNDS[name]:g}")
    return 1 if failed else 0


def _median(starts: Sequence[Start]) -> Start:
    return Start(*(statistics.median(values) for values in zip(*starts, strict=True)))


def _figures(starts: Sequence[Start], medians: dict[str, float]) -> dict[str, float]:
    one = _median(starts)
    return {
        "first_in_passes": one.first_ms / medians["pass"],
        "first_ms": one.first_ms,
        "ui_in_hellos": one.ui_ms / medians["hello"],
        "both_in_hellos": statistics.median(start.ui_ms + start.session_ms for start in starts) / medians["hello"],
    }


def _print(fresh: Sequence[Start], again: Sequence[Start], medians: dict[str, float]) -> None:
    print("| first figures | ms | in empty starts |\n|---|---|---|")
    rows = {"python -c pass (to its end)": medians["pass"]}
    rows |= {"btop": medians["btop"]} if "btop" in medians else {}
    rows |= {"perftui, first start": _median(fresh).first_ms, "perftui, second start": _median(again).first_ms}
    for name, taken in rows.items():
        print(f"| {name} | {taken:.1f} | {taken / medians['pass']:.2f} |")
    print("\n| CPU until live | ms | in bare Textual programs |\n|---|---|---|")
    print(f"| bare Textual | {medians['hello']:.0f} | 1 |")
    for name, starts in (("first start", fresh), ("second start", again)):
        one, ratios = _median(starts), _figures(starts, medians)
        print(f"| perftui, console, {name} | {one.ui_ms:.0f} | {ratios['ui_in_hellos']:.2f} |")
        both = one.ui_ms + one.session_ms
        print(f"| perftui, console and session, {name} | {both:.0f} | {ratios['both_in_hellos']:.2f} |")


if __name__ == "__main__":
    sys.exit(main())
