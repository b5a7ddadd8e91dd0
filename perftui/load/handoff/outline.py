"""A plan as every other load tool can be told it: requests, rates and conditions, without what is secret.

What another tool has no word for is refused by name: a load that leaves something out is another load.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from perftui.domain.errors import PerftuiError
from perftui.load.checks import Check, parse_check
from perftui.load.hidden import SECRET
from perftui.load.job import Job, Model, Threshold
from perftui.load.plan import Plan, PlannedTarget
from perftui.load.plan_job import authorization, merged
from perftui.load.requests import parse_template
from perftui.load.schedule import Arrivals, Segment

# what is carried over; anything else of a plan has to be as if it were not there
_CARRIED = frozenset(
    (
        "url", "model", "shape", "rate", "connections", "duration", "ramp", "arrivals", "seed", "timeout",
        "connect_timeout", "body_limit", "breaker", "probe", "verify", "ca_file", "headers", "auth", "stages", "spike",
        "recorded", "targets", "thresholds", "checks", "warm_up", "cookies", "stress", "adaptive",
    )
)  # fmt: skip
_CARRIED_OF_TARGET = frozenset(("path", "name", "method", "headers", "body", "weight", "checks"))
_PUBLIC = frozenset(
    ("accept", "accept-encoding", "accept-language", "cache-control", "content-type", "host", "origin", "user-agent")
)


class Secret(NamedTuple):
    """A value that stands in the environment, under this name, and in no file."""

    variable: str


Text = str | Secret


class Ask(NamedTuple):
    """One request; ``path`` begins with a slash."""

    name: str
    method: str
    path: Text
    headers: tuple[tuple[str, Text], ...]
    body: Text
    weight: float
    checks: tuple[Check, ...]


class Outline(NamedTuple):
    """``secrets`` are values by the name of their variable: for the environment of a run, never for a file.

    ``addresses`` are those that were judged; ``lead`` comes before the stages, and is not counted.
    """

    origin: str
    host: str
    addresses: tuple[str, ...]
    asks: tuple[Ask, ...]
    model: Model
    lead: tuple[Segment, ...]
    stages: tuple[Segment, ...]
    connections: int
    thresholds: tuple[Threshold, ...]
    timeout_s: float
    connect_s: float
    verify: bool
    ca_file: str
    is_poisson: bool
    seed: int
    secrets: dict[str, str]

    @property
    def is_tls(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def peak(self) -> float:
        """The highest rate, in arrivals a second."""
        return max(max(stage.start_rate, stage.end_rate) for stage in self.stages)

    @property
    def lead_s(self) -> float:
        return sum(stage.duration_s for stage in self.lead)

    @property
    def length_s(self) -> float:
        return sum(stage.duration_s for stage in self.stages)


def outline(plan: Plan, job: Job, tool: str, agent: str) -> Outline:
    """``job`` is what the plan became; ``tool`` is who is to have it, ``agent`` the User-Agent it sends.

    Raises PerftuiError with everything that can't be carried over.
    """
    _refuse(plan, job, tool)
    url = urlsplit(plan.url)
    own = (url.path or "/") + (f"?{url.query}" if url.query else "")
    safe = _Safe()
    common = {"User-Agent": agent, "Accept": "*/*", **authorization(plan)}
    return Outline(
        origin=f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
        host=url.hostname or "",
        addresses=tuple(address.host for address in job.addresses),
        asks=tuple(_ask(plan, target, own, common, safe) for target in plan.targets or (PlannedTarget(),)),
        model=job.model,
        stages=job.segments,
        lead=lead(job),
        connections=job.connections,
        thresholds=job.thresholds,
        timeout_s=job.timeout_s,
        connect_s=job.connect_s,
        verify=job.tls.verify if job.tls is not None else True,
        ca_file=job.tls.ca_file if job.tls is not None else "",
        is_poisson=job.arrivals is Arrivals.POISSON,
        seed=job.seed,
        secrets=safe.values,
    )


def lead(job: Job) -> tuple[Segment, ...]:
    """The ramp to the first rate, and the warm-up at it."""
    first = job.segments[0].start_rate
    segments = Segment(job.ramp_s, 0.0, first), Segment(job.warm_up_s, first, first)
    return tuple(segment for segment in segments if segment.duration_s)


def _refuse(plan: Plan, job: Job, tool: str) -> None:
    problems = [f"{name}: {tool} is not told this" for name in _other(plan, _CARRIED)]
    for target in plan.targets:
        problems += [f"targets.{name}: {tool} is not told this" for name in _other(target, _CARRIED_OF_TARGET)]
    if any(address.unix for address in job.addresses):
        problems.append(f"url: {tool} can't connect to a unix socket")
    if any(parse_template(text).names for text in _texts(plan)):
        problems.append(f"variables: {tool} is not told any")
    if job.control is not None:
        problems.append(f"shape: {job.shape} decides on the rate meanwhile, which {tool} can't")
    if job.warm_up_requests:
        problems.append("warm_up: in the closed model it has to be some seconds")
    if job.model is Model.OPEN and not any(segment.start_rate or segment.end_rate for segment in job.segments):
        problems.append("shape: there is no rate in it")
    if problems:
        raise PerftuiError("the plan can't be handed on:\n" + "\n".join(f"  {problem}" for problem in problems))


def _texts(plan: Plan) -> list[str]:
    """Everything that may hold variables."""
    found = [*plan.headers.values()]
    for target in plan.targets:
        found += [target.path, target.body, *target.headers.values()]
    return found


def _other(struct: msgspec.Struct, known: frozenset[str]) -> Sequence[str]:
    """The fields that say something and are not carried over."""
    found = []
    for field in msgspec.structs.fields(struct):
        if field.name in known:
            continue
        default = field.default_factory() if callable(field.default_factory) else field.default
        if getattr(struct, field.name) != default:
            found.append(field.name)
    return found


def _ask(plan: Plan, target: PlannedTarget, own: str, common: Mapping[str, str], safe: _Safe) -> Ask:
    path = _plain(target.path) or own
    headers = merged(merged(common, plan.headers), target.headers)
    body = _plain(target.body)
    query = path.partition("?")[2]
    return Ask(
        name=target.name or f"{target.method} {path if not SECRET.search(query) else path.partition('?')[0]}",
        method=target.method,
        path=safe.hidden("path", path) if SECRET.search(query) else path,
        headers=tuple((name, safe.header(name, _plain(value))) for name, value in headers.items()),
        body=safe.hidden("body", body) if SECRET.search(body) else body,
        weight=target.weight,
        checks=tuple(parse_check(text) for text in (*plan.checks, *target.checks)),
    )


def _plain(text: str) -> str:
    """A template without variables as the text that it stands for."""
    return parse_template(text).fill({})


class _Safe:
    """Where secrets go. The same value has the same name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def header(self, name: str, value: str) -> Text:
        is_secret = name.lower() not in _PUBLIC and SECRET.search(name)
        return self.hidden(name, value) if is_secret else value

    def hidden(self, kind: str, value: str) -> Secret:
        stem = "PERFTUI_" + re.sub(r"[^A-Z0-9]+", "_", kind.upper()).strip("_")
        number = 1
        while True:
            variable = stem if number == 1 else f"{stem}_{number}"
            if self.values.setdefault(variable, value) == value:
                return Secret(variable)
            number += 1
