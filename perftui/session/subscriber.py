"""What one console watches, and the Updates that bring its mirror up to date; knows nothing of sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from perftui.domain.samples import Window
from perftui.domain.series import Selector, parse_selector
from perftui.link.messages import TablePart, Update, Watch, WindowPart
from perftui.session.state import State

MAX_WATCHES = 512
MAX_CELLS = 4096
MAX_SELECTORS = 64
_EMPTY = Window(0.0, 1.0, 0)


@dataclass
class _Watched:
    """``tail_start`` is where the last bucket that was sent begins; None until the window was sent whole."""

    watch: Watch
    selectors: tuple[Selector, ...] = ()
    error: str = ""
    step_s: float = 0.0
    tail_start: float | None = None
    sent: Window = _EMPTY
    task: asyncio.Task[Window] | None = None
    ready: Window | None = None


@dataclass
class _Sent:
    """What the client has of the things that are sent whole when they changed."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    table_at: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


class Subscriber:
    """``on_ready`` is called when a past window was read, so that it can be sent before the next tick."""

    def __init__(self, state: State, on_ready: Callable[[], None]) -> None:
        self._state, self._on_ready = state, on_ready
        self._watched: dict[str, _Watched] = {}
        self.tables: set[str] = set()
        self._sent = _Sent()
        self._seq = 0
        self._full = True

    def watch(self, watch: Watch) -> None:
        """Begin or replace a watch; what is wrong with it comes back as the window's error."""
        self.unwatch(watch.watch)
        if len(self._watched) >= MAX_WATCHES:
            return
        watched = _Watched(watch)
        try:
            watched.selectors = tuple(parse_selector(text) for text in watch.selectors[:MAX_SELECTORS])
            if not 1 <= watch.cells <= MAX_CELLS:
                raise ValueError(f"a window has 1 to {MAX_CELLS} cells, not {watch.cells}")
            if not 0 < watch.span_s <= 400 * 86400:
                raise ValueError("a window spans up to 400 days")
        except ValueError as error:
            watched.error = str(error)
        self._watched[watch.watch] = watched

    def unwatch(self, name: str) -> None:
        watched = self._watched.pop(name, None)
        if watched is not None and watched.task is not None:
            watched.task.cancel()

    def watch_table(self, name: str, wanted: bool) -> None:
        (self.tables.add if wanted else self.tables.discard)(name)
        self._sent.tables.pop(name, None)
        self._sent.table_at.pop(name, None)

    def resync(self) -> None:
        """The next Update is a full one."""
        self._full = True

    def close(self) -> None:
        for name in list(self._watched):
            self.unwatch(name)

    def update(self, now: float) -> Update | None:
        """What changed since the last Update that this gave; None when nothing did."""
        full = self._full
        if full:
            self._sent = _Sent()
            for watched in self._watched.values():
                watched.tail_start = None
                watched.ready = watched.sent if watched.watch.end is not None and watched.sent.cells else None
        windows = {name: part for name, item in self._watched.items() if (part := self._window(item, now)) is not None}
        tables = {name: rows for name in self.tables if (rows := self._table(name)) is not None}
        facts = self._facts()
        if not (full or windows or tables or facts):
            return None
        base, self._seq = self._seq, self._seq + 1
        self._full = False
        return Update(self._seq, base, now, full, windows, tables, **facts)

    def _facts(self) -> dict[str, Any]:
        """The catalogue, health, alerts and so on, each only when it is not what the client has."""
        now = self._state.facts()
        changed = {
            name: value for name, value in now.items() if value is not None and self._sent.facts.get(name) != value
        }
        self._sent.facts.update(changed)
        return changed

    def _window(self, item: _Watched, now: float) -> WindowPart | None:
        if item.error:
            if item.tail_start is not None:
                return None
            item.tail_start = now
            return WindowPart(True, _EMPTY, item.error)
        if item.ready is not None:
            window, item.ready = item.ready, None
            return self._whole(item, window)
        if item.task is not None:
            return None
        if item.tail_start is not None:
            return None if item.watch.end is not None else self._tail(item, now)
        end = now if item.watch.end is None else item.watch.end
        start = end - item.watch.span_s
        history = self._state.history
        if history.needs_journal(item.selectors, start):
            item.task = asyncio.ensure_future(history.past(item.selectors, start, end, item.watch.cells))
            item.task.add_done_callback(lambda task: self._read(item, task))
            return None
        return self._whole(item, history.window(item.selectors, start, end, item.watch.cells))

    def _read(self, item: _Watched, task: asyncio.Task[Window]) -> None:
        item.task = None
        if not task.cancelled() and task.exception() is None:
            item.ready = task.result()
            self._on_ready()

    def _whole(self, item: _Watched, window: Window) -> WindowPart:
        item.step_s, item.sent = window.step_s, window
        item.tail_start = window.start + (window.cells - 1) * window.step_s
        return WindowPart(True, window)

    def _tail(self, item: _Watched, now: float) -> WindowPart | None:
        """The buckets from the one that was still filling; the whole window when its step must change."""
        history = self._state.history
        names = history.select(item.selectors)
        interval = max((history.memory.interval(name) for name in names), default=item.step_s)
        start = item.tail_start if item.tail_start is not None else now
        if item.step_s < interval or now - start > item.watch.span_s or now < start:
            item.tail_start = None
            return self._window(item, now)
        window = history.memory.window(names, start, now, MAX_CELLS, item.step_s)
        if window == item.sent:
            return None
        item.sent = window
        item.tail_start = window.start + (window.cells - 1) * window.step_s
        return WindowPart(False, window)

    def _table(self, name: str) -> TablePart | None:
        table = self._state.tables.get(name)
        if table is None or self._sent.table_at.get(name) == table.at:
            return None
        known = self._sent.tables.get(name)
        self._sent.tables[name], self._sent.table_at[name] = table.rows, table.at
        if known is None:
            return TablePart(True, table.at, tuple(table.rows.values()))
        upserts = tuple(row for key, row in table.rows.items() if known.get(key) != row)
        return TablePart(False, table.at, upserts, tuple(key for key in known if key not in table.rows))
