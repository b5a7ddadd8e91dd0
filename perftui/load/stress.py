"""What a search has found: the highest rate that held, what broke above it, and what became of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perftui.load.holding import WAITING
from perftui.load.job import Search
from perftui.load.run import Run
from perftui.load.search import RECOVER

# errors that say that nobody is there, or that somebody has gone
_GONE = ("refused", "reset", "closed", "unreachable", "half_response", "connect_timeout")
_OURS = ("generator", "connections")
_FAILED = 0.05
_STATES = ("degraded", "erred", "crashed")
_SAID = {
    "degraded": "it answered, but too late",
    "erred": "it answered, but with errors",
    "crashed": "in the end nothing was answered at all",
}
_RAISE = {
    "generator": "this machine was the limit, which says nothing about the target: use a faster one, or several",
    "connections": "the connections were the limit, which says nothing about the target: raise --connections",
}


def searched(run: Run, plan: Search, levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``highest`` held, ``broke_at`` is the lowest rate that did not; ``target`` is the worst that it came to.

    ``target`` is null where nothing broke, and where the limit was ours. ``finished`` is false for a run that ended on
    its way.
    """
    held = [level for level in levels if level["outcome"] == "held"]
    best = max(held, key=lambda level: float(level["rate"]), default=None)
    broken = [level for level in levels if level["outcome"] == "broke"]
    first = min(broken, key=lambda level: float(level["rate"]), default=None)
    ends = [level for level in levels if level["kind"] == RECOVER]
    limit, _, expr = ("", "", "") if first is None else first["limit"].partition(": ")
    worst = max(
        ((_STATES.index(state), level) for level in broken if (state := _state(level, levels)) is not None),
        key=lambda each: each[0],
        default=None,
    )
    found: dict[str, Any] = {
        "highest": None if best is None else best["rate"],
        "highest_p95": None if best is None else best["p95"],
        "broke_at": None if first is None else first["rate"],
        "limit": limit or "none", "expr": expr, "value": None if first is None else first["value"],
        "target": None if worst is None else _STATES[worst[0]],
        "target_at": None if worst is None else worst[1]["rate"],
        "recovered": None if not ends else ends[-1]["outcome"] == "recovered",
        "recovery_s": max((level["value"] for level in ends if level["outcome"] == "recovered"), default=None),
        "finished": _is_finished(run, plan, levels, best, first),
    }  # fmt: skip
    return {**found, "text": _text(found, plan, best, first, ends)}


def _is_finished(
    run: Run,
    plan: Search,
    levels: Sequence[Mapping[str, Any]],
    best: Mapping[str, Any] | None,
    first: Mapping[str, Any] | None,
) -> bool:
    if run.stopped_by != "duration" or not levels:
        return False
    if first is None:
        return best is not None and best["rate"] >= plan.top
    return best is None or first["rate"] - best["rate"] <= plan.precision * best["rate"] * (1 + 1e-9)


def _state(level: Mapping[str, Any], levels: Sequence[Mapping[str, Any]]) -> str | None:
    """What became of the target at a level that broke; None when the limit was ours."""
    limit = level["limit"].partition(": ")[0]
    if limit in _OURS:
        return None
    after = next((each for each in levels if each["number"] == level["number"] + 1), None)
    never_came_back = after is not None and after["outcome"] == "not recovered" and after["silent"]
    was_silent = [each for each in (level, after) if each is not None and each["silent"]]
    if never_came_back or any(kind in each["errors"] for each in was_silent for kind in _GONE):
        return "crashed"
    if limit == "errors" or level["failed"] > _FAILED * max(1, level["done"]):
        return "erred"
    return "degraded"


def _text(
    found: Mapping[str, Any],
    plan: Search,
    best: Mapping[str, Any] | None,
    first: Mapping[str, Any] | None,
    ends: Sequence[Mapping[str, Any]],
) -> list[str]:
    lines = []
    if best is None:
        lines.append("no rate held" if first is not None else "nothing was found: the run ended within its first level")
    else:
        p95 = "" if best["p95"] is None else f", p95 {best['p95']:.4g} ms"
        lines.append(f"highest rate that held: {best['rate']:g}/s ({best['throughput']:g}/s done{p95})")
    if first is not None:
        lines.append(f"broke at {first['rate']:g}/s: {_broke(found)}")
        if found["limit"] in _RAISE:
            lines.append(_RAISE[found["limit"]])
    elif found["finished"]:
        lines.append(f"nothing broke up to {plan.top:g}/s, which is where it was to end")
    if found["target"] is not None:
        lines.append(f"the target {found['target']} at {found['target_at']:g}/s: {_SAID[found['target']]}")
    lines += _recovery(found, ends)
    if not found["finished"]:
        lines.append("the search was not finished: the limit may lie higher than what held")
    return lines


def _broke(found: Mapping[str, Any]) -> str:
    if found["limit"] == "silence":
        return "nothing was answered"
    if found["expr"] == WAITING:
        return f"{found['value']:g} calls were waiting for a connection at its end"
    return found["expr"] if found["value"] is None else f"{found['expr']} was {found['value']:.4g}"


def _recovery(found: Mapping[str, Any], ends: Sequence[Mapping[str, Any]]) -> list[str]:
    if found["recovered"] is None or found["target"] is None:
        return []
    last = ends[-1]
    if not found["recovered"]:
        silent = ", and still nothing was answered" if last["silent"] else ""
        return [f"it was not well again {last['value']:.3g} s after the rate fell to {last['rate']:g}/s{silent}"]
    times = "at once" if found["recovery_s"] < 0.1 else f"{found['recovery_s']:.2g} s at most after the rate fell"
    return [f"it recovered: well again {times}"]
