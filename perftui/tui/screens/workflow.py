"""The Workflow screen: one run with its phases and tasks, and the runs to choose from."""

from __future__ import annotations

from typing import Any

from perftui.config.keymap import Scope
from perftui.tui.deck import Deck
from perftui.tui.table_screen import TableScreen
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.workflow import TABLES, workflow_picture
from perftui.view.working import Working


class WorkflowScreen(TableScreen):
    """Runs and tasks stay as they were while the console is frozen; keys work on."""

    scope = Scope.WORKFLOW

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.work = Working()
        self._seen: tuple[tuple[int, int], ...] = ()

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return TABLES

    def current_table(self) -> TableModel[Any]:
        return self.work.runs if self.work.on_runs else self.work.tasks

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        seen = self.deck.seen(TABLES)
        if seen != self._seen and not (self.deck.still and self._seen):
            self._seen = seen
            self.work.update(self.deck.mirror)
        return workflow_picture(self.deck.scene(), self.work, width, height)

    def _look_at(self) -> None:
        """Another run is looked at: its tasks are known already."""
        self.work.update(self.deck.mirror)
        self.refresh_picture()

    def action_workflow_switch(self) -> None:
        self.work.on_runs = not self.work.on_runs and self.work.runs.total > 1
        self.refresh_picture()

    def action_workflow_choose(self) -> None:
        if self.work.on_runs:
            self.work.choose()
            self._look_at()
        else:
            self.action_workflow_expand()

    def action_workflow_previous_run(self) -> None:
        self.work.step(-1)
        self._look_at()

    def action_workflow_next_run(self) -> None:
        self.work.step(1)
        self._look_at()

    def action_workflow_expand(self) -> None:
        self.work.expanded = not self.work.expanded
        self.refresh_picture()

    def action_workflow_leave(self) -> None:
        self.work.leave()
        self._look_at()
