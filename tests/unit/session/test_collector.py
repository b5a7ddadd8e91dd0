from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.units import Unit
from perftui.session.collector import MAX_BACKOFF_S, PHASE_S, Collector
from perftui.sources.base import Source
from tests.unit.session.virtual_time import EPOCH, run, wall


class Scripted:
    """A source that does ``act(number of the poll)``: it may sleep, raise, or give an error to be delivered."""

    kind = "fake"

    def __init__(
        self,
        act: Callable[[int], float | Exception | SourceError],
        *,
        name: str = "fake",
        interval_s: float = 1.0,
        deadline_s: float = 5.0,
    ) -> None:
        self.name, self.interval_s, self.deadline_s, self.wanted = name, interval_s, deadline_s, True
        self._act = act
        self.polled_at: list[float] = []
        self.in_flight = self.most_in_flight = 0

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return (SeriesInfo(f"{self.name}/value", Unit.COUNT, self.interval_s),)

    async def poll(self) -> Batch:
        at = wall()
        self.polled_at.append(at - EPOCH)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            answer = self._act(len(self.polled_at))
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, SourceError):
                return Batch(self.name, at, 0.0, error=answer)
            await asyncio.sleep(answer)
            return Batch(self.name, at, answer, {f"{self.name}/value": 1.0})
        finally:
            self.in_flight -= 1

    async def close(self) -> None: ...


DOWN = SourceError(ErrorKind.REFUSED, "connection refused")


def watch(
    *sources: Scripted, seconds: float, random: float = 0.5, on_batch: Callable[[Source, Batch], None] | None = None
) -> tuple[list[SourceHealth], list[Batch]]:
    """The health of each source after some seconds, and the batches they gave."""
    batches: list[Batch] = []

    async def main() -> list[SourceHealth]:
        collectors = [
            Collector(source, on_batch or (lambda _, batch: batches.append(batch)), wall=wall, random=lambda: random)
            for source in sources
        ]
        for collector in collectors:
            asyncio.ensure_future(collector.run())  # noqa: RUF006 (they end with the loop)
        await asyncio.sleep(seconds)
        return [collector.health(wall()) for collector in collectors]

    return run(main), batches


def test_polls_stand_on_the_grid_of_the_clock_each_in_a_bucket_of_its_own() -> None:
    source = Scripted(lambda _: 0.3, interval_s=2.0)
    watch(source, seconds=9.0)
    assert source.polled_at == pytest.approx([0.0] + [at + PHASE_S for at in (2.0, 4.0, 6.0, 8.0)], abs=1e-6)


def test_a_timer_that_fires_a_little_early_causes_no_second_poll() -> None:
    early = Scripted(lambda _: 0.0)

    async def main() -> None:
        await asyncio.sleep(0.1)
        # a clock that is 4 ms behind every other time, as slewing makes it
        collector = Collector(
            early, lambda *_: None, wall=lambda: wall() - 0.004 * (len(early.polled_at) % 2), random=lambda: 0.5
        )
        asyncio.ensure_future(collector.run())  # noqa: RUF006 (it ends with the loop)
        await asyncio.sleep(10.5)

    run(main)
    assert len({int(at) for at in early.polled_at}) == len(early.polled_at) == 11


class Resting(Scripted):
    """A source that asks to be left alone for so long after each poll."""

    rest_s = 7.0


def test_a_source_that_wants_rest_is_left_alone_for_so_long_whether_it_fails_or_not() -> None:
    well = Resting(lambda _: 0.5)
    watch(well, seconds=29.0)
    assert well.polled_at == pytest.approx([0.0, 7.5, 15.0, 22.5], abs=1e-6)

    failing = Resting(lambda _: DOWN, interval_s=0.1)
    watch(failing, seconds=30.0)
    assert failing.polled_at[:4] == pytest.approx([0.0, 7.0, 14.0, 21.0], abs=1e-6)


def test_a_slow_poll_is_never_joined_by_a_second_one() -> None:
    source = Scripted(lambda _: 2.5)
    watch(source, seconds=30.0)
    assert source.most_in_flight == 1
    # the points of the grid that it missed are left out, not made up for
    assert source.polled_at[1] == pytest.approx(3.0 + PHASE_S, abs=1e-6)


def test_a_poll_that_hangs_fails_at_its_deadline_and_is_not_stacked() -> None:
    source = Scripted(lambda _: 1e6, deadline_s=5.0)
    (health,), batches = watch(source, seconds=600.0)
    assert source.polled_at == [0.0]
    assert (health.state, health.late, health.failures) == (SourceState.FAILED, 1, 1)
    assert health.error == SourceError(ErrorKind.TIMEOUT, "no answer within 5 s")
    assert [batch.values for batch in batches] == [{}]


def test_a_late_answer_is_dropped_and_the_source_is_polled_again() -> None:
    source = Scripted(lambda number: 8.0 if number == 1 else 0.0, deadline_s=5.0)
    (health,), batches = watch(source, seconds=30.0)
    assert health.state is SourceState.OK
    assert batches[0].error is not None
    assert all(batch.error is None for batch in batches[1:])
    assert source.polled_at[1] > 8.0


def test_a_source_that_hangs_does_not_delay_another() -> None:
    hanging, brisk = Scripted(lambda _: 1e6, name="hanging"), Scripted(lambda _: 0.0, name="brisk")
    watch(hanging, brisk, seconds=60.0)
    assert brisk.polled_at[1:] == pytest.approx([at + PHASE_S for at in range(1, 60)], abs=1e-6)


