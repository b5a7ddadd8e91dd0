"""The form of a load: texts as a person typed them, the plan that they make, and what is said before it is sent.

The session judges a plan (it alone may look a host up); what can be seen without it is said at once, at its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from perftui.config.values import parse_span
from perftui.domain.load import LoadRunRow
from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_duration, format_value, three_digits
from perftui.view.load_figures import count, rate_text, said
from perftui.view.text import Line
from perftui.view.wrap import wrapped

FIELDS = (
    "url", "rate", "duration", "shape", "model", "connections", "thresholds", "method", "headers", "body", "plan"
)  # fmt: skip
# where another engine is installed than ours; how many processes only Locust is told
ENGINE_FIELDS = ("engine", "workers")
CONFIRMATIONS = ("host", "name", "reason")
SHAPES = ("constant", "smoke", "ramp", "stress", "spike", "soak", "adaptive")
MODELS = ("open", "closed")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CHOICES: dict[str, tuple[str, ...]] = {"shape": SHAPES, "model": MODELS, "method": METHODS}
DEFAULTS = {
    "url": "", "rate": "20", "duration": "30s", "shape": "constant", "model": "open", "connections": "10",
    "thresholds": "", "method": "GET", "headers": "", "body": "", "plan": "", "engine": "perftui", "workers": "0",
    "host": "", "name": "", "reason": "",
}  # fmt: skip
HINTS = {
    "url": "http://127.0.0.1:8080/path; pgup, pgdn: targets of before",
    "rate": "requests a second, such as 20",
    "duration": "how long it is counted, such as 30s or 2m",
    "shape": f"{', '.join(SHAPES)}: pgup, pgdn choose",
    "model": "open: arrivals come whatever happens; closed: each user waits for an answer",
    "connections": "at most so many at once; of a closed model, how many users",
    "thresholds": "p(95)<200, rate<0.01: with commas; empty judges nothing",
    "method": f"{', '.join(METHODS)}: pgup, pgdn choose",
    "headers": "Name: value | Other: value",
    "body": "what is sent, as it is",
    "plan": "a TOML file with a whole plan: then the fields above say nothing",
    "engine": "who sends it: pgup, pgdn choose",
    "workers": "processes of Locust below its master, 0 for one alone",
    "host": "type the host: it is no address of a private network",
    "name": "your name, for the audit log",
    "reason": "why production is loaded, for the audit log",
}
_MOST_WORKERS = 64
_WRONG_KEY = re.compile(
    r"(?:^|[\s$.`'\"])(url|rate|duration|shape|model|connections|thresholds?|method|headers?|body|workers)\b"
)


class FieldError(ValueError):
    """What is wrong, and in which field."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Judged(NamedTuple):
    """What a session said of a plan: ``needs`` are the confirmations that have to be typed, ``why`` they have to be;
    ``engines`` are those that are installed there.
    """

    host: str
    peak_rate: float
    duration_s: float
    problems: tuple[str, ...]
    needs: tuple[str, ...]
    why: str = ""
    engines: tuple[str, ...] = ()


def read_judged(data: Any) -> Judged:
    """Whatever a session answered; what is missing says nothing."""
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    return Judged(
        said(str(given.get("host") or "")),
        float(given.get("peak_rate") or 0.0),
        float(given.get("duration_s") or 0.0),
        tuple(said(str(one), 400) for one in given.get("problems") or ()),
        tuple(name for name in given.get("needs") or () if name in CONFIRMATIONS),
        said(str(given.get("why") or ""), 400),
        tuple(said(str(one), 20) for one in given.get("engines") or ()),
    )


def prefilled(last: Mapping[str, str], rows: Sequence[LoadRunRow]) -> dict[str, str]:
    """What the form begins with: what was typed last, else the newest run of the history."""
    if last:
        return {**DEFAULTS, **last, **dict.fromkeys(CONFIRMATIONS, "")}
    newest = max(rows, key=lambda row: row.started_at, default=None)
    if newest is None:
        return dict(DEFAULTS)
    given = {"url": url_of(newest.target), "model": newest.model}
    given |= {"shape": newest.shape} if newest.shape in SHAPES else {}
    given |= {"rate": three_digits(newest.rate)} if newest.rate else {}
    return {**DEFAULTS, **{name: value for name, value in given.items() if value}}


def recent_urls(rows: Sequence[LoadRunRow], most: int = 12) -> list[str]:
    """The targets of past runs, the newest first, each once."""
    ordered = sorted(rows, key=lambda row: -row.started_at)
    return list(dict.fromkeys(filter(None, (url_of(row.target) for row in ordered))))[:most]


def url_of(target: str) -> str:
    """The URL in ``GET http://...``; empty where there is none, or one without its secret, which nobody could send."""
    words = [word for word in said(target, 2000).split() if "://" in word and "=***" not in word]
    return words[-1] if words else ""


