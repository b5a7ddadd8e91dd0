"""Loads as tests need them: one that runs, one in each state, past ones and their records; figures are made up."""

from __future__ import annotations

import math
from typing import Any

from msgspec.structs import replace

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config
from perftui.domain.load import Endpoint, Level, LoadPhase, LoadRunRow, LoadState, Times, Verdict
from perftui.link.mirror import Mirror, Table
from perftui.view.glyphs import UTF8, GlyphSet
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, plain

NOW = 1_800_000_000.0
URL = "http://127.0.0.1:8080/checkout"
RUN = "a1b2c3d4e5f6"
HOSTILE = "a\x1b[31mb\x00\u202ec[red]中文\n"
P95 = Verdict("p(95)<200", False, 238.4, 14.0)
ERRORS = Verdict("rate<0.01", True, 0.0008)


def _buckets() -> tuple[tuple[float, int], ...]:
    """Most answers at 11 ms, some at 240 ms."""
    bounds = [8.0 * 1.19**step for step in range(28)]
    return tuple(
        (round(bound, 3), round(900 * math.exp(-(((math.log(bound) - 2.6) / 0.35) ** 2)))
         + round(120 * math.exp(-(((math.log(bound) - 5.5) / 0.3) ** 2))))
        for bound in bounds
    )  # fmt: skip


def state(phase: LoadPhase = LoadPhase.MEASURE, **more: Any) -> LoadState:
    """38 s into a minute of 100 requests a second, with a threshold broken."""
    made = LoadState(
        run_id=RUN, target=URL, shape="constant", model="open", engine="perftui (uvloop)", phase=phase,
        started_at=NOW - 40, at_s=38.2, planned_s=60.0, rate=100.0, factor=1.0, connections=7, max_connections=10,
        offered=3820, sent=3820, done=3817, dropped=0, timed_out=2, in_flight=3, backlog=0, bytes=4_812_334,
        errors={"timeout_headers": 2, "http_503": 1},
        response=Times(3817, 11.2, 88.1, 238.4, 640.2, 901.0, 954.3),
        service=Times(3817, 10.9, 86.0, 236.2, 630.4, 880.0, 940.1),
        blocked=Times(3817, 0.0, 0.1, 0.4, 12.1, 40.2, 61.0), lag=Times(3820, 0.05, 0.1, 0.2, 0.3, 0.8, 1.2),
        phases={"connect": 0.0, "send": 0.002, "ttfb": 0.97, "transfer": 0.028}, buckets=_buckets(),
        thresholds=(P95, ERRORS),
        endpoints=(
            Endpoint("GET /checkout", 2544, 3, Times(2544, 12.0, 90.0, 251.0, 660.0, 920.0, 954.3)),
            Endpoint("GET /cart", 1273, 0, Times(1273, 9.1, 20.4, 31.0, 44.0, 61.0, 71.2)),
        ),
        checks={"status == 200": (3814, 3)}, cpu_share=0.11, late_share=0.0, owner="ann", leased=True,
    )  # fmt: skip
    return replace(made, **more)


def starting() -> LoadState:
    """Nothing was counted yet."""
    return state(
        LoadPhase.STARTING, at_s=-2.0, offered=0, sent=0, done=0, timed_out=0, in_flight=0, bytes=0, errors={},
        response=Times(), service=Times(), blocked=Times(), lag=Times(), phases={}, buckets=(), endpoints=(),
        thresholds=(Verdict("p(95)<200", True), Verdict("rate<0.01", True)), checks={}, cpu_share=None, rate=0.0,
    )  # fmt: skip


def over(phase: LoadPhase = LoadPhase.DONE, **more: Any) -> LoadState:
    """It ran its time."""
    given: dict[str, Any] = {"at_s": 60.0, "rate": 0.0, "connections": 0, "in_flight": 0, "stopped_by": "duration"}
    return state(phase, **{**given, **more})


def refused() -> LoadState:
    return replace(starting(), phase=LoadPhase.REFUSED, at_s=0.0, stopped_by="probe: connection refused")


def stressed() -> LoadState:
    """Levels that were held one after the other, the last one not."""
    rates = (50.0, 100.0, 200.0, 400.0, 800.0)
    levels = tuple(
        Level(rate, min(rate, 430.0), 9.0 + at, 20.0 * 2**at, 60.0 * 2**at, 0.12 if at == 4 else 0.0, at < 3)
        for at, rate in enumerate(rates)
    )
    return state(
        shape="stress", levels=levels, verdict="holds up to 200/s; at 400/s p95 was 160 ms: the target degraded"
    )


