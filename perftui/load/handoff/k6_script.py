"""A plan as a script for k6, which has words for almost all of it: executors, thresholds, checks.

Every text of the plan stands in it as a JSON literal in ASCII, which is a literal of JavaScript too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from perftui import __version__
from perftui.load.handoff.outline import Ask, Outline, Secret, Text
from perftui.load.job import Model
from perftui.load.schedule import Segment
from perftui.load.thresholds import Condition, parse_threshold

_NOT_MEASURED = ("lag",)
_HOLDS = """
const OPERATORS = {
  '==': (a, b) => a === b, '!=': (a, b) => a !== b,
  '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

// what a check is about; null where there is no such thing
function found(response, subject) {
  if (subject === 'status') return response.status;
  if (subject === 'latency') return response.timings.duration;
  if (subject.startsWith('header.')) {
    const wanted = subject.slice(7).toLowerCase();
    const name = Object.keys(response.headers).find((each) => each.toLowerCase() === wanted);
    return name === undefined ? null : response.headers[name];
  }
  const text = response.body === null ? '' : String(response.body);
  if (subject === 'body') return text;
  try {
    let value = JSON.parse(text);
    for (const part of subject.split('.').slice(1)) {
      if (value === null || typeof value !== 'object' || !Object.keys(value).includes(part)) return null;
      value = value[part];
    }
    return value;
  } catch (error) {
    return null;
  }
}

function holds(response, subject, sign, wanted) {
  const got = found(response, subject);
  if (got === null) return false;
  if (sign === '~' || sign === '!~') return String(got).includes(wanted) === (sign === '~');
  const [left, right] = [got, wanted].map((each) => (String(each).trim() === '' ? NaN : Number(each)));
  if (Number.isNaN(left) || Number.isNaN(right)) return OPERATORS[sign](String(got), wanted);
  return OPERATORS[sign](left, right);
}
"""
_PICK = """
const WHOLE = ASKS.reduce((sum, ask) => sum + ask.weight, 0);

function pick() {
  let left = Math.random() * WHOLE;
  return ASKS.find((ask) => (left -= ask.weight) < 0) || ASKS[ASKS.length - 1];
}
"""
_DEFAULT = """
export default function () {
%s  const ask = pick();
  const response = http.request(ask.method, ORIGIN + ask.path, ask.body, {
    headers: ask.headers, tags: { name: ask.name }, timeout: TIMEOUT, redirects: 0,
  });
%s}
"""
_CHECK = """\
  if (response.status === 0) return;
  for (const [text, subject, sign, wanted] of ask.checks) {
    check(response, { [text]: (each) => holds(each, subject, sign, wanted) }, { name: ask.name });
  }
"""
_BEGAN = "  if (exec.scenario.iterationInTest === 0) began.add(exec.scenario.startTime);\n"


def k6_script(outline: Outline, *, is_watched: bool = False) -> str:
    """``is_watched`` is the script of a run of our own: thresholds are then our business, and addresses are fixed."""
    conditions = [] if is_watched else [(each, parse_threshold(each.expr)) for each in outline.thresholds]
    # a comma ends a name in k6's selectors
    left_out = [c for _, c in conditions if c.metric in _NOT_MEASURED or "," in c.target]
    is_checked = any(ask.checks for ask in outline.asks)
    thresholds: dict[str, list[dict[str, Any]]] = {}
    for each, condition in conditions:
        if condition not in left_out:
            stated: dict[str, Any] = {"threshold": expression(condition)}
            if each.abort_on_fail:
                stated.update(abortOnFail=True, delayAbortEval=_span(each.delay_abort_eval))
            thresholds.setdefault(_metric(condition), []).append(stated)
    options = _options(outline, is_watched)
    if thresholds:
        options["thresholds"] = thresholds
    imports = ["import http from 'k6/http';"]
    imports += ["import { check } from 'k6';"] if is_checked else []
    imports += ["import exec from 'k6/execution';", "import { Gauge } from 'k6/metrics';"] if is_watched else []
    asks = ",\n".join(f"  {_ask(ask)}" for ask in outline.asks)
    return "\n".join(
        [
            *_head(outline, left_out, is_watched),
            *imports,
            f"\nexport const options = {_json(options, 2)};\n",
            f"const ORIGIN = {_json(outline.origin)};",
            f"const TIMEOUT = {_json(_span(outline.timeout_s))};",
            "const began = new Gauge('perftui_began');" if is_watched else "",
            f"const ASKS = [\n{asks},\n];",
            (_HOLDS if is_checked else "") + _PICK,
        ]
    ) + _DEFAULT % (_BEGAN if is_watched else "", _CHECK if is_checked else "")


def expression(condition: Condition) -> str:
    """A threshold without its metric, in k6's own words."""
    what = f"p({condition.p:g})" if condition.what == "p" else condition.what
    return f"{what}{condition.compare}{_number(condition.limit)}"


def _metric(condition: Condition) -> str:
    metric = "http_req_duration" if condition.metric == "service" else condition.metric
    return f"{metric}{{name:{condition.target}}}" if condition.target else metric


def _head(outline: Outline, left_out: Sequence[Condition], is_watched: bool) -> list[str]:
    lines = [f"// A load for k6, written by perftui {__version__}: k6 run THIS_FILE"]
    if not is_watched:
        lines.append("// The ramp at the start is counted. k6 has one timeout for connecting and all the rest.")
    if outline.is_poisson:
        lines.append("// The plan's arrivals are random; here they are evenly spaced.")
    if outline.ca_file and outline.verify:
        lines.append(f"// It trusts what the system trusts: SSL_CERT_FILE={_json(outline.ca_file)}")
    if outline.secrets:
        lines.append(f"// Not in this file, but in the environment: {', '.join(sorted(outline.secrets))}")
    lines += [f"// k6 does not measure this: {_json(condition.expr)}" for condition in left_out]
    return lines


def _options(outline: Outline, is_watched: bool) -> dict[str, Any]:
    needs_body = any(check.needs_body for ask in outline.asks for check in ask.checks)
    options: dict[str, Any] = {
        "scenarios": _scenarios(outline),
        "maxRedirects": 0,
        "insecureSkipTLSVerify": not outline.verify,
        "discardResponseBodies": not needs_body,
        "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)", "p(99.9)"],
    }
    if is_watched:
        options["systemTags"] = ["name", "status", "error_code", "check", "scenario", "vu", "iter"]
        if outline.addresses and outline.addresses[0] != outline.host:
            options["hosts"] = {outline.host: outline.addresses[0]}
    return options


