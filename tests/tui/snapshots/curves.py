"""Samples of the made-up system: curves of plain arithmetic, so that every machine draws the same dots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from perftui.domain.queries import query_name
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import parse_series
from perftui.domain.units import Unit
from perftui.sources.host.catalogue import SERIES
from perftui.store.memory import MemoryStore

NOW = 1_800_000_000.0
# two windows of the demo: the one that is shown, and the one before it to compare with
_KEPT_S = 120
# how long ago the fault was injected
FAULT_S = 22


class Curve(NamedTuple):
    """A level that swings, and another level since the fault (None: nothing is measured any more)."""

    level: float
    swing: float = 0.0
    since_fault: float | None = -1.0
    period_s: int = 14
    highest: float = float("inf")

    def points(self) -> Iterator[tuple[float, float]]:
        for ago in range(_KEPT_S, -1, -1):
            level = self.level
            if ago <= FAULT_S and self.since_fault != -1.0:
                if self.since_fault is None:
                    return
                # it takes some seconds to get there
                level += (self.since_fault - level) * min(1.0, (FAULT_S - ago) / 6)
            phase = (_KEPT_S - ago) % self.period_s / self.period_s
            yield NOW - ago, min(self.highest, max(0.0, level + self.swing * (4 * abs(phase - 0.5) - 1)))


_RATE = "sum(rate(demo_client_requests_total[10s]))"
_QUANTILE = "histogram_quantile({}, sum by (le) (rate(demo_client_request_duration_seconds_bucket[10s])))"
EXPLORED = "sum by (handler) (rate(http_requests_total[$win]))"
GiB = 1024.0**3


def host(load: float = 0.4) -> dict[str, Curve]:
    """This machine, ``load`` of it in use."""
    figures = {
        "cpu_busy_ratio": Curve(load, load / 5, highest=1.0), "cpu_user_ratio": Curve(load * 0.8, load / 9),
        "cpu_system_ratio": Curve(load * 0.2, 0.01), "cpu_iowait_ratio": Curve(0.012), "cpu_steal_ratio": Curve(0.0),
        "load1_per_core_ratio": Curve(load * 1.5, 0.1), "processes_running": Curve(3),
        "memory_used_ratio": Curve(0.41, 0.01), "memory_used_bytes": Curve(6.6 * GiB, 0.1 * GiB),
        "memory_total_bytes": Curve(16 * GiB), "memory_cached_bytes": Curve(4.2 * GiB),
        "swap_used_bytes": Curve(0.0), "swap_used_ratio": Curve(0.0),
        "disk_read_bytes_per_second": Curve(3e5, 1e5, period_s=9),
        "disk_write_bytes_per_second": Curve(3.1e6, 2e6, period_s=11), "disk_operations_per_second": Curve(212, 40),
        'disk_busy_ratio{device="vda"}': Curve(0.08, 0.04),
        "network_receive_bytes_per_second": Curve(1.2e6, 4e5), "network_transmit_bytes_per_second": Curve(9e5, 2e5),
        "network_packets_per_second": Curve(1840, 300), "network_errors_per_second": Curve(0.0),
        "tcp_retransmits_ratio": Curve(0.0004), "tcp_connections_established": Curve(38),
        "pressure_cpu_some_ratio": Curve(load / 4, 0.02), "pressure_memory_some_ratio": Curve(0.0),
        "pressure_io_some_ratio": Curve(0.021, 0.01), 'filesystem_used_ratio{mount="/"}': Curve(0.63),
        'filesystem_used_ratio{mount="/var/lib/data"}': Curve(0.87),
    }  # fmt: skip
    cores = {f'cpu_core_busy_ratio{{core="{n}"}}': Curve(load, load / 4, period_s=8 + n, highest=1.0) for n in range(4)}
    followed = {
        "cpu_cores": Curve(0.82, 0.1), "memory_bytes": Curve(79e6, 1e6), "threads": Curve(2), "open_files": Curve(13),
        "read_bytes_per_second": Curve(246e3, 9e4), "write_bytes_per_second": Curve(902e3, 3e5),
    }  # fmt: skip
    named = {f'processes/process_{name}{{pid="407"}}': curve for name, curve in followed.items()}
    return {f"host/{name}": curve for name, curve in (figures | cores).items()} | named


def work(agents: int = 4, late: float = 9.4) -> dict[str, Curve]:
    """The demo's pool; tasks wait ``late`` seconds since the fault."""
    figures = {
        "agents_utilisation_ratio": Curve(0.62, 0.06, 1.0), "queue_depth": Curve(1, 1, 31),
        'queue_wait_seconds{quantile="0.95"}': Curve(0.12, 0.05, late),
        'task_response_seconds{quantile="0.95"}': Curve(1.1, 0.1, 1.35),
        "tasks_finished_per_second": Curve(4.4, 0.4, 3.1), "tasks_failed_ratio": Curve(0.0, 0.0, 0.011),
        "tasks_timeout_ratio": Curve(0.0, 0.0, 0.003), "agents_balance_ratio": Curve(0.98, 0.01, 0.96),
    }  # fmt: skip
    busy = {
        f'agent_busy_ratio{{agent="agent_{n}"}}': Curve(0.6, 0.2, 1.0, period_s=7 + n % 9) for n in range(1, agents + 1)
    }
    return {f"demo/{name}": curve for name, curve in (figures | busy).items()}


def requests(slow_s: float = 0.238) -> dict[str, Curve]:
    """What the demo's client sees; its p95 since the fault."""
    quantiles = {"0.5": Curve(0.011, 0.001, 0.012), "0.95": Curve(0.03, 0.004, slow_s),
                 "0.99": Curve(0.06, 0.01, 2.7 * slow_s)}  # fmt: skip
    figures = {query_name(_QUANTILE.format(share)): curve for share, curve in quantiles.items()}
    figures |= {query_name(_RATE): Curve(412, 22), "errors_ratio": Curve(0.001, 0.0, 0.004)}
    handlers = {"/cart": Curve(96, 9), "/catalog": Curve(188, 14, period_s=17), "/checkout": Curve(61, 6, 38)}
    explored = {f'service/{query_name(EXPLORED)}{{handler="{name}"}}': curve for name, curve in handlers.items()}
    return {f"client/{name}": curve for name, curve in figures.items()} | explored


def remembered(curves: dict[str, Curve]) -> MemoryStore:
    """The samples as a session holds them."""
    store = MemoryStore(3600)
    for series, curve in curves.items():
        for at, value in curve.points():
            store.add(Batch(series.partition("/")[0], at, 0.0, {series: value}), 1.0)
    return store


def described(curves: dict[str, Curve]) -> tuple[SeriesInfo, ...]:
    """What the session knows of these series."""
    units = {name: unit for name, (unit, _) in SERIES.items()}
    endings = {
        "_bytes": Unit.BYTES,
        "_bytes_per_second": Unit.BYTES_PER_SECOND,
        "_ratio": Unit.RATIO,
        "_seconds": Unit.SECONDS,
        "_per_second": Unit.PER_SECOND,
    }
    found = []
    for series in curves:
        ref = parse_series(series)
        source, name = ref.source, ref.name
        unit = units.get(name) or next((unit for end, unit in endings.items() if name.endswith(end)), Unit.NONE)
        help_text = SERIES[name][1] if source == "host" and name in SERIES else ""
        found.append(SeriesInfo(series, unit, 1.0, help_text))
    return tuple(found)
