"""The result of a load, the verdict first: did the thresholds hold, what was the limit, why did it end."""

from __future__ import annotations

from perftui.domain.load import LoadPhase, LoadState
from perftui.domain.roles import Role
from perftui.domain.units import format_duration
from perftui.view.load_figures import broken, error_share, failed, said, verdict_value
from perftui.view.load_head import Ranked
from perftui.view.scene import Scene
from perftui.view.wrap import wrapped

_MUCH = 0.05
# why a load ended, by the word that its record has for it
ENDS = {
    "": "", "duration": "", "requests": "it sent what was asked for",
    "user": "stopped by hand: the figures are of the time until then",
    "threshold": "stopped by a threshold that ends the run",
    "circuit breaker": "stopped by the breaker", "its console is gone": "stopped: its console was gone for 2 s",
    "probe": "nothing was sent after the first request, which was not answered well",
    "engine": "the engine ended without a word; what it had counted until then is kept",
}  # fmt: skip


def card_lines(scene: Scene, state: LoadState, width: int) -> tuple[Ranked, ...]:
    """What stands above the figures once a load is over."""
    text, role = verdict_of(scene, state)
    lines = [Ranked(0, line) for line in wrapped(text, role, width)]
    why = ended_why(state)
    lines += [Ranked(1, line) for line in wrapped(why, Role.LABEL, width)] if why else []
    return tuple(lines)


def verdict_of(scene: Scene, state: LoadState) -> tuple[str, Role]:
    """One sentence, and how bad it is."""
    glyphs, bad = scene.glyphs, broken(state)
    if state.phase is LoadPhase.REFUSED:
        return f"{glyphs.bad} refused: no load was sent", Role.BAD
    if not state.offered and state.phase is not LoadPhase.LOST:
        return f"{glyphs.bad} nothing was counted: it ended before the measured time began", Role.BAD
    if not state.done:
        return f"{glyphs.bad} no answer came: there is nothing to judge", Role.BAD
    if bad:
        first = bad[0]
        since = "" if first.broken_at_s is None else f", since {format_duration(first.broken_at_s)}"
        told = f"{first.expr} was {verdict_value(first)}{since}"
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        return f"{glyphs.bad} {len(bad)} of {len(state.thresholds)} thresholds broken: {said(told)}{more}", Role.BAD
    if state.phase is LoadPhase.LOST:
        return f"{glyphs.bad} lost: judged by what was counted until then", Role.BAD
    if state.limited_by == "generator":
        return f"{glyphs.watch} not to be trusted: this machine was the limit", Role.WATCH
    share = error_share(state) or 0.0
    if share >= _MUCH:
        return f"{glyphs.bad} {failed(state)} of {state.done} requests failed", Role.BAD
    if not state.thresholds:
        return f"{glyphs.dash} no thresholds: nothing says whether this is good", Role.LABEL
    held = "the threshold holds" if len(state.thresholds) == 1 else f"all {len(state.thresholds)} thresholds hold"
    return f"{glyphs.ok} {held}", Role.OK


def ended_why(state: LoadState) -> str:
    """Why it ended; words that are not ours are shown as they are."""
    key = state.stopped_by.strip()
    if key in ENDS:
        return ENDS[key]
    known = next((word for word in ENDS if word and key.startswith(word)), "")
    rest = key.removeprefix(known).lstrip(": ")
    return f"{ENDS[known]}: {said(rest, 300)}" if known else f"ended by: {said(key, 400)}"
