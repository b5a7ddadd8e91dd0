"""What a small Prometheus answers: expressions have the results that a test gives them, joined or alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, NamedTuple

_MEMBER = re.compile(r'label_replace\(\n(.*?)\n, "__q", "(\d+)", "", ""\)(?:\nor\n|\Z)', re.S)
# what the source makes of a plain selector, so that series that died are seen to be gone
_FRESH = re.compile(r"(.*) unless \(time\(\) - timestamp\(\1\) > [\d.]+\)\Z", re.S)
_WRAPPED = re.compile(r"vector\(\n(.*)\n\)\Z", re.S)


class Response(NamedTuple):
    """An HTTP answer. ``headers`` come after those that every answer has."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    date: float | None = None
    kind: str = "application/json"

    def head(self, length: int | None = None) -> bytes:
        """Status line and headers; ``length`` in place of the body's own."""
        lines = [
            f"HTTP/1.1 {self.status} Whatever",
            f"Content-Type: {self.kind}",
            f"Content-Length: {len(self.body) if length is None else length}",
            f"Date: {formatdate(time.time() if self.date is None else self.date, usegmt=True)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"

    def bytes(self) -> bytes:
        return self.head() + self.body


class Series(NamedTuple):
    """One series of a vector: ``value`` is a number, Prometheus' text of one, or a function of epoch time.

    A function that gives None says that there was no sample at that time.
    """

    labels: Mapping[str, str]
    value: float | str | Callable[[float], float | None]

    def at(self, now: float) -> str | None:
        value = self.value(now) if callable(self.value) else self.value
        return value if isinstance(value, str) or value is None else f"{value:g}"


class Vector(NamedTuple):
    series: tuple[Series, ...]


class Scalar(NamedTuple):
    value: str


class Text(NamedTuple):
    value: str


class Matrix(NamedTuple):
    """What ``up[1m]`` gives: samples that no panel can draw."""

    labels: Mapping[str, str]


class Refusal(NamedTuple):
    """An expression that the server will not evaluate; alone or with others, it spoils the whole answer."""

    status: int
    kind: str
    message: str


Result = Vector | Scalar | Text | Matrix | Refusal


def one(value: float | str | Callable[[float], float | None], **labels: str) -> Vector:
    """A vector of one series."""
    return Vector((Series(labels, value),))


class PrometheusApi:
    """``answers`` are results by expression; what is not among them matches nothing.

    ``clock`` is what it goes by, and ``skew_s`` how far it is ahead of that. ``extra`` is put beside ``status`` and
    ``data`` of every answer to a query. ``endpoints`` are the other answers' data, by what follows ``/api/v1/``; what
    is missing there is a 404. ``exposition`` is what ``/metrics`` gives, ``exposition_kind`` the type of that.
    """

    def __init__(self, answers: Mapping[str, Result] | None = None) -> None:
        self.answers: dict[str, Result] = {"vector(1)": one(1.0), **(answers or {})}
        self.clock: Callable[[], float] = time.time
        self.skew_s = 0.0
        self.extra: dict[str, Any] = {}
        self.exposition = "# TYPE up gauge\nup 1\n"
        self.exposition_kind = "text/plain; version=0.0.4"
        self.endpoints: dict[str, Any] = {
            "status/buildinfo": {"version": "2.42.0"},
            "targets": {"activeTargets": [{"scrapeInterval": "5s", "health": "up"}]},
            "label/__name__/values": ["up"],
            "metadata": {"up": [{"type": "gauge", "help": "Whether it is there.", "unit": ""}]},
            "rules": {"groups": []},
            "series": [{"__name__": "up", "job": "api"}],
            "query_exemplars": [],
        }

    @property
    def now(self) -> float:
        return self.clock() + self.skew_s

    def respond(self, method: str, endpoint: str, params: Mapping[str, str]) -> Response:
        if method not in ("GET", "POST"):
            return Response(405, b"Method Not Allowed", kind="text/plain", date=self.now)
        if endpoint in ("query", "query_range"):
            return self._evaluated(endpoint, params)
        if endpoint in self.endpoints:
            return self.success(self.endpoints[endpoint])
        if endpoint == "/metrics":
            return Response(body=self.exposition.encode(), date=self.now, kind=self.exposition_kind)
        return Response(404, b"404 page not found", kind="text/plain", date=self.now)

    def success(self, data: Any, **extra: Any) -> Response:
        return Response(body=json.dumps({"status": "success", "data": data, **extra}).encode(), date=self.now)

    def error(self, status: int, kind: str, message: str) -> Response:
        body = json.dumps({"status": "error", "errorType": kind, "error": message}).encode()
        return Response(status, body, date=self.now)

    def data(self, endpoint: str, params: Mapping[str, str]) -> Any:
        """``data`` of a query's answer, or the Refusal that takes its place."""
        times = _times(params) if endpoint == "query_range" else ()
        result = self._result(params.get("query", ""))
        if isinstance(result, Refusal):
            return result
        if endpoint == "query_range":
            if not isinstance(result, (Vector, Scalar)):
                return Refusal(400, "bad_data", "invalid expression type for range query, must be Scalar or Vector")
            listed = (Series({}, result.value),) if isinstance(result, Scalar) else result.series
            found = [{"metric": dict(each.labels), "values": _points(each, times, self.now)} for each in listed]
            return {"resultType": "matrix", "result": [each for each in found if each["values"]]}
        return _instant(result, round(self.now, 3))

    def _evaluated(self, endpoint: str, params: Mapping[str, str]) -> Response:
        data = self.data(endpoint, params)
        return self.error(*data) if isinstance(data, Refusal) else self.success(data, **self.extra)

    def _result(self, query: str) -> Result:
        members = _MEMBER.findall(query)
        if not members:
            return self._single(query.strip())
        series: list[Series] = []
        for expr, tag in members:
            result = self._single(expr)
            if isinstance(result, Refusal):
                return result
            if not isinstance(result, Vector):
                text = f'expected type instant vector in call to function "label_replace", got {type(result).__name__}'
                return Refusal(400, "bad_data", f'invalid parameter "query": 1:15: parse error: {text}')
            series += [Series({**each.labels, "__q": tag}, each.value) for each in result.series]
        return Vector(tuple(series))

    def _single(self, expr: str) -> Result:
        if fresh := _FRESH.match(expr):
            return self._single(fresh[1])
        wrapped = _WRAPPED.match(expr)
        inner = self.answers.get(wrapped[1]) if wrapped else None
        return one(inner.value) if isinstance(inner, Scalar) else self.answers.get(expr, Vector(()))


def _instant(result: Result, now: float) -> dict[str, Any]:
    if isinstance(result, Vector):
        listed = [(each.labels, each.at(now)) for each in result.series]
        found = [{"metric": dict(labels), "value": [now, text]} for labels, text in listed if text is not None]
        return {"resultType": "vector", "result": found}
    if isinstance(result, Matrix):
        samples = [{"metric": dict(result.labels), "values": [[now - 1, "1"], [now, "1"]]}]
        return {"resultType": "matrix", "result": samples}
    return {"resultType": "scalar" if isinstance(result, Scalar) else "string", "result": [now, result[0]]}


def _times(params: Mapping[str, str]) -> tuple[float, ...]:
    start, end, step = float(params["start"]), float(params["end"]), float(params["step"].removesuffix("s"))
    return tuple(start + number * step for number in range(int((end - start) / step + 1e-9) + 1))


def _points(series: Series, times: tuple[float, ...], now: float) -> list[list[Any]]:
    pairs = ((at, series.at(at)) for at in times if at <= now)
    return [[at, text] for at, text in pairs if text is not None]
