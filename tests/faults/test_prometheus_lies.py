"""Answers that are easily read wrong: what the server did not say is never shown, and what is absent says why."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from perftui.config.schema import PrometheusSource as Settings
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceState
from perftui.domain.queries import Query
from perftui.domain.samples import Batch
from perftui.session.collector import Collector
from perftui.sources.prometheus.source import PrometheusSource
from perftui.store.memory import MemoryStore
from tests.faults import scenarios
from tests.faults.fault_server import FaultServer
from tests.faults.misdeeds import answers
from tests.faults.neighbours import INTERVAL_S, TIMEOUT_S, until
from tests.faults.prometheus_api import Matrix, PrometheusApi, Result, Scalar, Series, Text, Vector, one

_NO_NUMBER = "not a number: nothing was counted in its time (0/0)"
_INFINITE = "infinite, which can't be drawn: a division by 0?"
_NOTHING = "matches nothing: the server has no such series now"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi())
    yield server
    server.close()


class Story:
    """A source whose clock goes by a second before each poll; what it delivered is kept as the session keeps it.

    The server goes by the same clock, so that nothing hangs on how busy the machine is. ``began`` is the time of the
    first poll.
    """

    def __init__(self, server: FaultServer, exprs: Mapping[str, str], *, backfill_s: float = 0.0, **given: Any) -> None:
        self.server = server
        self.now = float(math.floor(time.time()))
        self.began = self.now + 1.0
        server.api.clock = lambda: self.now
        self.memory = MemoryStore(600.0)
        self.past: dict[str, dict[float, float]] = {}
        settings: dict[str, Any] = {"interval": 1.0, "timeout": TIMEOUT_S, "scrape_interval": 5.0, **given}
        self.source = PrometheusSource(
            "prom",
            Settings(url=server.url, **settings),
            environ={"TOKEN": "ours"},
            wall=lambda: self.now,
            monotonic=time.monotonic,
            backfill_s=backfill_s,
        )
        self.source.set_queries([Query(name, expr) for name, expr in exprs.items()])

    async def poll(self) -> Batch:
        self.now += 1.0
        return await self._polled()

    async def _polled(self) -> Batch:
        batch = await self.source.poll()
        self.memory.add(batch, 1.0)
        self.memory.merge(batch.past, 1.0)
        for series, points in batch.past.items():
            self.past.setdefault(series, {}).update(points)
        return batch

    async def backfilled(self, series: str, at: float) -> dict[float, float]:
        """Poll on the spot until the sample of this moment was fetched; all that were, by their time."""
        end = time.monotonic() + 20.0
        found = self.past.setdefault(series, {})
        while not any(abs(moment - at) < 0.5 for moment in found):
            assert time.monotonic() < end, f"it never came: {self.source.notes} {self.source.troubles}"
            await asyncio.sleep(0.005)
            await self._polled()
        return found

    async def asked(self, *paths: str) -> None:
        """Poll on until the server was asked for all of them: on a loaded machine a question may be late."""
        end = time.monotonic() + 60.0
        while not all(self.server.asked(path) for path in paths):
            assert time.monotonic() < end, f"never asked for one of {paths}: {self.source.notes}"
            await asyncio.sleep(0.005)
            await self.poll()

    def line(self, series: str, start: float) -> list[float | None]:
        """What a panel draws from then until now, second by second."""
        count = round(self.now - start) + 1
        return list(self.memory.window([series], start, self.now, count, 1.0).series[0].mean)


def _told(
    server: FaultServer, said: Mapping[str, Result], tell: Callable[[Story], Coroutine[Any, Any, None]], **given: Any
) -> None:
    """``said`` are the server's results by expression; the queries are called q0, q1 and so on."""
    server.api.answers.update(said)

    async def story() -> None:
        one = Story(server, {f"q{number}": expr for number, expr in enumerate(said)}, **given)
        try:
            await tell(one)
        finally:
            await one.source.close()

    asyncio.run(story())


def test_what_is_no_number_is_absent_says_why_and_takes_nothing_else_along(server: FaultServer) -> None:
    numbers = {"a": "NaN", "b": "+Inf", "c": "-Inf", "d": "4"}
    rooms = Vector(tuple(Series({"room": room}, number) for room, number in numbers.items()))
    said: dict[str, Result] = {
        "heat": rooms,
        "histogram_quantile(0.9, sum by (le) (rate(idle_bucket[1m])))": one("NaN"),
        "failed / asked": one("+Inf"),
        "a / 0": Vector((Series({"n": "1"}, "NaN"), Series({"n": "2"}, "+Inf"))),
        "well": one(1.5),
    }

    async def tell(story: Story) -> None:
        for _ in range(2):
            batch = await story.poll()
            assert (batch.error, batch.values) == (None, {'prom/q0{room="d"}': 4.0, "prom/q4": 1.5})
            assert story.source.troubles == {"q1": _NO_NUMBER, "q2": _INFINITE, "q3": _NO_NUMBER}

        server.api.answers["failed / asked"] = one(0.5)
        assert (await story.poll()).values["prom/q2"] == 0.5
        assert "q2" not in story.source.troubles

    _told(server, said, tell)


