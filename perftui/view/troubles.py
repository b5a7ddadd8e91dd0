"""Why expressions of a panel have no values, or no new ones, as the session tells it."""

from __future__ import annotations

from typing import NamedTuple

from perftui.config.queries import drawn_selectors, panel_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.series import parse_selector
from perftui.view.scene import Scene

_WAITING = "waiting"


class Trouble(NamedTuple):
    """``what`` is the expression, or the selector where nobody here knows its text."""

    source: str
    what: str
    text: str

    @property
    def waits(self) -> bool:
        """Whether the answer is only late."""
        return self.text.startswith(_WAITING)


def panel_troubles(scene: Scene, panel: Panel) -> tuple[Trouble, ...]:
    """The troubles of what a panel watches, in its order."""
    if not scene.mirror.troubles:
        return ()
    found = []
    for text in dict.fromkeys(panel_selectors(scene.config, panel)):
        selector = parse_selector(text)
        trouble = scene.mirror.troubles.get(f"{selector.source}/{selector.name}")
        if trouble:
            found.append(Trouble(selector.source, _expression(scene.config, panel, text), trouble))
    return tuple(found)


def _expression(config: Config, panel: Panel, selector: str) -> str:
    derived = drawn_selectors(config, panel)[len(panel.series) :]
    return dict(zip(derived, panel.promql, strict=False)).get(selector, selector)
