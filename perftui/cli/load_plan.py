"""The plan that a command is about: a file, a URL or a known target, with what the command line changes in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from perftui.cli.arguments import Options
from perftui.cli.load_recorded import asked
from perftui.cli.load_shape_plan import shape_words
from perftui.config.load_settings import Load
from perftui.domain.errors import PerftuiError
from perftui.load.plan import Plan, PlannedThreshold, read_plan

_ARGUMENTS = ("rate", "connections", "duration", "model", "shape", "transport", "http2", "proxy")


def plan_of(options: Options, settings: Load) -> Plan:
    """Of a URL, a target of the configuration or a file; arguments win over it. Raises PerftuiError."""
    target = options.target or ""
    if "://" in target:
        plan = Plan(target)
    elif target in settings.targets:
        plan = Plan(settings.targets[target].url)
    else:
        plan = read_plan(Path(target))
    given = {name: value for name in _ARGUMENTS if (value := getattr(options, name)) is not None}
    try:
        given = shape_words(options, plan, given)
        if given:
            plan = msgspec.convert({**msgspec.to_builtins(plan), **given}, Plan)
    except msgspec.ValidationError as error:
        raise PerftuiError(f"load: {error}") from None
    plan = asked(plan)
    thresholds = tuple(PlannedThreshold(text, options.abort_on_fail) for text in options.threshold)
    return msgspec.structs.replace(
        plan, thresholds=(*plan.thresholds, *thresholds), checks=(*plan.checks, *options.check)
    )
