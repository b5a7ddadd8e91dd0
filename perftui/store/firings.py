"""When which alert was true: what the timeline and the noise table are made of."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

import msgspec

from perftui.domain.alerts import AlertState
from perftui.domain.triage import AlertRow, AlertSpan

MOST_SPANS = 5000
_HEARD = {
    AlertState.PENDING: AlertState.PENDING,
    AlertState.FIRING: AlertState.FIRING,
    AlertState.SUPPRESSED: AlertState.FIRING,
}


class Firings:
    """The newest spans of alerts that were pending or fired; what is suppressed fires."""

    def __init__(self) -> None:
        self._open: dict[str, AlertSpan] = {}
        self._closed: deque[AlertSpan] = deque(maxlen=MOST_SPANS)
        self.version = 0

    def restore(self, spans: Iterable[AlertSpan], last_seen: float) -> None:
        """What an earlier session wrote. Those that went on then ended when it last looked, unless they still go on."""
        for span in spans:
            if span.end is None and span.fingerprint not in self._open:
                self._closed.append(msgspec.structs.replace(span, end=max(span.start, last_seen)))
            elif span.end is not None:
                self._closed.append(span)
        self.version += 1

    def note(self, now: float, rows: Iterable[AlertRow]) -> list[AlertSpan]:
        """Take over the alerts as they are now, all of them; gives the spans that began or ended."""
        changed: list[AlertSpan] = []
        seen = set()
        for one in rows:
            state = _HEARD.get(one.state)
            if state is None:
                continue
            seen.add(one.key)
            known = self._open.get(one.key)
            start = one.active_at if state is AlertState.PENDING or one.fired_at is None else one.fired_at
            # one that became true later is another one, though nobody saw the end of the first
            if known is not None and known.state is state and one.active_at <= known.start:
                continue
            if known is not None:
                changed.append(self._end(known, now))
            changed.append(self._begin(one, state, min(start, now)))
        changed += [self._end(span, now) for key, span in list(self._open.items()) if key not in seen]
        if changed:
            self.version += 1
        return changed

    def _begin(self, one: AlertRow, state: AlertState, start: float) -> AlertSpan:
        key = f"{one.key}@{start:.3f}{'?' if state is AlertState.PENDING else ''}"
        # a session that was started again goes on with what it finds
        for span in reversed(self._closed):
            if span.key == key:
                self._closed.remove(span)
                break
        span = AlertSpan(key, one.key, one.name, one.severity, state, start, None, one.labels)
        self._open[one.key] = span
        return span

    def _end(self, span: AlertSpan, now: float) -> AlertSpan:
        self._open.pop(span.fingerprint, None)
        ended = msgspec.structs.replace(span, end=max(span.start, now))
        self._closed.append(ended)
        return ended

    def spans(self, since: float) -> tuple[AlertSpan, ...]:
        """Those that were true at some moment since then, oldest first."""
        closed = [span for span in self._closed if span.end is not None and span.end >= since]
        return tuple(sorted((*closed, *self._open.values()), key=lambda span: (span.start, span.key)))

    def of(self, fingerprint: str) -> tuple[AlertSpan, ...]:
        return tuple(span for span in self.spans(float("-inf")) if span.fingerprint == fingerprint)

    def activations(self, since: float) -> Counter[str]:
        """How often each alert began to fire since then, by fingerprint."""
        return Counter(
            span.fingerprint
            for span in (*self._closed, *self._open.values())
            if span.state is AlertState.FIRING and span.start >= since
        )
