"""A plan: what somebody wants to load, and how, as TOML or as arguments; it becomes a job once it is judged.

Values are as people write them (``30s``, ``p(95)<200``); everything that is wrong is said before anything is sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec

from perftui.config.check import build
from perftui.config.kinds import Reference
from perftui.config.problems import Problems
from perftui.config.toml_text import parse, read_text
from perftui.config.values import expanded
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.data import Order
from perftui.load.hidden import without_secrets
from perftui.load.job import Job, Model
from perftui.load.plan_checks import check_plan
from perftui.load.plan_job import build_job
from perftui.load.recorded import PlannedRecorded, recorded_words
from perftui.load.schedule import Arrivals
from perftui.load.shapes import PlannedAdaptive, PlannedSpike, PlannedStage, PlannedStress, Shape
from perftui.load.transport import Transport


class PlannedTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request; ``path`` is on the server of the plan's URL, and empty for the URL's own."""

    path: str = ""
    name: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    weight: float = 1.0
    checks: tuple[str, ...] = ()


class PlannedExtract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a variable comes from: a JSON path, a header, or an expression in the body (with ``header``: in that)."""

    json: str = ""
    regex: str = ""
    header: str = ""


class PlannedStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request of a journey. ``think`` is the time to the next, such as ``1s`` or ``500ms-2s``."""

    path: str = ""
    name: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    checks: tuple[str, ...] = ()
    extract: dict[str, PlannedExtract] = {}
    think: str = "0s"
    stop_on_error: bool = True


class PlannedData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file whose columns are variables; every journey takes the next row."""

    file: str
    order: Order = Order.SEQUENTIAL


class PlannedAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Basic with ``user`` and ``password``, bearer with ``token``; secrets by reference."""

    user: str = ""
    password: Reference = ""
    token: Reference = ""


class PlannedThreshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """``abortOnFail`` and ``delayAbortEval`` as in k6."""

    expr: str
    abort_on_fail: bool = False
    delay_abort_eval: str = "0s"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can stand in a plan's file, under these names."""

    url: str
    model: Model = Model.OPEN
    shape: Shape = Shape.CONSTANT
    rate: float = 20.0
    connections: int = 10
    duration: str = "30s"
    ramp: str = "2s"
    arrivals: Arrivals = Arrivals.UNIFORM
    seed: int = 1
    timeout: str = "10s"
    connect_timeout: str = "5s"
    body_limit: int = 16 * 1024 * 1024
    transport: Transport = Transport.NATIVE
    http2: bool = False
    proxy: str = ""
    breaker: float = 0.1
    probe: bool = True
    verify: bool = True
    ca_file: str = ""
    headers: dict[str, str] = {}
    auth: PlannedAuth = PlannedAuth()
    stages: tuple[PlannedStage, ...] = ()
    stress: PlannedStress = PlannedStress()
    spike: PlannedSpike = PlannedSpike()
    adaptive: PlannedAdaptive = PlannedAdaptive()
    recorded: PlannedRecorded = PlannedRecorded()
    targets: tuple[PlannedTarget, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    data: tuple[PlannedData, ...] = ()
    thresholds: tuple[PlannedThreshold, ...] = ()
    checks: tuple[str, ...] = ()
    warm_up: str | int = 0
    requests: int = 0
    redirects: int = 0
    cookies: bool = True
    secret: tuple[str, ...] = ()


def read_plan(path: Path) -> Plan:
    """Raises PerftuiError with everything that is wrong in the file, each with its line."""
    text, trouble = read_text(path)
    if trouble:
        raise PerftuiError(f"{path}: {trouble.partition(' (')[0]}")
    table, problems = parse(text, str(path))
    plan = build(Plan, table, (), problems) if not problems.found else None
    if plan is not None:
        # of a relative path, the plan's folder is the beginning
        data = tuple(
            msgspec.structs.replace(each, file=str(path.absolute().parent / expanded(each.file))) for each in plan.data
        )
        plan = msgspec.structs.replace(plan, data=data)
        found = list(problems.found)
        check_plan(plan, problems)
        # what a key lacks that could not be read is no news
        lines = {problem.line for problem in found}
        found += [problem for problem in problems.found[len(found) :] if problem.line not in lines]
        problems.found = sorted(found, key=lambda problem: problem.line)
    if problems.found:
        raise PerftuiError("\n".join(str(problem) for problem in problems.found))
    return cast("Plan", plan)


def job_of(plan: Plan) -> tuple[Job, str]:
    """The job, and the host that it is for. Looks up the host. Raises PerftuiError with all that is wrong."""
    problems = Problems("plan", {})
    check_plan(plan, problems)
    if problems.found:
        raise PerftuiError("\n".join(str(problem) for problem in problems.found))
    try:
        return build_job(plan)
    except (ValueError, OSError) as error:
        raise PerftuiError(f"plan: {clean(str(error), 400)}") from None


def told(plan: Plan) -> dict[str, object]:
    """The plan for a record: without what could be a secret, which is every header's value, a body, a password,
    and what a query names like one."""
    words: dict[str, object] = msgspec.to_builtins(plan)
    url = urlsplit(plan.url)
    words["url"] = without_secrets(url._replace(netloc=url.netloc.rpartition("@")[2]).geturl())
    words["proxy"] = plan.proxy.rpartition("@")[2]
    words["headers"] = sorted(plan.headers)
    words["recorded"] = recorded_words(plan.recorded)
    words["targets"] = [_told_request(each) | {"weight": each.weight} for each in plan.targets]
    words["steps"] = [
        _told_request(each)
        | {"think": each.think, "extract": sorted(each.extract), "stop_on_error": each.stop_on_error}
        for each in plan.steps
    ]
    words["auth"] = "bearer" if plan.auth.token else "basic" if plan.auth.user or plan.auth.password else ""
    return words


def _told_request(each: PlannedTarget | PlannedStep) -> dict[str, object]:
    return {
        "path": without_secrets(each.path),
        "name": each.name,
        "method": each.method,
        "headers": sorted(each.headers),
    }