def _scenarios(outline: Outline) -> dict[str, Any]:
    vus = outline.connections
    found: dict[str, Any] = {}
    if outline.model is Model.CLOSED:
        if outline.lead:
            stages = [{"duration": _span(stage.duration_s), "target": vus} for stage in outline.lead]
            start = vus if outline.lead[0].start_rate else 0
            found["ramp"] = {"executor": "ramping-vus", "startVUs": start, "stages": stages, "gracefulRampDown": "0s"}
        found["load"] = {"executor": "constant-vus", "vus": vus, "duration": _span(outline.length_s)}
    else:
        if outline.lead:
            found["ramp"] = _arrivals(outline.lead, vus)
        found["load"] = _arrivals(outline.stages, vus)
    for scenario in found.values():
        scenario["gracefulStop"] = _span(outline.timeout_s)
    if outline.lead:
        found["load"]["startTime"] = _span(outline.lead_s)
    return found


def _arrivals(stages: Sequence[Segment], vus: int) -> dict[str, Any]:
    """k6 wants whole numbers for rates: so many in so many seconds."""
    rates = [rate for stage in stages for rate in (stage.start_rate, stage.end_rate)]
    shares = [Fraction(rate).limit_denominator(100) for rate in rates]
    unit = lcm(*(share.denominator for share in shares))
    whole = [int(share * unit) for share in shares]
    common = {"timeUnit": f"{unit}s", "preAllocatedVUs": vus, "maxVUs": vus}
    if len(set(whole)) == 1 and whole[0]:
        length = sum(stage.duration_s for stage in stages)
        return {"executor": "constant-arrival-rate", "rate": whole[0], "duration": _span(length), **common}
    steps, at = [], whole[0]
    for stage, start, end in zip(stages, whole[::2], whole[1::2], strict=True):
        if start != at:
            steps.append({"duration": "0s", "target": start})
        steps.append({"duration": _span(stage.duration_s), "target": end})
        at = end
    return {"executor": "ramping-arrival-rate", "startRate": whole[0], "stages": steps, **common}


def _ask(ask: Ask) -> str:
    headers = ", ".join(f"{_json(name)}: {_text(value)}" for name, value in ask.headers)
    checks = _json([[check.text, check.subject, check.operator, check.wanted] for check in ask.checks])
    return (
        f"{{ name: {_json(ask.name)}, weight: {_number(ask.weight)}, method: {_json(ask.method)}, "
        f"path: {_text(ask.path)},\n    headers: {{ {headers} }},\n"
        f"    body: {_text(ask.body) if ask.body else 'null'},\n    checks: {checks} }}"
    )


def _text(text: Text) -> str:
    return f"__ENV[{_json(text.variable)}]" if isinstance(text, Secret) else _json(text)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=True, allow_nan=False)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _span(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
