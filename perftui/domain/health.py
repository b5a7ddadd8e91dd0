"""How sources, the journal and perftui itself are doing."""

from __future__ import annotations

from enum import Enum

import msgspec

from perftui.domain.errors import ErrorKind


class SourceError(msgspec.Struct, frozen=True):
    """A poll that failed: a kind for the program, one sentence for the person.

    ``wait_s`` is how long the source asked to be left alone.
    """

    kind: ErrorKind
    message: str
    wait_s: float = 0.0


class SourceState(str, Enum):
    """``waiting``: no answer yet. ``stale``: values are kept, but older than they should be."""

    WAITING = "waiting"
    OK = "ok"
    STALE = "stale"
    FAILED = "failed"


class SourceHealth(msgspec.Struct, frozen=True):
    """The health of one source; times are epoch seconds, None when it has not happened.

    ``blind`` says why its alerts can't be told ("it has no rules API"), so that nobody reads silence as peace.
    ``profiles`` are the ready panels that fit what it measures.
    """

    name: str
    kind: str
    state: SourceState
    interval_s: float
    last_ok_at: float | None = None
    failing_since: float | None = None
    next_try_at: float | None = None
    error: SourceError | None = None
    took_s: float | None = None
    polls: int = 0
    failures: int = 0
    late: int = 0
    series: int = 0
    notes: tuple[str, ...] = ()
    blind: str = ""
    profiles: tuple[str, ...] = ()


class StorageState(str, Enum):
    """``memory``: kept in memory only, with the reason; ``off``: the user asked for no journal."""

    OK = "ok"
    MEMORY = "memory"
    OFF = "off"


class StorageHealth(msgspec.Struct, frozen=True):
    """The journal: where it is, what it holds, and what is waiting because it can't be written.

    ``acknowledged_at`` is the time of the newest tick that is safe on disk.
    """

    state: StorageState
    path: str
    reason: str = ""
    since: float | None = None
    bytes: int = 0
    oldest_at: float | None = None
    acknowledged_at: float | None = None
    waiting: int = 0
    dropped: int = 0


class OwnCost(msgspec.Struct, frozen=True):
    """What perftui itself uses (SPEC X5): the session process here; the console adds its own."""

    cpu_ratio: float | None = None
    rss_bytes: float | None = None
