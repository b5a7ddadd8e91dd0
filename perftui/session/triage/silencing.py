"""What a silence would hide, and whether it may be asked for: it hides alerts from everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from perftui.domain.alerts import AlertState
from perftui.domain.matchers import matches
from perftui.domain.triage import AlertRow, Matcher

MANY = 50
LONGEST_S = 30 * 86400.0


class Preview(NamedTuple):
    """``firing`` alerts that are hidden, ``others`` of them somebody else's or not marked; ``keys`` are theirs.

    ``problem`` says why it is refused, ``ask`` what has to be confirmed; both are empty when nothing stands against it.
    """

    firing: int
    others: int
    problem: str
    ask: str
    keys: tuple[str, ...] = ()


def preview(rows: Iterable[AlertRow], matchers: Sequence[Matcher], marked: frozenset[str], who: str) -> Preview:
    """What is silenced already counts: it stays hidden. Without ``marked`` others' are those that others claimed."""
    problem = refusal(matchers)
    if problem:
        return Preview(0, 0, problem, "")
    hit = [
        row
        for row in rows
        if row.state in (AlertState.FIRING, AlertState.SUPPRESSED) and matches(matchers, dict(row.labels))
    ]
    others = sum(row.key not in marked if marked else row.acked_by not in ("", who) for row in hit)
    asks = []
    if len(hit) > MANY:
        asks.append(f"it hides {len(hit)} alerts")
    if others:
        asks.append(f"{others} of them are {'not marked' if marked else 'claimed by others'}")
    return Preview(len(hit), others, "", ", ".join(asks), tuple(row.key for row in hit))


def refusal(matchers: Sequence[Matcher]) -> str:
    """Why these matchers can't be a silence's; empty when they can."""
    if not matchers:
        return "a silence needs at least one matcher"
    try:
        empty = matches(matchers, {})
    except ValueError as error:
        return str(error)
    return "these matchers hide every alert: name at least one label's value" if empty or _any(matchers) else ""


def _any(matchers: Sequence[Matcher]) -> bool:
    """Whether no matcher rules anything out that has a value: ``.+`` is as good as nothing."""
    return all(one.regex and one.equal and one.value in (".*", ".+", "^.*$", "^.+$") for one in matchers)
