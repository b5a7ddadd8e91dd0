"""Everything that is wrong in a plan, in one go: each problem with its key, the reason, and what would be right.

Types and names of keys are the walker's of the configuration (``config/check.py``); here is what a value must be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perftui.config.problems import Path, Problems, nearest
from perftui.config.values import expanded, parse_span
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.checks import parse_check
from perftui.load.data import read_rows
from perftui.load.extract import Extract, extractor
from perftui.load.job import Address, Model
from perftui.load.requests import METHODS, NAME, parse_template
from perftui.load.shapes import Shape, shaped
from perftui.load.thresholds import parse_threshold

if TYPE_CHECKING:
    from perftui.load.plan import Plan, PlannedStep, PlannedTarget

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_PATH = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}#]")
_MOST_REDIRECTS = 20
_OURS = ("content-length", "transfer-encoding")


def check_plan(plan: Plan, problems: Problems) -> None:
    """Add what is wrong to the problems. Reads the data files, and looks nothing up."""
    _url(plan, problems)
    before = len(problems.found)
    _figures(plan, problems)
    _spans(plan, problems)
    if len(problems.found) == before:
        _shape(plan, problems)
    _auth(plan, problems)
    for index, threshold in enumerate(plan.thresholds):
        _tried(parse_threshold, threshold.expr, ("thresholds", index, "expr"), problems)
        _span(threshold.delay_abort_eval, ("thresholds", index, "delayAbortEval"), problems)
    _check_texts(plan.checks, ("checks",), problems)
    _headers(plan.headers, ("headers",), problems)
    if plan.steps and plan.targets:
        problems.add(("steps",), "a plan has steps (one journey) or targets (single requests), not both")
    known = _columns(plan, problems)
    for name, value in plan.headers.items():
        _template(value, ("headers", name), known, problems)
    for index, target in enumerate(plan.targets):
        _request(plan, target, ("targets", index), known, problems)
        if not 0 < target.weight < 1e9:
            problems.add(("targets", index, "weight"), f"expected a number above 0, got {target.weight:g}")
    for name, path in _journey(plan, known, problems):
        if name in known:
            problems.add(path, f'"{name}" is a variable already: give it another name')
        known.add(name)
    for index, name in enumerate(plan.secret):
        if name not in known:
            problems.add(("secret", index), f'no variable "{clean(name, 60)}"{nearest(name, known)}')


def plain_names(plan: Plan) -> frozenset[str]:
    """The variables that the plan's requests use; none for those that do not parse."""
    found: set[str] = set()
    requests: tuple[PlannedTarget | PlannedStep, ...] = (*plan.targets, *plan.steps)
    for each in requests:
        for text in (each.path, each.body, *plan.headers.values(), *each.headers.values()):
            found.update(parse_template(text).names)
    return frozenset(found)


def parse_think(text: str) -> tuple[float, float]:
    """Seconds: the least and the most. Raises ValueError."""
    low, dash, high = text.partition("-")
    least = parse_span(low)
    most = parse_span(high) if dash else least
    if most < least:
        raise ValueError(f"expected a time such as 1s, or the shorter one first as in 500ms-2s, got {text!r}")
    return least, most


def _url(plan: Plan, problems: Problems) -> None:
    try:
        url = urlsplit(plan.url)
        is_good = url.scheme.removesuffix("+unix") in ("http", "https") and bool(url.hostname)
        _ = url.port
    except ValueError:
        is_good = False
    if not is_good:
        shown = clean(plan.url, 200).rpartition("@")[2]
        problems.add(("url",), f"{shown!r} is not a URL such as http://127.0.0.1:8080/ or http+unix://%2Frun%2Fa.sock/")


def _figures(plan: Plan, problems: Problems) -> None:
    for name in ("rate", "connections", "body_limit"):
        value = getattr(plan, name)
        if not 0 < value < 1e9:
            problems.add((name,), f"expected a number above 0, got {value:g}")
    if not 0 <= plan.breaker <= 1:
        problems.add(("breaker",), f"expected a share from 0 to 1, got {plan.breaker:g}")
    if not 0 <= plan.redirects <= _MOST_REDIRECTS:
        problems.add(("redirects",), f"expected a number from 0 to {_MOST_REDIRECTS}, got {plan.redirects}")
    if not 0 <= plan.requests < 10**9:
        problems.add(("requests",), f"expected how many requests end the run, or 0 for any, got {plan.requests}")


def _spans(plan: Plan, problems: Problems) -> None:
    for name in ("timeout", "connect_timeout", "duration"):
        if _span(getattr(plan, name), (name,), problems) == 0:
            problems.add((name,), "expected some time such as 10s, got none")
    _span(plan.ramp, ("ramp",), problems)
    if isinstance(plan.warm_up, str):
        _span(plan.warm_up, ("warm_up",), problems)
    elif not 0 <= plan.warm_up < 10**9:
        problems.add(("warm_up",), f'expected a time such as "5s" or a number of requests, got {plan.warm_up}')


