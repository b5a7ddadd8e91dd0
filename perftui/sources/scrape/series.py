"""One scraped series: an object that is the same from scrape to scrape, so that it is a cheap dictionary key."""

from __future__ import annotations

Labels = tuple[tuple[str, str], ...]
NAME = "__name__"


class Series:
    """``labels`` are sorted and without the name; equal series of one parser are one object."""

    __slots__ = ("_full", "labels", "name")

    def __init__(self, name: str, labels: Labels) -> None:
        self.name, self.labels = name, labels
        self._full: Labels | None = None

    @property
    def full(self) -> Labels:
        """The labels with the name among them."""
        if self._full is None:
            self._full = tuple(sorted((*self.labels, (NAME, self.name))))
        return self._full

    def label(self, name: str) -> str:
        """The value of a label; empty when the series does not have it."""
        if name == NAME:
            return self.name
        return next((value for key, value in self.labels if key == name), "")

    def __repr__(self) -> str:
        return f"Series({self.name!r}, {self.labels!r})"
