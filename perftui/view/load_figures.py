"""Figures of a load as people read them: one unit a table, counts in groups, states as a sign and a word.

A table of percentiles has one unit for all its cells, else 950 µs would stand above 1.2 s and look larger.
"""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.load import LoadPhase, LoadState, Times, Verdict
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_value, three_digits
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line

_LONGEST = 200
_TARGETS = 400
# what is said of a limit without an advice
LIMITS = {
    "generator": "This machine was the limit: these times are partly its own, not the target's.",
    "connections": "Arrivals waited for a free connection: more of them show the target without that wait.",
    "target": "The target was the limit.",
}


def said(text: str, most: int = _LONGEST) -> str:
    """A text from outside as it can be shown on one line."""
    return " ".join(clean(text, most).split())


def count(number: int) -> str:
    """``3 800``, and ``1.25 M`` where nobody reads single ones any more."""
    return f"{number:,}".replace(",", " ") if abs(number) < 10_000_000 else format_value(float(number), Unit.COUNT)


def rate_text(rate: float | None) -> str:
    """``100/s``."""
    return NO_VALUE if rate is None else f"{three_digits(rate)}/s"


def ms_text(value: float | None) -> str:
    """A time in milliseconds alone, with the unit that suits it."""
    return NO_VALUE if value is None else format_value(value / 1e3, Unit.SECONDS)


def spent(state: LoadState) -> str:
    """``0:38 of 1:00``; what comes before the measured time is told as such."""
    if state.at_s < 0:
        return f"counts in {-state.at_s:.0f} s"
    return f"{format_duration(min(state.at_s, state.planned_s) if state.planned_s else state.at_s)} of " + (
        format_duration(state.planned_s) if state.planned_s else NO_VALUE
    )


def failed(state: LoadState) -> int:
    """Requests that were answered badly or not at all."""
    return sum(state.errors.values())


def error_share(state: LoadState) -> float | None:
    return failed(state) / state.done if state.done else None


def broken(state: LoadState) -> tuple[Verdict, ...]:
    return tuple(one for one in state.thresholds if not one.ok)


def state_role(state: LoadState) -> Role:
    """How bad it is, at a glance."""
    if broken(state) or state.phase in (LoadPhase.LOST, LoadPhase.REFUSED):
        return Role.BAD
    share = error_share(state)
    if share is not None and share >= 0.05:
        return Role.BAD
    if share or state.limited_by in ("generator", "connections") or state.phase is LoadPhase.PAUSED:
        return Role.WATCH
    return Role.OK


_WORDS = {
    LoadPhase.STARTING: "starting",
    LoadPhase.RAMP: "ramping up, not counted",
    LoadPhase.WARM_UP: "warming up, not counted",
    LoadPhase.MEASURE: "running",
    LoadPhase.PAUSED: "paused",
    LoadPhase.DRAIN: "waiting for the last answers",
    LoadPhase.DONE: "done",
    LoadPhase.STOPPED: "stopped",
    LoadPhase.LOST: "lost",
    LoadPhase.REFUSED: "refused",
}


def phase_line(state: LoadState, glyphs: GlyphSet) -> Line:
    """``● running``: what it does now, in the colour of how it goes."""
    phase = state.phase
    sign = {
        LoadPhase.PAUSED: glyphs.frozen,
        LoadPhase.DONE: glyphs.bad if broken(state) else glyphs.ok,
        LoadPhase.STOPPED: glyphs.watch,
        LoadPhase.LOST: glyphs.bad,
        LoadPhase.REFUSED: glyphs.bad,
    }.get(phase, glyphs.live)
    role = Role.WATCH if phase in (LoadPhase.PAUSED, LoadPhase.STOPPED) else state_role(state)
    return ((f"{sign} {_WORDS[phase]}", role),)


def plan_text(state: LoadState, glyphs: GlyphSet) -> str:
    """``constant 100/s · 1:00 · 10 connections``, with the rate as it was changed by hand."""
    rate = "" if state.model == "closed" or not state.rate else rate_text(state.rate)
    if state.factor != 1.0:
        rate = f"{rate} (x{state.factor:.2f} by hand)".lstrip()
    who = "users" if state.model == "closed" else "connections"
    used = f"{state.max_connections or state.connections} {who}"
    parts = [
        f"{said(state.shape, 20)} {rate}".rstrip(),
        format_duration(state.planned_s) if state.planned_s else "",
        used,
    ]
    if state.engine and not state.engine.startswith("perftui"):
        parts.append(said(state.engine, 30))
    return f" {glyphs.separator} ".join(filter(None, parts))


def target_text(state: LoadState) -> str:
    return said(state.target, _TARGETS)


class Scale:
    """The unit that all times of one table share."""

    def __init__(self, rows: Sequence[Times]) -> None:
        largest = max((row.max or row.p99 or row.p50 or 0.0 for row in rows), default=0.0)
        self.factor, self.unit = (1e-3, "s") if largest >= 10_000 else (1e3, "µs") if 0 < largest < 0.5 else (1.0, "ms")

    def text(self, value: float | None) -> str:
        return NO_VALUE if value is None else three_digits(value * self.factor)


def verdict_value(verdict: Verdict) -> str:
    """The value in the unit of its expression: a share as it is compared, milliseconds with three digits."""
    value = verdict.value
    return NO_VALUE if value is None else f"{value:.3g}" if 0 < abs(value) < 0.1 else three_digits(value)


def errors_text(errors: dict[str, int], most: int = 6) -> str:
    """``timeout_headers 2, http_503 1``: kinds, the most frequent first."""
    ordered = sorted(errors.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{said(kind, 40)} {count(number)}" for kind, number in ordered[:most]]
    if len(ordered) > most:
        told.append(f"{len(ordered) - most} kinds more")
    return ", ".join(told)


def load_sign(state: LoadState, glyphs: GlyphSet) -> Line:
    """``● load 100/s p95 238 ms``: a load that runs, for the status line of every screen."""
    role = state_role(state)
    sign = glyphs.bad if role is Role.BAD else glyphs.frozen if state.phase is LoadPhase.PAUSED else glyphs.live
    rate = f" {rate_text(state.rate)}" if state.rate else ""
    doing = " starting" if state.phase is LoadPhase.STARTING else rate
    text = f"{sign} load{doing}"
    p95 = f" p95 {ms_text(state.response.p95)}" if state.response.p95 is not None else ""
    return ((text, Role.ACCENT if role is Role.OK else role), (p95, Role.VALUE))
