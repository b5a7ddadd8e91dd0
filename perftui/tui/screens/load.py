"""The Load screen: begin a load, watch and steer it, read its result, open and compare those of before."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from textual.notifications import SeverityLevel

from perftui.config.keymap import Scope
from perftui.domain.load import LoadPhase
from perftui.domain.text import clean
from perftui.tui.deck import Deck
from perftui.tui.table_screen import TableScreen
from perftui.tui.widgets.load_form import LoadForm
from perftui.view.load import load_picture, load_watches
from perftui.view.load_book import LoadBook, View
from perftui.view.load_compare import Compared, comparable_of, judged_of, words_of
from perftui.view.load_form import Judged, prefilled, read_judged, recent_urls
from perftui.view.load_record import Past, read_record
from perftui.view.load_runs import TABLE
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.watches import Wanted

_STEP = 1.1
_PAIR = 2


class LoadScreen(TableScreen):
    """What was opened stays while other screens are shown."""

    scope = Scope.LOAD

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.book = LoadBook(self._clock)
        self._asked_for = ""

    def _clock(self, at: float) -> str:
        return self.deck.face.text(at)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work)

    def _say(self, text: str, *, bad: bool = False) -> None:
        severity: SeverityLevel = "error" if bad else "information"
        self.app.notify(clean(text, 400), severity=severity, timeout=6 if bad else 3, markup=False)

    # what is shown

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return (TABLE,)

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return load_watches(self.deck.scene(), self.book, width, height)

    def current_table(self) -> TableModel[Any]:
        return self.book.runs

    def idle_keys(self) -> frozenset[str]:
        return self.book.idle_keys()

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        scene = self.deck.scene()
        self.book.update(self.deck.mirror)
        self.book.values = prefilled(self.deck.loads.values, tuple(self.book.runs.rows()))
        return load_picture(scene, self.book, width, height)

    def refresh_picture(self) -> None:
        """A load that is over is shown by its record, which is asked for once."""
        super().refresh_picture()
        state = self.book.state
        ended = state is not None and state.phase.is_over and state.phase is not LoadPhase.REFUSED
        if state is not None and ended and self._asked_for != state.run_id and self.is_current:
            self._asked_for = state.run_id
            self._start(self._read_ended(state.run_id))
        self.watch_needed()

    async def _read_ended(self, run_id: str) -> None:
        found = await self._record(run_id)
        state = self.book.state
        if state is not None and state.run_id == run_id:
            self.book.ended = found if isinstance(found, Past) else None
            self.book.note = "" if isinstance(found, Past) else f"no record: {found}"
            self.refresh_picture()

    async def _record(self, run_id: str) -> Past | str:
        reply = await self.deck.loads.record(run_id)
        return clean(reply.error, 400) if reply.error else read_record(reply.data)

    # moving

    def _move(self, rows: int) -> None:
        if self.book.lists:
            self.book.runs.move(rows)
        else:
            self.book.top = max(0, self.book.top + rows)
        self.refresh_picture()

    def action_load_runs(self) -> None:
        book = self.book
        book.view = View.NOW if book.view is View.RUNS and book.state is not None else View.RUNS
        book.opened, book.compared, book.details, book.note = None, None, False, ""
        self.rewatch()

    def action_load_leave(self) -> None:
        self.book.leave()
        self.rewatch()

    def action_load_mark(self) -> None:
        if self.book.lists:
            self.action_table_mark()

    def action_load_freeze(self) -> None:
        self.perform("time.freeze")

    def action_load_details(self) -> None:
        """Of a row of the list its record; of a load whose figures are shown everything that was counted."""
        book = self.book
        row = book.runs.cursor_row if book.lists else None
        if row is not None and book.opened is None:
            self._start(self._open(row.key))
        elif book.shown is not None:
            book.details, book.top = not book.details, 0
            self.rewatch()
        elif not book.runs.total:
            self.action_load_new()

    async def _open(self, run_id: str) -> None:
        self.book.note = "reading the record"
        found = await self._record(run_id)
        self.book.note = ""
        if isinstance(found, Past):
            self.book.opened, self.book.details, self.book.top = found, False, 0
        else:
            self._say(found, bad=True)
        self.rewatch()

    def action_load_compare(self) -> None:
        """The two marked ones; a load that is shown, with the last one of its target."""
        book = self.book
        if book.compared is not None:
            book.compared = None
            self.rewatch()
            return
        marked = [row for row in book.runs.rows() if row.key in book.runs.marks]
        marked.sort(key=lambda row: row.started_at)
        last, state = book.last(), book.shown
        if len(marked) == _PAIR:
            self._start(self._compare(marked[0].key, marked[1].key))
        elif not marked and state is not None and last is not None and state.done:
            self._start(self._compare(last.key, state.run_id))
        else:
            told = "no earlier load of this target" if state is not None and not marked else f"{len(marked)} marked"
            self._say(f"{told}: mark two past loads with space, then c compares them (tab leads to the list)")

    async def _compare(self, a: str, b: str) -> None:
        one, other = await self._record(a), await self._record(b)
        if isinstance(one, str) or isinstance(other, str):
            self._say(one if isinstance(one, str) else str(other), bad=True)
            return
        reply = await self.deck.loads.compare(a, b)
        words = (clean(reply.error, 400),) if reply.error else words_of(reply.data)
        found = Compared(one, other, words, judged_of(reply.data), comparable_of(reply.data))
        self.book.compared, self.book.details = found, False
        self.rewatch()

    # doing

    def action_load_stop(self) -> None:
        """Nothing is asked first: whoever presses this has a reason."""
        if self.deck.loads.running is None:
            self._say("no load runs: N begins one")
        else:
            self._start(self._do(self.deck.loads.stop(), "stopped"))

    def action_load_pause(self) -> None:
        state = self.deck.loads.running
        if state is None:
            self._say("no load runs")
            return
        on = state.phase is not LoadPhase.PAUSED
        self._start(self._do(self.deck.loads.pause(on=on), "paused: P goes on" if on else "goes on"))

    def action_load_faster(self) -> None:
        self._start(self._do(self.deck.loads.change_rate(_STEP), ""))

    def action_load_slower(self) -> None:
        self._start(self._do(self.deck.loads.change_rate(1 / _STEP), ""))

    def action_load_detach(self) -> None:
        self._start(self._do(self.deck.loads.detach(), "detached: it goes on without this console, p still stops it"))

    async def _do(self, work: Coroutine[Any, Any, str], done: str) -> None:
        error = await work
        if error or done:
            self._say(error or done, bad=bool(error))

    # the form

    def action_load_new(self) -> None:
        self.new_load({})

    def new_load(self, given: Mapping[str, str]) -> None:
        """Open the form, with these fields filled in."""
        deck, rows = self.deck, tuple(self.book.runs.rows())
        if deck.loads.running is not None:
            self._say("a load runs: p stops it, then N begins another")
            return
        form = LoadForm(
            {**prefilled(deck.loads.values, rows), **({"plan": ""} if "url" in given else {}), **given},
            recent_urls(rows), judge=self._judge, start=deck.loads.start, style_of=deck.skin.style, glyphs=deck.glyphs,
        )  # fmt: skip

        def closed(started: bool | None) -> None:
            if started:
                deck.loads.values = {**form.values, "host": "", "name": "", "reason": ""}
                self.book.leave_all()
                self.rewatch()

        self.app.push_screen(form, closed)

    async def _judge(self, plan: Mapping[str, Any]) -> Judged | str:
        reply = await self.deck.loads.judge(plan)
        return clean(reply.error, 400) if reply.error else read_judged(reply.data)
