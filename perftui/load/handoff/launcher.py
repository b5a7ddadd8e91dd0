"""Which engine sends a load: ours, Locust or k6. Whoever starts one need not know which."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from typing import Protocol

from perftui import __version__
from perftui.domain.errors import PerftuiError
from perftui.load.frames import Down, Up
from perftui.load.job import Job
from perftui.load.launch import Launch
from perftui.load.plan import Plan
from perftui.load.run import Run

OWN = "perftui"
ENGINES = (OWN, "locust", "k6")


class Launcher(Protocol):
    """One run on some engine. ``run`` grows while it goes on, and is whole when ``finish`` has returned it."""

    run: Run

    @property
    def pid(self) -> int:
        """Of the engine, of its master, or of its guard; 0 before there is one."""

    async def finish(self) -> Run:
        """Start it, and wait for its end. Raises OSError when it can't be started."""

    def command(self, message: Down) -> None:
        """Any can be stopped at once. Locust can also be held, and has other rates; k6 takes no notice of those."""


def engines_here() -> tuple[str, ...]:
    """Ours, and those that are installed on this machine."""
    installed = {
        "locust": importlib.util.find_spec("locust") is not None or shutil.which("locust") is not None,
        "k6": shutil.which("k6") is not None,
    }
    return tuple(name for name in ENGINES if installed.get(name, True))


def launcher(engine: str, plan: Plan, job: Job, told: Callable[[Up], None], workers: int = 0) -> Launcher:
    """``job`` has been judged. ``workers`` are processes of Locust, 0 for one that does it alone.

    Raises PerftuiError when the engine is not here, or has no word for something in the plan.
    """
    if workers and engine != "locust":
        raise PerftuiError("workers: only Locust has some (--engine locust)")
    if engine == OWN:
        return Launch(job, told)
    from perftui.load.handoff.outline import outline

    # imported when it is asked for: nobody else pays for it
    agent = f"perftui/{__version__} run/{job.run_id}"
    if engine == "locust":
        from perftui.load.handoff.locust_engine import LocustLaunch

        return LocustLaunch(job, outline(plan, job, "Locust", agent), told, workers)
    if engine == "k6":
        from perftui.load.handoff.k6_engine import K6Launch

        return K6Launch(job, outline(plan, job, "k6", agent), told)
    raise PerftuiError(f"unknown engine {engine!r} (known: {', '.join(ENGINES)})")
