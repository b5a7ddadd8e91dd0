"""The made-up system while a load is sent to it, and after: each state of the Load screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec.structs import replace as changed

from perftui.domain.load import Endpoint, LoadPhase, LoadState, Times
from tests.tui.snapshots.curves import Curve
from tests.tui.snapshots.worlds import World, normal
from tests.unit.view import load_rows

_CURVES = {
    "load/response_p50": Curve(0.011, 0.001, 0.012), "load/response_p95": Curve(0.03, 0.004, 0.238),
    "load/response_p99": Curve(0.06, 0.01, 0.64), "load/service_p95": Curve(0.03, 0.004, 0.236),
    "load/offered": Curve(100.0), "load/sent": Curve(100.0), "load/done": Curve(100.0, 0.5, 97.0),
    "load/errors": Curve(0.0, 0.0, 0.2), "load/in_flight": Curve(1.2, 0.4, 9.0), "load/backlog": Curve(0.0),
    "load/rate": Curve(100.0), "load/lag_p99": Curve(0.0003), "load/cpu": Curve(0.11, 0.01),
}  # fmt: skip


def _record(args: dict[str, Any]) -> dict[str, Any]:
    return load_rows.record(9.9 if args["run_id"] == load_rows.RUN else 1.0, run_id=args["run_id"])


def _near(args: dict[str, Any]) -> dict[str, Any]:
    return {"host": "127.0.0.1", "peak_rate": args["plan"]["rate"], "duration_s": 30.0, "problems": [], "needs": []}


def _far(_: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": "shop.example", "peak_rate": 20.0, "duration_s": 30.0, "problems": [],
        "needs": ["host", "name", "reason"], "why": "production",
    }  # fmt: skip


def _world(load: LoadState | None) -> World:
    world = normal()
    answers = {
        **world.answers, "load_record": _record, "load_judge": _near,
        "load_compare": lambda _: {"notes": ["One run each: p95 is 2.1 times as high, and can't be tested."]},
    }  # fmt: skip
    return replace(
        world, facts={**world.facts, "load": load}, curves=world.curves | _CURVES, answers=answers,
        tables={**world.tables, "load_runs": load_rows.rows()[load is None or not load.phase.is_over :]},
    )  # fmt: skip


def sending() -> World:
    return _world(load_rows.state())


def starting() -> World:
    world = _world(load_rows.starting())
    return replace(world, curves=normal().curves)


def paused() -> World:
    why = "This machine was the limit, not the target: lower the rate, or use more than one machine."
    return _world(
        load_rows.state(
            LoadPhase.PAUSED, limited_by="generator", advice=(why,), cpu_share=0.93, factor=1.21, rate=121.0,
            lag=Times(3820, 0.05, 0.1, 0.2, 61.2, 80.0, 91.0),
        )
    )  # fmt: skip


def refused() -> World:
    return _world(load_rows.refused())


def done() -> World:
    return _world(load_rows.over())


def lost() -> World:
    return _world(load_rows.over(LoadPhase.LOST, stopped_by="engine"))


def stressed() -> World:
    """Every row is taken: levels, many endpoints with long names, many kinds of errors."""
    load = load_rows.stressed()
    many = tuple(
        Endpoint(f"GET /catalogue/with/a/very/long/path/of/page-{n}", 9_000_000 - n, n * 31, load.response)
        for n in range(40)
    )
    errors = {f"http_{500 + n}": 31 * n + 7 for n in range(18)}
    return _world(
        changed(load, endpoints=many, errors=errors, dropped=12_803, limited_by="connections", done=96_000_000,
                advice=("Arrivals waited for a connection: raise --connections to see the target without that wait.",))
    )  # fmt: skip


def listed() -> World:
    return _world(None)


def far() -> World:
    world = _world(None)
    newest = load_rows.run_row("f1", 60.0, target="https://shop.example/")
    tables = {**world.tables, "load_runs": (newest, *world.tables["load_runs"])}
    return replace(world, tables=tables, answers={**world.answers, "load_judge": _far})
