"""The status line at the top of every screen and the key line at its bottom."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.domain.health import SourceState, StorageState
from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_span, format_value
from perftui.view.alerts_pipeline import counts_of, is_missing, is_proven
from perftui.view.blindness import blind_sources
from perftui.view.load_figures import load_sign
from perftui.view.scene import Mode, Scene
from perftui.view.sweep import SWEEP
from perftui.view.text import Line, clip, fit, line_width, text_width

_GAP: Line = (("   ", Role.TEXT),)


def status_line(scene: Scene, width: int, own: Line = (), link: Line = ()) -> Line:
    """Name and host, mode and clock, window, alerts by severity, trouble, own cost; the least important goes first.

    ``own`` (its own cost) and ``link`` (to the terminal) are what only the console knows, at the right.
    """
    if scene.banner:
        return fit(((f" {scene.glyphs.bad} {scene.banner}", Role.BAD),), width, scene.glyphs.ellipsis)
    parts = [
        _who(scene),
        _mode(scene),
        _window(scene),
        _alerts(scene) + _load(scene),
        _trouble(scene, in_words=True),
        _cost(scene, own),
    ]
    both = link + (_GAP if link and parts[5] else ()) + parts[5]
    for right in (both, parts[5]):
        line = _joined([part for part in (*parts[:5], right) if part], width)
        if (cells := line_width(line)) <= width:
            return line if cells == width else fit(line, width)
    parts[4] = _trouble(scene, in_words=False)
    # what must stay longest comes first in this order of sacrifice
    for drop in ((), (5,), (5, 2), (5, 2, 0)):
        kept = [part for index, part in enumerate(parts) if part and index not in drop]
        line = _joined(kept, width)
        if line_width(line) <= width:
            return fit(line, width)
    # what is wrong says more than what time it is
    mode = _mode(scene)
    for kept_of_mode in (mode[:2], mode[:1]):
        line = _joined([part for part in (kept_of_mode, parts[3], parts[4]) if part], width)
        if line_width(line) <= width:
            break
    return fit(line, width, scene.glyphs.ellipsis)


def _joined(parts: list[Line], width: int) -> Line:
    """Parts with gaps between them; the last one at the right edge when there is room."""
    line: Line = ((" ", Role.TEXT),)
    for index, part in enumerate(parts):
        line += (_GAP if index else ()) + part
    missing = width - line_width(line) - 1
    if missing > 0 and len(parts) > 1:
        body = line[: len(line) - len(parts[-1])]
        return (*body, (" " * missing, Role.TEXT), *parts[-1], (" ", Role.TEXT))
    return line


def _who(scene: Scene) -> Line:
    session = scene.mirror.session
    who = "" if session is None else f"  {session.user}@{session.host}"
    return (("perftui", Role.ACCENT), (clip(who, 34, scene.glyphs.ellipsis), Role.LABEL))


def _mode(scene: Scene) -> Line:
    glyphs = scene.glyphs
    if scene.mode is Mode.LIVE:
        glyph, role = glyphs.live, Role.OK
    else:
        glyph, role = glyphs.frozen if scene.mode is Mode.FROZEN else glyphs.stale, Role.ACCENT
    clock = f" {scene.clock_text(scene.end)}"
    return ((f"{glyph} {scene.mode.value}", role), (clock, Role.VALUE), (f" {scene.offset_text}".rstrip(), Role.LABEL))


def _window(scene: Scene) -> Line:
    sweeps: Line = ((" sweep", Role.LABEL),) if scene.placing is SWEEP else ()
    return (("window ", Role.LABEL), (format_span(scene.span_s), Role.VALUE), *sweeps)


def _alerts(scene: Scene) -> Line:
    """By severity; 0 of them look good only where the way that they come by is proven."""
    counts, glyphs = counts_of(scene), scene.glyphs
    spans: Line = ()
    if counts.critical:
        spans += ((f"{glyphs.bad} {counts.critical} crit", Role.BAD),)
    if counts.warning:
        spans += (("  " if spans else "", Role.TEXT), (f"{glyphs.watch} {counts.warning} warn", Role.WATCH))
    if is_missing(scene):
        head = () if spans else (("0 alerts", Role.LABEL),)
        return (*spans, *head, ("  ", Role.TEXT), (f"{glyphs.bad} watchdog", Role.BAD))
    if spans:
        return spans
    blind = blind_sources(scene)
    if blind:
        return ((f"{scene.glyphs.watch} alerts of {', '.join(one.source for one in blind)} unknown", Role.WATCH),)
    if not scene.mirror.version:
        return ()
    if counts.info:
        return ((f"{counts.info} info", Role.LABEL),)
    return ((f"{glyphs.ok} no alerts" if is_proven(scene) else "no alerts", Role.LABEL),)


def _load(scene: Scene) -> Line:
    """A load that runs concerns everybody who looks at any figure."""
    state = scene.mirror.load
    return () if state is None or state.phase.is_over else (("  ", Role.TEXT), *load_sign(state, scene.glyphs))


def _trouble(scene: Scene, *, in_words: bool) -> Line:
    """Failing sources (with the reason, in words), journal and configuration trouble; the Sources screen tells more."""
    mirror, glyphs = scene.mirror, scene.glyphs
    spans: Line = ()
    failed = [source for source in mirror.sources if source.state is SourceState.FAILED]
    if failed:
        error = failed[0].error
        why = f": {error.message}" if in_words and error is not None and len(failed) == 1 else ""
        spans += ((f"{glyphs.bad} source {', '.join(source.name for source in failed)}{why}", Role.BAD),)
    if mirror.storage is not None and mirror.storage.state is StorageState.MEMORY:
        spans += (("  " if spans else "", Role.TEXT), (f"{glyphs.watch} history not saved", Role.WATCH))
    if mirror.problems:
        count = len(mirror.problems)
        spans += (
            ("  " if spans else "", Role.TEXT),
            (f"{glyphs.watch} config: {_plural(count, 'problem')}", Role.WATCH),
        )
    return spans


def _cost(scene: Scene, own: Line) -> Line:
    cost = scene.mirror.cost
    if own or cost is None or cost.cpu_ratio is None:
        return own
    memory = format_value(cost.rss_bytes, Unit.BYTES)
    return (("self ", Role.LABEL), (f"{format_value(cost.cpu_ratio, Unit.RATIO)} {memory}", Role.VALUE))


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def key_line(keys: Iterable[tuple[str, str]], width: int, ellipsis: str = "…") -> Line:
    """``key description`` pairs, as many as fit whole; help (the last one) stays longest."""
    pairs = list(keys)
    if not pairs:
        return fit((), width)
    *others, last = pairs
    kept: Line = ()
    room = width - 1 - _pair_width(last)
    for key, text in others:
        size = _pair_width((key, text)) + 2
        if size > room:
            continue
        kept += ((f" {key}", Role.KEY), (f" {text} ", Role.LABEL))
        room -= size
    kept += ((f" {last[0]}", Role.KEY), (f" {last[1]}", Role.LABEL))
    return fit(kept, width, ellipsis)


def _pair_width(pair: tuple[str, str]) -> int:
    return text_width(pair[0]) + text_width(pair[1]) + 1
