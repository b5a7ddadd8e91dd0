"""Everything that was counted of a load: endpoints, errors by kind, checks, levels, waiting, in lines that scroll."""

from __future__ import annotations

from perftui.domain.load import Level, LoadState, Times
from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_value
from perftui.view.frame import framed
from perftui.view.load_curve import RatePoint, load_curve
from perftui.view.load_figures import Scale, count, ms_text, plan_text, rate_text, said, target_text
from perftui.view.load_head import verdict_line
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right

_NUMBER, _WIDE = 10, 76
_PERCENTILES = (("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("max", "max"))


def details_picture(scene: Scene, state: LoadState, width: int, height: int, top: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells, from line ``top`` on."""
    lines = details_lines(scene, state, max(0, width - 4))
    room = max(0, height - 2)
    first = max(0, min(top, len(lines) - room))
    shown = lines[first : first + room]
    left_over = len(lines) - first - len(shown)
    footer = f"{left_over} more lines, down" if left_over > 0 else "esc: back"
    return framed(
        indented(shown),
        width=width,
        height=height,
        title=f"Details  {target_text(state)}",
        footer=footer,
        glyphs=scene.glyphs,
    )


def details_lines(scene: Scene, state: LoadState, width: int) -> tuple[Line, ...]:
    """Sections in the order in which they are asked for."""
    lines: list[Line] = [
        ((f"{plan_text(state, scene.glyphs)} {scene.glyphs.separator} run {said(state.run_id, 40)}", Role.TEXT),)
    ]
    lines += [((_who(state), Role.LABEL),)]
    sections = (
        ("Thresholds", tuple(verdict_line(scene, one, 36, width) for one in state.thresholds)),
        ("Endpoints", endpoints(state, width)),
        ("Errors by kind", _errors(state)),
        ("Checks", _checks(scene, state, width)),
        ("Levels", levels(scene, state.levels)),
        ("Waiting and our own lag", _waiting(state)),
    )
    for title, body in sections:
        lines += [(), ((title, Role.TITLE),)]
        lines += body or (((_NONE[title], Role.LABEL),),)
    return tuple(fit(line, width, scene.glyphs.ellipsis) for line in lines)


def endpoints_picture(scene: Scene, state: LoadState, width: int, height: int) -> tuple[Line, ...]:
    """Each target or step with its own times."""
    lines = endpoints(state, max(0, width - 4))
    return _box(scene, lines, f"Endpoints  {len(state.endpoints)}", width, height)


def levels_picture(scene: Scene, state: LoadState, width: int, height: int) -> tuple[Line, ...]:
    """Throughput and p95 over the rate; rates that were held twice are told by the last time."""
    points = {
        one.rate: RatePoint(
            one.rate, one.throughput, None if one.p95_ms is None else one.p95_ms / 1e3, one.failed_share,
            "held" if one.ok else "broke",
        )
        for one in state.levels
    }  # fmt: skip
    inner, room = max(0, width - 4), max(0, height - 2)
    curve = load_curve([points[rate] for rate in sorted(points)], inner, room, scene.glyphs)
    return _box(scene, curve or levels(scene, state.levels)[:room], "Throughput and p95 over the rate", width, height)


def _box(scene: Scene, lines: tuple[Line, ...], title: str, width: int, height: int) -> tuple[Line, ...]:
    return framed(indented(lines), width=width, height=height, title=title, glyphs=scene.glyphs)


_NONE = {
    "Thresholds": "none: the form takes p(95)<200, rate<0.01",
    "Endpoints": "no answer yet",
    "Errors by kind": "none",
    "Checks": "none: a plan file has them",
    "Levels": "none: shapes stress and adaptive hold levels",
    "Waiting and our own lag": "no figures yet",
}


def _who(state: LoadState) -> str:
    ends = "ends with its console" if state.leased else "outlives its console"
    parts = [f"started by {said(state.owner, 60)}" if state.owner else "", "" if state.phase.is_over else ends]
    parts.append(f"{format_value(float(state.bytes), Unit.BYTES)} received")
    parts.append(f"percentiles {said(state.percentile_quality, 40)}")
    return ", ".join(filter(None, parts))


def endpoints(state: LoadState, width: int) -> tuple[Line, ...]:
    """A row each, below a header; where it is narrow, fewer percentiles."""
    if not state.endpoints:
        return ()
    scale = Scale([one.response for one in state.endpoints])
    shown = _PERCENTILES if width >= _WIDE else _PERCENTILES[1:2]
    name = max(10, min(40, width - (2 + len(shown)) * _NUMBER))
    titles = ["done", "failed", *(title for title, _ in shown[:-1]), f"{shown[-1][0]} {scale.unit}"]
    head = "".join(right(text, _NUMBER) for text in titles)
    lines: list[Line] = [((left("", name) + head, Role.LABEL),)]
    for one in state.endpoints:
        times = "".join(right(scale.text(getattr(one.response, field)), _NUMBER) for _, field in shown)
        lines.append(
            (
                (left(said(one.name, 200), name), Role.TEXT),
                (right(count(one.done), _NUMBER), Role.VALUE),
                (right(count(one.failed), _NUMBER), Role.WATCH if one.failed else Role.LABEL),
                (times, Role.VALUE),
            )
        )
    return tuple(lines)


def _errors(state: LoadState) -> tuple[Line, ...]:
    ordered = sorted(state.errors.items(), key=lambda item: (-item[1], item[0]))
    whole = state.done or 1
    return tuple(
        (
            (left(said(kind, 60), 24), Role.TEXT),
            (right(count(number), _NUMBER), Role.WATCH),
            (right(format_value(number / whole, Unit.RATIO), _NUMBER), Role.LABEL),
        )
        for kind, number in ordered
    )


def _checks(scene: Scene, state: LoadState, width: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    for text, (passed, failed) in state.checks.items():
        role = Role.WATCH if failed else Role.OK
        sign = scene.glyphs.bad if failed else scene.glyphs.ok
        lines.append(
            (
                (f"{sign} ", role),
                (left(said(text), max(10, width - 30)), Role.TEXT),
                (f"{count(passed)} passed, {count(failed)} failed", role),
            )
        )
    return tuple(lines)


def levels(scene: Scene, held: tuple[Level, ...]) -> tuple[Line, ...]:
    """A row each, below a header."""
    if not held:
        return ()
    lines: list[Line] = [
        (("".join(right(text, 11) for text in ("rate", "done", "p50", "p95", "p99", "errors")), Role.LABEL),)
    ]
    for one in held:
        cells = (
            rate_text(one.rate),
            rate_text(one.throughput),
            ms_text(one.p50_ms),
            ms_text(one.p95_ms),
            ms_text(one.p99_ms),
            format_value(one.failed_share, Unit.RATIO),
        )
        sign = scene.glyphs.ok if one.ok else scene.glyphs.bad
        lines.append(
            (("".join(right(text, 11) for text in cells), Role.VALUE), (f"  {sign}", Role.OK if one.ok else Role.BAD))
        )
    return tuple(lines)


def _short(times: Times) -> str:
    named = (("p50", times.p50), ("p95", times.p95), ("p99", times.p99), ("max", times.max))
    return "  ".join(f"{name} {ms_text(value)}" for name, value in named)


def _waiting(state: LoadState) -> tuple[Line, ...]:
    rows = (("waited for a connection", state.blocked), ("our loop was late by", state.lag))
    return tuple(((left(name, 26), Role.LABEL), (_short(times), Role.TEXT)) for name, times in rows if times.n)
