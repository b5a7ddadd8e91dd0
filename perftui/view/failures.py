"""A source that fails, in words: who, why, since when, and what is tried next."""

from __future__ import annotations

from collections.abc import Collection

from perftui.domain.health import SourceHealth, SourceState
from perftui.domain.units import format_duration
from perftui.view.scene import Scene


def failing(scene: Scene, names: Collection[str]) -> str:
    """The first of these sources that fails; empty when none does."""
    found = (one for one in scene.mirror.sources if one.name in names and one.state is SourceState.FAILED)
    return next((failure_text(one, scene) for one in found), "")


def failure_text(source: SourceHealth, scene: Scene) -> str:
    """Who fails, why, since when, and what is tried next."""
    why = source.error.message if source.error is not None else "no answer"
    since = "" if source.failing_since is None else f", {format_duration(scene.now - source.failing_since)}"
    again = ""
    if source.next_try_at is not None:
        again = f", next try in {max(0.0, source.next_try_at - scene.now):.0f} s"
    return f"{source.name} {scene.glyphs.bad} {why}{since}{again}"
