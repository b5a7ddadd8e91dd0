"""The plan that a command is about: a file or a URL, with what the command line changes in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from perftui.cli.arguments import Options
from perftui.domain.errors import PerftuiError
from perftui.load.plan import Plan, PlannedThreshold, read_plan

_ARGUMENTS = ("rate", "connections", "duration", "model", "shape")


def plan_of(options: Options) -> Plan:
    """Arguments win over the file. Raises PerftuiError with what is wrong in it."""
    target = options.target or ""
    plan = Plan(target) if "://" in target else read_plan(Path(target))
    given = {name: value for name in _ARGUMENTS if (value := getattr(options, name)) is not None}
    try:
        if given:
            plan = msgspec.convert({**msgspec.to_builtins(plan), **given}, Plan)
    except msgspec.ValidationError as error:
        raise PerftuiError(f"load: {error}") from None
    thresholds = tuple(PlannedThreshold(text, options.abort_on_fail) for text in options.threshold)
    return msgspec.structs.replace(
        plan, thresholds=(*plan.thresholds, *thresholds), checks=(*plan.checks, *options.check)
    )
