"""Reads the profiles that ship beside this file, tells which of them fit, and adds their panels to a configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from perftui.config.check import build
from perftui.config.defaults import LAYOUTS
from perftui.config.schema import Config, Layout, Panel
from perftui.config.toml_text import parse

_FOLDER = Path(__file__).parent
_OVERVIEW = "overview"
# what of the local machine stays on an overview that shows remote panels
_LOCAL_ROWS = (("cpu", "memory"), ("disk", "network"), ("saturation",))
_LIST_ROW = ("alerts", "fixes")
_FIRST = 2
_REMOTE_WEIGHT, _LOCAL_WEIGHT, _LIST_WEIGHT = 5.0, 3.0, 3.0


class Profile(msgspec.Struct, frozen=True):
    """``detect`` are metric names: one of them is enough for the profile to fit. Panels come in order of importance."""

    id: str
    title: str
    detect: tuple[str, ...]
    panels: dict[str, Panel]


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """All profiles, in the order in which their panels are shown. Raises ValueError when a shipped file is broken."""
    found = sorted((_read(path) for path in _FOLDER.glob("*.toml")), key=lambda one: one[0])
    return tuple(profile for _, profile in found)


def detect(metric_names: Collection[str]) -> tuple[str, ...]:
    """Ids of the profiles that fit a source with these metrics."""
    names = frozenset(metric_names)
    return tuple(profile.id for profile in profiles() if not names.isdisjoint(profile.detect))


def with_profiles(config: Config, found: Mapping[str, tuple[str, ...]]) -> Config:
    """The configuration with the panels of the profiles that were found, by source; the user's own are never touched.

    An overview that the user did not arrange shows them first, and less of the local machine.
    """
    added = {
        f"{source}_{profile.id}_{name}": msgspec.structs.replace(
            panel, source=source, title=panel.title if len(found) == 1 else f"{panel.title}  {source}"
        )
        for source, ids in found.items()
        for profile in profiles()
        if profile.id in ids
        for name, panel in profile.panels.items()
    }
    new = {name: panel for name, panel in added.items() if name not in config.panels}
    if not new:
        return config
    layouts = dict(config.layouts)
    if layouts.get(_OVERVIEW) == LAYOUTS[_OVERVIEW]:
        layouts[_OVERVIEW] = _arranged(tuple(added), local=config.sources.host.enabled)
    return msgspec.structs.replace(config, panels={**config.panels, **new}, layouts=layouts)


def _arranged(remote: tuple[str, ...], *, local: bool) -> Layout:
    pairs = [remote[start : start + 2] for start in range(0, len(remote), 2)]
    local_rows = _LOCAL_ROWS if local else ()
    rows = (*pairs, _LIST_ROW, *local_rows)
    weights = (_REMOTE_WEIGHT,) * len(pairs) + (_LIST_WEIGHT,) + (_LOCAL_WEIGHT,) * len(local_rows)
    own = tuple(name for row in local_rows for name in row)
    return Layout(rows, weights, (*remote[:_FIRST], *_LIST_ROW, *remote[_FIRST:], *own))


def _read(path: Path) -> tuple[int, Profile]:
    """The profile, and its place in the order."""
    table, problems = parse(path.read_text("utf-8"), path.name)
    given = table.get("panels", {})
    panels = {name: build(Panel, panel, ("panels", name), problems, Panel()) for name, panel in given.items()}
    if problems.found:
        raise ValueError("; ".join(map(str, problems.found)))
    return int(table["order"]), Profile(path.stem, str(table["title"]), tuple(table["detect"]), panels)
