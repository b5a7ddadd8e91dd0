"""What a chart measures with: thresholds, the values of its axis that read well, and their labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow
from perftui.domain.units import Unit, split_value
from perftui.view.time_axis import TICKS_S

# looked up once: asking an Enum for a member takes longer than what it is compared for
_WATCH, _BAD, _OK = Role.WATCH, Role.BAD, Role.OK
_RATIO, _BYTES, _SECONDS = Unit.RATIO, Unit.BYTES, Unit.SECONDS
# what lies beyond cannot be divided and multiplied any more; it is drawn at the edge
_LARGEST = 1e300


class Extent(NamedTuple):
    """The lowest and the highest of some values, 0 where there are none.

    ``entire`` says that it is of all of them: nothing is infinite, not a number, or too large for an axis.
    """

    lowest: float
    highest: float
    entire: bool


class Limits(msgspec.Struct, frozen=True):
    """Thresholds in base units; ``above`` says which side of them is bad."""

    watch: float | None = None
    bad: float | None = None
    above: bool = True

    def role(self, value: float, normal: Role) -> Role:
        """``BAD`` or ``WATCH`` when the value is beyond that threshold, else ``normal``."""
        for limit, role in ((self.bad, _BAD), (self.watch, _WATCH)):
            if limit is not None and (value > limit if self.above else value < limit):
                return role
        return normal

    def word(self, value: float) -> str:
        """``ok``, ``watch`` or ``bad``."""
        return self.role(value, _OK).value

    def turned(self) -> tuple[float, float, float]:
        """A sign, then ``watch`` and ``bad`` times that sign: beyond a limit is then always above it."""
        sign = 1.0 if self.above else -1.0
        watch = math.inf if self.watch is None else self.watch * sign
        return sign, watch, math.inf if self.bad is None else self.bad * sign

    def passed_by(self, held: Extent) -> bool:
        """Whether one of these values may be beyond a threshold; certain only where ``held`` is entire."""
        if self.watch is None and self.bad is None:
            return False
        _, watch, bad = self.turned()
        worst = held.highest if self.above else -held.lowest
        return worst > min(watch, bad) or not held.entire


class Scale(msgspec.Struct, frozen=True):
    """The values at the bottom and at the top of a chart, in base units; ``low`` is less than ``high``."""

    low: float
    high: float

    def level(self, value: float, steps: int) -> int:
        """The step that a value reaches, 0 to ``steps - 1``; values outside stand at the edge."""
        if value >= self.high:
            return steps - 1
        if value <= self.low:
            return 0
        return int((value - self.low) / (self.high - self.low) * (steps - 1) + 0.5)

    def levels(self, values: Sequence[float | None], steps: int, *, inside: bool) -> list[int]:
        """The same of many values, counted from 1; 0 is a gap. ``inside`` promises that none is outside."""
        low, high = self.low, self.high
        factor = (steps - 1) / (high - low)
        offset = 1.5 - low * factor
        if inside:
            return [0 if value is None else int(value * factor + offset) for value in values]
        return [
            0 if value is None
            else steps if value >= high
            else 1 if value <= low
            else int(value * factor + offset)
            for value in values
        ]  # fmt: skip


def extent(series: Sequence[SeriesWindow]) -> Extent:
    """Of all means that an axis can hold."""
    values = [value for one in series for value in one.mean if value is not None]
    # the sum tells at once whether there is anything that no axis can hold
    entire = abs(sum(values)) < _LARGEST
    if not entire:
        values = [value for value in values if abs(value) < _LARGEST]
    if not values:
        return Extent(0.0, 0.0, entire)
    # for numbers this takes less than to look for the lowest and the highest
    values.sort()
    return Extent(values[0], values[-1], entire)


def scale(series: Sequence[SeriesWindow], unit: Unit, limits: Limits, top: float | None = None) -> Scale:
    """What ``scale_of`` says for the values of these series."""
    return scale_of(extent(series), unit, limits, top)


def scale_of(held: Extent, unit: Unit, limits: Limits, top: float | None = None) -> Scale:
    """From 0, or lower when something is negative, to ``top`` or else to a round value that holds all of the data.

    A threshold joins the scale when the data comes within half of it, so that it neither hides nor flattens them.
    """
    lowest, highest, _ = held
    low = -_round_up(-lowest, unit) if lowest < 0 else 0.0
    if top is not None and low < top < _LARGEST:
        return Scale(low, top)
    for limit in (limits.watch, limits.bad):
        if limit is not None and limit > highest >= limit / 2:
            highest = limit
    if unit is _RATIO and 0.5 < highest <= 1:
        return Scale(low, 1.0)
    return Scale(low, 0.0 if highest <= 0 and low < 0 else _round_up(highest, unit))


def _round_up(value: float, unit: Unit) -> float:
    """The next value that reads well: 1, 2, 2.5 or 5 of a power of ten, of two for bytes, a whole time for minutes."""
    if value < 1 / _LARGEST:
        return 1.0
    if unit is _BYTES:
        power = 2.0 ** math.floor(math.log2(value))
        return next(step * power for step in (1, 1.5, 2) if value <= step * power)
    if unit is _SECONDS and 60 < value <= TICKS_S[-1]:
        return float(next(tick for tick in TICKS_S if value <= tick))
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 2.5, 5) if value <= step * power * (1 + 1e-9)), 10 * power)


def y_labels(values: Scale, unit: Unit, rows: int) -> tuple[str, ...]:
    """Labels from top to bottom, each where its value is drawn; the unit once, at the top."""
    labels = [""] * rows
    number, suffix = split_value(values.high, unit)
    # what the other labels are divided by, so that all of them count in the top's unit
    factor = values.high / float(number) if number.replace(".", "", 1).isdigit() and float(number) > 0 else None
    parts = 4 if rows >= 13 else 2 if rows >= 5 else 1
    for index in range(parts):
        value = values.low + (values.high - values.low) * index / parts
        row = rows - 1 - values.level(value, rows * 4) // 4
        labels[row] = _label(value, factor, unit)
    labels[0] = f"{number} {suffix}".rstrip()
    return tuple(labels)


def _label(value: float, factor: float | None, unit: Unit) -> str:
    if value == 0:
        return "0"
    return f"{value / factor:.3g}" if factor else split_value(value, unit)[0]
