"""Whose alerts can't be told at the moment, and why: silence is only peace where somebody looks."""

from __future__ import annotations

from typing import NamedTuple

from perftui.domain.health import SourceState
from perftui.domain.roles import Role
from perftui.view.scene import Scene
from perftui.view.text import Line, line_width

_THIS_SOURCE = "this source has "


class Blind(NamedTuple):
    """A source and the reason in a few words."""

    source: str
    why: str


def blind_sources(scene: Scene) -> tuple[Blind, ...]:
    """Sources that don't answer, and those that say why their alerts can't be told."""
    found = []
    for source in scene.mirror.sources:
        if source.state is SourceState.FAILED:
            found.append(Blind(source.name, "no answer"))
        elif source.blind:
            found.append(Blind(source.name, source.blind.removeprefix(_THIS_SOURCE)))
    return tuple(found)


def blind_figure(scene: Scene, width: int) -> Line:
    """The first of them in at most ``width`` cells, or how many there are; nothing when all alerts can be told."""
    blind = blind_sources(scene)
    if not blind:
        return ()
    sign, first = scene.glyphs.watch, blind[0]
    more = f" +{len(blind) - 1}" if len(blind) > 1 else ""
    for text in (f"{first.source}: {first.why}{more}", f"{first.source}: alerts unknown{more}"):
        line: Line = ((f"{sign} {text}", Role.WATCH),)
        if line_width(line) <= width:
            return line
    return ((f"{sign} {len(blind)} unknown", Role.WATCH),)
