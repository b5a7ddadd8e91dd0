"""What an exposition tells of its metrics: types, units and help, by the names that PromQL knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from perftui.domain.queries import MetricInfo, unit_of
from perftui.domain.text import clean
from perftui.domain.units import Unit

MAX_FAMILIES = 20_000
_COMMENT = re.compile(r"#[ \t]*(HELP|TYPE|UNIT)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+(.*))?\Z", re.S)
_ESCAPE = re.compile(r"\\([\\n\"])")
_KINDS = {
    "counter": "counter",
    "gauge": "gauge",
    "histogram": "histogram",
    "gaugehistogram": "histogram",
    "summary": "summary",
    "info": "info",
    "stateset": "stateset",
}
_SUFFIXES = {
    "_total": ("counter",),
    "_created": ("counter", "histogram", "summary"),
    "_bucket": ("histogram",),
    "_sum": ("histogram", "summary"),
    "_count": ("histogram", "summary"),
    "_gsum": ("histogram",),
    "_gcount": ("histogram",),
    "_info": ("info",),
}
_UNITS = {
    "seconds": Unit.SECONDS,
    "bytes": Unit.BYTES,
    "ratio": Unit.RATIO,
    "celsius": Unit.CELSIUS,
    "hertz": Unit.HERTZ,
}
_COUNTS = ("_bucket", "_count", "_gcount")


class Families:
    """Metadata by family name, collected line by line; what is malformed or too much is left out."""

    def __init__(self) -> None:
        self._kind: dict[str, str] = {}
        self._help: dict[str, str] = {}
        self._unit: dict[str, str] = {}

    def add(self, line: str) -> None:
        """Take a line that begins with ``#``; comments are ignored."""
        match = _COMMENT.match(line)
        if match is None:
            return
        what, name, text = match[1], match[2], match[3] or ""
        known = {"HELP": self._help, "TYPE": self._kind, "UNIT": self._unit}[what]
        if len(known) >= MAX_FAMILIES and name not in known:
            return
        if what == "HELP":
            known[name] = clean(_ESCAPE.sub(lambda found: " " if found[1] == "n" else found[1], text), 300)
        else:
            known[name] = text.strip().lower()[:40]

    def describe(self, names: Iterable[str]) -> tuple[MetricInfo, ...]:
        """The metrics by name, with what their families tell of them."""
        return tuple(self._describe(name) for name in sorted(names))

    def _describe(self, name: str) -> MetricInfo:
        family, kind = self._family(name)
        unit = _UNITS.get(self._unit.get(family, ""), Unit.NONE)
        if unit is Unit.NONE or name.endswith(_COUNTS):
            unit = unit_of(name)
        return MetricInfo(name, kind, unit, self._help.get(family, ""))

    def _family(self, name: str) -> tuple[str, str]:
        """The family that a sample's name belongs to, and its type; the creation times of OpenMetrics are gauges."""
        kind = _KINDS.get(self._kind.get(name, ""))
        if kind is not None:
            return name, kind
        for suffix, kinds in _SUFFIXES.items():
            family = name.removesuffix(suffix)
            kind = _KINDS.get(self._kind.get(family, "")) if family != name else None
            if kind in kinds:
                return family, "gauge" if suffix == "_created" else kind
        return name, "unknown"
