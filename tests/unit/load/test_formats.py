"""A record in the formats of others is what they read, and holds what was measured."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from perftui.domain.errors import PerftuiError
from perftui.load import formats
from perftui.load.hdr import encoded
from perftui.load.histogram import Histogram
from perftui.load.kept import decoded


def _histogram(*ms: float) -> Histogram:
    found = Histogram()
    for value in ms:
        found.record(int(value * 1e6))
    return found


def _record(**changes: Any) -> dict[str, Any]:
    halves = _histogram(1, 2, 3), _histogram(4, 50)
    whole = _histogram(1, 2, 3, 4, 50)
    times = {"min": 1.0, "mean": 12.0, "p50": 3.0, "p90": 50.0, "p95": 50.0, "p99": 50.0, "max": 50.0, "n": 5}
    return {
        "run_id": "a1", "started": "2026-01-01T00:00:00.000Z", "duration_s": 2.0, "plan": {"url": "http://h/<&>"},
        "done": 5, "dropped": 1, "bytes": 700, "errors": {"http_500": 1}, "stopped_by": "duration",
        "response_ms": times, "phases_ms": {"connect": {"mean": 0.2, "p50": None, "p95": 0.3}},
        "thresholds": [
            {"expr": "p(95)<20", "ok": False, "value": 50.0}, {"expr": "rate<0.5", "ok": True, "value": 0.2},
            {"expr": "http_req_duration{name:home}: p(99.9)<=70", "ok": True, "value": None},
            {"expr": "lag: max<5", "ok": True, "value": 1.0},
        ],
        "checks": {"body ~ \"<ok>\"": {"passed": 4, "failed": 1}, "status == 200": {"passed": 5, "failed": 0}},
        "seconds": [
            {"t": 0, "offered": 3, "sent": 3, "done": 3, "failed": 0, "p50_ms": 2.0, "p95_ms": 3.0, "p99_ms": 3.0},
            {"t": 1, "offered": 3, "sent": 2, "done": 2, "failed": 1, "p50_ms": None, "p95_ms": 50.0, "p99_ms": 50.0},
        ],
        "histograms": {
            "response": encoded(whole), "service": encoded(whole), "every_s": 1,
            "stretches": [encoded(each) for each in halves],
        },
        **changes,
    }  # fmt: skip


def test_csv_has_a_line_a_second() -> None:
    rows = list(csv.DictReader(io.StringIO(formats.as_csv(_record()))))

    assert [row["done"] for row in rows] == ["3", "2"]
    assert rows[1]["p50_ms"] == ""
    assert list(rows[0]) == ["t", "offered", "sent", "done", "failed", "p50_ms", "p95_ms", "p99_ms"]


def test_the_log_of_intervals_holds_every_stretch() -> None:
    lines = formats.as_hdr_log(_record()).splitlines()
    intervals = [line.split(",") for line in lines if line[0].isdigit()]

    assert [(float(start), float(length)) for start, length, _, _ in intervals] == [(0, 1), (1, 1)]
    assert [decoded(payload).n for *_, payload in intervals] == [3, 2]
    assert "1767225600.000" in lines[2]


def test_hgrm_counts_every_request() -> None:
    lines = formats.as_hgrm(_record()).splitlines()

    assert "Total count    =            5" in lines[-2]
    assert float(lines[2].split()[0]) == pytest.approx(1.0, rel=0.01)


def test_the_summary_of_k6_has_its_metrics_and_the_thresholds_below_them() -> None:
    found = json.loads(formats.as_k6_summary(_record()))
    metrics = found["metrics"]

    assert metrics["http_reqs"]["values"] == {"count": 5, "rate": 2.5}
    assert metrics["http_req_failed"]["values"] == {"rate": 0.2, "passes": 1, "fails": 4}
    assert metrics["http_req_failed"]["thresholds"] == {"rate<0.5": {"ok": True}}
    assert metrics["http_req_duration"]["values"]["p(95)"] == 50.0
    assert metrics["http_req_duration"]["thresholds"] == {"p(95)<20": {"ok": False}}
    assert metrics["http_req_duration{name:home}"]["thresholds"] == {"p(99.9)<=70": {"ok": True}}
    assert metrics["lag"]["type"] == "trend"
    assert metrics["http_req_connecting"]["values"] == {"avg": 0.2, "p(95)": 0.3}
    assert metrics["checks"]["values"] == {"rate": 0.9, "passes": 9, "fails": 1}
    assert found["state"]["testRunDurationMs"] == 2000


def test_junit_has_a_case_a_threshold_and_a_check() -> None:
    suite = ElementTree.fromstring(formats.as_junit(_record()))  # noqa: S314 (our own text)
    broken = {case.get("name"): case[0].get("message") for case in suite if len(case)}

    assert suite.get("tests") == str(len(suite)) == "7"
    assert suite.get("failures") == "2"
    assert broken == {"p(95)<20": "it is 50", 'body ~ "<ok>"': "1 of 5 failed"}
    assert suite[0].get("name") == "http://h/<&>"


def test_a_run_that_was_stopped_is_a_failed_case() -> None:
    suite = ElementTree.fromstring(formats.as_junit(_record(stopped_by="engine\x00")))  # noqa: S314 (our own text)

    assert suite[0][0].get("message") == "stopped by engine "


def test_what_a_record_of_old_does_not_hold_is_said() -> None:
    old = _record()
    del old["histograms"], old["seconds"]

    for form in (formats.as_csv, formats.as_hgrm, formats.as_hdr_log):
        with pytest.raises(PerftuiError, match="a1 was kept without"):
            form(old)
