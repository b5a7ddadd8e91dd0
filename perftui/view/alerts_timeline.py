"""What fired when: a lane for each alert over the window, those that fired last on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from perftui.domain.alerts import AlertState, Severity
from perftui.domain.roles import Role
from perftui.domain.triage import AlertSpan
from perftui.view.alerts_rows import age_text, said, severity_rank_of, severity_role, severity_sign
from perftui.view.columns import Column, fitting
from perftui.view.scene import Mode, Scene
from perftui.view.table import TableModel
from perftui.view.table_frame import table_picture
from perftui.view.text import Line
from perftui.view.time_axis import time_labels

_LABELS_OF_ALL = frozenset(("alertname", "severity"))


class Lane(NamedTuple):
    """All that one alert did, oldest first."""

    key: str
    name: str
    about: str
    severity: Severity
    spans: tuple[AlertSpan, ...]

    @property
    def last(self) -> float:
        return max(span.start for span in self.spans)

    @property
    def firings(self) -> int:
        return sum(span.state is not AlertState.PENDING for span in self.spans)

    def firing_s(self, at: float) -> float:
        """Seconds in which it fired, until now for what goes on."""
        return sum(
            max(0.0, (at if span.end is None else span.end) - span.start)
            for span in self.spans
            if span.state is not AlertState.PENDING
        )


@dataclass
class Axis:
    """The window of the picture that is drawn now."""

    scene: Scene | None = None


def lanes(spans: Iterable[AlertSpan]) -> dict[str, Lane]:
    """Spans by the alert that they are of; how bad it is tells the newest."""
    by_alert: dict[str, list[AlertSpan]] = {}
    for span in spans:
        by_alert.setdefault(span.fingerprint, []).append(span)
    found = {}
    for key, mine in by_alert.items():
        mine.sort(key=lambda span: span.start)
        newest = mine[-1]
        about = " ".join(
            f"{said(name, 40)}={said(value, 60)}" for name, value in newest.labels if name not in _LABELS_OF_ALL
        )
        found[key] = Lane(key, newest.name, about, newest.severity, tuple(mine))
    return found


def cells(lane: Lane, scene: Scene, width: int) -> str:
    """A sign for each part of the window: a block where it fired, a shade where it was pending, a dot elsewhere."""
    if width < 1:
        return ""
    signs = [scene.glyphs.shades[0]] * width
    scale = width / scene.span_s
    pending = scene.glyphs.shades[2]
    # what fired stands over what was pending in the same cell
    for span in sorted(lane.spans, key=lambda one: one.state is not AlertState.PENDING):
        end = scene.end if span.end is None else span.end
        if end < scene.start or span.start > scene.end:
            continue
        begin = min(width - 1, max(0, int((span.start - scene.start) * scale)))
        stop = min(width, max(begin + 1, round((end - scene.start) * scale)))
        sign = pending if span.state is AlertState.PENDING else scene.glyphs.block
        signs[begin:stop] = [sign] * (stop - begin)
    return "".join(signs)


@dataclass(frozen=True)
class _LaneColumn(Column[Lane]):
    """Its text depends on the room and on the window."""

    axis: Axis = field(default_factory=Axis)

    def cell(self, row: Lane, width: int, ellipsis: str) -> str:
        return " " * width if self.axis.scene is None else cells(row, self.axis.scene, width)


class Timeline:
    """The lanes as a table like any other; ``axis`` is the window of its picture."""

    def __init__(self) -> None:
        self.axis = Axis()
        self._at = 0.0

        def fired(row: Lane) -> str:
            return age_text(row.firing_s(self._at))

        columns: tuple[Column[Lane], ...] = (
            Column("severity", "sev", 3, lambda row: f" {severity_sign(row.severity)}",
                   lambda row: severity_rank_of(row.severity), False, 1, False, _severity_role),
            Column("name", "name", 22, lambda row: said(row.name, 80), lambda row: row.name, False, 0, False),
            Column("about", "labels", 24, lambda row: row.about, lambda row: row.about or None, False, 5, False,
                   _label),
            _LaneColumn("when", "when", None, lambda row: "", lambda row: row.last, False, 0, True, _severity_role,
                        axis=self.axis),
            Column("times", "times", 6, lambda row: f"{row.firings}×", lambda row: row.firings, priority=3),
            Column("fired", "fired", 9, fired, lambda row: row.firing_s(self._at), priority=2, role=_label),
        )  # fmt: skip
        self.table: TableModel[Lane] = TableModel(
            columns, search_text=lambda row: f"{row.name} {row.about} {row.severity.value}", sort="when"
        )

    def update(self, spans: Iterable[AlertSpan], at: float) -> None:
        self._at = at
        self.table.update(lanes(spans))

    def picture(self, scene: Scene, width: int, height: int, *, empty: str, at: float | None) -> tuple[Line, ...]:
        """``height`` lines of ``width`` cells."""
        self.axis.scene = scene
        lines = table_picture(
            scene, self.table, width, height, title="Timeline: what fired when", noun="alert", empty=empty, at=at
        )
        return _with_times(scene, lines, self.table, width)


def _with_times(scene: Scene, lines: tuple[Line, ...], table: TableModel[Lane], width: int) -> tuple[Line, ...]:
    """The times stand in the title of the lanes' column."""
    if len(lines) < 3 or not table.order:
        return lines
    inner = width - 4
    at = 4
    for column, size in fitting(table.columns, inner - 2):
        if column.id == "when":
            clock = None if scene.mode is Mode.LIVE else scene.clock_text
            labels = time_labels(scene.start, scene.end, size, clock)
            return (lines[0], _laid_over(lines[1], at, labels), *lines[2:])
        at += size + 1
    return lines


def _laid_over(line: Line, at: int, text: str) -> Line:
    """A text in the place of as many cells of a line; header lines are of single cells."""
    whole = "".join(part for part, _ in line)
    if len(whole) < at + len(text):
        return line
    return ((whole[:at], Role.LABEL), (text, Role.LABEL), (whole[at + len(text) :], Role.LABEL))


def _label(_: Lane) -> Role:
    return Role.LABEL


def _severity_role(row: Lane) -> Role:
    return severity_role(row.severity)
