"""What people see and do with alerts: one row an alert over all sources, silences, objectives, what fired when.

Times are epoch seconds, spans are seconds; what nobody told is None or empty, never 0.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from perftui.domain.alerts import AlertState, Severity
from perftui.domain.units import Unit


class Matcher(msgspec.Struct, frozen=True, array_like=True):
    """A condition on one label in Alertmanager's words: ``=``, ``!=``, ``=~`` and ``!~``; expressions are anchored."""

    name: str
    value: str
    equal: bool = True
    regex: bool = False


class SilenceState(str, Enum):
    """As Alertmanager tells it. ``pending``: it begins later."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silence(msgspec.Struct, frozen=True):
    """A silence of one Alertmanager; a cluster tells the same ``id`` by each of its members.

    ``source`` is the name of the Alertmanager in the configuration. ``matched`` counts firing alerts that it hides.
    """

    id: str
    source: str
    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    author: str
    comment: str
    state: SilenceState
    matched: int | None = None

    @property
    def key(self) -> str:
        return f"{self.source}/{self.id}"


class Doing(str, Enum):
    """What was asked for and no poll has shown yet; a screen shows it as under way, never as done."""

    NOTHING = ""
    SILENCING = "silencing"
    EXPIRING = "expiring"


class AlertRow(msgspec.Struct, frozen=True, array_like=True):
    """One alert, however many sources tell it; ``key`` is the fingerprint of its labels.

    ``since`` is when the present state began, ``active_at`` when the condition became true, ``fired_at`` when it began
    to fire. ``sources`` are the names of those that tell it. ``labels`` hold alertname and severity too. ``threshold``
    is None when it is only told by ``expr``. ``graph`` is an expression of ``graph_source`` whose value is compared
    (for a rule of perftui: ``series``). ``activations_1h`` and ``activations_24h`` are None while nobody knows.
    ``acked_*``, ``snoozed_until`` and ``note*`` are what people did to this firing; a new firing begins without them.
    """

    key: str
    name: str
    severity: Severity
    state: AlertState
    since: float
    active_at: float
    fired_at: float | None
    sources: tuple[str, ...]
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    runbook: str = ""
    value: float | None = None
    threshold: float | None = None
    above: bool = True
    unit: Unit = Unit.NONE
    for_s: float = 0.0
    expr: str = ""
    rule: str = ""
    series: str = ""
    graph: str = ""
    graph_source: str = ""
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    acked_by: str = ""
    acked_at: float | None = None
    snoozed_until: float | None = None
    snoozed_by: str = ""
    note: str = ""
    note_by: str = ""
    doing: Doing = Doing.NOTHING
    activations_1h: int | None = None
    activations_24h: int | None = None
    fixes: tuple[str, ...] = ()


class Watchdog(msgspec.Struct, frozen=True):
    """Whether the pipeline behind the alerts is proven alive. ``alive`` None: nothing was configured that could tell.

    ``words`` name who misses the always firing alert, or since when it is seen; ``seen_at`` is the last proof.
    """

    alive: bool | None
    words: str = ""
    seen_at: float | None = None


class AlertCounts(msgspec.Struct, frozen=True):
    """How many there are in all, whatever number of them travels; firing ones by severity."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    pending: int = 0
    suppressed: int = 0
    snoozed: int = 0
    acked: int = 0
    watchdog: Watchdog = Watchdog(None)

    @property
    def firing(self) -> int:
        return self.critical + self.warning + self.info


class AlertSpan(msgspec.Struct, frozen=True, array_like=True):
    """One firing (or pending) of an alert for the timeline; ``end`` None means that it goes on.

    ``key`` is unique: a fingerprint and when it began.
    """

    key: str
    fingerprint: str
    name: str
    severity: Severity
    state: AlertState
    start: float
    end: float | None
    labels: tuple[tuple[str, str], ...] = ()


class NoiseRow(msgspec.Struct, frozen=True, array_like=True):
    """How noisy the alerts of one name were in the last 24 h; ``short`` is the share of firings that ended in 5 min."""

    key: str
    firings: int
    firing_s: float
    short: float | None
    activations: int | None = None


class Burn(msgspec.Struct, frozen=True, array_like=True):
    """The burn rate over one window: 1 uses the budget up in just the period. None: the window is not filled yet."""

    window_s: float
    rate: float | None


class SloRow(msgspec.Struct, frozen=True, array_like=True):
    """An objective as it stands. ``target`` and ``sli`` are ratios of good events; ``left`` is the share of the error
    budget that is left (negative: overdrawn). ``exhausted_in_s`` None: not at this rate. ``fires`` names the pair of
    windows that fires. ``why`` says why there is no figure ("low traffic: 12 of 100 events").
    """

    key: str
    title: str
    target: float
    period_s: float
    sli: float | None = None
    left: float | None = None
    burns: tuple[Burn, ...] = ()
    exhausted_in_s: float | None = None
    fires: str = ""
    events: float | None = None
    why: str = ""