def test_a_quantile_beyond_the_last_finite_bucket_is_the_bound_that_the_server_says(server: FaultServer) -> None:
    quantile = "histogram_quantile(0.99, sum by (le) (rate(t_bucket[1m])))"

    async def tell(story: Story) -> None:
        assert (await story.poll()).values == {"prom/q0": 0.5}
        assert story.source.troubles == {}
        # of a quantile that there can't be, it says that it is infinite
        server.api.answers[quantile] = one("+Inf")
        assert (await story.poll()).values == {}
        assert story.source.troubles == {"q0": _INFINITE}

    _told(server, {quantile: one(0.5)}, tell)


def test_scalars_are_drawn_and_texts_ranges_and_nothing_say_what_they_are(server: FaultServer) -> None:
    said: dict[str, Result] = {
        "1 + 1": Scalar("2"),
        "scalar(nothing)": Scalar("NaN"),
        '"text"': Text("text"),
        "well[1m]": Matrix({"job": "a"}),
        "nothing": Vector(()),
        "well": one(1.5, job="a"),
    }

    async def tell(story: Story) -> None:
        for _ in range(3):
            batch = await story.poll()
            assert (batch.error, batch.values) == (None, {"prom/q0": 2.0, 'prom/q5{job="a"}': 1.5})
            assert story.source.troubles == {
                "q1": _NO_NUMBER,
                "q2": "a text can't be drawn",
                "q3": "a range of samples can't be drawn as it is: use rate(...) or the like",
                "q4": _NOTHING,
            }
        newest = server.asked("query")[-1].query
        assert "vector(\n1 + 1\n)" in newest, "it is joined with the others once it is known"
        assert "well[1m]" not in newest, "what can't be drawn is not asked again and again"

    _told(server, said, tell)


def test_a_counter_that_is_reset_is_shown_as_it_is_and_its_rate_is_the_servers_own(server: FaultServer) -> None:
    totals: list[float] = [100, 110, 120, 3, 13]
    rate = "rate(jobs_total[$win])"

    async def tell(story: Story) -> None:
        story.began += 5.0
        server.api.answers["jobs_total"] = one(lambda at: totals[max(0, min(4, round(at - story.began)))])
        story.now = story.began - 1.0
        for total in totals:
            batch = await story.poll()
            assert batch.values["prom/q0"] == total
        # its window holds four scrapes, so that one reset or one missed scrape is not all that it sees
        assert "rate(jobs_total[20s])" in server.asked("query")[-1].query
        await story.backfilled("prom/q0", story.began - 2.0)
        assert story.line("prom/q0", story.began) == totals

    _told(server, {"jobs_total": one(0.0), rate: one(0.0)}, tell, backfill_s=4.0)


