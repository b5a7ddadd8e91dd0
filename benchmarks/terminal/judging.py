"""From what was measured to the rows of the table. Every bound stands here, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.terminal.crawling import GIVE_UP_S, Crawl, focus_s, screen_s
from benchmarks.terminal.pressing import Press
from benchmarks.terminal.results import Row, median, percentile, row
from benchmarks.terminal.steady import Steady
from benchmarks.terminal.subjects import HELLO, PERFTUI, STOCK
from benchmarks.terminal.table import Table
from benchmarks.terminal.turns import Turn
from benchmarks.terminal.visiting import Notes

FAIR_CELLS = 300.0
_TOLD_PERCENT = 0.05


@dataclass
class Findings:
    """Everything that one run measured; what was not asked for, or could not be had, is empty."""

    passes_s: list[float] = field(default_factory=list)
    notes: dict[str, Notes] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    crawls: dict[str, dict[str, list[Crawl]]] = field(default_factory=dict)
    well: list[Press] = field(default_factory=list)
    hanging: list[Press] = field(default_factory=list)
    promql: list[Steady] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    memory: list[Steady] = field(default_factory=list)


def cells(notes: Notes) -> float:
    """Cells that really changed in a second."""
    return median(one.cells for one in notes.steady)


def rows(found: Findings) -> list[Row]:
    """All figures for which something was measured."""
    ours = found.notes.get(PERFTUI)
    made = _start(found, ours)
    if ours and ours.steady:
        made += _steady(found.notes, ours)
    if ours and ours.frozen:
        sent, used = max(one.bytes for one in ours.frozen), median(one.own_percent for one in ours.frozen)
        text = f"{sent:.0f} bytes/s, {used:.2f} %"
        made.append(row("frozen", "0 bytes/s, UI process <= 0.15 %", "", text, sent == 0 and used <= 0.15))
    if found.promql:
        used = median(one.cpu_percent for one in found.promql)
        text = f"{used:.2f} % (UI {median(one.own_percent for one in found.promql):.2f} %)"
        made.append(row("UI + session, host + 20 PromQL panels", "<= 1.5 %", "<= 1.0 %", text, used <= 1.5))
    if ours and ours.presses:
        made += _keys(found.notes, ours)
    for name, most, aim in (("link16", 0.6, "0.35 s"), ("link2", 1.5, "0.5 s")):
        if name in found.crawls:
            made.append(_crawl(name, found.crawls[name], most, aim))
    if found.hanging:
        made.append(_hang(found))
    if found.tables:
        made += _table(found)
    if found.memory:
        used = median(one.pss_mb for one in found.memory)
        hello = _of(found.notes, HELLO, lambda one: one.pss_mb)
        text = f"{used:.1f} MB" + (f" ({used / hello:.2f}x hello)" if hello else "")
        made.append(row("UI memory (PSS), 1 h of 200 series", "<= 50 MB", "<= 1.3x hello", text, used <= 50))
    if ours and ours.left:
        wrong = sorted({one for left in ours.left for one in left})
        made.append(row("terminal restored after q", "all", "", ", ".join(wrong) or "all", not wrong))
    return made


def _of(notes: Mapping[str, Notes], name: str, figure: Callable[[Steady], float]) -> float | None:
    known = notes.get(name)
    return median(map(figure, known.steady)) if known and known.steady else None


def _start(found: Findings, ours: Notes | None) -> list[Row]:
    made = [_first(found, ours)] if ours and ours.started else []
    return [*made, _live(found.turns)] if found.turns else made


def _first(found: Findings, ours: Notes) -> Row:
    shown, ever = (median(one.shown_s for one in starts) * 1e3 for starts in (ours.started, ours.fresh))
    empty = median(found.passes_s) * 1e3
    btop = found.notes.get("btop")
    beside = f", {shown / (median(one.shown_s for one in btop.started) * 1e3):.1f}x btop" if btop else ""
    text = f"{shown:.0f} ms, {shown / empty:.1f}x{beside} (a user's very first start: {ever:.0f} ms)"
    most = max(shown, ever)
    must = "<= 4x `python -c pass`, <= 60 ms"
    return row("first meaningful frame", must, "<= 2x btop", text, most <= 4 * empty and most <= 60)


def _live(found: Sequence[Turn]) -> Row:
    own, both = median(one.own_in_bares for one in found), median(one.both_in_bares for one in found)
    cpu, others = (median(values) * 1e3 for values in zip(*(one.console.ready_cpu for one in found), strict=True))
    bare, ready = median(one.bare_s for one in found) * 1e3, median(one.console.ready_s for one in found) * 1e3
    text = f"UI {own:.2f}x, UI + session {both:.2f}x ({cpu:.0f} + {others:.0f} ms of CPU, hello {bare:.0f}; "
    text += f"there after {ready:.0f} ms; {len(found)} starts in turn)"
    figure = "all panels live and keys working, CPU beside bare Textual"
    return row(figure, "UI <= 1.7x, UI + session <= 2.6x", "UI <= 1.3x", text, own <= 1.7 and both <= 2.6)


def _steady(notes: Mapping[str, Notes], ours: Notes) -> list[Row]:
    sent, packed = median(one.bytes for one in ours.steady), median(one.packed for one in ours.steady)
    floor, own = median(one.floor for one in ours.steady), median(one.own_percent for one in ours.steady)
    made = [row("cells that really change", ">= 300 /s", "", f"{cells(ours):.0f} /s", cells(ours) >= FAIR_CELLS)]
    btop = _of(notes, "btop", lambda one: one.bytes)
    text = f"{sent:.0f} bytes/s, " + (f"{sent / btop:.2f}x btop ({btop:.0f})" if btop else "no btop")
    holds = None if btop is None else sent <= 0.5 * btop
    made.append(row("bytes/s, beside btop", "<= 0.5x btop", "<= 0.34x", text, holds))
    text = f"{sent / floor:.2f}x ({floor:.0f} bytes/s)"
    made.append(row("bytes/s, beside the changed-cell floor", "<= 1.3x", "<= 1.15x", text, sent <= 1.3 * floor))
    zipped = _of(notes, "btop", lambda one: one.packed)
    text = f"{packed:.0f} bytes/s, " + (f"{packed / zipped:.2f}x btop ({zipped:.0f})" if zipped else "no btop")
    holds = None if zipped is None else packed <= zipped
    made.append(row("bytes/s through zlib (`ssh -C`)", "<= 1.0x btop", "<= 700 bytes/s", text, holds))
    others = median(one.others_percent for one in ours.steady)
    text = f"{own:.2f} % (session {others:.2f} %)"
    return [*made, row("CPU of the UI process", "<= 1.0 %", "<= 0.7 %", text, own <= 1.0)]


def _keys(notes: Mapping[str, Notes], ours: Notes) -> list[Row]:
    btop = notes.get("btop")
    beside = f"; btop {_p50(btop.presses):.1f} ms" if btop and _times(btop.presses) else ""
    must, aim = "p50 <= 6 ms, p99 <= 25 ms, <= 600 bytes", "p50 <= btop, p99 <= 16 ms, <= 60 bytes"
    made = []
    for figure, found in (("key to paint, next panel", ours.presses), ("key to paint, next row", ours.rows)):
        if not _times(found):
            continue
        p50, p99, size = _p50(found), 1e3 * percentile(_times(found), 0.99), median(one.bytes for one in found)
        missed = len(found) - len(_times(found))
        text = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {size:.0f} bytes ({len(found)} keys{beside})"
        text += f", {missed} not answered within 1 s" if missed else ""
        made.append(row(figure, must, aim, text, p50 <= 6 and p99 <= 25 and size <= 600 and not missed))
    return made


def _times(found: Sequence[Press]) -> list[float]:
    return [one.seconds for one in found if one.seconds is not None]


def _p50(found: Sequence[Press]) -> float:
    return 1e3 * median(_times(found))


def _crawl(name: str, found: Mapping[str, list[Crawl]], most: float, aim: str) -> Row:
    figure = {"link16": "key to paint at 16 KB/s behind 256 KiB, 100 ms", "link2": "usable at 2 KB/s: key to paint"}
    focused = focus_s(found[PERFTUI])
    text = f"{median(focused):.2f} s (most {max(focused):.2f}; another screen {median(screen_s(found[PERFTUI])):.2f}"
    if STOCK in found:
        slow = median(focus_s(found[STOCK]))
        text += f"; stock driver {slow:.1f}" if slow < GIVE_UP_S else f"; stock driver not within {GIVE_UP_S:.0f}"
    return row(figure[name], f"<= {most} s", aim, f"{text} s)", median(focused) <= most)


def _hang(found: Findings) -> Row:
    well, hanging = _times(found.well), _times(found.hanging)
    figure, must = "key to paint while a source hangs 10 s", "unchanged: p50 <= 1.25x, p99 <= 25 ms"
    if not hanging or not well:
        return row(figure, must, "same", "no key was answered", False)
    p50, worst, ratio = 1e3 * median(hanging), 1e3 * percentile(hanging, 0.99), median(hanging) / median(well)
    holds = ratio <= 1.25 and worst <= 25 and len(hanging) == len(found.hanging)
    text = f"p50 {p50:.1f} ms ({ratio:.2f}x), p99 {worst:.1f} ms ({1e3 * percentile(well, 0.99):.1f} without)"
    return row(figure, must, "same", text, holds)


def _table(found: Findings) -> list[Row]:
    loads = [turn for one in found.tables for turn in one.loads]
    load, cpu = median(one.shown_in_bares for one in loads), median(one.console.shown_cpu.own for one in loads)
    text = f"{load:.2f}x ({cpu * 1e3:.0f} ms of CPU; {len(loads)} starts in turn)"
    made = [row("10 000 rows: load", "<= 1.8x hello", "", text, load <= 1.8)]
    times = [one.filter_s for one in found.tables if one.filter_s is not None]
    text = f"{1e3 * median(times):.1f} ms" if times else "never"
    made.append(row("10 000 rows: filter", "<= 30 ms", "", text, bool(times) and 1e3 * median(times) <= 30))
    used = median(one.steady.own_percent for one in found.tables)
    return [*made, row("10 000 rows: steady CPU", "<= 0.5 %", "", f"{used:.2f} %", used <= 0.5)]


def beside(notes: Mapping[str, Notes]) -> str:
    """The console beside everybody else: medians of what was measured of each."""
    head = (
        "| | first frame, ms | bytes/s | zlib bytes/s | frames/s | cells/s | CPU, % | PSS, MB | key, ms | key, bytes |"
    )
    lines = [head, "|---" * 10 + "|"]
    for name, one in notes.items():
        shown = f"{1e3 * median(each.shown_s for each in one.started):.0f}" if one.started else ""
        line = [name, shown, *_columns(one.steady)]
        line.append(f"{_p50(one.presses):.1f}" if _times(one.presses) else "")
        line.append(f"{median(each.bytes for each in one.presses):.0f}" if one.presses else "")
        lines.append(f"| {' | '.join(line)} |")
    return "\n".join(lines)


def _columns(found: Sequence[Steady]) -> list[str]:
    if not found:
        return [""] * 6
    figures = [median(column) for column in zip(*found, strict=True)]
    sent, packed, _, frames, changed, own, others, memory = figures
    # a child that ended is its parent's, and no longer among the others
    cpu = f"{own:.2f} + {others:.2f}" if others >= _TOLD_PERCENT else f"{own + others:.2f}"
    return [f"{sent:.0f}", f"{packed:.0f}", f"{frames:.1f}", f"{changed:.0f}", cpu, f"{memory:.0f}"]
