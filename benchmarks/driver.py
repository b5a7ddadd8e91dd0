"""Our terminal driver beside Textual's own: bytes, CPU, and the time from a key to its picture over slow links.

``python -m benchmarks.driver [--rounds N] [--seconds S]`` in the root of the repository; interleaved, medians. A link
takes what is written into a buffer as ssh does, carries so many bytes a second, and answers after its round trip.
"""

from __future__ import annotations

import argparse
import codecs
import os
import re
import select
import statistics
import sys
import time
from collections import deque
from pathlib import Path

from benchmarks.meter import Terminal
from perftui.tui.driver.pacing import ASK
from tests.e2e.terminal import ROOT
from tests.e2e.terminal import Terminal as Screen
from tests.tui.driver.glass import Glass

_DRIVERS = ("stock", "delta")
_LINKS = {
    "16 KB/s, 256 KiB buffer, 100 ms": (16_000, 262_144, 0.1),
    "2 KB/s, 256 KiB buffer, 100 ms": (2_000, 262_144, 0.1),
}
_GIVE_UP_S = 30.0
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?$")


def _command(driver: str) -> list[str]:
    return [sys.executable, "-m", "perftui", "--no-journal", "--driver", driver]


def steady(driver: str, seconds: float) -> tuple[float, float]:
    """Bytes a second and CPU in percent of the console's own process."""
    with Terminal(_command(driver), cwd=ROOT) as terminal:
        time.sleep(8)
        reading = terminal.measure(seconds)
        return reading.bytes_per_s, reading.cpu_percent[0]


class Link:
    """What stands between a program and its terminal."""

    def __init__(self, driver: str, rate: float, buffer: int, rtt_s: float) -> None:
        self._rate, self._buffer, self._rtt_s = rate, buffer, rtt_s
        self._screen = Screen(_command(driver), env={**os.environ, "TERM": "xterm-256color"}, cwd=ROOT)
        self.fd = self._screen._master
        self.glass = Glass(120, 40)
        self._held = bytearray()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tail = ""
        self._late: deque[tuple[float, bytes]] = deque()
        self._saved, self._at = 0.0, time.monotonic()

    def close(self) -> None:
        self._screen.process.kill()
        self._screen.process.wait()
        self._screen.hang_up()

    def run(self, seconds: float, text: str = "") -> float:
        """Until the text is to be seen, or so long; how long that was."""
        began = time.monotonic()
        while (now := time.monotonic()) - began < seconds:
            if text and text in self.glass.text:
                break
            if len(self._held) < self._buffer and select.select([self.fd], [], [], 0.005)[0]:
                self._held += os.read(self.fd, 16384)
            self._deliver(now)
            while self._late and self._late[0][0] <= now:
                os.write(self.fd, self._late.popleft()[1])
        return time.monotonic() - began

    def _deliver(self, now: float) -> None:
        self._saved = min(self._saved + (now - self._at) * self._rate, self._rate / 10)
        self._at = now
        count = min(len(self._held), int(self._saved))
        if not count:
            return
        text = self._tail + self._decode(bytes(self._held[:count]))
        del self._held[:count]
        self._saved -= count
        # the simple terminal here needs each sequence in one piece
        torn = _UNFINISHED.search(text)
        self._tail, text = (text[torn.start() :], text[: torn.start()]) if torn else ("", text)
        self.glass.write(text)
        self._late.extend((now + self._rtt_s, b"\x1b[1;1R") for _ in range(text.count(ASK)))


def key_to_paint(driver: str, link: tuple[float, int, float], keys: int) -> list[float]:
    """Seconds from a key to the whole of the screen that it asks for; the other one is asked for in between."""
    one = Link(driver, *link)
    try:
        one.run(_GIVE_UP_S * 2, "? help")
        one.run(5)
        times = []
        for number in range(keys):
            key, sign = (b"9", "Processes") if number % 2 == 0 else (b"1", "Fix first")
            os.write(one.fd, key)
            times.append(one.run(_GIVE_UP_S, sign) + link[2] / 2)
            one.run(2)
        return times
    finally:
        one.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--keys", type=int, default=6)
    options = parser.parse_args()
    if Path.cwd() != ROOT:
        parser.error(f"run it in {ROOT}")
    found: dict[str, list[tuple[float, float]]] = {driver: [] for driver in _DRIVERS}
    for _ in range(options.rounds):
        for driver in _DRIVERS:
            found[driver].append(steady(driver, options.seconds))
    for driver, figures in found.items():
        sent, cpu = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"{driver:6} {sent:8.0f} B/s  {cpu:5.2f} % CPU", flush=True)
    for name, link in _LINKS.items():
        for driver in _DRIVERS:
            times = key_to_paint(driver, link, options.keys)
            print(
                f"{driver:6} {name}: key to paint {statistics.median(times):6.2f} s, most {max(times):6.2f} s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
