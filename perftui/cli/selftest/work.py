"""CPU seconds that processes used so far, as exactly as the system tells."""

from __future__ import annotations

from pathlib import Path

import psutil


def cpu_seconds(pid: int) -> float:
    """Of all threads that are there. Nanoseconds from the scheduler on Linux, else ticks; 0 when it is gone."""
    try:
        return sum(int(path.read_text().split()[0]) for path in _schedules(pid)) / 1e9 or _ticks(pid)
    except (OSError, ValueError, IndexError):
        return _ticks(pid)


def _schedules(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").glob("*/schedstat"))


def _ticks(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def child_seconds(pid: int) -> float:
    """Of all processes that it started and that run."""
    try:
        return sum(cpu_seconds(child.pid) for child in psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return 0.0


def names_above() -> list[str]:
    """The programs that this process was started by, the nearest first."""
    try:
        return [parent.name() for parent in psutil.Process().parents()]
    except psutil.Error:
        return []
