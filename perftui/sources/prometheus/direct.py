"""What prometheus-api-client has not, or can't cancel: rules, alerts, build information, metadata, exemplars, and
questions that a person waits for and may take back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perftui.config.schema import PrometheusSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import Exemplar
from perftui.sources.http import HttpClient, Params
from perftui.sources.prometheus.adapter import decoded, warnings_of, words
from perftui.sources.prometheus.answers import labels

# longer ones travel in a body: proxies cut addresses at 8 KB, some at 4
_LONGEST_URL = 4000
_MOST_EXEMPLARS = 200


class Direct:
    """Every method raises QueryError; ``marks`` holds the endpoints that were tried, ``ok`` or why not."""

    def __init__(self, settings: PrometheusSource, environ: Mapping[str, str]) -> None:
        self._http = HttpClient(settings, environ)
        self._url = settings.url.rstrip("/")
        self.marks: dict[str, str] = {}

    async def query(self, expr: str) -> tuple[str, Any, tuple[str, ...], float]:
        """An instant query: its kind, its bare result, warnings, and the seconds that it took."""
        answer, took = await self._ask("query", (("query", expr),), may_post=True)
        return *_result(answer), warnings_of(answer), took

    async def query_range(self, expr: str, start: float, end: float, step_s: float) -> list[Any]:
        """A range query: the series of its matrix."""
        params = (("query", expr), ("start", f"{start:.3f}"), ("end", f"{end:.3f}"), ("step", f"{step_s:g}"))
        answer, _ = await self._ask("query_range", params, may_post=True)
        kind, result = _result(answer)
        if kind != "matrix" or not isinstance(result, list):
            raise _strange()
        return result

    async def build(self) -> str:
        """Name and version of what answers: ``Prometheus 2.42.0``, ``Grafana Mimir 2.10``."""
        answer, _ = await self._ask("status/buildinfo")
        data = answer["data"] if isinstance(answer["data"], dict) else {}
        name = words(data.get("application")) or "Prometheus"
        return f"{name} {words(data.get('version'))}".strip()[:60]

    async def rules(self) -> list[dict[str, Any]]:
        """The alerting rules with their alerts."""
        answer, _ = await self._ask("rules", (("type", "alert"),))
        groups = answer["data"].get("groups") if isinstance(answer["data"], dict) else None
        if not isinstance(groups, list):
            raise _strange()
        rules = [rule for group in groups if isinstance(group, dict) for rule in group.get("rules") or ()]
        return [rule for rule in rules if isinstance(rule, dict) and rule.get("type", "alerting") == "alerting"]

    async def metadata(self) -> dict[str, tuple[str, str, str]]:
        """Type, unit and help by metric name, as far as the server keeps them."""
        answer, _ = await self._ask("metadata")
        data = answer["data"] if isinstance(answer["data"], dict) else {}
        return {
            name: (words(first.get("type")), words(first.get("unit")), words(first.get("help")))
            for name, listed in data.items()
            if isinstance(listed, list) and listed and isinstance(first := listed[0], dict)
        }

    async def series(self, metric: str, start: float, end: float, limit: int) -> list[dict[str, str]]:
        """Label sets of a metric that had samples in that time."""
        params = (("match[]", metric), ("start", f"{start:.0f}"), ("end", f"{end:.0f}"), ("limit", str(limit)))
        answer, _ = await self._ask("series", params)
        data = answer["data"] if isinstance(answer["data"], list) else []
        return [labels(item) for item in data[:limit] if isinstance(item, dict)]

    async def exemplars(self, expr: str, start: float, end: float, shift_s: float) -> tuple[Exemplar, ...]:
        """Newest first; their times are ``shift_s`` later than the server says."""
        params = (("query", expr), ("start", f"{start:.3f}"), ("end", f"{end:.3f}"))
        answer, _ = await self._ask("query_exemplars", params)
        listed = answer["data"] if isinstance(answer["data"], list) else []
        found = [one for item in listed if isinstance(item, dict) for one in _exemplars(item, shift_s)]
        return tuple(sorted(found, key=lambda one: -one.at)[:_MOST_EXEMPLARS])

    async def close(self) -> None:
        await self._http.close()

    async def _ask(self, endpoint: str, params: Params = (), *, may_post: bool = False) -> tuple[dict[str, Any], float]:
        url = f"{self._url}/api/v1/{endpoint}"
        long = may_post and sum(len(value) for _, value in params) > _LONGEST_URL
        try:
            answer = await (self._http.post(url, params) if long else self._http.get(url, params))
            found = decoded(answer.body)
        except QueryError as error:
            if error.kind in (ErrorKind.MISSING, ErrorKind.DENIED, ErrorKind.UNSUPPORTED):
                self.marks[endpoint] = str(error)
            raise
        self.marks[endpoint] = "ok"
        return found, answer.took_s


def _result(answer: Mapping[str, Any]) -> tuple[str, Any]:
    data = answer["data"]
    if not isinstance(data, dict) or "result" not in data:
        raise _strange()
    return words(data.get("resultType")), data["result"]


def _exemplars(item: Mapping[str, Any], shift_s: float) -> list[Exemplar]:
    series = item.get("seriesLabels")
    named = tuple(sorted(labels(series).items())) if isinstance(series, dict) else ()
    listed = item.get("exemplars")
    found = (_exemplar(named, one, shift_s) for one in (listed if isinstance(listed, list) else ()))
    return [one for one in found if one is not None]


def _exemplar(series: tuple[tuple[str, str], ...], one: Any, shift_s: float) -> Exemplar | None:
    """None for half an exemplar, which tells nothing."""
    try:
        value, at = float(one["value"]), float(one["timestamp"]) + shift_s
        return Exemplar(series, tuple(sorted(labels(one["labels"]).items())), value, at)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _strange() -> QueryError:
    return QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises")
