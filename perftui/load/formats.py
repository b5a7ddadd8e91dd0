"""A record in the formats of others: HdrHistogram's two, CSV, the summary of k6, JUnit for continuous integration."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.hdr import hgrm, log
from perftui.load.kept import Kept, read_kept
from perftui.load.thresholds import parse_threshold

Record = Mapping[str, Any]
_SECONDS = ("t", "offered", "sent", "done", "failed", "p50_ms", "p95_ms", "p99_ms")
# k6's names of what a threshold may look at, and ours
_TRENDS = (
    ("http_req_duration", "response_ms"),
    ("http_req_waiting", "ttfb"),
    ("http_req_connecting", "connect"),
    ("http_req_tls_handshaking", "tls"),
    ("http_req_sending", "send"),
    ("http_req_receiving", "transfer"),
)


def as_json(record: Record) -> str:
    """The whole record."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def as_csv(record: Record) -> str:
    """One line a second of the measured time. Raises PerftuiError for a record without seconds."""
    if not isinstance(record.get("seconds"), list):
        raise PerftuiError(f"run {record['run_id']} was kept without its seconds")
    out = io.StringIO()
    writer = csv.DictWriter(out, _SECONDS, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(record["seconds"])
    return out.getvalue()


def as_hgrm(record: Record) -> str:
    """Response times as HdrHistogram's percentile distribution. Raises PerftuiError without histograms."""
    return hgrm(_kept(record).response)


def as_hdr_log(record: Record) -> str:
    """Response times as a log of intervals (V2). Raises PerftuiError without histograms."""
    kept = _kept(record)
    started = datetime.fromisoformat(str(record["started"]).replace("Z", "+00:00")).timestamp()
    return log(((index * kept.every_s, kept.every_s, each) for index, each in enumerate(kept.stretches)), started)


def as_k6_summary(record: Record) -> str:
    """What k6's ``handleSummary`` is given, for tools that read that: trends in milliseconds, rates, counters."""
    seconds = record["duration_s"] or 0.0
    done, failed = record["done"], sum(record["errors"].values())
    metrics: dict[str, Any] = {
        "http_reqs": _counter(done, seconds),
        "iterations": _counter(done, seconds),
        "dropped_iterations": _counter(record["dropped"], seconds),
        "data_received": {**_counter(record["bytes"], seconds), "contains": "data"},
        "http_req_failed": _rate(failed, max(0, done - failed)),
    }
    for name, ours in _TRENDS:
        values = record[ours] if ours.endswith("_ms") else record["phases_ms"].get(ours, {})
        metrics[name] = {"type": "trend", "contains": "time", "values": _trend(values)}
    checks = [_check(text, counts) for text, counts in record["checks"].items()]
    if checks:
        metrics["checks"] = _rate(sum(c["passes"] for c in checks), sum(c["fails"] for c in checks))
    for threshold in record["thresholds"]:
        name, condition = _condition(threshold["expr"])
        metric = metrics.setdefault(name, {"type": "trend", "contains": "time", "values": {}})
        metric.setdefault("thresholds", {})[condition] = {"ok": threshold["ok"]}
    document = {
        "root_group": {"name": "", "path": "", "id": "", "groups": [], "checks": checks},
        "options": {"summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"]},
        "state": {"isStdOutTTY": False, "isStdErrTTY": False, "testRunDurationMs": seconds * 1000},
        "metrics": metrics,
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def as_junit(record: Record) -> str:
    """One test case a threshold and a check, and one for the run itself."""
    run = "" if record["stopped_by"] in ("duration", "requests", "user") else f"stopped by {record['stopped_by']}"
    cases = [("run", str(record["plan"].get("url", "")), run)]
    for threshold in record["thresholds"]:
        value = "nothing measured" if threshold["value"] is None else f"{threshold['value']:g}"
        cases.append(("thresholds", threshold["expr"], "" if threshold["ok"] else f"it is {value}"))
    for text, counts in record["checks"].items():
        bad = counts["failed"]
        cases.append(("checks", text, f"{bad} of {bad + counts['passed']} failed" if bad else ""))
    broken = sum(bool(failure) for _, _, failure in cases)
    name = quoteattr(f"perftui load {record['run_id']}")
    head = f'<testsuite name={name} tests="{len(cases)}" failures="{broken}" errors="0" time="{record["duration_s"]}" '
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head + f"timestamp={quoteattr(record['started'])}>"]
    for group, title, failure in cases:
        case = f"  <testcase classname={quoteattr('load.' + group)} name={quoteattr(clean(title, 400))}"
        if failure:
            words = clean(failure, 400)
            lines.append(f"{case}><failure message={quoteattr(words)}>{escape(words)}</failure></testcase>")
        else:
            lines.append(f"{case}/>")
    return "\n".join([*lines, "</testsuite>"]) + "\n"


def _kept(record: Record) -> Kept:
    kept = read_kept(record)
    if kept is None:
        raise PerftuiError(f"run {record['run_id']} was kept without its histograms")
    return kept


def _counter(count: float, seconds: float) -> dict[str, Any]:
    rate = count / seconds if seconds else 0.0
    return {"type": "counter", "contains": "default", "values": {"count": count, "rate": rate}}


def _rate(yes: int, no: int) -> dict[str, Any]:
    rate = yes / (yes + no) if yes + no else 0.0
    return {"type": "rate", "contains": "default", "values": {"rate": rate, "passes": yes, "fails": no}}


def _trend(values: Mapping[str, Any]) -> dict[str, float]:
    """k6 knows no missing figure: what was not measured is left out."""
    names = (("avg", "mean"), ("min", "min"), ("med", "p50"), ("max", "max"), ("p(90)", "p90"), ("p(95)", "p95"))
    pairs = [(k6, values.get(ours)) for k6, ours in (*names, ("p(99)", "p99"))]
    return {name: value for name, value in pairs if value is not None}


def _check(text: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"name": text, "path": f"::{text}", "passes": counts["passed"], "fails": counts["failed"]}


def _condition(expr: str) -> tuple[str, str]:
    """The metric as k6 names it, and the condition. Raises ValueError for what is no threshold."""
    parsed = parse_threshold(expr)
    metric = f"{parsed.metric}{{name:{parsed.target}}}" if parsed.target else parsed.metric
    what = f"p({parsed.p:g})" if parsed.what == "p" else parsed.what
    return metric, f"{what}{parsed.compare}{parsed.limit:g}"
