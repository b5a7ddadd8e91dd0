"""From figures to verdicts and advice: each figure beside the bound that it is compared to. Values in, values out.

Bounds: a tenth of a second is what feels immediate (Miller 1968, Nielsen 1993); a key on a long way may take a quarter
of a second longer than the way; the CPU is what this project asks of itself on its own machines.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from perftui.cli.selftest.multiplexer import TmuxSettings
from perftui.cli.selftest.rehearsal import ConsoleFigures
from perftui.domain.units import Unit, format_value
from perftui.tui.probe.glass import Drawn
from perftui.tui.probe.link import LinkProbe
from perftui.tui.probe.surroundings import Surroundings

_IMMEDIATE_S, _KEY_S, _HOPELESS_S = 0.1, 0.25, 1.5
# a long way that nobody can shorten is only worth a word when it is felt in every key
_FAR_S = 0.15
_QUEUE_S = 0.15
_START_S = 1.0
# a picture of 120x40 anew is about 10 kB: a third of a second
_SLOW_LINK = 32e3
# others need the link too
_SHARE, _TOO_MUCH, _BUDGET = 0.25, 0.8, 0.6
_UI_CPU, _SESSION_CPU = 0.015, 0.015
_COMPRESSES = 0.7
_ESCAPE_MS = 50
_SMALL = (80, 24)


class Figures(msgspec.Struct, frozen=True):
    """Everything that was found out. ``sync`` and ``tmux`` are None where nobody answered."""

    surroundings: Surroundings
    link: LinkProbe
    sync: bool | None
    widths: tuple[Drawn, ...]
    glyphs: str
    console: ConsoleFigures
    tmux: TmuxSettings | None = None
    budget: float | None = None


class Verdict(msgspec.Struct, frozen=True):
    """``state`` is ok, watch or bad, as in ``doctor``; ``bound`` is what the value is compared to, or nothing."""

    name: str
    value: str
    bound: str = ""
    state: str = "ok"
    advice: str = ""


def judge(figures: Figures) -> list[Verdict]:
    """In the order in which a person asks: what is this, how far away, what does it cost, how quick is it."""
    return [verdict for look in _LOOKS for verdict in look(figures)]


def _terminal(figures: Figures) -> list[Verdict]:
    around = figures.surroundings
    value = f"TERM={around.term}, {around.columns}x{around.rows}" + f", {around.program}" * bool(around.program)
    if around.columns < _SMALL[0] or around.rows < _SMALL[1]:
        return [Verdict("terminal", value, "80x24", "watch", "make the window larger: 80x24 and more show all panels")]
    return [Verdict("terminal", value, "80x24")]


def _way(figures: Figures) -> list[Verdict]:
    around = figures.surroundings
    way = " in ".join(filter(None, (around.inside, "ssh" if around.ssh else "")))
    found = [Verdict("reached by", way or "no ssh, no multiplexer")]
    if around.inside == "tmux":
        found += _tmux(around, figures.tmux or TmuxSettings())
    if around.inside == "screen" and around.colours in ("16", "none") and not around.no_color:
        found.append(
            Verdict("screen", f"TERM={around.term}", "", "watch", "put 'term screen-256color' into ~/.screenrc")
        )
    if around.inside == "mosh":
        found.append(Verdict("mosh", "it drops pictures by itself, and answers for the far terminal", "", "ok"))
    return found


def _tmux(around: Surroundings, tmux: TmuxSettings) -> list[Verdict]:
    wrong, lines = [], []
    if tmux.escape_ms is not None and tmux.escape_ms > _ESCAPE_MS:
        wrong.append(f"Esc waits {tmux.escape_ms} ms")
        lines.append("set -sg escape-time 10")
    if not around.term.startswith(("tmux", "screen")):
        wrong.append(f"TERM={around.term}")
        lines.append('set -g default-terminal "tmux-256color"')
    if around.colours != "true" and not around.no_color:
        wrong.append("no true colours")
        lines.append("set -as terminal-features ',*:RGB' (and export COLORTERM=truecolor)")
    if any(tmux.features) and "sync" not in tmux.features:
        wrong.append("pictures are not shown all at once")
        lines.append("set -as terminal-features ',*:sync'")
    value = ", ".join(wrong) or "well set"
    if not wrong:
        return [Verdict("tmux", f"{tmux.version} {value}".strip())]
    return [Verdict("tmux", value, "", "watch", "in ~/.tmux.conf: " + "; ".join(lines))]


def _colours(figures: Figures) -> list[Verdict]:
    around = figures.surroundings
    if around.no_color:
        return [Verdict("colours", "none: NO_COLOR is set")]
    value = f"{around.colours} (TERM={around.term}, COLORTERM={around.colorterm or 'unset'})"
    if around.colours in ("true", "none") or around.inside == "tmux":
        return [Verdict("colours", value)]
    way_out = "if the terminal has true colours, export COLORTERM=truecolor"
    if around.ssh:
        way_out += " on this machine: ssh does not send it by itself"
    if around.colours == "16" and around.term == "xterm":
        way_out += "; if it has 256, TERM=xterm-256color"
    return [Verdict("colours", value, "", "watch" if around.colours == "16" else "ok", way_out)]


def _widths(figures: Figures) -> list[Verdict]:
    if not figures.widths:
        return [Verdict("glyphs", f"{figures.glyphs}; their widths are not known")]
    wrong = [drawn for drawn in figures.widths if not drawn.agrees]
    named = ", ".join(f"{drawn.name} {drawn.cells} cells, not {drawn.assumed}" for drawn in wrong)
    if any(drawn.matters for drawn in wrong):
        way_out = 'set the terminal to UTF-8 and to narrow "ambiguous width", or glyphs = "ascii" in the configuration'
        return [Verdict("glyphs", named, "as the console counts", "watch", way_out)]
    value = (
        f"{named}; the console relies on no width of these"
        if wrong
        else f"{figures.glyphs}, as wide as the console counts"
    )
    return [Verdict("glyphs", value)]


def _sync(figures: Figures) -> list[Verdict]:
    if figures.sync is None:
        return []
    return [Verdict("whole pictures", "yes (mode 2026)" if figures.sync else "no: large ones are seen as they come")]


def _rtt(figures: Figures) -> list[Verdict]:
    link = figures.link
    if link.rtt_s is None:
        advice = "no answers to cursor reports: pacing is off" + (
            f"; on a slow link start with --link-budget {_budget_text(figures.budget or 8000)}"
        )
        return [Verdict("round trip", "the terminal does not answer", "", "watch", advice)]
    note = " (to tmux, which answers itself)" * (figures.surroundings.inside == "tmux")
    value = f"{_s(link.rtt_s)}, at most {_s(link.rtt_most_s)}{note}"
    if link.rtt_s <= _FAR_S:
        return [Verdict("round trip", value, _s(_FAR_S))]
    advice = "the way is long, and every key takes it at least once; nothing here makes it shorter"
    return [Verdict("round trip", value, _s(_FAR_S), "watch", advice)]


def _throughput(figures: Figures) -> list[Verdict]:
    link = figures.link
    if link.bytes_per_s is None:
        return []
    value = f"{link.rate_is} {_rate(link.bytes_per_s)}"
    bound = f"{_rate(_SLOW_LINK)} and more"
    if link.bytes_per_s >= _SLOW_LINK:
        return [Verdict("link carries", value, bound)]
    budget = _budget_text(link.bytes_per_s * _BUDGET)
    advice = f"the link carries {value}: start with --link-budget {budget}, so that others have room on it"
    return [Verdict("link carries", value, bound, "watch", advice)]


def _start(figures: Figures) -> list[Verdict]:
    console = figures.console
    if console.failed:
        return [Verdict("console", console.failed, "", "bad", "perftui doctor and perftui check tell more")]
    first = console.first_picture_s
    state = "ok" if first is not None and first <= _START_S else "watch"
    ready = f", keys after {_s(console.ready_s)}"
    advice = "perftui doctor looks at what makes starts slow" if state == "watch" else ""
    return [Verdict("first picture", _s(first) + ready, _s(_START_S), state, advice)]


def _traffic(figures: Figures) -> list[Verdict]:
    console, carries = figures.console, figures.link.bytes_per_s
    if console.failed:
        return []
    value = f"{_rate(console.bytes_per_s)}, {console.pictures_per_s:.1f} pictures/s"
    found = []
    if carries is None or figures.link.rate_is == "at least":
        found.append(Verdict("sends", value))
    else:
        bound = _rate(carries * _SHARE)
        share = console.bytes_per_s / carries
        state = "ok" if share <= _SHARE else "bad" if share > _TOO_MUCH else "watch"
        advice = (
            "" if state == "ok" else "a longer intervals.host and fewer panels send less; --link-budget holds a limit"
        )
        found.append(Verdict("sends", value, f"{bound}, a quarter of the link", state, advice))
    if console.compressed is not None:
        found.append(_compression(figures, console.compressed))
    return found


def _compression(figures: Figures, part: float) -> Verdict:
    carries = figures.link.bytes_per_s
    value = f"to {part:.0%} of that (zlib, as in ssh -C)"
    slow = carries is None or carries < _SLOW_LINK
    if not (figures.surroundings.ssh and slow and part < _COMPRESSES):
        return Verdict("compresses", value)
    advice = f"use ssh -C: what was sent here compresses to {part:.0%} of it. With -C already, nothing is to be done"
    return Verdict("compresses", value, "", "watch", advice)


def _cpu(figures: Figures) -> list[Verdict]:
    console = figures.console
    if console.failed:
        return []
    parts = (
        (
            "CPU, console",
            console.ui_cpu,
            _UI_CPU,
            "a longer intervals.host, fewer panels or a smaller window draw less",
        ),
        (
            "CPU, session",
            console.session_cpu,
            _SESSION_CPU,
            "a longer intervals.host, fewer sources or panels ask less",
        ),
    )
    found = []
    for name, share, bound, advice in parts:
        # as it is shown: a figure that reads like its bound is within it
        well = round(share, 3) <= bound
        way_out = "" if well else f"{advice}; a busy machine makes this figure larger too"
        found.append(Verdict(name, f"{share:.1%} of a core", f"{bound:.1%}", "ok" if well else "watch", way_out))
    return found


def _drawn(figures: Figures) -> list[Verdict]:
    console = figures.console
    if console.drawn_s is None:
        return []
    bound = (figures.link.rtt_s or 0.0) + _QUEUE_S
    state = "ok" if console.drawn_s <= bound else "watch"
    advice = "" if state == "ok" else "pictures wait on the way: --link-budget keeps less of them there"
    value = f"{_s(console.drawn_s)}, at most {_s(console.drawn_most_s)}"
    return [Verdict("picture drawn", value, f"{_s(bound)}, a round trip and {_s(_QUEUE_S)}", state, advice)]


def _keys(figures: Figures) -> list[Verdict]:
    found = []
    for name, kind, room in (("key to paint", "row", _IMMEDIATE_S), ("other screen", "screen", _KEY_S)):
        pressed = [press for press in figures.console.keys if press.name == kind]
        times = sorted(press.seconds for press in pressed if press.seconds is not None)
        if not times:
            continue
        bound = (figures.link.rtt_s or 0.0) + room
        middle = times[len(times) // 2]
        state = "ok" if middle <= bound else "bad" if middle > _HOPELESS_S else "watch"
        size = sum(press.bytes for press in pressed) / len(pressed)
        value = f"{_s(middle)}, at most {_s(times[-1])}, {size:.0f} B"
        advice = "" if state == "ok" else "a smaller window, NO_COLOR=1 and ssh -C make pictures smaller"
        found.append(Verdict(name, value, f"{_s(bound)}, a round trip and {_s(room)}", state, advice))
    return found


def _s(seconds: float | None) -> str:
    return format_value(seconds, Unit.SECONDS)


def _rate(bytes_per_s: float) -> str:
    return format_value(bytes_per_s, Unit.BYTES_PER_SECOND)


def _budget_text(bytes_per_s: float) -> str:
    """As ``--link-budget`` takes it."""
    return f"{bytes_per_s / 1000:.0f}kB" if bytes_per_s >= 1000 else f"{max(100, round(bytes_per_s, -2)):.0f}"


_LOOKS: tuple[Callable[[Figures], list[Verdict]], ...] = (
    _terminal, _way, _colours, _widths, _sync, _rtt, _throughput, _start, _traffic, _cpu, _drawn, _keys,
)  # fmt: skip