def plan_of(values: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of ``load_judge`` and ``load_start``: a plan, or its file, and its engine. Raises FieldError."""
    engine = values["engine"].strip().lower()
    sender: dict[str, Any] = {} if engine in ("", "perftui") else {"engine": engine}
    if engine == "locust":
        sender["workers"] = _workers(values["workers"])
    if values["plan"].strip():
        return {"file": values["plan"].strip(), **sender}
    url = values["url"].strip()
    if not url:
        raise FieldError("url", "where to? a URL such as http://127.0.0.1:8080/")
    if "://" not in url:
        url = f"http://{url}"
    plan: dict[str, Any] = {
        "url": url, "shape": values["shape"].strip().lower() or "constant",
        "model": _one_of("model", values["model"], MODELS), "rate": _positive("rate", values["rate"]),
        "connections": int(_positive("connections", values["connections"], whole=True)),
        "duration": _span(values["duration"]), "thresholds": _thresholds(values["thresholds"]),
    }  # fmt: skip
    method, body = _one_of("method", values["method"], METHODS), values["body"]
    headers = read_headers(values["headers"])
    if headers:
        plan["headers"] = headers
    if method != "GET" or body:
        plan["targets"] = [{"method": method, "body": body}]
    return {"plan": plan, **sender}


def read_headers(text: str) -> dict[str, str]:
    """``Name: value | Other: value``. Raises FieldError."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split("|"))):
        name, colon, value = part.partition(":")
        if not colon or not name.strip() or " " in name.strip():
            raise FieldError("headers", f'"{said(part, 40)}" is no header: Name: value | Other: value')
        found[name.strip()] = value.strip()
    return found


def _thresholds(text: str) -> list[dict[str, str]]:
    """Separated by commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "({") - (char in ")}")
        if char == "," and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    return [{"expr": part.strip()} for part in (*parts, text[start:]) if part.strip()]


def _positive(field: str, text: str, *, whole: bool = False) -> float:
    try:
        value = float(text.strip().removesuffix("/s"))
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9 or (whole and value != int(value)):
        raise FieldError(
            field, f"{field}: a {'whole ' if whole else ''}number above 0, not {said(text, 40) or 'nothing'}"
        )
    return value


def _workers(text: str) -> int:
    if not (text.strip() or "0").isdecimal() or int(text.strip() or "0") > _MOST_WORKERS:
        raise FieldError("workers", f"workers: a whole number up to {_MOST_WORKERS}")
    return int(text.strip() or "0")


def _span(text: str) -> str:
    given = f"{text.strip()}s" if text.strip().replace(".", "", 1).isdigit() else text.strip()
    try:
        if parse_span(given) <= 0:
            raise ValueError("a load lasts longer than nothing")
    except ValueError as error:
        raise FieldError("duration", f"duration: {error}") from None
    return given


def _one_of(field: str, text: str, known: tuple[str, ...]) -> str:
    found = next((one for one in known if one.lower() == text.strip().lower()), "")
    if not found:
        raise FieldError(field, f"{field}: {' or '.join(known) if len(known) < 3 else ', '.join(known)}")
    return found


def field_of(problem: str) -> str:
    """The field that a session's words are about; the URL's where they name none."""
    match = _WRONG_KEY.search(problem.lower())
    if match is None:
        return "duration" if re.search(r"\d s (?:is|are) over", problem) else "url"
    return {"threshold": "thresholds", "header": "headers"}.get(match[1], match[1])


def missing(judged: Judged, values: Mapping[str, str]) -> FieldError | None:
    """The first confirmation that is not typed, or not as it must be."""
    for name in judged.needs:
        typed = values[name].strip()
        if name == "host" and typed != judged.host:
            why = judged.why or f"{judged.host} is no address of a private network, or it is production"
            return FieldError("host", f"type {judged.host} once more: {why}")
        if not typed:
            return FieldError(name, HINTS[name])
    return None


def preview_lines(values: Mapping[str, str], judged: Judged, width: int) -> tuple[Line, ...]:
    """What enter would send, in one sentence."""
    return wrapped(preview_text(values, judged), Role.VALUE, width)


def preview_text(values: Mapping[str, str], judged: Judged) -> str:
    """``20/s for 30 s = 600 requests to 127.0.0.1:8080, 10 connections``."""
    length = (
        format_value(judged.duration_s, Unit.SECONDS) if judged.duration_s < 60 else format_duration(judged.duration_s)
    )
    if values["plan"].strip():
        return (
            f"The plan {said(values['plan'], 80)}: up to {rate_text(judged.peak_rate)} for {length} to {judged.host}."
        )
    shape, model = values["shape"].strip().lower(), values["model"].strip().lower()
    where = place_of(values["url"]) or judged.host
    who = f"{said(values['connections'], 10)} {'users' if model == 'closed' else 'connections'}"
    if model == "closed":
        return f"{who} for {length} to {where}: each asks again when it has its answer."
    whole = judged.peak_rate * judged.duration_s
    if shape in ("constant", "smoke"):
        return f"{rate_text(judged.peak_rate)} for {length} = {count(round(whole))} requests to {where}, {who}"
    most = f"at most {count(round(whole))} requests"
    return f"{shape}: up to {rate_text(judged.peak_rate)} for {length}, {most} to {where}, {who}"


def place_of(url: str) -> str:
    """Host and port of a URL, without a password."""
    rest = said(url.strip(), 400).partition("://")[2] or said(url.strip(), 400)
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return place.rpartition("@")[2]


def from_command(words: str) -> dict[str, str]:
    """``URL [rate] [duration]`` as fields. Raises ValueError with the way out."""
    parts = words.split()
    if len(parts) > 3:
        raise ValueError("load takes a URL, a rate and a duration: load http://127.0.0.1:8080/ 20 30s")
    given = dict(zip(("url", "rate", "duration"), parts, strict=False))
    if given["url"].endswith(".toml"):
        return {"plan": given["url"]}
    return given
