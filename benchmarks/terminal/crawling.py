"""Keys over slow links: 16 KB/s and 2 KB/s behind 256 KiB of buffer, 100 ms there and back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.terminal.link import Link
from benchmarks.terminal.pressing import press
from benchmarks.terminal.program import Program
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.subjects import Subject, all_live, focus

BUFFER, RTT_S = 262_144, 0.1
RATES = {"link16": 16_000.0, "link2": 2_000.0}
GIVE_UP_S = 30.0
_SETTLE_S = 5.0
_SCREENS = (("9", "Processes"), ("1", "Requests"))


class Crawl(NamedTuple):
    """Seconds until all panels are live, from keys to the focus, and to another screen; GIVE_UP_S where never."""

    live_s: float
    focus_s: list[float]
    screen_s: list[float]


def crawl(subject: Subject, rate: float, keys: int, chance: random.Random, *, whole: bool) -> Crawl:
    """One start of the program behind such a link; ``whole``: with keys to other screens too."""
    with subject.start(link=Link(rate, BUFFER, RTT_S)) as program:
        began = time.perf_counter()
        while not all_live(program.screen) and time.perf_counter() - began < GIVE_UP_S:
            program.pump(0.05)
        live_s = time.perf_counter() - began
        program.pass_time(_SETTLE_S)
        focused: list[float] = []
        # who does not answer once will not answer soon
        while len(focused) < keys and GIVE_UP_S not in focused:
            focused.append(_timed(program, subject.keys[len(focused) % 2], focus, chance))
        screens = [_timed(program, key, _sign(sign), chance) for key, sign in _SCREENS] if whole else []
        return Crawl(live_s, focused, screens)


def _timed(program: Program, key: str, effect: Callable[[Screen], object], chance: random.Random) -> float:
    program.pass_time(chance.uniform(0.7, 1.7))
    found = press(program, key, effect, GIVE_UP_S).seconds
    return GIVE_UP_S if found is None else found


def _sign(text: str) -> Callable[[Screen], object]:
    return lambda screen: text in screen.text


def focus_s(crawls: list[Crawl]) -> list[float]:
    """All of them."""
    return [one for crawl_ in crawls for one in crawl_.focus_s]


def screen_s(crawls: list[Crawl]) -> list[float]:
    """All of them."""
    return [one for crawl_ in crawls for one in crawl_.screen_s]
