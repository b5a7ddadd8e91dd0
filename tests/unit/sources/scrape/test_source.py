"""The scrape source over a real connection: what it delivers, and what it says when it can't."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import MAX_SERIES, Query, query_name
from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.domain.units import Unit
from perftui.sources.base import Explorer
from perftui.sources.scrape.source import ScrapeSource
from perftui.sources.scrape.target import with_path
from perftui.sources.turns import LONGEST_TURN_S
from tests.unit.sources.scrape.endpoint import Endpoint
from tests.unit.sources.scrape.scraping import OPENMETRICS

_T = TypeVar("_T")


class Clock:
    """Both clocks; the wall clock can be set on its own."""

    def __init__(self) -> None:
        self.now, self.set_by = 1000.0, 0.0

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now + self.set_by

    def monotonic(self) -> float:
        return self.now


class Bench:
    """A source over an endpoint that says ``text``; every poll is a second after the one before."""

    def __init__(self, text: str, **settings: object) -> None:
        self.text, self.clock = text, Clock()
        self.endpoint = Endpoint(lambda: self.text)
        self.detected: list[list[str]] = []
        self.source = ScrapeSource(
            "app",
            Settings(url=self.endpoint.url, **settings),  # type: ignore[arg-type]
            environ={},
            wall=self.clock.wall,
            monotonic=self.clock.monotonic,
            detect=self._detect,
        )

    def _detect(self, names: list[str]) -> tuple[str, ...]:
        self.detected.append(names)
        return ("app",) if "x_total" in names else ()

    async def poll(self, text: str | None = None) -> Batch:
        self.text = self.text if text is None else text
        self.clock.now += 1.0
        return await self.source.poll()


def _run(bench: Bench, work: Callable[[Bench], Awaitable[_T]]) -> _T:
    async def whole() -> _T:
        try:
            return await work(bench)
        finally:
            await bench.source.close()

    with bench.endpoint:
        return asyncio.run(whole())


def test_it_is_a_source_that_answers_expressions() -> None:
    async def work(bench: Bench) -> None:
        assert isinstance(bench.source, Explorer)
        assert (bench.source.kind, bench.source.wanted, bench.source.deadline_s) == ("scrape", True, 5.2)

    _run(Bench(""), work)


def test_queries_and_wanted_series_are_delivered_under_their_names() -> None:
    async def work(bench: Bench) -> None:
        source = bench.source
        source.set_queries([Query("hits", "sum by (code) (rate(x_total[$win]))"), Query("two", "1 + 1")])
        source.set_interest([parse_selector('app/x_total{code="200"}'), parse_selector("app/heat_celsius")])

        first = await bench.poll('x_total{code="200"} 10\nx_total{code="500"} 1\nheat_celsius{room="a\\"b"} 20\n')
        assert first.error is None
        assert {series: value for series, value in first.values.items() if "duration" not in series} == {
            "app/up": 1, "app/scrape_samples_scraped": 3, "app/two": 2,
            'app/x_total{code="200"}': 10, 'app/heat_celsius{room="a\\"b"}': 20,
        }  # fmt: skip
        assert first.values["app/scrape_duration_seconds"] >= 0
        assert source.troubles == {"hits": "it needs two scrapes, and there was one"}

        second = await bench.poll('x_total{code="200"} 15\nx_total{code="500"} 1\nheat_celsius{room="a\\"b"} 21\n')
        assert second.values['app/hits{code="200"}'] == pytest.approx(5)
        assert second.values['app/hits{code="500"}'] == 0
        assert source.troubles == {}
        units = {info.series: info.unit for info in source.catalogue()}
        assert units['app/hits{code="200"}'] is Unit.PER_SECOND
        assert units['app/heat_celsius{room="a\\"b"}'] is Unit.CELSIUS
        before = source.catalogue()
        await bench.poll()
        assert source.catalogue() is before

    _run(Bench(""), work)


def test_what_is_no_number_or_gone_is_absent() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("q", "x"), Query("nan", "y / 0 * 0")])
        bench.source.set_interest([parse_selector("app/x")])
        batch = await bench.poll('x{a="1"} NaN\nx{a="2"} +Inf\nx{a="3"} 3\ny 1\n')

        assert [series for series in batch.values if "x{" in series] == ['app/x{a="3"}']
        assert [series for series in batch.values if "q{" in series] == ['app/q{a="3"}']
        assert bench.source.troubles == {"nan": "its value is no number now (0/0, or a quantile of nothing)"}

        batch = await bench.poll("y 1\n")
        assert not [series for series in batch.values if "a=" in series]
        assert bench.source.troubles["q"] == bench.source.troubles["x"] == "no metric is called x"

    _run(Bench(""), work)


@pytest.mark.parametrize(
    ("expr", "trouble"),
    [
        ("rate(x_total[1s])", "character 6: rate needs two scrapes, and there is one every 1 s: [1s] is too short"),
        ("x_totl", "no metric is called x_totl, did you mean x_total?"),
        ("sum(rate(y_total[5s])) / sum(rate(x_total[5s]))", "no metric is called y_total, did you mean x_total?"),
        ('x_total{code="404"}', 'no series of x_total has code="404" (there is 200, 500)'),
        ('x_total{job="a"}', "x_total has no label job (code, host)"),
        ('x_total{code="200",host="b"}', "no series of x_total matches all of its labels together"),
        ('{__name__=~"nope.*"}', "no metric matches its selector"),
        ("x_total > 1000", "nothing passes its comparison now"),
        ("x_total unless x_total", "its result is empty now"),
        ("rate(x_total)", "character 6: rate wants a range"),
        ("x_total[5s]", "character 1: a range of samples can't be drawn as it is"),
        ("'text'", "character 1: a text can't be drawn"),
        ("label_join(x_total)", "label_join is not known to scraped sources; a Prometheus server knows it"),
        ("x_total + on(nothing) x_total", "several series of the right side match (none)"),
    ],
)  # fmt: skip
def test_a_query_without_values_says_why(expr: str, trouble: str) -> None:
    text = 'x_total{code="200",host="a"} 1\nx_total{code="500",host="b"} 1\n'

    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("bad", expr), Query("good", "sum(x_total)")])
        for _ in range(2):
            batch = await bench.poll()

        assert trouble in bench.source.troubles["bad"]
        assert batch.values["app/good"] == 2
        assert not [series for series in batch.values if series.startswith("app/bad")]

    _run(Bench(text), work)


def test_of_too_many_series_the_same_hundred_are_kept_and_that_is_said() -> None:
    text = "".join(f'many{{n="{n}"}} 1\n' for n in range(MAX_SERIES + 1))

    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("all", "many * 2")])
        bench.source.set_interest([parse_selector("app/many")])
        first, second = await bench.poll(), await bench.poll()

        assert first.values.keys() == second.values.keys()
        for name in ("all", "many"):
            assert sum(series.startswith(f"app/{name}{{") for series in first.values) == MAX_SERIES
            assert f"{MAX_SERIES + 1} series, the first {MAX_SERIES} are kept" in bench.source.troubles[name]

    _run(Bench(text), work)


def test_names_are_kept_where_labels_alone_would_make_two_series_equal() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("q", "{__name__=~'a|b'}")])
        batch = await bench.poll('a{n="1"} 1\nb{n="1"} 2\n')

        assert batch.values['app/q{__name__="a",n="1"}'] == 1
        assert batch.values['app/q{__name__="b",n="1"}'] == 2

    _run(Bench(""), work)


def test_a_broken_exposition_fails_whole_and_the_next_good_one_goes_on() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("hits", "rate(x_total[10s])")])
        await bench.poll("x_total 10\n")
        broken = await bench.poll("x_total 20\nx_total{ 1\n")
        assert broken.values == {}
        assert broken.error is not None
        assert broken.error.kind is ErrorKind.BAD_DATA
        assert broken.error.message.startswith("line 2: expected labels")

        good = await bench.poll("x_total 30\n")
        assert good.values["app/hits"] == pytest.approx(10)

    _run(Bench(""), work)


def test_failures_of_the_connection_are_named() -> None:
    async def work(bench: Bench) -> None:
        bench.endpoint.status = 503
        assert (await bench.poll()).error.kind is ErrorKind.OVERLOADED  # type: ignore[union-attr]
        bench.endpoint.status = 200
        page = await bench.poll("<html><body><form>password</form></body></html>")
        assert page.error is not None
        assert "page" in page.error.message

    _run(Bench(""), work)


def test_the_clock_that_is_set_makes_no_rate_of_its_own() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("hits", "rate(x_total[10s])")])
        for number in range(5):
            await bench.poll(f"x_total {10 * number}\n")
        bench.clock.set_by = -3600.0
        batch = await bench.poll("x_total 50\n")
        assert "app/hits" not in batch.values
        assert "the clock was set: rates began anew" in bench.source.notes

        batch = await bench.poll("x_total 60\n")
        assert batch.values["app/hits"] == pytest.approx(10)
        assert "the clock was set: rates began anew" not in bench.source.notes

    _run(Bench(""), work)


def test_the_error_of_a_quantile_is_known() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("p", "histogram_quantile(0.5, x_bucket)"), Query("n", "sum(x_bucket)")])
        await bench.poll('x_bucket{path="/",le="1"} 2\nx_bucket{path="/",le="2"} 10\nx_bucket{path="/",le="+Inf"} 10\n')

        assert bench.source.brackets("p") == {'app/p{path="/"}': (1.375, 1.0, 2.0)}
        assert bench.source.brackets("n") == bench.source.brackets("nobody") == {}

    _run(Bench(""), work)


def test_an_expression_can_be_tried_before_it_is_a_query() -> None:
    async def work(bench: Bench) -> None:
        tried = await bench.source.try_query("sum by (code) (rate(x_total[2s])) / 2")
        assert (tried.kind, tried.series) == ("vector", 2)
        assert tried.query == Query(query_name(tried.query.expr), "sum by (code) (rate(x_total[2s])) / 2")
        assert tried.warnings == ("[2s] holds fewer than 4 scrapes: one that is missed makes a gap",)
        assert (await bench.source.try_query("1 + 1")).kind == "scalar"
        assert (await bench.source.try_query("nothing")).warnings == ("no metric is called nothing",)
        assert len(bench.endpoint.asked) == 1
        for expr, message in (("rate(", "character 6"), ("x_total * on(a) x_total", "right side")):
            with pytest.raises(QueryError, match=message) as caught:
                await bench.source.try_query(expr)
            assert caught.value.kind is ErrorKind.BAD_QUERY
        bench.clock.now += 60
        bench.endpoint.status = 404
        with pytest.raises(QueryError, match="404"):
            await bench.source.try_query("x_total")

    _run(Bench('x_total{code="200"} 1\nx_total{code="500"} 1\n'), work)


def test_metrics_and_labels_are_told_before_the_first_poll() -> None:
    async def work(bench: Bench) -> None:
        names = {info.name: info for info in await bench.source.metrics()}
        assert names["x_total"].kind == "counter"
        assert names["x_total"].help == "Hits"
        assert "up" in names
        assert await bench.source.labels("x_total") == {"code": ("200", "500"), "host": ("a",)}
        assert await bench.source.labels("nobody") == {}

    text = '# TYPE x_total counter\n# HELP x_total Hits\nx_total{code="500",host="a"} 1\nx_total{code="200"} 1\n'
    _run(Bench(text), work)


def test_exemplars_of_an_expression_are_told_newest_first() -> None:
    text = (
        'x_bucket{le="1"} 2 # {trace_id="old"} 0.5 1700000900.0\n'
        'x_bucket{le="+Inf"} 3 # {trace_id="new"} 1.5 1700000950.5\n'
        'y_total 1 # {trace_id="other"} 1\n# EOF\n'
    )

    async def work(bench: Bench) -> None:
        bench.endpoint.content_type = OPENMETRICS
        expr = "histogram_quantile(0.9, rate(x_bucket[5s]))"
        found = await bench.source.exemplars(expr, 0.0, 2e9)
        assert [dict(one.labels)["trace_id"] for one in found] == ["new", "old"]
        assert (found[0].value, found[0].at) == (1.5, 1700000950.5)
        assert dict(found[0].series) == {"__name__": "x_bucket", "le": "+Inf"}
        assert [one.value for one in await bench.source.exemplars(expr, 1700000940.0, 2e9)] == [1.5]
        assert [one.at for one in await bench.source.exemplars("y_total", 0.0, 2e9)] == [bench.clock.wall()]
        assert "OpenMetrics" in bench.source.notes

    _run(Bench(text), work)


def test_ready_panels_are_looked_for_when_the_names_change_and_only_then() -> None:
    async def work(bench: Bench) -> None:
        await bench.poll("y 1\n")
        await bench.poll("y 2\n")
        assert bench.source.profiles == ()
        await bench.poll("y 2\nx_total 1\n")
        assert bench.source.profiles == ("app",)
        assert len(bench.detected) == 2

    _run(Bench(""), work)


def test_ready_panels_can_be_switched_off() -> None:
    async def work(bench: Bench) -> None:
        await bench.poll("x_total 1\n")
        assert bench.source.profiles == ()
        assert bench.detected == []

    _run(Bench("", profiles=False), work)


def test_an_older_scrape_that_comes_later_changes_nothing() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_interest([parse_selector("app/x")])
        await bench.poll("x 1\n")
        samples = bench.source._samples
        bench.clock.now -= 0.5
        await bench.source.poll()
        assert samples.at == bench.clock.wall() + 0.5

    _run(Bench(""), work)


def test_labels_that_change_for_ever_leave_the_source_bounded() -> None:
    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("q", "rate(x_total[5s])")])
        bench.source.set_interest([parse_selector("app/x_total")])
        for number in range(60):
            lines = [f'x_total{{run="{number // 3}",n="{n}"}} {number}' for n in range(400)]
            await bench.poll("\n".join(lines) + "\n")
        assert len(bench.source.catalogue()) <= 5000
        assert len(bench.source._results._ids) <= 20_001

    _run(Bench(""), work)


def test_a_large_exposition_never_holds_the_loop_for_long() -> None:
    """Between two turns of the loop the source works for a few thousand lines at most, however large the body is."""
    lines = [f'x_bucket{{path="/p{n // 20}",le="{n % 20 if n % 20 < 19 else "+Inf"}"}} {n}' for n in range(20_000)]

    async def work(bench: Bench) -> None:
        bench.source.set_queries([Query("p", "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5s])))")])
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        # every look at the clock is one turn's worth later, so that each pause that may be is one
        bench.source._target._monotonic = _Ticking()
        task = asyncio.ensure_future(other())
        batch = await bench.poll("\n".join(lines) + "\n")
        task.cancel()
        assert batch.error is None
        assert turns > len(lines) / 256

    _run(Bench(""), work)


class _Ticking:
    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += LONGEST_TURN_S * 1.01
        return self._now


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://host:9100", "http://host:9100/metrics"),
        ("http://host:9100/", "http://host:9100/metrics"),
        ("http://host/federate?match=x", "http://host/federate?match=x"),
        ("http://host:9100?x=1", "http://host:9100/metrics?x=1"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_without_a_path_metrics_is_meant(url: str, asked: str) -> None:
    assert with_path(url) == asked
