"""``perftui load history``: past loads in one line each, those that are under way too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perftui.cli.arguments import Options
from perftui.cli.load_records import marks, newest, state_of
from perftui.domain.text import clean

_MOST = 20
_COLUMNS = (
    ("run", 12), ("when", 16), ("target", 32), ("shape", 9), ("rate", 7), ("p50 ms", 9), ("p95 ms", 9), ("p99 ms", 9),
    ("errors", 7), ("verdict", 7), ("state", 0),
)  # fmt: skip


def history(options: Options) -> int:
    """Always 0: an empty history is none."""
    running = {mark.run_id for mark in marks()}
    rows = [row(record, running) for record in newest(options, options.limit or _MOST)]
    if options.json:
        print(json.dumps(rows, indent=2, allow_nan=False))
        return 0
    if not rows:
        print("no loads yet: perftui load run URL")
        return 0
    print(_line([title for title, _ in _COLUMNS]))
    for each in rows:
        print(_line(_cells(each)))
    return 0


def row(record: Mapping[str, Any], running: set[str]) -> dict[str, Any]:
    """What is chosen by: null where it was not measured. ``verdict`` is of the thresholds, ``none`` without any."""
    plan, response = record["plan"], record["response_ms"]
    thresholds = record.get("thresholds", [])
    has_rate = plan.get("model", "open") == "open" and plan.get("shape", "constant") in ("constant", "ramp")
    return {
        "run_id": record["run_id"],
        "started": record["started"],
        "target": plan.get("url", ""),
        "model": plan.get("model", "open"),
        "shape": plan.get("shape", "constant"),
        "rate": plan.get("rate") if has_rate else None,
        "duration_s": record["duration_s"],
        "done": record["done"],
        "errors": sum(record["errors"].values()),
        "p50_ms": response["p50"],
        "p95_ms": response["p95"],
        "p99_ms": response["p99"],
        "verdict": "none" if not thresholds else "ok" if all(each["ok"] for each in thresholds) else "broken",
        "limited_by": record["limited_by"],
        "state": state_of(dict(record), running),
    }


def _cells(each: Mapping[str, Any]) -> list[str]:
    started = datetime.fromisoformat(each["started"].replace("Z", "+00:00")).astimezone()
    return [
        each["run_id"], started.strftime("%Y-%m-%d %H:%M"), each["target"], each["shape"],
        "-" if each["rate"] is None else f"{each['rate']:g}/s",
        *("-" if each[name] is None else f"{each[name]:.2f}" for name in ("p50_ms", "p95_ms", "p99_ms")),
        str(each["errors"]), each["verdict"], each["state"],
    ]  # fmt: skip


def _line(cells: list[str]) -> str:
    parts = []
    for text, (title, width) in zip(cells, _COLUMNS, strict=True):
        shown = clean(text, width or 200)
        is_number = title.endswith("ms") or title in ("rate", "errors")
        parts.append(shown.rjust(width) if is_number else shown.ljust(width))
    return "  ".join(parts).rstrip()
