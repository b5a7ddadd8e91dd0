"""What was not used of the files, counted and told: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.domain.text import clean

_MOST_NAMES = 20
_SHOWN = 3


class Skipped:
    """Counts by reason; names of unknown types and keys are bounded, as they come from outside."""

    def __init__(self) -> None:
        self.types: dict[str, int] = {}
        self.keys: dict[str, int] = {}
        self.broken = self.too_long = 0
        self.last_broken = ""

    def unknown_type(self, name: str) -> None:
        _count(self.types, name)

    def unknown_key(self, name: str) -> None:
        _count(self.keys, name)

    def broken_line(self, where: str, why: str) -> None:
        self.broken += 1
        self.last_broken = f"{where}: {clean(why, 160)}"

    def notes(self) -> Iterator[str]:
        """One sentence for each kind of loss."""
        if self.broken:
            yield f"{_lines(self.broken, 'broken ')}, last: {self.last_broken}"
        if self.too_long:
            yield f"{_lines(self.too_long)} longer than 1 MiB"
        if self.types:
            yield f"{_lines(sum(self.types.values()))} of unknown type ({_names(self.types)})"
        if self.keys:
            yield f"{_lines(sum(self.keys.values()))} with a key that is not known ({_names(self.keys)})"


def _count(counts: dict[str, int], name: str) -> None:
    name = clean(name, 60)
    if name not in counts and len(counts) >= _MOST_NAMES:
        name = "others"
    counts[name] = counts.get(name, 0) + 1


def _lines(count: int, what: str = "") -> str:
    return f"{count} {what}line{'s' if count != 1 else ''}"


def _names(counts: dict[str, int]) -> str:
    names = sorted(counts, key=lambda name: -counts[name])
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
