"""What the Load screen looks at: the load that runs, the list of past ones, one of their records, or two compared."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from perftui.domain.load import LoadRunRow, LoadState
from perftui.link.mirror import Mirror
from perftui.view.load_compare import Compared
from perftui.view.load_form import DEFAULTS
from perftui.view.load_record import Past
from perftui.view.load_runs import TABLE, last_of, runs_table

_DAY_S = 20 * 3600.0
_STEERING = ("load.stop", "load.pause", "load.faster", "load.slower")
_LISTING = ("load.mark", "table.filter", "table.sort")


class View(Enum):
    """``NOW`` is the load that runs, or the last one; ``RUNS`` the list of past ones."""

    NOW = "now"
    RUNS = "runs"


class LoadBook:
    """Changed by keys and by what the session tells; pictures only read it. ``now`` is the moment that is shown.

    ``ended`` is the record of the load that was seen running, once it was asked for; ``note`` says what is waited for,
    or what went wrong.
    """

    def __init__(self, clock_text: Callable[[float], str] = lambda at: f"{at:.0f}") -> None:
        self.view = View.NOW
        self.clock_text = clock_text
        self.now = 0.0
        self.runs = runs_table(self.when)
        self.state: LoadState | None = None
        self.known = False
        self.ended: Past | None = None
        self.opened: Past | None = None
        self.compared: Compared | None = None
        self.details = False
        self.top = 0
        self.note = ""
        self.values: dict[str, str] = dict(DEFAULTS)

    def when(self, at: float) -> str:
        """The time of day, or how many days ago."""
        ago = self.now - at
        return self.clock_text(at) if ago < _DAY_S else f"{max(1, round(ago / 86400))} d ago"

    def update(self, mirror: Mirror) -> None:
        """Take what the session told; a load that begins comes to the front."""
        before, self.state = self.state, mirror.load
        if self.state is not None and (before is None or before.run_id != self.state.run_id):
            self.ended = None
            if not self.state.phase.is_over:
                self.leave_all()
        table = mirror.tables.get(TABLE)
        if table is not None:
            self.known = True
            self.runs.update(table.rows)

    def leave_all(self) -> None:
        """Back to the load that runs."""
        self.view, self.opened, self.compared, self.details, self.top, self.note = View.NOW, None, None, False, 0, ""

    def leave(self) -> None:
        """One step back."""
        self.note = ""
        if self.details:
            self.details, self.top = False, 0
        elif self.compared is not None:
            self.compared = None
        elif self.opened is not None:
            self.opened = None
        elif self.runs.filter:
            self.runs.set_filter("")
        elif self.runs.marks:
            self.runs.clear_marks()
        else:
            self.view = View.NOW

    @property
    def lists(self) -> bool:
        """Whether keys move in the list of past loads."""
        return (
            self.compared is None
            and self.opened is None
            and not self.details
            and bool(self.runs.total)
            and (self.view is View.RUNS or self.state is None or self.state.phase.is_over)
        )

    def idle_keys(self) -> frozenset[str]:
        """Ids of bindings that would do nothing now: beginning a load while one runs, steering it while none does."""
        running = self.state is not None and not self.state.phase.is_over
        lists_alone = self.view is View.RUNS and self.opened is None and self.compared is None
        back = self.details or self.opened or self.compared or (lists_alone and self.state is not None)
        idle = {"load.new"} if running else set(_STEERING)
        idle |= set() if self.lists else set(_LISTING)
        idle |= {"load.runs"} if lists_alone or not self.runs.total else set()
        idle |= {"load.compare", "load.details"} if self.shown is None and not self.runs.total else set()
        return frozenset(idle if back else {*idle, "load.leave"})

    @property
    def shown(self) -> LoadState | None:
        """The load whose figures are looked at."""
        if self.opened is not None:
            return self.opened.state
        if self.view is View.NOW:
            return self.state
        return None

    def last(self) -> LoadRunRow | None:
        """The run before the one that is shown, of the same target."""
        state = self.shown
        if state is None:
            return None
        rows = {row.key: row for row in self.runs.rows()}
        own = rows.get(state.run_id)
        before = own.started_at if own is not None else state.started_at or self.now
        return last_of(rows, state.target, state.run_id, before)
