"""An endpoint that is down, slow, astray or lying: the reason in time, nothing invented, the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceState
from perftui.domain.queries import Query
from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.session.collector import Collector
from perftui.sources.scrape.source import ScrapeSource
from perftui.store.memory import MemoryStore
from tests.faults import scenarios
from tests.faults.fault_server import FaultServer
from tests.faults.misdeeds import answers, cuts, says, tampers
from tests.faults.neighbours import GRACE_S, INTERVAL_S, PATIENT_S, TIMEOUT_S, Neighbours, polled, timed, until
from tests.faults.prometheus_api import PrometheusApi
from tests.faults.scenarios import Scenario, playing
from tests.faults.stolen_time import StolenTime

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4"
GOOD = """\
# HELP jobs_total What was done.
# TYPE jobs_total counter
jobs_total{queue="a"} 10
jobs_total{queue="b"} 20
# TYPE heat_celsius gauge
heat_celsius 21.5
# EOF
"""
WELL = {"app/up": 1.0, "app/scrape_samples_scraped": 3.0, "app/jobs": 30.0, "app/heat_celsius": 21.5}


def _text(name: str, body: str | bytes, says: str, kind: str = TEXT) -> Scenario:
    """A whole answer with 200 that is no exposition."""
    data = body.encode() if isinstance(body, str) else body
    return playing(name, answers(200, data, kind=kind), ErrorKind.BAD_DATA, says)


LYING = (
    _text("a piece of a web page", "<p>hello</p>\n", "web page"),
    _text("a web page that calls itself metrics", "\n<!doctype html><p>hello", "web page", OPENMETRICS),
    playing("JSON", says({"status": "success", "data": {}}), ErrorKind.BAD_DATA, "JSON, not with metrics"),
    playing("a list of JSON", says([1, 2]), ErrorKind.BAD_DATA, "JSON, not with metrics"),
    _text("JSON that calls itself text", '{"up": 1}\n', "JSON, not with metrics"),
    _text("protocol buffers", b"\x0a\x04heat\x12", "protocol buffers", "application/vnd.google.protobuf; proto=x"),
    _text("text of another program", "It works!\n", "line 1: expected"),
    _text("a bare number", "7\n", "line 1: expected the name of a metric: 7"),
    _text("a word without an end", "OK", "ends within its first line"),
    playing("it is cut within its first line", cuts(0.02), ErrorKind.BAD_DATA, "cut"),
    playing("it is cut in the middle", cuts(0.5), ErrorKind.BAD_DATA, "cut: OpenMetrics ends with # EOF"),
    playing("it is cut between two lines", tampers(lambda body: body[: body.index(b"# TYPE heat")]),
            ErrorKind.BAD_DATA, "cut: OpenMetrics ends with # EOF"),
    playing("its end is missing", tampers(lambda body: body.replace(b"# EOF\n", b"")), ErrorKind.BAD_DATA, "# EOF"),
    playing("nothing at all", answers(200, kind=OPENMETRICS), ErrorKind.BAD_DATA, "# EOF"),
    playing("text that is not UTF-8", tampers(lambda body: body.replace(b'"b"', b'"\xff"')), ErrorKind.BAD_DATA,
            "line 4: it is not UTF-8"),
    _text("UTF-16", "heat_celsius 1\n".encode("utf-16"), "line 1: it is not UTF-8"),
    _text("zeros", b"\x00" * 5000 + b"\n", "line 1: expected the name of a metric"),
    _text("a value that is none", "heat_celsius warm\n", "line 1: expected a number: heat_celsius warm"),
    _text("a value that only Python takes", "a 1\nheat_celsius 1_000\n", "line 2: expected a number"),
    _text("a time that is none", "heat_celsius 1 today\n", "line 1: expected a timestamp"),
    _text("a label that has no end", 'heat_celsius{room="a} 1\n', "line 1: expected labels"),
    _text("a label that is given twice", 'heat_celsius{a="1",a="2"} 1\n', "line 1: a label is given twice"),
    _text("escapes of a terminal", "\x1b]0;gotcha\x07\x1b[31mred 1\n", "line 1: expected the name of a metric"),
    _text("a line without an end", b"a" * 500_000, "ends within its first line"),
    _text("a line that is too long", b"a" * 500_000 + b" 1\n", "line 1: it has more than"),
    _text("too many series", "".join(f"a{number} 1\n" for number in range(1001)), "more than 1000 series (max_series)"),
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi())
    server.api.exposition, server.api.exposition_kind = GOOD, OPENMETRICS
    yield server
    server.close()


@pytest.fixture
def neighbour() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi())
    yield server
    server.close()


class Clock:
    """Both clocks, that move when they are told to: what is told of time is then as exact as it can be."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


