"""What is explored as a panel of the configuration: the TOML text that brings it back."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from perftui.domain.errors import PerftuiError
from perftui.domain.series import parse_series
from perftui.domain.units import Unit
from perftui.view.exploring import Plot
from perftui.view.legend import Entry, short_expr, telling_labels

_WORDS = re.compile(r"[a-z0-9]+")
_LONGEST_ID = 40
_NOISE = frozenset(("rate", "sum", "by", "avg", "win", "le", "histogram", "quantile", "max", "min", "total", "irate"))


def panel_id(plots: Sequence[Plot], taken: Collection[str]) -> str:
    """A name for the panel that nobody has yet, made from the first expression."""
    words = [word for word in _WORDS.findall(plots[0].expr.lower()) if word not in _NOISE and not word.isdigit()]
    name = "_".join(words)[:_LONGEST_ID].strip("_") or "panel"
    number, unique = 2, name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def panel_toml(name: str, plots: Sequence[Plot], shown: Sequence[Entry]) -> str:
    """The table of a panel. Raises PerftuiError when one panel can't show all of it."""
    asked = sorted({plot.source for plot in plots if plot.tried is not None})
    if len(asked) > 1:
        raise PerftuiError(f"a panel asks one source, these ask {' and '.join(asked)}: d takes one off")
    series = [plot for plot in plots if plot.tried is None]
    exprs = [plot for plot in plots if plot.tried is not None]
    # a panel draws its series first
    ordered = [*series, *exprs]
    lines = [f"[panels.{name}]", f"title = {_text(short_expr(ordered[0].expr))}"]
    if series:
        lines.append(_listed("series", [plot.selector for plot in series]))
    if exprs:
        lines += [_listed("promql", [plot.expr for plot in exprs]), f"source = {_text(asked[0])}"]
    # of several units each series keeps the one that the session knows
    units = {entry.unit for entry in shown}
    if len(units) == 1 and Unit.NONE not in units:
        lines.append(f"unit = {_text(units.pop().value)}")
    legends = [_legend(plot, plots.index(plot), shown) for plot in ordered]
    if any(legends):
        lines.append(_listed("legend", legends))
    return "\n".join(lines) + "\n"


def _legend(plot: Plot, place: int, shown: Sequence[Entry]) -> str:
    """The labels that tell its series apart; empty where the series' own name will do."""
    if plot.tried is None:
        return ""
    refs = [parse_series(entry.series.series) for entry in shown if entry.selector == place]
    return " ".join(f"{{{label}}}" for label in telling_labels(refs)) if len(refs) > 1 else ""


def _listed(key: str, texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return f"{key} = [{_text(texts[0])}]"
    return "\n".join([f"{key} = [", *(f"  {_text(text)}," for text in texts), "]"])


def _text(text: str) -> str:
    """A TOML string: literal where that reads better."""
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08X}"