@pytest.mark.parametrize("random", [0.0, 0.5, 0.999])
def test_back_off_doubles_with_jitter_up_to_a_bound(random: float) -> None:
    source = Scripted(lambda _: DOWN)
    watch(source, seconds=300.0, random=random)
    pauses = [after - before for before, after in zip(source.polled_at, source.polled_at[1:], strict=False)]
    full = [min(MAX_BACKOFF_S, 2.0**number) for number in range(1, len(pauses) + 1)]
    assert pauses == pytest.approx([pause * (0.5 + random / 2) for pause in full], abs=1e-6)
    assert max(pauses) <= MAX_BACKOFF_S


@pytest.mark.parametrize(("asked_s", "pause_s"), [(0.5, 1.5), (12.0, 12.0), (3600.0, MAX_BACKOFF_S)])
def test_a_source_that_asks_to_be_left_alone_is_but_not_for_ever(asked_s: float, pause_s: float) -> None:
    busy = SourceError(ErrorKind.OVERLOADED, "429", asked_s)
    source = Scripted(lambda number: busy if number == 1 else 0.0)
    watch(source, seconds=60.0)
    assert source.polled_at[1] == pytest.approx(pause_s, abs=1e-6)
    assert source.polled_at[2] - source.polled_at[1] <= 1.0 + PHASE_S


def test_success_ends_the_back_off_and_the_failure() -> None:
    source = Scripted(lambda number: 0.0 if number == 4 else DOWN)
    (health,), _ = watch(source, seconds=300.0)
    after_success = source.polled_at[4] - source.polled_at[3]
    assert 0 < after_success <= 1.0 + PHASE_S
    assert source.polled_at[5] - source.polled_at[4] == pytest.approx(1.5, abs=1e-6)
    assert health.failing_since == pytest.approx(EPOCH + source.polled_at[4])


def test_a_failing_source_tells_since_when_why_and_when_it_is_tried_again() -> None:
    source = Scripted(lambda number: 0.0 if number == 1 else DOWN)
    (health,), batches = watch(source, seconds=2.0)
    assert (health.state, health.error, health.failures, health.polls) == (SourceState.FAILED, DOWN, 1, 2)
    assert health.last_ok_at == EPOCH
    assert health.failing_since == pytest.approx(EPOCH + 1 + PHASE_S)
    assert health.next_try_at == pytest.approx(EPOCH + 1 + PHASE_S + 1.5)
    assert batches[-1].error == DOWN


@pytest.mark.parametrize("error", [ValueError("boom \x1b[31m"), asyncio.CancelledError()])
def test_an_exception_in_a_poll_is_that_sources_failure(error: BaseException) -> None:
    def act(number: int) -> float:
        if number == 1:
            raise error
        return 0.0

    broken, well = Scripted(act, name="broken"), Scripted(lambda _: 0.0, name="well")
    (first, second), batches = watch(broken, well, seconds=0.5)
    assert first.error is not None
    assert first.error.kind is ErrorKind.BUG
    assert "\x1b" not in first.error.message
    assert second.state is SourceState.OK
    (later, _), _ = watch(Scripted(act), well, seconds=5.0)
    assert later.state is SourceState.OK
    assert batches


def test_a_batch_that_cannot_be_kept_is_a_bug_of_its_source() -> None:
    def refuse(_: Source, batch: Batch) -> None:
        raise ValueError("not a series: 'x'")

    source = Scripted(lambda _: 0.0)
    (health,), _ = watch(source, seconds=10.0, on_batch=refuse)
    assert health.error == SourceError(ErrorKind.BUG, "ValueError: not a series: 'x'")
    assert health.polls > 1, "it goes on being tried"


def test_a_source_that_nobody_wants_is_not_polled_until_it_is_and_then_at_once() -> None:
    source = Scripted(lambda _: 0.0, interval_s=3.0)
    source.wanted = False
    states: list[SourceState] = []

    async def main() -> None:
        collector = Collector(source, lambda *_: None, wall=wall, random=lambda: 0.5)
        asyncio.ensure_future(collector.run())  # noqa: RUF006 (it ends with the loop)
        await asyncio.sleep(10.0)
        collector.wake()
        await asyncio.sleep(10.5)
        assert source.polled_at == [], "waking it alone does not make it wanted"
        states.append(collector.health(wall()).state)
        source.wanted = True
        collector.wake()
        await asyncio.sleep(5.0)
        states.append(collector.health(wall()).state)
        source.wanted = False
        await asyncio.sleep(100.0)

    run(main)
    assert states == [SourceState.WAITING, SourceState.OK]
    assert source.polled_at[0] == 20.5
    assert source.polled_at[1:] == pytest.approx([21.0 + PHASE_S, 24.0 + PHASE_S], abs=1e-6)


def test_an_answer_that_is_long_ago_is_stale() -> None:
    source = Scripted(lambda number: 0.0 if number == 1 else 1e6, interval_s=1.0, deadline_s=10.0)

    async def main() -> tuple[SourceState, SourceState]:
        collector = Collector(source, lambda *_: None, wall=wall, random=lambda: 0.5)
        asyncio.ensure_future(collector.run())  # noqa: RUF006 (it ends with the loop)
        await asyncio.sleep(0.5)
        return collector.health(wall()).state, collector.health(wall() + 13.5).state

    assert run(main) == (SourceState.OK, SourceState.STALE)


def test_a_wake_and_a_cancellation_at_the_same_moment_end_the_collector() -> None:
    async def main() -> bool:
        collector = Collector(Scripted(lambda _: 0.0), lambda *_: None, wall=wall, random=lambda: 0.5)
        task = asyncio.ensure_future(collector.run())
        await asyncio.sleep(0.5)
        collector.wake()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=60.0)
        return task.cancelled()

    assert run(main)
