"""What the first frame looks like: the panels of the Overview and the codes of the theme, before there is a size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perftui.cli.first_frame.abilities import INDEXED, NONE, SIXTEEN, TRUE

# the meanings that the first frame has, by the names of ``domain.roles.Role``
ROLES = ("text", "value", "label", "title", "frame", "accent")
# panels whose first figures stand here already
FIGURES = ("cpu", "memory", "saturation")
WAITING = "collecting the first samples"


class PlannedPanel:
    """``least`` is its height at least; ``figures`` one of FIGURES, or empty; ``note`` is what stands in it."""

    __slots__ = ("figures", "least", "note", "title")

    def __init__(self, title: str, least: int, figures: str = "", note: str = "") -> None:
        self.title, self.least, self.figures, self.note = title, least, figures, note


class Plan:
    """``rows`` name ``panels``; without rows there are figures only. ``codes`` are SGR parameters by meaning."""

    __slots__ = ("codes", "panels", "priority", "rows", "utf8", "weights")

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        weights: Sequence[float],
        priority: Sequence[str],
        panels: Mapping[str, PlannedPanel],
        codes: Mapping[str, str],
        *,
        utf8: bool,
    ) -> None:
        self.rows, self.weights, self.priority = rows, weights, priority
        self.panels, self.codes, self.utf8 = panels, codes, utf8


# The Overview and the theme of somebody who configured nothing. A test compares them with ``config/defaults.py`` and
# the theme's file, which cost more to read than the whole first frame.
DEFAULT_ROWS = (
    ("cpu", "memory"), ("disk", "network"), ("saturation", "alerts"), ("fixes",), ("workflow", "agents"),
    ("latency", "throughput"),
)  # fmt: skip
DEFAULT_WEIGHTS = (5.0, 5.0, 4.0, 2.0, 1.0, 1.0)
DEFAULT_PRIORITY = ("cpu", "memory", "alerts", "fixes", "disk", "network", "saturation")
DEFAULT_PANELS = {
    "cpu": PlannedPanel("CPU", 5, "cpu"),
    "memory": PlannedPanel("Memory", 5, "memory"),
    "disk": PlannedPanel("Disk", 5, "", WAITING),
    "network": PlannedPanel("Network", 5, "", WAITING),
    "saturation": PlannedPanel("Saturation", 7, "saturation"),
    "alerts": PlannedPanel("Alerts", 5),
    "fixes": PlannedPanel("Fix first", 5),
    "workflow": PlannedPanel("Workflow", 6),
    "agents": PlannedPanel("Agents", 6),
    "latency": PlannedPanel("Latency", 5),
    "throughput": PlannedPanel("Throughput and errors", 5),
}
NO_CODES = dict.fromkeys(ROLES, "")
_COLOURS = {
    TRUE: ("184;192;200", "230;235;240", "132;146;160", "184;196;208", "54;66;78", "108;182;255"),
    INDEXED: ("250", "189", "245", "152", "59", "75"),
    SIXTEEN: ("37", "97", "37", "37", "90", "96"),
}
_COLOURED = {TRUE: "38;2;{};48;2;15;19;24", INDEXED: "38;5;{};48;5;16", SIXTEEN: "{};40"}
DEFAULT_CODES = {
    **{
        depth: {role: _COLOURED[depth].format(colour) for role, colour in zip(ROLES, colours, strict=True)}
        for depth, colours in _COLOURS.items()
    },
    NONE: NO_CODES,
}


def default_plan(depth: str, *, utf8: bool) -> Plan:
    """What stands there when nobody configured anything."""
    return Plan(DEFAULT_ROWS, DEFAULT_WEIGHTS, DEFAULT_PRIORITY, DEFAULT_PANELS, DEFAULT_CODES[depth], utf8=utf8)


def bare_plan(*, utf8: bool) -> Plan:
    """Figures alone, in the terminal's own colours: somebody configured something, and it was not read yet."""
    return Plan((), (), (), {}, NO_CODES, utf8=utf8)