def _source(
    server: FaultServer,
    *,
    name: str = "app",
    queries: dict[str, str] | None = None,
    interest: tuple[str, ...] = ("heat_celsius",),
    clock: Clock | None = None,
    environ: dict[str, str] | None = None,
    **settings: Any,
) -> ScrapeSource:
    given: dict[str, Any] = {
        "interval": INTERVAL_S, "timeout": TIMEOUT_S, "max_body": 1048576, "max_series": 1000, **settings
    }  # fmt: skip
    clocks = (time.time, time.monotonic) if clock is None else (clock.wall, clock.monotonic)
    source = ScrapeSource(
        name, Settings(url=server.url, **given), environ=environ or {}, wall=clocks[0], monotonic=clocks[1]
    )
    asked = {"jobs": "sum(jobs_total)"} if queries is None else queries
    source.set_queries([Query(query, expr) for query, expr in asked.items()])
    source.set_interest([parse_selector(f"{name}/{metric}") for metric in interest])
    return source


@contextlib.asynccontextmanager
async def _opened(source: ScrapeSource) -> AsyncIterator[ScrapeSource]:
    """A source that is closed at the end, whatever became of the test."""
    try:
        yield source
    finally:
        await source.close()


def _values(batch: Batch) -> dict[str, float]:
    """What a batch holds but for the time that it took."""
    return {series: value for series, value in batch.values.items() if "duration" not in series}


def _run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


@scenarios.each(*scenarios.TRANSPORT, *LYING)
def test_a_fault_is_named_in_time_harms_no_other_source_and_is_forgotten_when_it_ends(
    scenario: Scenario, server: FaultServer, neighbour: FaultServer
) -> None:
    async def story() -> None:
        with StolenTime() as stolen:
            async with (
                _opened(_source(server)) as source,
                Neighbours(_source(neighbour, name="well", queries={}, timeout=PATIENT_S), stolen) as neighbours,
            ):
                first = await polled(source, stolen)
                assert (first.error, _values(first)) == (None, WELL)
                scenario.begin(server)
                before = len(server.requests)
                batch, took_s = await timed(source, stolen)

                assert batch.error is not None
                assert (batch.error.kind, batch.values) == (scenario.kind, {}), batch.error
                assert scenario.says in batch.error.message
                assert batch.error.message.isprintable()
                assert took_s <= TIMEOUT_S + GRACE_S
                assert len(server.requests) - before <= 1, "it was tried again"

                scenarios.end(server)
                after = await polled(source, stolen)
                assert (after.error, _values(after)) == (None, WELL)
                neighbours.check()

    _run(story)


class Story:
    """A source whose clock goes by a second before each poll; what it delivered is kept as the session keeps it."""

    def __init__(self, server: FaultServer, **given: Any) -> None:
        self.server, self.clock = server, Clock()
        self.source = _source(server, clock=self.clock, interval=1.0, **given)
        self.memory = MemoryStore(600.0)

    async def poll(self, exposition: str | None = None) -> Batch:
        """``exposition`` is what the endpoint says from now on."""
        if exposition is not None:
            self.server.api.exposition, self.server.api.exposition_kind = exposition, TEXT
        self.clock.now += 1.0
        batch = await self.source.poll()
        self.memory.add(batch, 1.0)
        return batch

    def line(self, series: str, seconds: int) -> list[float | None]:
        """What a panel draws of the last so many seconds."""
        end = self.clock.wall()
        window = self.memory.window([series], end - seconds + 1, end, seconds, 1.0)
        return list(window.series[0].mean)


def _told(server: FaultServer, tell: Callable[[Story], Coroutine[Any, Any, None]], **given: Any) -> None:
    async def story() -> None:
        one = Story(server, **given)
        async with _opened(one.source):
            await tell(one)

    _run(story)


