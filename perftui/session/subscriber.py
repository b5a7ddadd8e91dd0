"""What one console watches, and the Updates that bring its mirror up to date; knows nothing of sockets."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from perftui.domain.samples import Window
from perftui.domain.series import Selector, parse_selector
from perftui.domain.text import clean
from perftui.link.messages import TablePart, Update, Watch, WindowPart
from perftui.session.state import State
from perftui.store.window import choose_step

MAX_WATCHES = 512
MAX_TABLES = 64
MAX_CELLS = 4096
MAX_SELECTORS = 64
# the year 9999: what lies behind it is no time that anybody can name
_LATEST = 253_402_300_799.0
_EMPTY = Window(0.0, 1.0, 0)


@dataclass
class _Watched:
    """``tail_start`` is where the last bucket that was sent begins; None until the window was sent whole.

    ``live_step_s`` is the step that memory alone asked for then, ``shown`` which series the client has, with the
    start of the newest part that named them. ``names`` are the series in memory as of its ``changes``.
    """

    watch: Watch
    selectors: tuple[Selector, ...] = ()
    error: str = ""
    step_s: float = 0.0
    live_step_s: float = 0.0
    shown: dict[str, float] = field(default_factory=dict)
    tail_start: float | None = None
    sent: Window = _EMPTY
    task: asyncio.Task[Window] | None = None
    ready: Window | None = None
    rewritten: int = 0
    names: tuple[str, ...] = ()
    changes: int = -1


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
        self._refused: dict[str, WindowPart] = {}
        self.tables: set[str] = set()
        self._sent = _Sent()
        self._seq = 0
        self._full = True

    def watch(self, watch: Watch) -> None:
        """Begin or replace a watch; what is wrong with it comes back as the window's error."""
        self.unwatch(watch.watch)
        if len(self._watched) >= MAX_WATCHES:
            if len(self._refused) < MAX_WATCHES:
                self._refused[watch.watch] = WindowPart(True, _EMPTY, f"more than {MAX_WATCHES} windows are watched")
            return
        watched = _Watched(watch)
        try:
            if len(watch.selectors) > MAX_SELECTORS:
                raise ValueError(f"a window has up to {MAX_SELECTORS} selectors, not {len(watch.selectors)}")
            watched.selectors = tuple(parse_selector(text) for text in watch.selectors)
            if not 1 <= watch.cells <= MAX_CELLS:
                raise ValueError(f"a window has 1 to {MAX_CELLS} cells, not {watch.cells}")
            if not 0 < watch.span_s <= 400 * 86400:
                raise ValueError("a window spans up to 400 days")
            if watch.end is not None and not 0 <= watch.end <= _LATEST:
                raise ValueError("a window ends between 1970 and 9999")
            if not 0 <= watch.shift_s <= 400 * 86400:
                raise ValueError("a window looks back by up to 400 days")
        except ValueError as error:
            watched.error = clean(str(error), 200)
        self._watched[watch.watch] = watched

    def unwatch(self, name: str) -> None:
        self._refused.pop(name, None)
        watched = self._watched.pop(name, None)
        if watched is not None and watched.task is not None:
            watched.task.cancel()

    @property
    def selected(self) -> frozenset[Selector]:
        """What is watched."""
        return frozenset(selector for item in self._watched.values() for selector in item.selectors)

    def watch_table(self, name: str, wanted: bool) -> None:
        if not wanted:
            self.tables.discard(name)
        elif len(self.tables) < MAX_TABLES:
            self.tables.add(name)
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
        windows = {
            name: part
            for name, item in self._watched.items()
            if (part := self._window(item, now - item.watch.shift_s)) is not None
        }
        windows.update(self._refused)
        self._refused.clear()
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
        history = self._state.history
        end, start, step = self._range(item, now)
        if history.needs_past(item.selectors, start):
            item.task = asyncio.ensure_future(history.past(item.selectors, start, end, item.watch.cells))
            item.task.add_done_callback(lambda task: self._read(item, task))
            return None
        return self._whole(item, history.window(item.selectors, start, end, item.watch.cells, step))

    def _range(self, item: _Watched, now: float) -> tuple[float, float, float]:
        """End, start and step. A live window covers whole steps, so that it has as many buckets at any moment."""
        watch = item.watch
        step = self._step(item)
        if watch.end is not None:
            end = watch.end - watch.shift_s
            return end, end - watch.span_s, step
        return now, now - step * max(1, math.ceil(watch.span_s / step - 1e-9)), step

    def _step(self, item: _Watched) -> float:
        memory = self._state.history.memory
        interval = max((memory.interval(name) for name in self._state.history.select(item.selectors)), default=1.0)
        return choose_step(item.watch.span_s, item.watch.cells, interval)

    def _read(self, item: _Watched, task: asyncio.Task[Window]) -> None:
        item.task = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            item.ready = task.result()
        else:
            item.error = clean(f"history can't be read: {error}", 200)
        self._on_ready()

    def _whole(self, item: _Watched, window: Window) -> WindowPart:
        item.step_s, item.live_step_s, item.sent = window.step_s, self._step(item), window
        item.tail_start = window.start + (window.cells - 1) * window.step_s
        item.shown = {series.series: series.last_at or window.start for series in window.series}
        item.rewritten = self._rewritten(item)
        item.names, item.changes = self._state.history.select(item.selectors), self._state.history.memory.changes
        return WindowPart(True, window)

    def _tail(self, item: _Watched, now: float) -> WindowPart | None:
        """The buckets from the one that was still filling; the whole window when its step must change."""
        start = item.tail_start if item.tail_start is not None else now
        if not 0 <= now - start <= item.watch.span_s or self._moved(item):
            item.tail_start = None
            return self._window(item, now)
        window = self._state.history.memory.window(item.names, start, now, MAX_CELLS, item.step_s)
        if window == item.sent:
            return None
        shown, horizon = item.shown, start - item.watch.span_s
        for series in window.series:
            if shown.get(series.series, -math.inf) < horizon:
                # a series that the client does not show (any more) has its place among the others
                item.tail_start = None
                return self._window(item, now)
            shown[series.series] = start
        item.sent = window
        item.tail_start = window.start + (window.cells - 1) * window.step_s
        return WindowPart(False, window)

    def _moved(self, item: _Watched) -> bool:
        """Whether the step must change, or earlier samples did; looked at only when something in memory changed."""
        history = self._state.history
        if item.changes == history.memory.changes:
            return False
        item.names, item.changes = history.select(item.selectors), history.memory.changes
        return self._step(item) != item.live_step_s or self._rewritten(item) != item.rewritten

    def _rewritten(self, item: _Watched) -> int:
        """Grows when earlier samples were put into one of the window's series."""
        history = self._state.history
        counts = history.memory.rewritten
        return sum(counts.get(name, 0) for name in history.select(item.selectors)) if counts else 0

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
