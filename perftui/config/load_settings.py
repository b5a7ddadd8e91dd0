"""What can be configured of loads: what may be loaded, and how much of it."""

from __future__ import annotations

import msgspec

from perftui.config.kinds import Span


class LoadLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that a load may be: arrivals a second (0: any), how long it is measured, connections."""

    rate: float = 200.0
    duration: Span = 60.0
    connections: int = 10


class OwnLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Those of one target; what is left out is as for all."""

    rate: float | None = None
    duration: Span | None = None
    connections: int | None = None


class LoadTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server by a name. ``production``: within the smoke caps only, after typed host, name and reason."""

    url: str
    production: bool = False
    limits: OwnLimits = OwnLimits()


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be loaded without a question: near machines, and what ``allow`` lists (hosts, addresses, networks)."""

    allow: tuple[str, ...] = ()
    limits: LoadLimits = LoadLimits()
    targets: dict[str, LoadTarget] = {}
