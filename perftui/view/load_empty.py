"""The Load screen before anything was sent: the form as it would be, and the key that brings it."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.domain.roles import Role
from perftui.view.frame import framed
from perftui.view.load_figures import said
from perftui.view.load_form import HINTS
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left
from perftui.view.wrap import wrapped

_SHOWN = ("url", "rate", "duration", "shape", "model", "connections", "thresholds", "plan")
_LABEL, _VALUE = 13, 26
_TEXT = (
    "A load sends requests at a rate, whatever the target does, and says how long each took from when it was meant to "
    "go. N or enter fills this in; nothing is sent before you have seen what."
)
_COMMAND = "or type  :load http://127.0.0.1:8080/ 20 30s"
_SAFE = (
    "Safe as it begins: this machine and private networks, at most 200 requests a second, 60 s and 10 connections; "
    "any other host must be typed once more. p stops it at once."
)


def empty_picture(scene: Scene, values: Mapping[str, str], width: int, height: int, *, known: bool) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells. ``known``: the session told that there is no past load."""
    inner, room = max(0, width - 4), max(0, height - 2)
    if not known:
        body: tuple[Line, ...] = wrapped("asking the session for past loads; N begins one", Role.LABEL, inner)
    else:
        intro = wrapped(_TEXT, Role.LABEL, inner)
        fields = tuple(_field(scene, name, values[name], inner) for name in _SHOWN)
        tail: tuple[Line, ...] = ((), *wrapped(_COMMAND, Role.KEY, inner), *wrapped(_SAFE, Role.LABEL, inner))
        rows = (*intro, (), *fields, *tail)
        body = rows if len(rows) <= room else (*intro, *fields)[:room]
    return framed(
        indented(tuple(fit(line, inner) for line in body)),
        width=width,
        height=height,
        title="Load",
        summary=(("nothing sent yet", Role.LABEL),) if known else (),
        glyphs=scene.glyphs,
    )


def _field(scene: Scene, name: str, value: str, width: int) -> Line:
    shown = left(said(value, 200) or scene.glyphs.dash, _VALUE, scene.glyphs.ellipsis)
    return fit(
        (
            (left(name, _LABEL), Role.LABEL),
            (shown, Role.VALUE if value else Role.STALE),
            (f"  {HINTS[name]}", Role.LABEL),
        ),
        width,
        scene.glyphs.ellipsis,
    )