def run_row(name: str = "r1", ago_s: float = 3600.0, **more: Any) -> LoadRunRow:
    made = LoadRunRow(
        name, NOW - ago_s, 60.0, URL, "constant", "open", "perftui", 100.0, 5990, 4, 11.0, 24.1, 41.2, True, "none",
        "duration",
    )  # fmt: skip
    return replace(made, **more)


def rows() -> tuple[LoadRunRow, ...]:
    """The newest is the load above, when it is over."""
    return (
        run_row(RUN, 40.0, p95_ms=238.4, p99_ms=640.2, ok=False, failed=12),
        run_row("b7c1", 3600.0),
        run_row(
            "c9d2",
            7300.0,
            target="http://10.0.0.7/",
            limited_by="connections",
            rate=200.0,
            p95_ms=1400.0,
            p99_ms=2210.0,
        ),
        run_row(
            "d0e3",
            200_000.0,
            shape="stress",
            limited_by="target",
            ok=False,
            stopped_by="threshold p(95)<200",
            rate=None,
        ),
        run_row(
            "e1f4", 900_000.0, done=0, failed=0, p50_ms=None, p95_ms=None, p99_ms=None, stopped_by="probe: refused"
        ),
    )


def record(slow: float = 1.0, **more: Any) -> dict[str, Any]:
    """What ``load_record`` answers."""
    times = {
        "n": 5990,
        "p50": 11.0,
        "p90": 19.0 * slow,
        "p95": 24.1 * slow,
        "p99": 41.2 * slow,
        "p99_9": 60.0,
        "max": 71.0,
    }
    seconds = [
        {
            "t": second, "offered": 100, "sent": 100, "done": 100 - (second % 7 == 3), "failed": int(second % 19 == 5),
            "p50_ms": 11.0, "p95_ms": (24.0 + 6 * (second % 5)) * (slow if second > 14 else 1.0),
            "p99_ms": (41.0 + 9 * (second % 4)) * slow,
        }
        for second in range(60)
    ]  # fmt: skip
    made = {
        "run_id": "b7c1", "engine": "perftui (uvloop)", "started": "2027-01-15T08:00:00.000Z", "duration_s": 60.0,
        "plan": {"url": URL, "shape": "constant", "model": "open", "rate": 100.0, "connections": 10, "targets": []},
        "offered": 6000, "sent": 6000, "done": 5990, "dropped": 0, "timed_out": 0, "bytes": 812_000,
        "errors": {"http_503": 4}, "response_ms": times, "service_ms": times, "blocked_ms": {},
        "lag_ms": {"n": 6000, "p99": 0.3},
        "phases_ms": {"ttfb": {"share": 0.97}, "transfer": {"share": 0.03}, "dns": {"share": None}},
        "thresholds": [{"expr": "p(95)<200", "ok": slow < 8, "value": 24.1 * slow}], "limited_by": "none",
        "endpoints": [{"name": "GET /checkout", "done": 5990, "failed": 4, "response_ms": times}],
        "checks": {"status == 200": {"passed": 5986, "failed": 4}}, "resources": {"cpu": {"mean": 0.12}},
        "stopped_by": "duration", "seconds": seconds, "percentile_quality": "exact",
    }  # fmt: skip
    return {**made, **more}


def scene(
    load: LoadState | None = None,
    past: tuple[LoadRunRow, ...] | None = (),
    *,
    config: Config = DEFAULTS,
    glyphs: GlyphSet = UTF8,
) -> Scene:
    """What is known of loads; ``past`` None: the session has not told of any."""
    mirror = Mirror()
    mirror.version, mirror.at, mirror.load = 1, NOW, load
    if past is not None:
        table = mirror.tables["load_runs"] = Table()
        table.rows, table.at, table.version = {row.key: row for row in past}, NOW, 1
    return Scene(
        mirror=mirror, config=config, glyphs=glyphs, now=NOW, end=NOW, span_s=300.0,
        clock_text=lambda at: f"12:{int(at) // 60 % 60:02d}:{int(at) % 60:02d}", mode=Mode.LIVE,
    )  # fmt: skip


def text(lines: tuple[Line, ...]) -> str:
    return "\n".join(plain(line).rstrip() for line in lines)
