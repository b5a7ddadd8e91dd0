"""What a person looks at on the Workflow screen, and what keys change there."""

from __future__ import annotations

from perftui.domain.workflow import TaskRow
from perftui.link.mirror import Mirror
from perftui.view.workflow_chain import deciding_chain
from perftui.view.workflow_rows import TASKS, Run, belongs, elapsed_s, run_of, runs
from perftui.view.workflow_tasks import run_table, task_table


class Working:
    """What a person looks at: a run with its tasks, and what is unfolded; it stays as it was between updates.

    ``chosen`` is the key of a run, empty for the newest. ``on_runs`` says that keys move among runs, not tasks.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.chosen, self.on_runs, self.expanded = "", False, False
        self.tasks = task_table(self._at)
        self.runs = run_table(self._at)
        self._of_run: tuple[TaskRow, ...] = ()
        self._chain: tuple[TaskRow, ...] | None = None

    def _at(self) -> float:
        return 0.0 if self.run is None else self.run.at

    def update(self, mirror: Mirror) -> None:
        """Take over the mirrored tables."""
        self.run = run_of(mirror, self.chosen)
        table = mirror.tables.get(TASKS)
        rows: dict[str, TaskRow] = {}
        if self.run is not None and table is not None:
            run = self.run.row
            rows = {key: task for key, task in table.rows.items() if belongs(task, run)}
        self.runs.update({row.key: row for row in runs(mirror)})
        self.tasks.update(rows)
        self._of_run, self._chain = tuple(rows.values()), None

    def choose(self) -> None:
        """The run under the cursor is the one to look at."""
        self.chosen = self.runs.cursor_key or ""
        self.on_runs = False

    def step(self, runs: int) -> None:
        """Another run, in the order in which they began."""
        keys = [row.key for row in sorted(self.runs.rows(), key=lambda row: (row.started_at or 0.0, row.key))]
        if keys and self.run is not None:
            place = keys.index(self.run.row.key) + runs
            self.chosen = keys[min(max(0, place), len(keys) - 1)]

    def leave(self) -> None:
        """One step back: the filter, the runs, the run that was chosen."""
        if self.tasks.filter and not self.on_runs:
            self.tasks.set_filter("")
        elif self.on_runs:
            self.on_runs = False
        elif self.expanded:
            self.expanded = False
        else:
            self.chosen = ""

    def telling_tasks(self, room: int) -> tuple[tuple[TaskRow, bool], ...]:
        """Up to ``room`` tasks in the order of their begin: those that decided when the run ended, then the longest."""
        if self._chain is None:
            self._chain = deciding_chain(self._of_run)
        decided = {task.key for task in self._chain}
        at = self._at()
        ranked = sorted(self._of_run, key=lambda task: (task.key not in decided, -(elapsed_s(task, at) or 0.0)))
        kept = [task for task in ranked[: max(0, room)] if task.started_at is not None]
        return tuple((task, task.key in decided) for task in sorted(kept, key=lambda task: task.started_at or 0.0))
