"""How long phases and whole runs took in runs of the same workflow before: what is expected of the next one."""

from __future__ import annotations

_MOST_RUNS = 50
_MOST_NAMES = 1000

# a run's start and how long it, or its phase, took
_Took = tuple[float, float]


class PastRuns:
    """By name of the workflow and the phase; the phase "" stands for the whole run. The newest 50 runs count."""

    def __init__(self) -> None:
        self._took: dict[tuple[str, str], dict[str, _Took]] = {}

    def note(self, name: str, phase: str, run: str, started_at: float, took_s: float) -> None:
        """It ended well in this run, which began at ``started_at``."""
        runs = self._took.setdefault((name, phase), {})
        runs[run] = (started_at, took_s)
        if len(runs) > _MOST_RUNS:
            del runs[min(runs, key=lambda run: runs[run])]
        if len(self._took) > _MOST_NAMES:
            del self._took[next(iter(self._took))]

    def forget(self, name: str, phase: str, run: str) -> None:
        """It did not, or the run has another name, as was learned late."""
        self._took.get((name, phase), {}).pop(run, None)

    def earlier(self, name: str, phase: str, before: float) -> list[float]:
        """Seconds it took in runs that began before, ascending."""
        return sorted(took for began, took in self._took.get((name, phase), {}).values() if began < before)
