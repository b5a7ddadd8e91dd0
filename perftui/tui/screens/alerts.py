"""The Alerts screen: what fires, by whom it is cared for, and everything that can be done about it by keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from perftui.config.keymap import Scope
from perftui.domain.alerts import Severity
from perftui.domain.triage import AlertRow, Silence
from perftui.tui.alert_deeds import Deeds
from perftui.tui.alert_looking import Looking
from perftui.tui.deck import Deck
from perftui.tui.table_screen import TableScreen
from perftui.tui.widgets.asking_prompt import AskingPrompt
from perftui.tui.widgets.silence_dialog import Given, SilenceDialog
from perftui.view.alerts import alerts_picture, alerts_watches
from perftui.view.alerts_detail import silences_of
from perftui.view.alerts_rows import said
from perftui.view.alerts_silencing import Form, common_matchers, written
from perftui.view.alerts_triage import Triage, View
from perftui.view.scene import Scene
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.watches import Wanted

# rows whose texts are made at once while nobody waits for them
_AHEAD = 250
_ALERTMANAGER = "alertmanager"


class AlertsScreen(TableScreen):
    """Rows stay as they were while the console is frozen; keys work on."""

    scope = Scope.ALERTS

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.triage = Triage()
        self.looking = Looking(deck, self.refresh_picture, self._start)
        self.deeds = Deeds(deck, self._say)
        self._seen: tuple[tuple[int, int], ...] = ()
        self._more = self._working = False

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work)

    def _say(self, text: str, bad: bool) -> None:
        self.app.notify(text, severity="error" if bad else "information", timeout=6 if bad else 3, markup=False)

    # what is shown

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return self.triage.tables()

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return alerts_watches(self.triage, width, height)

    def current_table(self) -> TableModel[Any]:
        return self.triage.table()

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        self._take()
        scene: Scene = self.deck.scene()
        self.triage.told = self.looking.told(self.triage.row)
        return alerts_picture(scene, self.triage, width, height)

    def _take(self) -> None:
        """Rows that changed; while frozen only those of a view that has none yet."""
        seen = self.deck.seen(self.triage.tables())
        if seen != self._seen and not (self.deck.still and self._seen):
            self._seen = seen
            self._more = self.triage.update(self.deck.mirror)
            if not self._working:
                self._working = True
                self._start(self._work_ahead())

    async def _work_ahead(self) -> None:
        """Take the rows that are still to come, and make what a filter searches: in pieces that nobody feels."""
        try:
            while self._more or self.triage.index.read_ahead(_AHEAD):
                await asyncio.sleep(0)
                if self._more:
                    self._more = self.triage.update(self.deck.mirror)
                    if not self._more:
                        self.refresh_picture()
        finally:
            self._working = False

    def refresh_picture(self) -> None:
        """Drawing tells which alert is under the cursor; its series is watched, and its past is asked for."""
        super().refresh_picture()
        if self.is_current:
            self.looking.look(self.triage.row if self.triage.view is View.LIST else None)
        self.watch_needed()

    def tick(self) -> None:
        """What was told of an alert gets old."""
        if self.is_current and self.triage.view is View.LIST:
            self.looking.look(self.triage.row)

    # moving

    def _move(self, rows: int) -> None:
        if self.triage.full:
            self.triage.top = max(0, self.triage.top + rows)
        else:
            self.triage.top = 0
            self.current_table().move(rows)
        self.refresh_picture()

    def _show(self, view: View) -> None:
        self.triage.show(view)
        self._seen = ()
        self.refresh_picture()

    def action_alerts_next_view(self) -> None:
        self.triage.turn(1)
        self._show(self.triage.view)

    def action_alerts_previous_view(self) -> None:
        self.triage.turn(-1)
        self._show(self.triage.view)

    def action_alerts_timeline(self) -> None:
        self._show(View.LIST if self.triage.view is View.TIMELINE else View.TIMELINE)

    def action_alerts_open(self) -> None:
        """The whole page of an alert; of a lane of the timeline its place in the list; a section folds."""
        triage = self.triage
        if triage.view is View.TIMELINE:
            lane = triage.timeline.table.cursor_key
            self._show(View.LIST)
            triage.index.go_to(lane or "")
        elif triage.view is View.LIST and triage.index.on_section:
            triage.index.toggle_fold()
        elif triage.view is View.LIST and triage.row is not None:
            triage.full, triage.top = not triage.full, 0
        self.refresh_picture()

    def action_alerts_leave(self) -> None:
        before = self.triage.view
        self.triage.leave()
        if self.triage.view is not before:
            self._seen = ()
        self.refresh_picture()

    def action_alerts_fold(self) -> None:
        self.triage.index.toggle_fold()
        self.refresh_picture()

    def action_alerts_mark(self) -> None:
        self.action_table_mark()

    def action_alerts_sort(self) -> None:
        self.action_table_sort()

    def action_alerts_freeze(self) -> None:
        self.perform("time.freeze")

    def action_alerts_group(self) -> None:
        """Ask for the labels whose values make the sections."""
        index = self.triage.index
        names = index.label_names()

        def complete(head: str) -> list[str]:
            *whole, last = head.split(",")
            begun = last.strip()
            start = head[: len(head) - len(last)] + (" " if whole else "")
            return [start + name for name in names if name.startswith(begun)]

        async def group(line: str) -> str:
            wanted = [name.strip() for name in line.split(",") if name.strip()]
            unknown = next((name for name in wanted if name not in names), "")
            if unknown and index.total:
                return f"no alert has a label {unknown}"
            index.set_group(wanted)
            self.refresh_picture()
            return ""

        self._prompt("group by ", ", ".join(index.group), group, "labels with commas; empty is a flat list", complete)

    # doing

    def _chosen(self) -> list[AlertRow]:
        """What the keys mean; says so when they mean nothing."""
        rows = self.triage.index.chosen() if self.triage.view is View.LIST else []
        if not rows:
            self._say("choose alerts in the list: space marks them", False)
        return rows

    def _prompt(
        self,
        sign: str,
        text: str,
        ask: Callable[[str], Awaitable[str]],
        hint: str,
        complete: Callable[[str], list[str]] = lambda _: [],
    ) -> None:
        deck = self.deck
        self.app.push_screen(
            AskingPrompt(
                sign, text=text, ask=ask, hint=hint, complete=complete, style_of=deck.skin.style, glyphs=deck.glyphs
            )
        )

    def _done(self, error: str) -> str:
        """Marks are meant for one deed."""
        if not error:
            self.triage.index.clear_marks()
            self.refresh_picture()
        return error

    def action_alerts_ack(self) -> None:
        if rows := self._chosen():
            self._start(self.deeds.claim(rows))
            self._done("")

    def action_alerts_snooze(self) -> None:
        if rows := self._chosen():

            async def snooze(line: str) -> str:
                return self._done(await self.deeds.snooze(rows, line))

            self._prompt(f"snooze {_words(rows)} for ", "1h", snooze, "15m, 1h, 4h or until 14:30; off ends it")

    def action_alerts_note(self) -> None:
        if rows := self._chosen():

            async def note(line: str) -> str:
                return self._done(await self.deeds.note(rows, line))

            self._prompt(f"note on {_words(rows)}: ", rows[0].note, note, "enter keeps it; an empty one goes away")

    def action_alerts_undo(self) -> None:
        self._start(self.deeds.tell("undo", "undone"))

    def action_alerts_silence(self) -> None:
        if rows := self._chosen():
            keys = [row.key for row in rows]
            session = self.deck.mirror.session
            given = Given(
                f"Silence {_words(rows)}", written(common_matchers(rows)), "1h",
                "" if session is None else f"{session.user}@{session.host}", ", ".join(self._silencers(rows)),
            )  # fmt: skip

            async def silence(form: Form, confirmed: bool) -> str:
                return self._done(await self.deeds.silence(form, keys, confirmed=confirmed))

            self.app.push_screen(
                SilenceDialog(
                    given, preview=lambda matchers: self.deeds.preview(matchers, keys), silence=silence,
                    style_of=self.deck.skin.style, glyphs=self.deck.glyphs,
                )
            )  # fmt: skip

    def _silencers(self, rows: Sequence[AlertRow]) -> list[str]:
        """The Alertmanagers that tell these alerts; none means all of them."""
        known = {one.name for one in self.deck.mirror.sources if one.kind == _ALERTMANAGER}
        return sorted(known.intersection(*([row.sources for row in rows] or [()]))) if known else []

    # silences

    def _silence(self) -> Silence | None:
        """The one under the cursor; from a silenced alert the key leads to what hides it."""
        triage = self.triage
        if triage.view is View.SILENCES:
            found: Silence | None = triage.silences.cursor_row
            return found
        row = triage.row if triage.view is View.LIST else None
        hiding = [] if row is None else silences_of(self.deck.scene(), row)
        if not hiding:
            self._say("choose a silence: tab leads to their list", False)
            return None
        self._show(View.SILENCES)
        table = triage.silences
        table.move_to(table.order.index(hiding[0].key) if hiding[0].key in table.order else 0)
        self.refresh_picture()
        return None

    def action_alerts_extend(self) -> None:
        silence = self._silence()
        if silence is not None:

            async def extend(line: str) -> str:
                return await self.deeds.extend(silence, line)

            self._prompt("longer by ", "1h", extend, "15m, 1h, 4h, 8h, or any such as 90m")

    def action_alerts_expire(self) -> None:
        silence = self._silence()
        if silence is not None:
            self._start(self.deeds.expire(silence))


def _words(rows: Sequence[AlertRow]) -> str:
    """``3 alerts, 1 critical``, or the name of the only one."""
    if len(rows) == 1:
        return said(rows[0].name, 60)
    critical = sum(row.severity is Severity.CRITICAL for row in rows)
    return f"{len(rows)} alerts" + (f", {critical} critical" if critical else "")
