"""Operators and functions of numbers, with the infinities that Prometheus has and Python raises exceptions for."""

from __future__ import annotations

import math
from collections.abc import Callable


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    if left == 0 or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _modulo(left: float, right: float) -> float:
    try:
        return math.fmod(left, right)
    except ValueError:
        return math.nan


def _power(left: float, right: float) -> float:
    odd = right % 2 == 1
    try:
        return math.pow(left, right)
    except OverflowError:
        return -math.inf if left < 0 and odd else math.inf
    except ValueError:
        return (math.copysign(math.inf, left) if odd else math.inf) if left == 0 else math.nan


def _logarithm(log: Callable[[float], float]) -> Callable[[float], float]:
    def safe(value: float) -> float:
        return log(value) if value > 0 else -math.inf if value == 0 else math.nan

    return safe


def _exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _whole(rounded: Callable[[float], int]) -> Callable[[float], float]:
    return lambda value: float(rounded(value)) if math.isfinite(value) else value


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": _modulo,
    "^": _power,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
MATHS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": _whole(math.ceil),
    "floor": _whole(math.floor),
    "exp": _exponential,
    "ln": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
    "sgn": lambda value: value if math.isnan(value) or value == 0 else math.copysign(1.0, value),
}


def rounded(value: float, to: float) -> float:
    """The nearest multiple of ``to``, halves up."""
    inverse = _divide(1.0, to)
    steps = value * inverse + 0.5
    return _divide(math.floor(steps), inverse) if math.isfinite(steps) else value


def clamped(value: float, low: float, high: float) -> float:
    """The value within bounds; NaN when the value or a bound is."""
    if math.isnan(value) or math.isnan(low) or math.isnan(high):
        return math.nan
    return max(low, min(high, value))
