"""``perftui load check``: every step or target once, what its checks say, and what was extracted from its answer.

Values are as hostile as answers are, and some are secrets: they are cleaned, shortened, and masked where a name or the
header they come from says so.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from perftui.cli.arguments import Options
from perftui.cli.load_permit import audit_log, detail, permitted
from perftui.cli.load_plan import plan_of
from perftui.cli.setup import configuration
from perftui.domain.errors import Exit
from perftui.domain.text import clean
from perftui.load.job import Model
from perftui.load.plan import PlannedStep, job_of
from perftui.load.shapes import Shape
from perftui.load.trial import Tried, try_out

_LONGEST = 72
_SECRET_NAME = re.compile(r"token|passw|secret|session|credential|api.?key|auth|jwt|cookie|csrf", re.I)
_SECRET_HEADERS = ("authorization", "set-cookie", "cookie", "proxy-authorization", "www-authenticate", "x-api-key")


def check(options: Options) -> int:
    """1 when one of the steps did not answer as it should, or was not reached."""
    settings = configuration(options).config.load
    plan = plan_of(options, settings)
    # what is judged is what is sent: one request after the other
    once = msgspec.structs.replace(
        plan, model=Model.OPEN, shape=Shape.CONSTANT, rate=1.0, duration="1s", ramp="0s", connections=1, warm_up=0,
        requests=0, thresholds=(), breaker=0.0, probe=False,
    )  # fmt: skip
    job, host = job_of(once)
    audit = audit_log()
    permit = permitted(options, settings, once, job, host, audit)
    tried = asyncio.run(try_out(permit.job))
    audit.note("load_check", "done", **detail(once, job, host, permit.confirmed))
    found = [_masked(each, step, plan.secret) for each, step in zip_longest(tried, plan.steps)]
    if options.json:
        print(json.dumps(msgspec.to_builtins(found), indent=2, allow_nan=False))
    else:
        print("\n".join(checked(found)))
    is_bad = any(each.error or not each.is_tried for each in found)
    return int(Exit.GATE_FAILED if is_bad else Exit.OK)


def checked(found: Sequence[Tried]) -> list[str]:
    """A few lines a step."""
    lines = []
    for each in found:
        if not each.is_tried:
            lines.append(f"{clean(each.name)}: not tried, the journey ended before it")
            continue
        status = "" if each.status is None else f", status {each.status}"
        after = f" after {each.redirects} redirects" if each.redirects else ""
        took = "no time" if each.ms is None else f"{each.ms:.2f} ms"
        lines.append(f"{clean(each.name)}: {each.error or 'ok'}{status}{after}, {each.bytes} bytes in {took}")
        lines += [f"  check {clean(text)}: {'holds' if holds else 'BROKEN'}" for text, holds in each.checks.items()]
        lines += [f"  {name} = {_shown(value)}" for name, value in each.extracted.items()]
    return lines


def _masked(tried: Tried, step: PlannedStep | None, secret: Sequence[str]) -> Tried:
    """Without what must not be seen, and without what a terminal must not get."""
    shown: dict[str, str | None] = {}
    for name, value in tried.extracted.items():
        header = step.extract[name].header if step is not None else ""
        if value is not None and (name in secret or _is_secret(name, header)):
            shown[name] = f"*** ({len(value)} characters)"
        else:
            shown[name] = None if value is None else clean(value, _LONGEST)
    return msgspec.structs.replace(tried, extracted=shown)


def _is_secret(name: str, header: str) -> bool:
    return header.lower() in _SECRET_HEADERS or _SECRET_NAME.search(name) is not None


def _shown(value: str | None) -> str:
    return "NOTHING FOUND" if value is None else value
