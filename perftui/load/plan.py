"""A plan: what somebody wants to load, and how, as TOML or as arguments; it becomes a job once it is judged.

Values are as people write them (``30s``, ``p(95)<200``); everything that is wrong is said before anything is sent.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from perftui import __version__
from perftui.config.values import expanded, parse_span
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.checks import parse_check
from perftui.load.job import Address, Job, Model, Target, Threshold, Tls
from perftui.load.safety import look_up
from perftui.load.schedule import Arrivals
from perftui.load.shapes import PlannedStage, Shape, segments
from perftui.load.thresholds import parse_threshold

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class PlannedTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request; ``path`` is on the server of the plan's URL, and empty for the URL's own."""

    path: str = ""
    name: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    weight: float = 1.0
    checks: tuple[str, ...] = ()


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
    breaker: float = 0.1
    probe: bool = True
    verify: bool = True
    ca_file: str = ""
    headers: dict[str, str] = {}
    stages: tuple[PlannedStage, ...] = ()
    targets: tuple[PlannedTarget, ...] = ()
    thresholds: tuple[PlannedThreshold, ...] = ()
    checks: tuple[str, ...] = ()


def read_plan(path: Path) -> Plan:
    """Raises PerftuiError with the file and the place in it."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Plan)
    except OSError as error:
        raise PerftuiError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise PerftuiError(f"{path}: {clean(str(error), 400)}") from None


def job_of(plan: Plan) -> tuple[Job, str]:
    """The job, and the host that it is for. Looks up the host. Raises PerftuiError with what is wrong in the plan."""
    try:
        return _job(plan)
    except ValueError as error:
        raise PerftuiError(f"plan: {clean(str(error), 400)}") from None


def _job(plan: Plan) -> tuple[Job, str]:
    url = urlsplit(plan.url)
    scheme = url.scheme.removesuffix("+unix")
    if scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"{plan.url!r} is not a URL such as http://127.0.0.1:8080/ or http+unix://%2Frun%2Fa.sock/")
    port = url.port or (443 if scheme == "https" else 80)
    host, took = url.hostname, 0
    if url.scheme.endswith("+unix"):
        addresses: tuple[Address, ...] = (Address("", 0, unquote(url.netloc)),)
        host = "localhost"
    else:
        found = look_up(host, port)
        addresses, took = found.addresses, found.took_ns
    _positive(plan)
    run_id = secrets.token_hex(6)
    own = (url.path or "/") + (f"?{url.query}" if url.query else "")
    authority = host if url.scheme.endswith("+unix") else url.netloc.rpartition("@")[2]
    return Job(
        run_id=run_id,
        addresses=addresses,
        targets=tuple(_target(plan, each, own, authority, run_id) for each in plan.targets or (PlannedTarget(),)),
        segments=segments(plan.shape, plan.rate, plan.duration, plan.stages),
        tls=Tls(host, plan.verify, str(expanded(plan.ca_file)) if plan.ca_file else "") if scheme == "https" else None,
        model=plan.model,
        ramp_s=parse_span(plan.ramp) if plan.ramp.strip() not in ("0", "0s") else 0.0,
        connections=plan.connections,
        arrivals=plan.arrivals,
        seed=plan.seed,
        timeout_s=parse_span(plan.timeout),
        connect_s=parse_span(plan.connect_timeout),
        body_limit=plan.body_limit,
        thresholds=tuple(_threshold(each) for each in plan.thresholds),
        breaker=plan.breaker,
        probe=plan.probe,
        dns_ns=took,
    ), host


def _positive(plan: Plan) -> None:
    for name in ("rate", "connections", "body_limit"):
        value = getattr(plan, name)
        if not 0 < value < 1e9:
            raise ValueError(f"{name}: expected a number above 0, got {value}")
    if not 0 <= plan.breaker <= 1:
        raise ValueError(f"breaker: expected a share from 0 to 1, got {plan.breaker}")
    for name in ("timeout", "connect_timeout", "duration"):
        if parse_span(getattr(plan, name)) <= 0:
            raise ValueError(f"{name}: expected some time, got {getattr(plan, name)}")


def _target(plan: Plan, target: PlannedTarget, own: str, authority: str, run_id: str) -> Target:
    if target.method not in _METHODS:
        raise ValueError(f"targets: unknown method {target.method!r} (known: {', '.join(_METHODS)})")
    if not 0 < target.weight < 1e9:
        raise ValueError(f"targets: expected a weight above 0, got {target.weight}")
    path = target.path or own
    body = target.body.encode()
    headers = {"Host": authority, "User-Agent": f"perftui/{__version__} run/{run_id}", "Accept": "*/*"}
    headers.update(plan.headers)
    headers.update(target.headers)
    if body or target.method in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = str(len(body))
    lines = [f"{target.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if not path.startswith("/") or any(not line.isascii() or not line.isprintable() for line in lines) or " " in path:
        raise ValueError(f"targets: {path!r} or its headers hold what can't stand in a request")
    checks = tuple(parse_check(text).text for text in (*plan.checks, *target.checks))
    request = "\r\n".join([*lines, "", ""]).encode("ascii") + body
    return Target(target.name or f"{target.method} {path}", request, target.method == "HEAD", target.weight, checks)


def _threshold(planned: PlannedThreshold) -> Threshold:
    delay = planned.delay_abort_eval
    expr = parse_threshold(planned.expr).expr
    return Threshold(expr, planned.abort_on_fail, 0.0 if delay.strip() in ("0", "0s") else parse_span(delay))


def told(plan: Plan) -> dict[str, object]:
    """The plan for a record: without what could be a secret, which is every header's value, a body, a password."""
    words: dict[str, object] = msgspec.to_builtins(plan)
    url = urlsplit(plan.url)
    words["url"] = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
    words["headers"] = sorted(plan.headers)
    words["targets"] = [
        {
            "path": each.path,
            "name": each.name,
            "method": each.method,
            "weight": each.weight,
            "headers": sorted(each.headers),
        }
        for each in plan.targets
    ]
    return words