def test_of_a_text_that_is_cut_the_cut_line_is_absent_and_that_is_said(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        whole = await story.poll("jobs_total 5\nheat_celsius 2150\n")
        assert whole.values["app/heat_celsius"] == 2150.0
        server.play(tampers(lambda body: body[:-3]))

        cut = await story.poll()

        assert (cut.error, cut.values["app/jobs"]) == (None, 5.0)
        assert "app/heat_celsius" not in cut.values
        assert "the last line has no line feed and is left out: it may be cut" in story.source.notes
        assert story.source.troubles["heat_celsius"].startswith("no metric is called heat_celsius")
        scenarios.end(server)
        assert (await story.poll()).values["app/heat_celsius"] == 2150.0
        assert len(story.source.notes) == 1

    _told(server, tell)


@pytest.mark.parametrize(
    ("off_s", "why"),
    [
        (-600, "its samples are too old: the times that they bring lie 600 s back"),
        (600, "its samples are of the future: the times that they bring lie 600 s ahead of our clock"),
    ],
)
def test_samples_whose_own_times_are_10_minutes_off_are_absent_and_named_until_they_are_right(
    off_s: int, why: str, server: FaultServer
) -> None:
    def says(clock: Clock, off: int) -> str:
        millis = round((clock.wall() + 1.0 + off) * 1000)
        return f"heat_celsius 20 {millis}\njobs_total 5\n"

    async def tell(story: Story) -> None:
        first = await story.poll(says(story.clock, 0))
        assert first.values["app/heat_celsius"] == first.values["app/warm"] == 20.0

        off = await story.poll(says(story.clock, off_s))

        assert off.error is None
        assert _values(off) == {"app/up": 1.0, "app/scrape_samples_scraped": 2.0, "app/jobs": 5.0}
        assert story.source.troubles == {"heat_celsius": why, "warm": why}
        again = await story.poll(says(story.clock, 0))
        assert again.values["app/heat_celsius"] == again.values["app/warm"] == 20.0
        assert story.source.troubles == {}
        assert story.line("app/heat_celsius", 3) == [20.0, None, 20.0]

    _told(server, tell, queries={"jobs": "sum(jobs_total)", "warm": "heat_celsius > 0"})


def test_of_rates_whose_samples_are_10_minutes_old_that_is_said(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        for number in range(3):
            batch = await story.poll(f"jobs_total {number} {round((story.clock.wall() - 599.0) * 1000)}\n")
            assert "app/rate" not in batch.values
            assert "the times that they bring lie 600 s back" in story.source.troubles["rate"]

    _told(server, tell, queries={"rate": "rate(jobs_total[$win])"}, interest=())


def test_a_clock_of_its_machine_that_is_an_hour_off_changes_nothing(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        for number, skew_s in enumerate((0.0, 3600.0, -3600.0)):
            server.api.skew_s = skew_s
            batch = await story.poll(f"jobs_total {10 * number}\nheat_celsius 1\n")
            assert batch.at == story.clock.wall()
            assert batch.values.get("app/rate") == (pytest.approx(10.0) if number else None)
        assert story.source.notes == ("text format",)

    _told(server, tell, queries={"rate": "rate(jobs_total[$win])"})


def test_a_counter_that_is_reset_makes_no_negative_rate_and_no_spike(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        rates, increases = [], []
        for total in (100, 110, 120, 3, 13, 23, 33, 43):
            batch = await story.poll(f"jobs_total {total}\n")
            if total != 100:
                rates.append(batch.values["app/rate"])
                increases.append(batch.values["app/increase"])

        assert all(0.0 <= rate <= 10.0 + 1e-9 for rate in rates), rates
        assert min(rates) > 0.0
        assert all(increase >= 0.0 for increase in increases)
        assert batch.values["app/resets"] == 1.0

    windows = {"rate": "4s", "increase": "4s", "resets": "9s"}
    queries = {function: f"{function}(jobs_total[{window}])" for function, window in windows.items()}
    _told(server, tell, queries=queries, interest=())


def test_what_is_no_number_is_absent_and_takes_nothing_else_along(server: FaultServer) -> None:
    numbers = {"a": "NaN", "b": "+Inf", "c": "-Inf", "d": "4"}
    text = "".join(f'heat_celsius{{room="{room}"}} {number}\n' for room, number in numbers.items())

    async def tell(story: Story) -> None:
        batch = await story.poll(text + "nothing NaN\nasked_total 0\nfailed_total 3\n")

        assert _values(batch) == {
            "app/up": 1.0, "app/scrape_samples_scraped": 7.0,
            'app/heat_celsius{room="d"}': 4.0, 'app/all{room="d"}': 8.0,
        }  # fmt: skip
        assert story.source.troubles == {
            "nothing": "its value is no number now (0/0, or a quantile of nothing)",
            "share": "its value is infinite now, which can't be drawn (a division by 0?)",
        }

    queries = {"all": "heat_celsius * 2", "nothing": "nothing", "share": "failed_total / asked_total"}
    _told(server, tell, queries=queries)


def test_quantiles_of_nothing_are_absent_and_one_beyond_the_last_bound_says_how_far_it_knows(
    server: FaultServer,
) -> None:
    def buckets(low: int, high: int, all_: int) -> str:
        return f't_bucket{{le="0.1"}} {low}\nt_bucket{{le="0.5"}} {high}\nt_bucket{{le="+Inf"}} {all_}\n'

    async def tell(story: Story) -> None:
        for _ in range(3):
            batch = await story.poll(buckets(7, 8, 9))
        assert "app/p99" not in batch.values
        assert "app/ratio" not in batch.values
        assert story.source.troubles == dict.fromkeys(
            ("p99", "ratio"), "its value is no number now (0/0, or a quantile of nothing)"
        )

        for slow in (100, 200, 300, 400):
            batch = await story.poll(buckets(7, 8, 9 + slow))
        assert batch.values["app/p99"] == 0.5
        (estimate,) = story.source.brackets("p99").values()
        assert (estimate.low, estimate.high) == (0.5, float("inf"))
        assert story.source.troubles == {}

    rate = "rate(t_bucket[4s])"
    quantile = f"histogram_quantile(0.99, sum by (le) ({rate}))"
    ratio = 'sum(rate(t_bucket{le="0.1"}[4s])) / sum(rate(t_bucket{le="+Inf"}[4s]))'
    _told(server, tell, queries={"p99": quantile, "ratio": ratio}, interest=())


def test_a_series_that_vanishes_and_comes_back_leaves_a_gap_and_never_a_zero(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        for number in range(12):
            there = not 4 <= number < 9
            heat = "heat_celsius 20\n" if there else ""
            batch = await story.poll(f"{heat}jobs_total {1000 + 10 * number}\n")
            assert ("app/heat_celsius" in batch.values) is ("app/warm" in batch.values) is there
            trouble = "" if there else "no metric is called heat_celsius"
            assert story.source.troubles.get("warm", "") == story.source.troubles.get("heat_celsius", "") == trouble

        drawn = [20.0] * 4 + [None] * 5 + [20.0] * 3
        assert story.line("app/heat_celsius", 12) == drawn
        assert story.line("app/warm", 12) == drawn
        assert story.line("app/rate", 11) == pytest.approx([10.0] * 11)

    _told(server, tell, queries={"warm": "heat_celsius + 0", "rate": "rate(jobs_total[$win])"})


def test_an_outage_is_a_gap_and_neither_a_zero_nor_a_spike_behind_it(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        for number in range(24):
            if number == 6:
                server.refuse()
            if number == 14:
                server.listen()
            batch = await story.poll(f"jobs_total {1000 + 10 * number}\nheat_celsius 20\n")
            assert (batch.error is not None) is (6 <= number < 14)

        assert story.line("app/heat_celsius", 24) == [20.0] * 6 + [None] * 8 + [20.0] * 10
        assert story.line("app/up", 24) == [1.0] * 6 + [None] * 8 + [1.0] * 10
        rates = story.line("app/rate", 24)
        assert rates[6:15] == [None] * 9  # the first scrape behind it has nothing to compare with
        assert rates[1:6] + rates[15:] == pytest.approx([10.0] * 14)

    _told(server, tell, queries={"rate": "rate(jobs_total[4s])"})


def test_retry_after_is_kept_to_by_waiting_and_not_by_hanging(server: FaultServer) -> None:
    async def story() -> None:
        source = _source(server)
        server.play(answers(429, b"slow down", Retry_After="1"))
        batches: list[Batch] = []
        collector = Collector(source, lambda _, batch: batches.append(batch), wall=time.time, random=lambda: 0.0)
        async with _opened(source):
            running = asyncio.ensure_future(collector.run())
            await until(lambda: batches)
            health = collector.health(time.time())
            scenarios.end(server)
            assert health.error is not None
            assert (health.state, health.error.kind) == (SourceState.FAILED, ErrorKind.OVERLOADED)
            assert "asks to wait 1 s (slow down)" in health.error.message
            await until(lambda: len(batches) > 1)
            running.cancel()

        assert batches[0].took_s < TIMEOUT_S
        assert batches[1].error is None
        first, second = server.requests[:2]
        # a wall clock that is corrected in between may take some of it
        assert second.at - first.at >= 0.95

    _run(story)


@pytest.mark.parametrize("proxy", ["", "env"])
@pytest.mark.parametrize("token", ["", "env:TOKEN"])
def test_a_netrc_gives_nobody_a_password(
    token: str, proxy: str, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login anna password secret\ndefault login anna password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    async def story() -> None:
        async with _opened(_source(server, token=token, proxy=proxy, environ={"TOKEN": "ours"})) as source:
            assert (await source.poll()).error is None

        assert [request.headers.get("authorization") for request in server.requests] == [
            "Bearer ours" if token else None
        ]

    _run(story)
