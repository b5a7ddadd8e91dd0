"""The smaller tables of the Alerts screen: noise, objectives, silences."""

from __future__ import annotations

from collections.abc import Callable

from perftui.domain.matchers import format_matchers
from perftui.domain.roles import Role
from perftui.domain.triage import Burn, NoiseRow, Silence, SilenceState, SloRow
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_span, format_value, three_digits
from perftui.link.messages import SessionInfo
from perftui.view.alerts_rows import age_text, person, said
from perftui.view.columns import Column
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.wrap import wrapped

_SHORT_LIVED = 0.5
_BARS = " ▁▂▃▄▅▆▇█"
# a burn of 14.4 uses two hundredths of a month's budget in an hour: what pages people
_FULL_BURN = 14.4


def noise_table() -> TableModel[NoiseRow]:
    """Alerts by name, the noisiest first: how often they fired times how long."""
    columns: tuple[Column[NoiseRow], ...] = (
        Column("name", "name", None, lambda row: said(row.key, 120), lambda row: row.key, False, 0, False),
        Column("firings", "firings 24h", 12, lambda row: f"{row.firings}", lambda row: row.firings),
        Column("fired", "time firing", 12, lambda row: age_text(row.firing_s), lambda row: row.firing_s, priority=1),
        Column("short", "over in 5 min", 13, _short, lambda row: row.short, priority=2, role=_short_role),
        Column("activations", "activations", 11, _activations, lambda row: row.activations, priority=3, role=_label),
        Column("noise", "noise", 10, _noise_bar, _noise, priority=4, role=_noise_role),
    )  # fmt: skip
    return TableModel(columns, search_text=lambda row: row.key, sort="noise")


def _label(_: NoiseRow) -> Role:
    return Role.LABEL


def _noise(row: NoiseRow) -> float:
    return row.firings * row.firing_s


def _noise_bar(row: NoiseRow) -> str:
    return format_value(_noise(row) / 3600, Unit.NONE)


def _noise_role(_: NoiseRow) -> Role:
    return Role.LABEL


def _short(row: NoiseRow) -> str:
    return format_value(row.short, Unit.RATIO)


def _short_role(row: NoiseRow) -> Role:
    return Role.WATCH if row.short is not None and row.short >= _SHORT_LIVED else Role.LABEL


def _activations(row: NoiseRow) -> str:
    return NO_VALUE if row.activations is None else str(row.activations)


def slo_table() -> TableModel[SloRow]:
    """Objectives, the least budget first."""
    columns: tuple[Column[SloRow], ...] = (
        Column("title", "objective", None, lambda row: said(row.title or row.key, 80), lambda row: row.title, False, 0,
               False),
        Column("target", "target", 9, lambda row: _ratio(row.target), lambda row: row.target, priority=3, role=_dim),
        Column("sli", "sli", 9, lambda row: _ratio(row.sli), lambda row: row.sli, priority=1, role=_sli_role),
        Column("left", "budget left", 12, _left, lambda row: row.left, descending_first=False, role=_left_role),
        Column("strip", "burn", 6, _strip, _worst_burn, False, 4, True, _burn_role),
        Column("burn", "rate by window", 34, _burns, _worst_burn, False, 5, True, _burn_role),
        Column("gone", "gone in", 10, _gone, lambda row: row.exhausted_in_s, True, 2, False, _dim),
        Column("fires", "fires", 18, _fires, lambda row: row.fires or None, False, 2, True, _fires_role),
    )  # fmt: skip
    return TableModel(columns, search_text=lambda row: f"{row.title} {row.key} {row.fires} {row.why}", sort="left")


def objective_lines(row: SloRow, width: int) -> tuple[Line, ...]:
    """An objective in words: each window's burn, what is left of which budget, and why it fires or tells nothing."""
    windows = [
        f"{format_span(one.window_s)} {burn_sign(one)} "
        + ("not filled yet" if one.rate is None else three_digits(one.rate))
        for one in row.burns
    ]
    allowed = format_duration((1 - row.target) * row.period_s)
    facts = [f"{_left(row)} left of a budget of {allowed} in {format_span(row.period_s)}"]
    if row.exhausted_in_s is not None:
        facts.append(f"gone in {age_text(row.exhausted_in_s)} at this rate")
    if row.events is not None:
        facts.append(f"{row.events:,.0f} events".replace(",", " "))
    facts += [f"fires: {said(row.fires, 60)}"] if row.fires else []
    facts += [said(row.why, 200)] if row.why else []
    return (
        *wrapped(" · ".join(["burn", *windows]), _burn_role(row), width),
        *wrapped(" · ".join(facts), Role.LABEL, width),
    )


def _dim(_: SloRow) -> Role:
    return Role.LABEL


