"""The arguments about a load's shape, and its report."""

from __future__ import annotations

from typing import Any

import pytest

from perftui.cli.arguments import parse_arguments
from perftui.cli.load_plan import plan_of
from perftui.cli.load_shape_arguments import SHAPES
from perftui.cli.load_shape_text import level_line, shape_report
from perftui.config.load_settings import Load
from perftui.domain.errors import PerftuiError
from perftui.load.frames import LevelEnd
from perftui.load.plan import Plan
from perftui.load.shapes import Shape


def _plan(*arguments: str) -> Plan:
    return plan_of(parse_arguments(["load", "run", "http://127.0.0.1:1/", *arguments]), Load())


def test_every_shape_can_be_asked_for() -> None:
    assert [shape.value for shape in Shape] == list(SHAPES)


def test_arguments_go_where_the_shape_has_them() -> None:
    stress = _plan(
        "--shape", "stress", "--rate", "50", "--factor", "3", "--hold", "2s", "--top", "900", "--duration", "90s"
    )
    adaptive = _plan("--shape", "adaptive", "--rate", "50", "--step", "7", "--hold", "2s")
    recorded = _plan("--recorded", "a.log", "--scale", "2", "--speed", "10")

    assert (stress.rate, stress.stress.factor, stress.stress.hold, stress.stress.top) == (50, 3, "2s", 900)
    assert stress.stress.longest == "90s"
    assert (adaptive.adaptive.start, adaptive.adaptive.step, adaptive.adaptive.interval) == (50, 7, "2s")
    assert adaptive.duration == "60s"
    assert recorded.shape is Shape.RECORDED
    assert (recorded.recorded.file, recorded.recorded.scale, recorded.recorded.speed) == ("a.log", 2, 10)
    assert _plan("--shape", "soak").duration == "10m"
    assert _plan("--shape", "soak", "--duration", "20s").duration == "20s"
    assert _plan("--shape", "spike", "--hold", "1s").spike.hold == "1s"


def test_an_argument_that_the_shape_has_not_is_refused() -> None:
    with pytest.raises(PerftuiError, match="--top is nothing that shape spike has"):
        _plan("--shape", "spike", "--top", "5")
    with pytest.raises(PerftuiError, match="--factor is nothing that shape constant has"):
        _plan("--factor", "5")


def _shape(**more: Any) -> dict[str, Any]:
    return {"name": "stress", "note": "", "levels": [], "verdict": {"text": ["no rate held"]}, **more}


def test_the_report_tells_what_was_found_and_nothing_of_a_shape_that_looks_for_nothing() -> None:
    level = {"kind": "step", "offered": 9, "done": 9, "failed": 0, "p95": 5.0, "outcome": "held"}
    levels = [{**level, "rate": rate, "throughput": rate} for rate in (20, 40)]
    lines = shape_report(_shape(levels=levels, note="a\x1b[31m.log"))

    assert lines[:2] == ["", "shape stress"]
    assert lines[3] == "  no rate held"
    assert "\x1b" not in "".join(lines)
    assert len(lines) == 7
    assert shape_report(None) == []
    assert shape_report({"name": "constant", "levels": [], "verdict": {}}) == []


def test_a_level_that_is_over_is_a_line() -> None:
    end = LevelEnd(3, "step", 160.0, 10.0, 15.0, "broke", "latency: p(95)<500", 812.5)

    assert level_line(end) == "  15.0 s  step 160/s: broke latency: p(95)<500 812.5"
