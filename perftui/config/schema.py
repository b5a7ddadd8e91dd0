"""What can be configured, with the defaults; the loader checks TOML against these types.

Spans (``"5s"``, ``"24h"``) are seconds here; annotations tell the loader what a text has to be.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from perftui.config.kinds import Expression, Reference, SelectorText, Span
from perftui.config.load_settings import Load
from perftui.domain.alerts import Severity
from perftui.domain.units import Unit


class Glyphs(str, Enum):
    """``auto``: UTF-8 when the locale says so, else ASCII."""

    AUTO = "auto"
    UTF8 = "utf8"
    ASCII = "ascii"


class Charts(str, Enum):
    """``auto``: charts scroll while the link to the terminal is good, and sweep while it is slow."""

    AUTO = "auto"
    SCROLL = "scroll"
    SWEEP = "sweep"


class PanelKind(str, Enum):
    """How a panel draws its series; ``alerts``, ``fixes``, ``workflow`` and ``agents`` show what the session makes."""

    LINE = "line"
    SPARKLINES = "sparklines"
    GAUGE = "gauge"
    STAT = "stat"
    TABLE = "table"
    HEAT = "heat"
    ALERTS = "alerts"
    FIXES = "fixes"
    WORKFLOW = "workflow"
    AGENTS = "agents"


class Screen(str, Enum):
    """Screens that exist; later wings add theirs."""

    OVERVIEW = "overview"
    WORKFLOW = "workflow"
    AGENTS = "agents"
    METRICS = "metrics"
    ALERTS = "alerts"
    LOAD = "load"
    HOST = "host"
    SOURCES = "sources"


class Intervals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often things are measured. Processes are only read while somebody looks at them."""

    host: Span = 1.0
    processes: Span = 3.0
    followed: Span = 1.0


class HostSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This machine. ``deadline`` is how long one reading may take before the source counts as failing."""

    enabled: bool = True
    deadline: Span = 5.0


class HttpSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a source behind HTTP is reached. Secrets are references; a proxy is only used when it is named.

    ``proxy`` is a URL, or ``env`` for the environment's. ``timeout`` is for a whole answer, whatever ``interval`` is;
    a body above ``max_body`` bytes is refused.
    """

    url: str
    enabled: bool = True
    interval: Span = 1.0
    timeout: Span = 5.0
    user: str = ""
    password: Reference = ""
    token: Reference = ""
    headers: dict[str, str] = {}
    secret_headers: dict[str, Reference] = {}
    verify: bool = True
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    proxy: str = ""
    max_body: int = 33_554_432


