"""What the arguments about a load's shape are in a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from perftui.cli.arguments import Options
from perftui.domain.errors import PerftuiError
from perftui.load.plan import Plan
from perftui.load.shapes import Shape

# a soak of half a minute soaks nothing, and an adaptive load wants more than six intervals
_USUAL = {Shape.SOAK: "10m", Shape.ADAPTIVE: "60s"}


def shape_words(options: Options, plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, with the shape's own words in their places. Raises PerftuiError for one that the shape has not."""
    words = dict(given)
    if options.recorded is not None:
        words.setdefault("shape", Shape.RECORDED.value)
    shape = Shape(words.get("shape", plan.shape))
    if shape in _USUAL and "shape" in words and "duration" not in words:
        words["duration"] = _USUAL[shape]
    own = _own(options, shape)
    if shape is Shape.STRESS and "duration" in words:
        own["longest"] = words["duration"]
    if shape is Shape.ADAPTIVE and "rate" in words:
        own["start"] = words["rate"]
    if own:
        words[shape.value] = {**msgspec.to_builtins(getattr(plan, shape.value)), **own}
    return words


def _own(options: Options, shape: Shape) -> dict[str, Any]:
    names: dict[Shape, dict[str, str]] = {
        Shape.STRESS: {"step": "step", "factor": "factor", "hold": "hold", "top": "top"},
        Shape.SPIKE: {"hold": "hold"},
        Shape.ADAPTIVE: {"step": "step", "hold": "interval", "top": "top"},
        Shape.RECORDED: {"recorded": "file", "scale": "scale", "speed": "speed"},
    }
    known = names.get(shape, {})
    found = {}
    for name in ("step", "factor", "hold", "top", "recorded", "scale", "speed"):
        value = getattr(options, name)
        if value is None:
            continue
        if name not in known:
            raise PerftuiError(f"load: --{name} is nothing that shape {shape.value} has")
        found[known[name]] = value
    return found
