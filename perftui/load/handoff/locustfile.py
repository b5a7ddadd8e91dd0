"""A plan as a locustfile. Every text of the plan stands in it as a literal, and can't end one.

Locust knows users who wait for their answers, not arrivals: what that leaves out is said at the top of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from perftui import __version__
from perftui.load.handoff.locust_text import ASK, HOLDS, JUDGE, NOTES, OPEN, PLAIN_ASK, SHAPE, WATCHED
from perftui.load.handoff.outline import Ask, Outline, Secret, Text
from perftui.load.job import Model
from perftui.load.thresholds import Condition, parse_threshold

# `service` is what Locust calls the response time
_MEASURED = ("http_req_duration", "service", "http_req_failed", "http_reqs")


def locustfile(outline: Outline, *, is_watched: bool = False) -> str:
    """``is_watched`` is the file of a run of our own: pace, end and thresholds are then our business."""
    conditions = [] if is_watched else [(each, parse_threshold(each.expr)) for each in outline.thresholds]
    left_out = [condition for _, condition in conditions if condition.metric not in _MEASURED]
    is_checked = any(ask.checks for ask in outline.asks)
    judged = [(each, condition) for each, condition in conditions if condition not in left_out]
    parts = [
        _head(outline, left_out, is_watched),
        _imports(outline, is_checked, bool(judged), is_watched),
        _figures(outline, is_watched),
        HOLDS if is_checked else "",
        _user(outline, is_checked, is_watched),
        WATCHED if is_watched else SHAPE,
    ]
    if judged:
        rows = [
            (
                condition.expr, condition.metric, condition.target, condition.what, condition.p, condition.compare,
                condition.limit, each.abort_on_fail, each.delay_abort_eval,
            )
            for each, condition in judged
        ]  # fmt: skip
        listed = "".join(f"    {row!a},\n" for row in rows)
        parts.append(
            "\n\n# text, metric, target, figure, percent, sign, limit, ends the run, not before so many seconds\n"
            f"THRESHOLDS = [\n{listed}]\n{JUDGE}"
        )
    return "".join(parts)


def literal(text: Text) -> str:
    """Python source whose value is the text."""
    return f"os.environ[{text.variable!a}]" if isinstance(text, Secret) else ascii(text)


def whole_weights(asks: Sequence[Ask]) -> list[int]:
    """Weights in the same proportions, as the whole numbers that Locust wants."""
    shares = [Fraction(ask.weight).limit_denominator(1000) or Fraction(1, 1000) for ask in asks]
    whole = lcm(*(share.denominator for share in shares))
    return [int(share * whole) for share in shares]


def _head(outline: Outline, left_out: Sequence[Condition], is_watched: bool) -> str:
    notes = [] if is_watched else [OPEN if outline.model is Model.OPEN else "", NOTES]
    if outline.is_poisson and not is_watched:
        notes.append("The plan's arrivals are random; here they are evenly spaced.\n")
    if outline.secrets:
        notes.append(f"Not in this file, but in the environment: {', '.join(sorted(outline.secrets))}.\n")
    comments = "".join(f"# Locust does not measure this: {condition.expr!a}\n" for condition in left_out)
    told = "".join(f"\n{note}" for note in notes if note)
    title = f"A load for Locust, written by perftui {__version__}: locust -f THIS_FILE --headless"
    return f'"""{title}\n{told}"""\n{comments}\n'


def _imports(outline: Outline, is_checked: bool, is_judged: bool, is_watched: bool) -> str:
    names = {
        "json": is_checked, "math": not is_watched, "operator": is_checked or is_judged, "os": bool(outline.secrets),
        "sys": is_judged, "time": is_checked or is_judged,
    }  # fmt: skip
    lines = [f"import {name}\n" for name, is_needed in names.items() if is_needed] + [
        "\n" if any(names.values()) else ""
    ]
    if is_judged or (outline.is_tls and outline.ca_file):
        lines.append("import gevent\nimport gevent.ssl\n" if outline.ca_file else "import gevent\n")
    of_locust = ["FastHttpUser", "task"]
    if not is_watched:
        of_locust += ["LoadTestShape", "constant_throughput" if outline.model is Model.OPEN else "constant"]
    if is_judged:
        of_locust.append("events")
    lines.append(f"from locust import {', '.join(sorted(of_locust, key=str.lower))}\n")
    if is_judged:
        lines.append("from locust.runners import WorkerRunner\n")
    if is_watched:
        lines.append("\nfrom perftui.load.handoff import locust_watch\n")
    return "".join(lines) + "\n"


def _figures(outline: Outline, is_watched: bool) -> str:
    if is_watched:
        return ""
    users = outline.connections
    if outline.model is Model.CLOSED:
        # a lead goes up to the first rate: here to all users
        stages = [(s.duration_s, float(users * (s.start_rate > 0)), float(users)) for s in outline.lead]
        stages.append((outline.length_s, float(users), float(users)))
    else:
        share = users / outline.peak
        whole = (*outline.lead, *outline.stages)
        stages = [(s.duration_s, s.start_rate * share, s.end_rate * share) for s in whole]
    listed = "".join(f"    {stage!r},\n" for stage in stages)
    return f"USERS = {users}\n# seconds, users at their start, users at their end\nSTAGES = [\n{listed}]\n"


def _user(outline: Outline, is_checked: bool, is_watched: bool) -> str:
    lines = ["\n"]
    if outline.is_tls and outline.ca_file:
        lines += [
            "\n",
            "def trusted():\n",
            f"    return gevent.ssl.create_default_context(cafile={outline.ca_file!a})\n\n",
        ]
    lines += [
        "\nclass Plan(FastHttpUser):\n",
        f"    host = {outline.origin!a}\n",
        f"    connection_timeout = {outline.connect_s!r}\n",
        f"    network_timeout = {outline.timeout_s!r}\n",
        f"    insecure = {not outline.verify!r}\n",
    ]
    if outline.is_tls and outline.ca_file and outline.verify:
        lines.append("    ssl_context_factory = staticmethod(trusted)\n")
    if not is_watched and outline.model is Model.OPEN:
        pace = outline.peak / outline.connections
        lines.append(f"    # {outline.peak:g} requests a second at most, by all users together\n")
        lines.append(f"    wait_time = constant_throughput({pace!r})\n")
    elif not is_watched:
        lines.append("    wait_time = constant(0)\n")
    lines.append(ASK if is_checked else PLAIN_ASK)
    for number, (ask, weight) in enumerate(zip(outline.asks, whole_weights(outline.asks), strict=True), start=1):
        lines += _task(number, ask, weight)
    return "".join(lines)


def _task(number: int, ask: Ask, weight: int) -> list[str]:
    words = re.sub(r"[^a-z0-9]+", "_", ask.name.lower()).strip("_")[:40]
    headers = dict(ask.headers)
    if not any(name.lower() == "accept-encoding" for name in headers):
        # Locust asks for compressed answers otherwise, which perftui does not
        headers["Accept-Encoding"] = "identity"
    listed = ", ".join(f"{name!a}: {literal(value)}" for name, value in headers.items())
    lines = [
        f"\n    @task({weight})\n    def task_{number}{'_' if words else ''}{words}(self):\n        self.ask(\n",
        f"            {ask.method!a}, {literal(ask.path)}, {ask.name!a},\n            {{{listed}}},\n",
    ]
    if ask.body:
        # bytes: Locust would guess an encoding
        is_secret = isinstance(ask.body, Secret)
        body = f"{literal(ask.body)}.encode()" if is_secret else ascii(str(ask.body).encode("utf-8", "replace"))
        lines.append(f"            data={body},\n")
    if ask.checks:
        checks = [(check.text, check.subject, check.operator, check.wanted) for check in ask.checks]
        lines.append("            checks=(\n")
        lines += [f"                {check!a},\n" for check in checks]
        lines.append("            ),\n")
    return [*lines, "        )\n"]