def _shape(plan: Plan, problems: Problems) -> None:
    """What was recorded is not read here: that may take long."""
    if plan.shape is Shape.RECORDED:
        return
    try:
        form = shaped(plan, (Address("127.0.0.1"),))
    except ValueError as error:
        key, _, words = str(error).partition(": ")
        parts = tuple(key.split("."))
        is_key = bool(words) and hasattr(plan, parts[0])
        problems.add(parts if is_key else ("shape",), words if is_key else str(error))
        return
    first = form.segments[0].start_rate
    if isinstance(plan.warm_up, int) and plan.warm_up and plan.model is Model.OPEN and first <= 0:
        problems.add(("warm_up",), 'this shape begins with a rate of 0: give the warm-up as a time such as "5s"')
    offered = sum(each.arrivals(each.duration_s) for each in form.segments) * max(1, len(plan.steps))
    if form.control is None and plan.model is Model.OPEN and plan.requests > offered + 0.5:
        problems.add(("requests",), f"{plan.requests} are more than the {offered:g} of rate and duration: raise one")


def _auth(plan: Plan, problems: Problems) -> None:
    auth = plan.auth
    if auth.token and (auth.user or auth.password):
        problems.add(("auth",), "expected user and password (basic) or token (bearer), not both")
    elif bool(auth.user) != bool(auth.password):
        problems.add(("auth",), 'expected both user = "..." and password = "env:NAME"')
    if (auth.token or auth.user) and any(name.lower() == "authorization" for name in plan.headers):
        problems.add(("auth",), "headers has Authorization already: one of them is enough")


def _columns(plan: Plan, problems: Problems) -> set[str]:
    known: set[str] = set()
    for index, data in enumerate(plan.data):
        try:
            columns = read_rows(expanded(data.file)).columns
        except PerftuiError as error:
            problems.add(("data", index, "file"), str(error))
            continue
        for name in columns:
            if name in known:
                problems.add(("data", index), f'{File(data.file).name}: a file before it has a column "{name}" already')
        known.update(columns)
    return known


def _journey(plan: Plan, known: set[str], problems: Problems) -> Iterator[tuple[str, Path]]:
    """Checks step by step; gives the variables of a step once it is checked."""
    for index, step in enumerate(plan.steps):
        path: Path = ("steps", index)
        _request(plan, step, path, known, problems)
        _tried(parse_think, step.think, (*path, "think"), problems)
        for name, planned in step.extract.items():
            if NAME.fullmatch(name) is None:
                problems.add((*path, "extract", name), "expected a name of letters, digits, _, . and -")
            try:
                extractor(Extract(name, planned.json, planned.regex, planned.header))
            except ValueError as error:
                problems.add((*path, "extract", name), str(error))
            yield name, (*path, "extract", name)


def _request(plan: Plan, planned: PlannedTarget | PlannedStep, path: Path, known: set[str], problems: Problems) -> None:
    if planned.method not in METHODS:
        known_methods = nearest(planned.method.upper(), METHODS)
        problems.add((*path, "method"), f"unknown method {clean(planned.method, 40)!r}{known_methods}")
    _template(planned.path, (*path, "path"), known, problems)
    outside = "".join(_texts(planned.path))
    if planned.path and not planned.path.startswith(("/", "${")):
        problems.add((*path, "path"), "expected a path that begins with /, on the server of url")
    elif bad := _NOT_IN_PATH.search(outside):
        problems.add((*path, "path"), f"{bad[0]!r} can't stand in a path: write %{ord(bad[0]):02X}")
    _template(planned.body, (*path, "body"), known, problems)
    _headers(planned.headers, (*path, "headers"), problems)
    for name, value in planned.headers.items():
        _template(value, (*path, "headers", name), known, problems)
    _check_texts(planned.checks, (*path, "checks"), problems)


def _headers(headers: Mapping[str, str], path: Path, problems: Problems) -> None:
    for name, value in headers.items():
        if _HEADER.fullmatch(name) is None:
            problems.add((*path, name), "expected the name of a header such as Content-Type")
        elif name.lower() in _OURS:
            problems.add((*path, name), "is set by perftui, from the body")
        if not value.isprintable() or not value.isascii():
            problems.add((*path, name), "holds what can't stand in a header: control characters, or no ASCII")


def _template(text: str, path: Path, known: set[str], problems: Problems) -> None:
    try:
        names = parse_template(text).names
    except ValueError as error:
        problems.add(path, str(error))
        return
    for name in dict.fromkeys(names):
        if name not in known:
            hint = nearest(name, known) or ": columns of data files and what steps before extract are"
            problems.add(path, f'no variable "{name}" here{hint}')


def _texts(text: str) -> tuple[str, ...]:
    """What stands outside of variables; nothing when it does not parse, which is told elsewhere."""
    try:
        return parse_template(text).texts
    except ValueError:
        return ()


def _check_texts(texts: tuple[str, ...], path: Path, problems: Problems) -> None:
    for index, text in enumerate(texts):
        _tried(parse_check, text, (*path, index), problems)


def _span(text: str, path: Path, problems: Problems) -> float | None:
    try:
        return 0.0 if text.strip() == "0" else parse_span(text)
    except ValueError as error:
        problems.add(path, str(error))
        return None


def _tried(parser: Callable[[str], object], text: str, path: Path, problems: Problems) -> None:
    try:
        parser(text)
    except ValueError as error:
        problems.add(path, str(error))
