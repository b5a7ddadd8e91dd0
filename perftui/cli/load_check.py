"""``perftui load check``: every target once, and what its checks say."""

from __future__ import annotations

import asyncio
import json

import msgspec

from perftui.cli.arguments import Options
from perftui.cli.load_permit import audit_log, permitted
from perftui.cli.load_plan import plan_of
from perftui.cli.load_run import Running
from perftui.cli.load_text import checked
from perftui.cli.setup import configuration
from perftui.domain.errors import Exit
from perftui.load.job import Model
from perftui.load.plan import PlannedTarget, job_of
from perftui.load.shapes import Shape


def check(options: Options) -> int:
    """1 when one of the targets did not answer as it should."""
    settings = configuration(options).config.load
    plan = plan_of(options, settings)
    audit = audit_log()
    found = []
    for target in plan.targets or (PlannedTarget(),):
        once = msgspec.structs.replace(
            plan, targets=(target,), model=Model.OPEN, shape=Shape.CONSTANT, rate=10.0, duration="100ms", ramp="0s",
            thresholds=(), breaker=0.0, probe=False,
        )  # fmt: skip
        job, host = job_of(once)
        permit = permitted(options, settings, once, job, host, audit)
        running = Running(once, permit.job, is_quiet=True)
        asyncio.run(running.run())
        found.append(running.found)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(checked(found)))
    is_bad = any(each["errors"] or not each["done"] for each in found)
    return int(Exit.GATE_FAILED if is_bad else Exit.OK)