class MetricSource(HttpSource, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What evaluates expressions. ``queries`` are expressions by name: their results are series."""

    profiles: bool = True
    queries: dict[str, Expression] = {}


class PrometheusSource(MetricSource, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Prometheus server, or what speaks its API. ``select`` stands for ``$sel``, label matchers such as job="api".

    ``scrape_interval`` 0 is learned from the server's targets; ``$win`` is made from it. ``workers`` are threads.
    ``watchdog`` is the name of an alert that always fires, so that no alerts can be told from a broken pipeline.
    """

    select: str = ""
    scrape_interval: Span = 0.0
    alerts: bool = True
    alerts_interval: Span = 5.0
    watchdog: str = "Watchdog"
    workers: int = 4


class ScrapeSource(MetricSource, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An endpoint with metrics in the text format or OpenMetrics; ``queries`` and panels take a part of PromQL."""

    max_series: int = 200_000


class AlertmanagerSource(HttpSource, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An Alertmanager, or what speaks its API, version 2. It is never asked for more than a tenth of the time.

    ``filter`` are matchers, ``receiver`` an anchored expression: only alerts that fit are told. Silences are written
    when ``allow_silence`` says so. ``watchdog`` is the name of the alert that always fires, empty for none.
    """

    interval: Span = 5.0
    timeout: Span = 30.0
    filter: str = ""
    receiver: str = ""
    allow_silence: bool = False
    watchdog: str = "Watchdog"


class WorkflowSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Workflow events: a file, or a folder of files (docs/guide/workflow.md).

    Response times, waits and utilisation cover ``window``. An agent of which nothing was heard for ``lost_after`` while
    it should be working counts as lost. ``max_tasks`` tasks are remembered one by one; counts are exact beyond it.
    """

    path: str
    enabled: bool = True
    interval: Span = 1.0
    window: Span = 60.0
    lost_after: Span = 30.0
    max_tasks: int = 50_000


class Pool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pool of agents that is told by metrics: expressions for its figures, evaluated by ``source``.

    Those of ``agent_...`` have one value an agent, told apart by the label ``by``. What is left out is not known.
    """

    source: str = ""
    by: str = "agent"
    total: Expression = ""
    busy: Expression = ""
    queue: Expression = ""
    wait_p95: Expression = ""
    done: Expression = ""
    failed: Expression = ""
    response_p50: Expression = ""
    response_p95: Expression = ""
    response_p99: Expression = ""
    agent_busy: Expression = ""
    agent_p95: Expression = ""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service whose requests are counted: what the rules of latency and errors look at.

    ``latency`` is a histogram's name without ``_bucket``, ``by`` the label that tells classes of requests apart.
    ``requests`` is a counter, ``errors`` matchers that pick the failed ones of it. ``slo_p95`` is a target in seconds.
    """

    source: str = ""
    latency: str = ""
    requests: str = ""
    errors: str = ""
    select: str = ""
    by: str = ""
    slo_p95: float | None = None


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """Rules that recommend: a condition must hold ``for`` so long; they look back on ``window``.

    ``off`` lists rules that are not evaluated. ``limits`` are their thresholds.
    """

    for_: Span = 60.0
    window: Span = 300.0
    off: tuple[str, ...] = ()
    limits: dict[str, float] = {}


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any number of sources by name, beside this machine; the name begins the ids of their series."""

    host: HostSource = HostSource()
    prometheus: dict[str, PrometheusSource] = {}
    scrape: dict[str, ScrapeSource] = {}
    alertmanager: dict[str, AlertmanagerSource] = {}
    workflow: dict[str, WorkflowSource] = {}


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The journal of everything seen. ``path`` empty: the platform's data folder; ``enabled`` false: memory only."""

    enabled: bool = True
    path: str = ""
    keep_raw: Span = 86400.0
    memory: Span = 3600.0


class Panel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One panel. ``series`` are drawn, ``figures`` stand beside them as numbers only.

    ``promql`` are expressions that ``source`` evaluates (empty: the only source that can); they are drawn after
    ``series``. ``scale`` multiplies what is measured, so that it is in the base unit.

    ``watch`` and ``bad`` are thresholds in base units, ``above`` says which side of them is bad; without them the
    alert rules of a series are its thresholds. ``legend`` names series and figures in their order: ``{label}`` takes
    a label, empty is made from the series' name. ``hint`` is what an empty panel tells. ``max`` fixes the scale's top.
    """

    title: str = ""
    kind: PanelKind = PanelKind.LINE
    series: tuple[SelectorText, ...] = ()
    promql: tuple[Expression, ...] = ()
    source: str = ""
    figures: tuple[SelectorText, ...] = ()
    scale: float = 1.0
    unit: Unit = Unit.NONE
    legend: tuple[str, ...] = ()
    watch: float | None = None
    bad: float | None = None
    above: bool = True
    max: float | None = None
    hint: str = ""


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of panel ids, each row from left to right; ``weights`` share the height among the rows.

    ``priority`` lists the panels that stay longest when there is no room for all.
    """

    rows: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...] = ()
    priority: tuple[str, ...] = ()


class AlertKind(str, Enum):
    """``absence``: no series that is picked has a fresh value."""

    THRESHOLD = "threshold"
    ABSENCE = "absence"


class AlertRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """A threshold on any series. ``clear`` is how far back, as a share of the limit, the value must go to resolve.

    Of kind ``absence`` it fires, as ``severity``, when nothing was measured ``for`` so long.
    """

    title: str
    series: SelectorText
    unit: Unit = Unit.NONE
    above: bool = True
    warning: float | None = None
    critical: float | None = None
    for_: Span = 60.0
    clear: float = 0.05
    summary: str = ""
    advice: str = ""
    effort: str = "medium"
    steps: tuple[str, ...] = ()
    enabled: bool = True
    kind: AlertKind = AlertKind.THRESHOLD
    severity: Severity = Severity.WARNING


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service level objective: ``target`` of the events of ``period`` are good (0.999 is 99.9 %).

    ``bad`` and ``all`` are expressions that count events in ``[$window]``, such as sum(increase(x_total[$window])).
    Fewer than ``least`` events in a window are not judged. A period shorter than a day is that of a test run.
    """

    bad: Expression
    all: Expression
    target: float
    title: str = ""
    source: str = ""
    period: Span = 30 * 86400.0
    least: float = 100.0


class Anomaly(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """An alert when ``fewest`` of the key ``series`` leave their usual band together, ``for`` so long.

    The band is ``width`` standard deviations of what each did in about ``memory`` before. No series: no such alert.
    """

    series: tuple[SelectorText, ...] = ()
    fewest: int = 3
    width: float = 4.0
    memory: Span = 300.0
    for_: Span = 10.0
    severity: Severity = Severity.WARNING


class Notify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told when an alert begins to fire or is resolved, from ``severity`` on; nobody unless it is asked for.

    ``bell`` rings the terminal, ``desktop`` asks it for a notification (OSC 9 and 777). ``command`` is a program with
    its arguments, run without a shell with one JSON object on its input, for ``deadline`` and ``per_minute`` at most.
    """

    bell: bool = False
    desktop: bool = False
    severity: Severity = Severity.WARNING
    command: tuple[str, ...] = ()
    deadline: Span = 10.0
    per_minute: int = 6


class Plain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``--plain`` tells of figures: those that moved by more than ``change`` of what was told, a share.

    Then not again for ``every``. All that stands is told every ``summary``; 0 tells it at the start only.
    """

    change: float = 0.25
    every: Span = 30.0
    summary: Span = 0.0


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything. ``panels``, ``layouts``, ``alerts`` and ``keys`` are merged with the defaults by id."""

    theme: str = "dark"
    timezone: str = "local"
    screen: Screen = Screen.OVERVIEW
    window: Span = 300.0
    mouse: bool = True
    glyphs: Glyphs = Glyphs.AUTO
    charts: Charts = Charts.AUTO
    plain: Plain = Plain()
    intervals: Intervals = Intervals()
    sources: Sources = Sources()
    storage: Storage = Storage()
    panels: dict[str, Panel] = {}
    layouts: dict[str, Layout] = {}
    alerts: dict[str, AlertRule] = {}
    slo: dict[str, Objective] = {}
    anomaly: Anomaly = Anomaly()
    notify: Notify = Notify()
    rules: Rules = Rules()
    services: dict[str, Service] = {}
    pools: dict[str, Pool] = {}
    load: Load = Load()
    keys: dict[str, tuple[str, ...]] = {}