def _ratio(value: float | None) -> str:
    """``99.95 %``: an objective's digits matter behind the point."""
    return NO_VALUE if value is None or value != value else f"{value * 100:.6g} %"[:9]


def _left(row: SloRow) -> str:
    return format_value(row.left, Unit.RATIO)


def _left_role(row: SloRow) -> Role:
    if row.left is None:
        return Role.STALE
    return Role.BAD if row.left <= 0 else Role.WATCH if row.left < 0.25 else Role.VALUE


def _sli_role(row: SloRow) -> Role:
    return Role.BAD if row.sli is not None and row.sli < row.target else Role.VALUE


def burn_sign(burn: Burn) -> str:
    """One cell: nothing is burnt, up to what pages people; a window that is not filled is a dash."""
    if burn.rate is None or burn.rate != burn.rate:
        return NO_VALUE
    return _BARS[max(0, min(len(_BARS) - 1, round(burn.rate / _FULL_BURN * (len(_BARS) - 1))))] if burn.rate else "·"


def _strip(row: SloRow) -> str:
    return "".join(map(burn_sign, row.burns))


def _burns(row: SloRow) -> str:
    """``5m 14.4  1h 6.2``; why there are none where a figure would mislead."""
    if row.why and not any(burn.rate is not None for burn in row.burns):
        return said(row.why, 120)
    rates = [(format_span(one.window_s), NO_VALUE if one.rate is None else three_digits(one.rate)) for one in row.burns]
    return "  ".join(f"{window} {rate}" for window, rate in rates)


def _worst_burn(row: SloRow) -> float | None:
    return max((burn.rate for burn in row.burns if burn.rate is not None), default=None)


def _burn_role(row: SloRow) -> Role:
    worst = _worst_burn(row)
    if worst is None:
        return Role.STALE
    return Role.BAD if row.fires else Role.WATCH if worst > 1 else Role.VALUE


def _gone(row: SloRow) -> str:
    if row.left is not None and row.left <= 0:
        return "spent"
    return NO_VALUE if row.exhausted_in_s is None else age_text(row.exhausted_in_s)


def _fires(row: SloRow) -> str:
    return f"✗ {said(row.fires, 40)}" if row.fires else said(row.why, 60) or NO_VALUE


def _fires_role(row: SloRow) -> Role:
    return Role.BAD if row.fires else Role.LABEL


def silence_table(at: Callable[[], float], session: Callable[[], SessionInfo | None]) -> TableModel[Silence]:
    """Silences, those that end first on top; expired ones last. ``at`` is the moment that is shown."""

    def rest(row: Silence) -> str:
        if row.state is SilenceState.EXPIRED:
            return f"{age_text(at() - row.ends_at)} ago"
        return age_text(row.ends_at - at())

    def who(row: Silence) -> str:
        return person(row.author, session())

    columns: tuple[Column[Silence], ...] = (
        Column("state", "state", 8, lambda row: row.state.value, _state_rank, False, 1, False, _state_role),
        Column("matchers", "matchers", None, _matchers, _matchers, False, 0, False, _silence_role, 1.4),
        Column("source", "alertmanager", 14, lambda row: said(row.source, 40), lambda row: row.source, False, 3, False,
               _quiet),
        Column("author", "author", 10, who, lambda row: row.author, False, 2, False, _quiet),
        Column("comment", "comment", None, lambda row: said(row.comment), lambda row: row.comment or None, False, 4,
               False, _quiet),
        Column("ends", "ends in", 11, rest, _ends, True, 0, False, _silence_role),
        Column("matched", "hides", 6, _matched, lambda row: row.matched, priority=5, role=_matched_role),
    )  # fmt: skip
    return TableModel(
        columns,
        search_text=lambda row: f"{_matchers(row)} {row.source} {row.author} {row.comment} {row.state.value}",
        sort="ends",
    )


def _matchers(row: Silence) -> str:
    return said(format_matchers(row.matchers)[1:-1], 300)


def _state_rank(row: Silence) -> int:
    return list(SilenceState).index(row.state)


def _ends(row: Silence) -> tuple[bool, float]:
    over = row.state is SilenceState.EXPIRED
    return over, -row.ends_at if over else row.ends_at


def _matched(row: Silence) -> str:
    return NO_VALUE if row.matched is None else str(row.matched)


def _matched_role(row: Silence) -> Role:
    """One that hides nothing is forgotten, or wrong."""
    return Role.WATCH if row.matched == 0 and row.state is SilenceState.ACTIVE else Role.LABEL


def _quiet(_: Silence) -> Role:
    return Role.LABEL


def _silence_role(row: Silence) -> Role:
    return Role.LABEL if row.state is SilenceState.EXPIRED else Role.VALUE


def _state_role(row: Silence) -> Role:
    return Role.OK if row.state is SilenceState.ACTIVE else Role.LABEL
