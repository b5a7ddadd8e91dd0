"""What of a mirror's facts is told again, so that nobody has to listen to numbers that always change a little.

A condition is told when it changes. A figure is told when it passed a threshold, or moved by more than a share of
what was told last and more than next to nothing, and then not again for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.view.conditions import Condition
from perftui.view.facts import Figure

_LONGEST = 400
# a crowd that comes at once is counted
_MOST_OF_A_KIND = 12
# what moves by less than this has not moved, however little it was before
_NEXT_TO_NOTHING = {
    Unit.RATIO: 0.05,
    Unit.SECONDS: 0.001,
    Unit.BYTES: 1024.0**2,
    Unit.BYTES_PER_SECOND: 1e5,
    Unit.PER_SECOND: 1.0,
    Unit.COUNT: 1.0,
    Unit.CORES: 0.1,
    Unit.CELSIUS: 2.0,
}


class Calm(msgspec.Struct, frozen=True):
    """``change`` is the share by which a figure has to move, ``every_s`` how long it then is not told again."""

    change: float
    every_s: float


@dataclass
class _Told:
    """A figure as it was told last; ``worse_at`` is when it last was told for being worse."""

    figure: Figure
    at: float
    worse_at: float = float("-inf")


class Telling:
    """Remembers what was told. Times are seconds of one clock, handed in."""

    def __init__(self, calm: Calm) -> None:
        self.calm = calm
        self._states: dict[tuple[str, str], Condition] = {}
        self._told: dict[str, _Told] = {}

    def summary(self, conditions: Sequence[Condition], figures: Sequence[Figure], now: float) -> list[str]:
        """Everything that stands now; from here on it counts as told."""
        self._states = _by_key(conditions)
        for figure in figures:
            known = self._told.get(figure.key)
            self._told[figure.key] = _Told(figure, now, known.worse_at if known else float("-inf"))
        standing = _counted((one.kind, one.standing) for one in self._states.values())
        return [*standing, *(clean(f"{figure.name} {figure.text}", _LONGEST) for figure in figures)]

    def tell(self, conditions: Sequence[Condition], figures: Sequence[Figure], now: float) -> list[str]:
        """What changed since it was told last."""
        silent = {one.key for one in conditions if one.kind == "sources" and one.state.startswith("failed")}
        lines = [*self._changed(conditions), *self._moved([one for one in figures if one.source not in silent], now)]
        there = {figure.key for figure in figures}
        self._told = {key: told for key, told in self._told.items() if key in there}
        return lines

    def _changed(self, conditions: Sequence[Condition]) -> list[str]:
        before, self._states = self._states, _by_key(conditions)
        lines: list[tuple[str, str]] = []
        for key, one in self._states.items():
            known = before.get(key)
            if known is None or known.state != one.state:
                lines.append((one.kind, _news(known, one)))
        lines += [(one.kind, one.gone) for key, one in before.items() if key not in self._states]
        return _counted(lines)

    def _moved(self, figures: Sequence[Figure], now: float) -> list[str]:
        lines: list[str] = []
        for figure in figures:
            known = self._told.get(figure.key)
            if known is None:
                self._told[figure.key] = _Told(figure, now)
                lines.append(f"{figure.name} {figure.text}")
            elif self._is_news(known, figure, now):
                worse_at = now if figure.rank > known.figure.rank else known.worse_at
                self._told[figure.key] = _Told(figure, now, worse_at)
                lines.append(f"{figure.name} {figure.text} (was {known.figure.text})")
        return _counted(("figures", line) for line in lines)

    def _is_news(self, known: _Told, figure: Figure, now: float) -> bool:
        before = known.figure
        if figure.rank > before.rank and now - known.worse_at >= self.calm.every_s:
            return True
        if now - known.at < self.calm.every_s:
            return False
        if figure.rank != before.rank:
            return True
        if figure.value is None or before.value is None:
            return figure.value is not before.value
        moved = abs(figure.value - before.value)
        return moved > self.calm.change * abs(before.value) and moved >= _NEXT_TO_NOTHING.get(figure.unit, 0.0)


def _by_key(conditions: Iterable[Condition]) -> dict[tuple[str, str], Condition]:
    return {(one.kind, one.key): one for one in conditions}


def _news(known: Condition | None, one: Condition) -> str:
    """What is said of a new state; the usual one is news only after another that was told."""
    return "" if one.usual and (known is None or not known.now) else one.now


def _counted(lines: Iterable[tuple[str, str]]) -> list[str]:
    """Lines by their kind; of too many of a kind the first ones, and how many there are more."""
    by_kind: dict[str, list[str]] = {}
    for kind, text in lines:
        if text:
            by_kind.setdefault(kind, []).append(clean(text, _LONGEST))
    told: list[str] = []
    for kind, texts in by_kind.items():
        fits = texts if len(texts) <= _MOST_OF_A_KIND else texts[: _MOST_OF_A_KIND - 1]
        told += fits
        if len(fits) < len(texts):
            told.append(f"{kind}: {len(texts) - len(fits)} more")
    return told
