"""From a plan that is right to the job of an engine: addresses looked up, secrets filled in, requests as bytes."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from perftui import __version__
from perftui.config.secrets import resolve
from perftui.config.values import expanded, parse_span
from perftui.domain.errors import PerftuiError
from perftui.load.checks import parse_check
from perftui.load.data import DataFile
from perftui.load.extract import Extract
from perftui.load.flow import Flow, Step
from perftui.load.hidden import without_secrets
from perftui.load.job import Address, Job, Model, Target, Threshold, Tls
from perftui.load.places import look_up
from perftui.load.plan_checks import parse_think, plain_names
from perftui.load.requests import bytes_of, parse_request, path_of
from perftui.load.shapes import Shape, shaped
from perftui.load.thresholds import parse_threshold
from perftui.load.transport import compat_of

if TYPE_CHECKING:
    from perftui.load.plan import Plan, PlannedStep, PlannedTarget, PlannedThreshold


def build_job(plan: Plan) -> tuple[Job, str]:
    """The job, and the host that it is for. Raises PerftuiError, ValueError and OSError for what is not there."""
    url = urlsplit(plan.url)
    scheme = url.scheme.removesuffix("+unix")
    port = url.port or (443 if scheme == "https" else 80)
    host, addresses, took = _reached(url, port)
    run_id = secrets.token_hex(6)
    steps = _steps(plan, url, run_id)
    is_flow = bool(plan.steps or plan.data or plan.redirects or plain_names(plan))
    form = shaped(plan, addresses)
    warm_up_s, warm_up_requests = _warm_up(plan, form.segments[0].start_rate)
    return Job(
        run_id=run_id,
        addresses=addresses,
        targets=tuple(_target(plan, planned, step, is_flow) for planned, step in steps),
        segments=form.segments,
        shape=Shape(plan.shape).value,
        stretches=form.stretches,
        control=form.control,
        note=form.note,
        tls=Tls(host, plan.verify, str(expanded(plan.ca_file)) if plan.ca_file else "") if scheme == "https" else None,
        model=plan.model,
        ramp_s=_seconds(plan.ramp),
        connections=plan.connections,
        arrivals=plan.arrivals,
        seed=plan.seed,
        timeout_s=parse_span(plan.timeout),
        connect_s=parse_span(plan.connect_timeout),
        body_limit=plan.body_limit,
        thresholds=() if form.holds_thresholds else tuple(_threshold(each) for each in plan.thresholds),
        breaker=0.0 if form.may_break else plan.breaker,
        probe=plan.probe,
        dns_ns=took,
        warm_up_s=warm_up_s,
        warm_up_requests=warm_up_requests,
        requests=plan.requests,
        compat=compat_of(plan.transport, plan.http2, plan.proxy),
        flow=_flow(plan, tuple(step for _, step in steps), (scheme, host, port)) if is_flow else None,
    ), host


def _reached(url: SplitResult, port: int) -> tuple[str, tuple[Address, ...], int]:
    """The host, its addresses, and what looking them up took (ns). Raises PerftuiError."""
    if url.scheme.endswith("+unix"):
        return "localhost", (Address("", 0, unquote(url.netloc)),), 0
    host = url.hostname or ""
    found = look_up(host, port)
    return host, found.addresses, found.took_ns


def _flow(plan: Plan, steps: tuple[Step, ...], origin: tuple[str, str, int]) -> Flow:
    data = tuple(DataFile(str(expanded(each.file).absolute()), each.order) for each in plan.data)
    return Flow(steps, origin, bool(plan.steps), data, plan.redirects, plan.cookies)


def _steps(plan: Plan, url: SplitResult, run_id: str) -> list[tuple[PlannedStep | PlannedTarget, Step]]:
    from perftui.load.plan import PlannedTarget

    own = (url.path or "/") + (f"?{url.query}" if url.query else "")
    authority = "localhost" if url.scheme.endswith("+unix") else url.netloc.rpartition("@")[2]
    common = {"Host": authority, "User-Agent": f"perftui/{__version__} run/{run_id}", "Accept": "*/*"}
    common = merged(common, authorization(plan))
    common = merged(common, plan.headers)
    planned: tuple[PlannedStep | PlannedTarget, ...] = plan.steps or plan.targets or (PlannedTarget(),)
    return [(each, _step(each, own, common)) for each in planned]


def _step(planned: PlannedStep | PlannedTarget, own: str, common: Mapping[str, str]) -> Step:
    headers = tuple(merged(common, planned.headers).items())
    path = planned.path or own.replace("${", "$${")
    extract, think, stops = getattr(planned, "extract", {}), getattr(planned, "think", "0s"), True
    return Step(
        planned.method, path, headers, planned.body,
        tuple(Extract(name, each.json, each.regex, each.header) for name, each in extract.items()),
        parse_think(think), getattr(planned, "stop_on_error", stops),
    )  # fmt: skip


def _target(plan: Plan, planned: PlannedStep | PlannedTarget, step: Step, is_flow: bool) -> Target:
    """What a flow sends is made of its steps; its targets only name them."""
    request = b""
    if not is_flow:
        parsed = parse_request(step.method, step.path, step.headers, step.body)
        request = bytes_of(parsed, path_of(parsed, {}), {})
    checks = tuple(parse_check(text).text for text in (*plan.checks, *planned.checks))
    keeps = any(each.json or (each.regex and not each.header) for each in step.extracts)
    name = planned.name or f"{step.method} {without_secrets(step.path)}"
    return Target(name, request, step.method == "HEAD", getattr(planned, "weight", 1.0), checks, keeps)


def merged(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The later of two with a name wins, whatever its case."""
    names = {name.lower() for name in more}
    return {name: value for name, value in headers.items() if name.lower() not in names} | dict(more)


def authorization(plan: Plan) -> dict[str, str]:
    """The header as a template: a secret is never one. Raises PerftuiError, without the secret."""
    auth = plan.auth
    if auth.token:
        value = f"Bearer {resolve(auth.token, os.environ).reveal()}"
    elif auth.user:
        pair = f"{auth.user}:{resolve(auth.password, os.environ).reveal()}"
        value = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        return {}
    if not value.isascii() or not value.isprintable():
        raise PerftuiError("auth: the secret holds what can't stand in a header: control characters, or no ASCII")
    return {"Authorization": value.replace("${", "$${")}


def _warm_up(plan: Plan, first_rate: float) -> tuple[float, int]:
    """Seconds, or requests of the closed model: in the open one they take as long as their rate says."""
    if isinstance(plan.warm_up, str):
        return _seconds(plan.warm_up), 0
    if plan.model is Model.CLOSED:
        return 0.0, plan.warm_up
    return plan.warm_up / (first_rate * max(1, len(plan.steps))) if plan.warm_up else 0.0, 0


def _seconds(text: str) -> float:
    return 0.0 if text.strip() == "0" else parse_span(text)


def _threshold(planned: PlannedThreshold) -> Threshold:
    return Threshold(parse_threshold(planned.expr).expr, planned.abort_on_fail, _seconds(planned.delay_abort_eval))
