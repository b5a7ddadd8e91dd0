"""A live check asks everything once, says what became of it, and ends in time whatever a source does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
import pytest

from perftui.cli.live import Told, Verdict, look
from perftui.config.defaults import DEFAULTS
from perftui.config.problems import Path, dotted
from perftui.config.schema import AlertRule, Config, Panel, PrometheusSource, ScrapeSource, Sources
from perftui.domain.errors import ErrorKind, Exit, QueryError
from perftui.domain.health import SourceError
from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried, query_name
from perftui.domain.samples import Batch
from perftui.domain.units import Unit
from perftui.sources.base import Source
from tests.fakes import FakeSource

FILES = "topk(20, last_over_time(process_open_fds{$sel}[$win]) / process_max_fds{$sel})"


class _Explorer(FakeSource):
    """``knows`` says how an expression ends: a number of series, a kind of value, an error, or waiting for ever."""

    def __init__(self, knows: Mapping[str, int | str | Exception | None], metrics: Sequence[str] = ()) -> None:
        super().__init__([Batch("main", 0.0, 0.0)], name="main")
        self.knows, self.named = knows, metrics
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.no_metrics: QueryError | None = None

    def set_queries(self, queries: Sequence[Query]) -> None: ...

    async def try_query(self, expr: str) -> Tried:
        self.asked.append(expr)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            answer = self.knows.get(expr, 1)
            if answer is None:
                await asyncio.Event().wait()
            if isinstance(answer, Exception):
                raise answer
            kind, series = (answer, 1) if isinstance(answer, str) else ("vector", int(answer or 0))
            return Tried(Query(query_name(expr), expr), kind, series, 0.25, ("half of it",) if series > 1 else ())
        finally:
            self.at_once -= 1

    async def metrics(self) -> tuple[MetricInfo, ...]:
        if self.no_metrics is not None:
            raise self.no_metrics
        return tuple(MetricInfo(name, "gauge", Unit.NONE) for name in self.named)

    async def labels(self, metric: str) -> Mapping[str, tuple[str, ...]]:
        return {}

    async def exemplars(self, expr: str, start: float, end: float) -> tuple[Exemplar, ...]:
        return ()


def _config(*exprs: str, profiles: bool = False, timeout: float = 5.0, enabled: bool = True) -> Config:
    main = PrometheusSource(url="http://main", profiles=profiles, timeout=timeout, enabled=enabled, queries={"q": "up"})
    panels = {**DEFAULTS.panels, "mine": Panel(promql=exprs, source="main")}
    return msgspec.structs.replace(DEFAULTS, panels=panels, sources=Sources(prometheus={"main": main}))


def _look(config: Config, *sources: Source) -> tuple[Exit, list[Told]]:
    told: list[Told] = []

    def place(path: Path) -> str:
        return dotted(path)

    return asyncio.run(look(config, sources, place, told.append)), told


def _one(knows: int | str | Exception | None, timeout: float = 5.0) -> tuple[Exit, Told]:
    code, told = _look(_config("x", timeout=timeout), _Explorer({"x": knows}))
    assert [one.place for one in told] == ["main", "sources.prometheus.main.queries.q", "panels.mine.promql[0]"]
    return code, told[-1]


def test_what_has_values_is_told_with_its_series_and_the_server_s_warnings() -> None:
    assert _one(1) == (Exit.OK, Told(Verdict.OK, "panels.mine.promql[0]", "1 series in 250 ms"))
    assert _one(2)[1].text == "2 series in 250 ms; it warns: half of it"
    assert _one("scalar")[1].text == "1 series in 250 ms"


@pytest.mark.parametrize(
    ("answer", "code", "verdict", "words"),
    [
        (0, Exit.GATE_FAILED, Verdict.EMPTY, "matches nothing"),
        ("matrix", Exit.GATE_FAILED, Verdict.WRONG, "gives a matrix, and panels draw vectors and scalars"),
        (QueryError(ErrorKind.BAD_QUERY, "parse error"), Exit.GATE_FAILED, Verdict.WRONG, "bad query: parse error"),
        (QueryError(ErrorKind.UNSUPPORTED, "no deriv"), Exit.GATE_FAILED, Verdict.WRONG, "unsupported: no deriv"),
        (QueryError(ErrorKind.TIMEOUT, "no answer within 5 s"), Exit.SOURCE_FAILED, Verdict.AWAY, "no answer within"),
        (QueryError(ErrorKind.OVERLOADED, "503"), Exit.SOURCE_FAILED, Verdict.AWAY, "503"),
    ],
)
def test_what_is_wrong_empty_or_away_decides_the_exit_code(
    answer: int | str | Exception, code: Exit, verdict: Verdict, words: str
) -> None:
    found, told = _one(answer)

    assert (found, told.verdict) == (code, verdict)
    assert told.text.startswith(words)


def test_an_answer_that_never_comes_ends_with_the_time_for_all() -> None:
    source = _Explorer({"x": None, "y": 1})
    code, told = _look(_config("x", "y", timeout=0.01), source)

    assert code is Exit.SOURCE_FAILED
    assert [one.verdict for one in told[2:]] == [Verdict.AWAY, Verdict.OK]
    assert "0.1 s for all of them are over" in told[2].text
    assert source.at_once == 0


def test_each_expression_is_asked_once_and_a_few_at_a_time() -> None:
    source = _Explorer({})
    _, told = _look(_config("up", *(f"x{number}" for number in range(40)), "up"), source)

    assert len(told) == 1 + 1 + 42
    assert sorted(source.asked) == sorted({"up", *(f"x{number}" for number in range(40))})
    assert source.most_at_once == 4


def test_a_source_that_does_not_answer_is_named_and_not_asked() -> None:
    source = _Explorer({})
    source._answers = [Batch("main", 0.0, 0.0, error=SourceError(ErrorKind.REFUSED, "connection refused"))]
    code, told = _look(_config("x"), source)

    assert (code, told) == (Exit.SOURCE_FAILED, [Told(Verdict.AWAY, "main", "connection refused")])
    assert source.asked == []


def test_a_source_that_is_switched_off_is_told_and_is_no_failure() -> None:
    code, told = _look(_config("x", enabled=False))

    assert (code, told) == (Exit.OK, [Told(Verdict.OK, "main", "is switched off and was not asked")])


def test_ready_panels_are_tried_too_and_an_empty_one_is_nobodys_mistake() -> None:
    source = _Explorer({FILES: 0}, ["process_cpu_seconds_total"])
    code, told = _look(_config("x", profiles=True), source)

    assert code is Exit.OK
    ready = {one.place: one.verdict for one in told if one.place.startswith("ready panel")}
    assert ready == {
        "ready panel main_process_cpu[0]": Verdict.OK,
        "ready panel main_process_memory[0]": Verdict.OK,
        "ready panel main_process_files[0]": Verdict.UNUSED,
    }


def test_ready_panels_of_an_unknown_server_are_not_guessed() -> None:
    source = _Explorer({})
    source.no_metrics = QueryError(ErrorKind.DENIED, "403")
    code, told = _look(_config("x", profiles=True), source)

    assert code is Exit.OK
    assert Told(Verdict.UNUSED, "main", "no ready panels, its metrics are not known: 403") in told


def test_series_of_a_scraped_source_are_expressions_too() -> None:
    app = ScrapeSource(url="http://app", profiles=False, queries={"named": "up"})
    panels = {"p": Panel(series=('main/http_requests{code="500"}', "main/named", "host/load1"), figures=("main/gone",))}
    rules = {"r": AlertRule(title="R", series="main/queue", warning=1.0)}
    config = Config(panels=panels, alerts=rules, sources=Sources(scrape={"main": app}))
    code, told = _look(config, _Explorer({"gone": 0}))

    assert code is Exit.GATE_FAILED
    assert {one.place: one.verdict for one in told[1:]} == {
        "sources.scrape.main.queries.named": Verdict.OK,
        "panels.p.series[0]": Verdict.OK,
        "panels.p.figures[0]": Verdict.EMPTY,
        "alerts.r.series": Verdict.OK,
    }
