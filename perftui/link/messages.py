"""What travels over the link, in both directions; the protocol number changes with any change here.

The session pushes one Update a tick and never queues: a client that is behind gets the merged latest state as one
full Update when it can take it. ``seq`` counts Updates per client, ``base`` names the one an Update builds on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from perftui.domain.alerts import Alert
from perftui.domain.findings import Finding, Outcome, RuleStatus
from perftui.domain.health import OwnCost, SourceHealth, StorageHealth
from perftui.domain.load import LoadState
from perftui.domain.samples import SeriesInfo, Window
from perftui.domain.triage import AlertCounts

PROTOCOL = 5
MAX_FRAME_BYTES = 64 * 1024 * 1024


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message of a client."""

    protocol: int
    version: str


class Watch(msgspec.Struct, frozen=True, tag="watch"):
    """Ask for a window of the series that the selectors pick, under a name of the client's choice.

    ``end`` None means live: the window ends now and moves. At most one bucket per cell is sent. A second Watch of the
    same name replaces the first. ``shift_s`` looks back by so many seconds from that end, to compare with before.
    """

    watch: str
    selectors: tuple[str, ...]
    span_s: float
    end: float | None
    cells: int
    shift_s: float = 0.0


class Unwatch(msgspec.Struct, frozen=True, tag="unwatch"):
    watch: str


class WatchTable(msgspec.Struct, frozen=True, tag="watch_table"):
    """Ask for a table by name (``processes``, ``agents``); it comes whole, then as diffs by row key."""

    table: str


class UnwatchTable(msgspec.Struct, frozen=True, tag="unwatch_table"):
    table: str


class Resync(msgspec.Struct, frozen=True, tag="resync"):
    """The client saw a gap in ``seq`` and wants everything it watches again."""


class Request(msgspec.Struct, frozen=True, tag="request"):
    """Ask the session to do something; answered by a Reply with the same number."""

    number: int
    action: str
    args: dict[str, Any] = {}


class SessionInfo(msgspec.Struct, frozen=True):
    """Whom the client is talking to."""

    host: str
    user: str
    pid: int
    version: str
    started_at: float
    config_path: str | None = None


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    protocol: int
    session: SessionInfo


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    """The session can't serve this client; the connection ends."""

    reason: str


class WindowPart(msgspec.Struct, frozen=True, array_like=True):
    """A watched window whole (``whole`` true), or its newest buckets to append and how far to trim the front.

    An appended part starts at ``window.start``; buckets that the mirror has from there on are replaced.
    ``error`` says why there is nothing (a bad selector); then the window is empty.
    """

    whole: bool
    window: Window
    error: str = ""


class TablePart(msgspec.Struct, frozen=True, array_like=True):
    """Rows to insert or replace (each a list whose first element is its key), and keys to delete.

    ``at`` is when the rows were measured.
    """

    whole: bool
    at: float
    upserts: tuple[Any, ...] = ()
    deletes: tuple[str, ...] = ()


class Update(msgspec.Struct, frozen=True, tag="update", omit_defaults=True):
    """What changed since ``base``; a field that is None did not change. ``full`` replaces everything.

    ``alerts`` are the worst of them, as many as an overview can show; all travel as the table ``alerts``, and
    ``alert_counts`` tells how many there are.
    ``troubles`` say why there are no (new) values, by ``source/name``: an expression that fails, or matches nothing.
    ``load`` is the load that this session sends, or the last one that it sent.
    ``rules`` is what became of every rule, ``outcomes`` what became of findings after something was changed.
    """

    seq: int
    base: int
    at: float
    full: bool = False
    windows: dict[str, WindowPart] = {}
    tables: dict[str, TablePart] = {}
    catalogue: tuple[SeriesInfo, ...] | None = None
    sources: tuple[SourceHealth, ...] | None = None
    alerts: tuple[Alert, ...] | None = None
    alert_counts: AlertCounts | None = None
    findings: tuple[Finding, ...] | None = None
    rules: tuple[RuleStatus, ...] | None = None
    outcomes: tuple[Outcome, ...] | None = None
    storage: StorageHealth | None = None
    cost: OwnCost | None = None
    problems: tuple[str, ...] | None = None
    troubles: dict[str, str] | None = None
    load: LoadState | None = None


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """The answer to a Request: ``error`` empty means done."""

    number: int
    error: str = ""
    data: Any = None


ClientMessage = Hello | Watch | Unwatch | WatchTable | UnwatchTable | Resync | Request
SessionMessage = Welcome | Refusal | Update | Reply