def test_a_series_that_vanishes_and_comes_back_leaves_a_gap_and_never_a_zero(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        def heat(at: float) -> float | None:
            return None if 4 <= round(at - story.began) < 9 else 20.0

        server.api.answers["heat"] = one(heat)
        for number in range(12):
            batch = await story.poll()
            there = not 4 <= number < 9
            assert batch.error is None
            assert batch.values == ({"prom/q0": 20.0, "prom/q1": 1.0} if there else {"prom/q1": 1.0})
            assert story.source.troubles == ({} if there else {"q0": _NOTHING})

        assert story.line("prom/q0", story.began) == [20.0] * 4 + [None] * 5 + [20.0] * 3
        assert story.line("prom/q1", story.began) == [1.0] * 12

    _told(server, {"heat": one(20.0), "well": one(1.0)}, tell)


def test_of_an_outage_only_what_the_server_saw_itself_is_filled_in(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        def heat(at: float) -> float | None:
            return None if 8 <= round(at - story.began) < 11 else 20.0

        server.api.answers["heat"] = one(heat)
        for number in range(16):
            if number == 6:
                server.refuse()
            if number == 14:
                assert story.line("prom/q0", story.began) == [20.0] * 6 + [None] * 8
                server.listen()
            batch = await story.poll()
            assert (batch.error is not None) is (6 <= number < 14)
            assert batch.error is None or batch.values == {}

        await story.backfilled("prom/q0", story.began + 12.0)
        assert story.line("prom/q0", story.began) == [20.0] * 8 + [None] * 3 + [20.0] * 5

    _told(server, {"heat": one(20.0)}, tell, backfill_s=60.0)


def test_the_time_before_the_start_is_what_the_server_says_of_it_and_nothing_else(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        def heat(at: float) -> float | str | None:
            second = round(at - story.began)
            return None if second < -6 else "NaN" if second == -3 else 20.0

        server.api.answers["heat"] = Vector((Series({}, heat),))  # type: ignore[arg-type]
        await story.poll()
        await story.backfilled("prom/q0", story.began - 1.0)
        drawn = story.line("prom/q0", story.began - 9.0)
        assert drawn == [None] * 3 + [20.0] * 3 + [None] + [20.0] * 3

    _told(server, {"heat": one(20.0)}, tell, backfill_s=9.0)


def test_a_sample_of_a_series_that_died_is_not_asked_for(server: FaultServer) -> None:
    server.api.endpoints["targets"] = {"activeTargets": [{"scrapeInterval": "2s"}, {"scrapeInterval": "10s"}]}

    async def tell(story: Story) -> None:
        assert (await story.poll()).values == {"prom/q0": 20.0, "prom/q1": 40.0}
        await until(lambda: server.asked("targets"))
        # two and a half intervals of the slowest target; what is no plain selector goes as it was written
        wanted = "\nheat unless (time() - timestamp(heat) > 25)\n"
        end = time.monotonic() + 20.0
        while wanted not in server.asked("query")[-1].query:
            assert time.monotonic() < end, "what was learned of the scrapes was never used"
            assert (await story.poll()).values == {"prom/q0": 20.0, "prom/q1": 40.0}
        assert "\nheat * 2\n" in server.asked("query")[-1].query

    _told(server, {"heat": one(20.0), "heat * 2": one(40.0)}, tell, scrape_interval=0.0)


@pytest.mark.parametrize("ahead_s", [600.0, -600.0])
def test_a_clock_that_is_10_minutes_off_is_named_and_everything_is_shown_at_our_time(
    ahead_s: float, server: FaultServer
) -> None:
    async def tell(story: Story) -> None:
        server.api.skew_s = ahead_s
        server.api.answers["seconds"] = one(lambda at: round(at - ahead_s - story.began))
        batch = await story.poll()
        assert (batch.error, batch.at) == (None, story.began)
        assert batch.values == {"prom/q0": 0.0}
        word = "ahead of" if ahead_s > 0 else "behind"
        assert f"its clock is 600 s {word} ours" in story.source.notes

        past = await story.backfilled("prom/q0", story.began - 5.0)
        assert {at - story.began: value for at, value in past.items()} == {float(n): float(n) for n in range(-5, 1)}
        assert story.line("prom/q0", story.began - 5.0) == [-5.0, -4.0, -3.0, -2.0, -1.0, 0.0]
        asked = server.asked("query_range")[-1]
        assert float(({**asked.params, **asked.form})["end"]) == story.began + ahead_s

        server.api.skew_s = 0.0
        for _ in range(9):
            await story.poll()
        assert not [note for note in story.source.notes if "clock" in note]

    _told(server, {"seconds": one(0.0)}, tell, backfill_s=5.0)


def test_an_answer_that_is_partial_is_shown_with_its_warning_for_as_long_as_it_has_one(server: FaultServer) -> None:
    async def tell(story: Story) -> None:
        server.api.extra = {"warnings": ["store-2 is \x1b[31mdown", "store-2 is \x1b[31mdown"], "infos": ["no counter"]}
        for _ in range(2):
            assert (await story.poll()).values == {"prom/q0": 1.5}
            warned = [note for note in story.source.notes if note.startswith("it warns")]
            assert warned == ["it warns: store-2 is  [31mdown", "it warns: no counter"]

        server.api.extra = {"isPartial": True}
        await story.poll()
        warned = [note for note in story.source.notes if note.startswith("it warns")]
        assert warned == ["it warns: the answer is partial: not every storage node answered"]

        server.api.extra = {"isPartial": False, "warnings": None}
        assert (await story.poll()).error is None
        assert not [note for note in story.source.notes if note.startswith("it warns")]

    _told(server, {"well": one(1.5)}, tell)


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

    async def tell(story: Story) -> None:
        assert (await story.poll()).values == {"prom/q0": 1.5}
        await story.asked("rules", "query_range", "status/buildinfo")
        await story.source.try_query("well")

    _told(server, {"well": one(1.5)}, tell, token=token, proxy=proxy)
    sent = {request.headers.get("authorization") for request in server.requests}
    assert sent == {"Bearer ours" if token else None}


def test_retry_after_is_kept_to_by_waiting_and_not_by_hanging(server: FaultServer) -> None:
    server.play(answers(429, b"slow down", Retry_After="1"))

    async def tell(story: Story) -> None:
        batches: list[Batch] = []
        collector = Collector(story.source, lambda _, batch: batches.append(batch), wall=time.time, random=lambda: 0.0)
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
        assert (batches[1].error, batches[1].values) == (None, {"prom/q0": 1.5})
        first, second = server.asked("query")[:2]
        # a wall clock that is corrected in between may take some of it
        assert second.at - first.at >= 0.95

    _told(server, {"well": one(1.5)}, tell, interval=INTERVAL_S)
