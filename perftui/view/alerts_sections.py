"""The head of a section of alerts: what its rows share, how many they are, and what of them needs somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perftui.domain.alerts import Severity
from perftui.domain.roles import Role
from perftui.view.alerts_rows import said, severity_role, severity_sign
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, fit

_NO_LABEL = "(none)"


def section_line(
    values: Sequence[str],
    rows: int,
    counts: Mapping[Severity, int],
    width: int,
    glyphs: GlyphSet,
    *,
    folded: bool,
    selected: bool,
    marked: bool,
) -> Line:
    """``▾ checkout (3)  ✗ 1  ▲ 2`` in ``width`` cells; the head of a folded section points to the right."""
    name = f" {glyphs.separator} ".join(said(value, 80) or _NO_LABEL for value in values)
    sign = glyphs.folded if folded else glyphs.unfolded
    head: Line = (
        ((glyphs.folded if selected else " ") + (glyphs.live if marked else " "), Role.ACCENT),
        (f"{sign} {name} ({rows})", Role.SELECTED if selected else Role.TITLE),
    )
    tail: Line = tuple(
        (f"  {severity_sign(severity)} {counts[severity]}", severity_role(severity))
        for severity in Severity
        if counts.get(severity)
    )
    return fit((*head, *tail), width, glyphs.ellipsis)
