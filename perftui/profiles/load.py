"""Reads the profiles that ship beside this file, tells which of them fit, and adds their panels to a configuration."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from perftui.config.check import build
from perftui.config.schema import Config, Panel
from perftui.config.toml_text import parse
from perftui.profiles.overview import Placed, with_overview, work_placed

_FOLDER = Path(__file__).parent
_FITTING = re.compile(r"(?P<id>[a-z]+)(?:\((?P<family>[a-z0-9_]+)\))?")
_FAMILY_MARK = "${family}"
# of the services that a server knows, so many get panels: each expression is asked every second
MOST_FAMILIES = 3
_LONGEST_FAMILY = 60
# what watches is seldom what is tested: its own metrics come after those of others
_MONITORING = ("prometheus", "alertmanager", "grafana", "loki", "thanos", "mimir", "cortex", "pushgateway", "blackbox")


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ready panels for one kind of system, the most important first; ``order`` says how profiles stand to each other.

    It fits a source that has one of the metrics ``detect``, or, once for each group of the expression, a metric that
    ``family`` matches: ``${family}`` in its panels is that group. Of panels that two profiles have for the same family,
    the later profile's is taken.
    """

    title: str
    order: int
    panels: dict[str, Panel]
    detect: tuple[str, ...] = ()
    family: str = ""
    id: str = ""


class _Fitting(NamedTuple):
    """A profile for a source; ``family`` is empty for profiles that have none, ``number`` counts families from 0."""

    profile: Profile
    family: str
    number: int


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """All profiles in their order. Raises ValueError when a shipped file is broken."""
    return tuple(sorted(map(_read, _FOLDER.glob("*.toml")), key=lambda profile: (profile.order, profile.id)))


def _read(path: Path) -> Profile:
    table, problems = parse(path.read_text("utf-8"), path.name)
    profile = build(Profile, table, (), problems)
    if problems.found:
        raise ValueError("; ".join(map(str, problems.found)))
    read: Profile = msgspec.structs.replace(profile, id=path.stem)
    return read


def detect(metric_names: Collection[str]) -> tuple[str, ...]:
    """What fits a source with these metrics: ids of profiles, those with a family as ``http(shop_http)``."""
    names = frozenset(metric_names)
    found: list[str] = []
    for profile in profiles():
        if not names.isdisjoint(profile.detect):
            found.append(profile.id)
        if profile.family:
            found.extend(_called(profile, family) for family in _families(profile.family, names))
    return tuple(found)


def _families(pattern: str, names: Collection[str]) -> list[str]:
    matches = (re.fullmatch(pattern, name) for name in names)
    found = {match[1] for match in matches if match is not None and len(match[1]) <= _LONGEST_FAMILY}
    return sorted(found, key=lambda family: (family.startswith(_MONITORING), len(family), family))[:MOST_FAMILIES]


def _called(profile: Profile, family: str) -> str:
    return profile.id if family == profile.id else f"{profile.id}({family})"


def with_profiles(config: Config, found: Mapping[str, tuple[str, ...]]) -> Config:
    """The configuration with the panels of the profiles that were found, by source; the user's own are never touched.

    An overview that the user did not arrange shows workflow and agents first when there is a source of them, then these
    panels, and less of the local machine.
    """
    work = work_placed(config)
    several = sum(bool(ids) for ids in found.values()) > 1
    added: dict[str, Panel] = {}
    placed: dict[str, Placed] = {}
    for source, ids in found.items():
        for fitting in _fittings(ids):
            for index, (name, panel) in enumerate(fitting.profile.panels.items()):
                panel_id = f"{source}_{fitting.family or fitting.profile.id}_{name}"
                if panel_id in added and added[panel_id].source != source:
                    panel_id = f"{panel_id}-{source}"  # sources a and a_b, families b_http and http
                added[panel_id] = _made(panel, source, fitting.family, several=several)
                placed[panel_id] = Placed(panel_id, fitting.profile.order + index + 2 * fitting.number)
    new = {name: panel for name, panel in added.items() if name not in config.panels}
    if not new and not work:
        return config
    return with_overview(msgspec.structs.replace(config, panels={**config.panels, **new}), (*work, *placed.values()))


def _fittings(ids: tuple[str, ...]) -> list[_Fitting]:
    """What the ids name, in the order of the profiles; ids that nobody knows come from another version: left out."""
    if not ids:
        return []  # reading all profiles takes 15 ms
    known = {profile.id: profile for profile in profiles()}
    found: list[_Fitting] = []
    for text in ids:
        match = _FITTING.fullmatch(text)
        profile = known.get(match["id"]) if match is not None else None
        if match is not None and profile is not None:
            family = (match["family"] or profile.id) if profile.family else ""
            found.append(_Fitting(profile, family, sum(one.profile is profile for one in found)))
    return sorted(found, key=lambda one: (one.profile.order, one.number))


def _made(panel: Panel, source: str, family: str, *, several: bool) -> Panel:
    of = [name for name in (family.removesuffix("_http"), source if several else "") if name not in ("", "http")]
    return msgspec.structs.replace(
        panel,
        source=source,
        title="  ".join((panel.title, *of)),
        promql=tuple(expr.replace(_FAMILY_MARK, family).strip() for expr in panel.promql),
    )
