"""The overview when there is more than this machine: workflow and agents, remote panels, then less of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Layout

_OVERVIEW = "overview"
_LOCAL = ("cpu", "memory", "disk", "network", "saturation")
_ALERTS, _FIXES = "alerts", "fixes"
_WORKFLOW, _AGENTS = "workflow", "agents"
# so many panels stand before the alerts, and so many remote ones are more important than the local machine
_BEFORE_ALERTS, _BEFORE_LOCAL = 3, 6
_WEIGHT, _FIXES_WEIGHT, _LOCAL_WEIGHT = 5.0, 2.0, 4.0


class Placed(NamedTuple):
    """A panel in the order in which it stands; the most important have the lowest ``rank``."""

    name: str
    rank: int


def work_placed(config: Config) -> tuple[Placed, ...]:
    """The panels of workflow and agents, before all others, when something can tell of them."""
    events = any(source.enabled for source in config.sources.workflow.values())
    names = [_WORKFLOW] if events else []
    names += [_AGENTS] if events or config.pools else []
    return tuple(Placed(name, rank - len(names)) for rank, name in enumerate(names) if name in config.panels)


def with_overview(config: Config, remote: Sequence[Placed]) -> Config:
    """The configuration with these panels on its overview, which stays as it is where the user arranged it."""
    if config.layouts.get(_OVERVIEW) != DEFAULTS.layouts[_OVERVIEW]:
        return config
    layout = _arranged(_changed(config), remote, _LOCAL if config.sources.host.enabled else ())
    return msgspec.structs.replace(config, layouts={**config.layouts, _OVERVIEW: layout})


def _changed(config: Config) -> tuple[str, ...]:
    """Panels of the default overview that the user gave something else to show."""
    names = (name for row in DEFAULTS.layouts[_OVERVIEW].rows for name in row)
    listed = (_ALERTS, _FIXES)
    return tuple(name for name in names if name not in listed and config.panels[name] != DEFAULTS.panels[name])


def _arranged(own: tuple[str, ...], remote: Sequence[Placed], local: tuple[str, ...]) -> Layout:
    """One row that flows into as many columns as there is room for, then the fixes, then the local machine's row."""
    others = [one.name for one in remote if one.name not in own]
    first = [*own, *others]
    # in two columns workflow and agents stand above each other's figures, the alerts below both
    before = _BEFORE_ALERTS + (_WORKFLOW in first and _AGENTS in first)
    row = (*first[:before], _ALERTS, *first[before:])
    last = tuple(name for name in local if name not in own)
    ranked = [*own, *(one.name for one in sorted(remote, key=lambda one: one.rank) if one.name not in own)]
    rows, weights = ((row, _WEIGHT), ((_FIXES,), _FIXES_WEIGHT), (last, _LOCAL_WEIGHT)), []
    kept = [(names, weight) for names, weight in rows if names]
    weights = [weight for _, weight in kept]
    priority = (
        *ranked[:1], _ALERTS, *ranked[1:2], _FIXES, *ranked[2:_BEFORE_LOCAL],
        *last[:2], *ranked[_BEFORE_LOCAL:], *last[2:],
    )  # fmt: skip
    return Layout(tuple(names for names, _ in kept), tuple(weights), priority)
