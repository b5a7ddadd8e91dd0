"""Samples of earlier moments find their place, and an archive outside tells what nobody here saw."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.store.history import History, Points
from perftui.store.memory import MemoryStore

SERIES = 'main/q{job="a"}'
SELECTORS = [parse_selector("main/q")]


def _memory(*points: tuple[float, float], keep_s: float = 3600.0) -> MemoryStore:
    memory = MemoryStore(keep_s)
    for at, value in points:
        memory.add(Batch("main", at, 0.0, {SERIES: value}), 1.0)
    return memory


def _points(memory: MemoryStore) -> list[tuple[float, float]]:
    return list(memory.points(SERIES, 0, 1e9))


class _Archive:
    def __init__(self, answer: Points | QueryError) -> None:
        self.answer = answer
        self.asked: list[tuple[tuple[str, ...], float, float, float]] = []

    async def past(self, names: Sequence[str], start: float, end: float, step_s: float) -> Points:
        self.asked.append((tuple(names), start, end, step_s))
        if isinstance(self.answer, QueryError):
            raise self.answer
        return self.answer


def test_earlier_samples_fill_gaps_and_never_replace_what_was_measured() -> None:
    memory = _memory((100.0, 1.0), (101.0, 2.0), (105.0, 6.0))

    memory.merge({SERIES: [(99.0, 0.5), (100.2, 99.0), (102.0, 3.0), (103.0, 4.0), (104.6, 99.0)]}, 1.0)

    assert _points(memory) == [(99.0, 0.5), (100.0, 1.0), (101.0, 2.0), (102.0, 3.0), (103.0, 4.0), (105.0, 6.0)]
    assert memory.latest(SERIES) == (105.0, 6.0)
    assert memory.rewritten == {SERIES: 1}


def test_samples_that_find_no_place_rewrite_nothing() -> None:
    memory = _memory((100.0, 1.0))

    memory.merge({SERIES: [(100.0, 5.0)]}, 1.0)

    assert memory.rewritten == {}


def test_a_series_may_begin_with_its_past() -> None:
    memory = _memory()

    memory.merge({SERIES: [(10.0, 1.0), (11.0, 2.0)]}, 1.0)

    assert _points(memory) == [(10.0, 1.0), (11.0, 2.0)]


@given(
    live=st.lists(st.integers(0, 200), unique=True, max_size=60),
    past=st.lists(st.integers(0, 200), unique=True, max_size=60),
)
def test_merged_samples_are_in_order_bounded_and_hold_all_that_was_measured_last(
    live: list[int], past: list[int]
) -> None:
    memory = _memory(*((float(at), 1.0) for at in sorted(live)), keep_s=50)

    memory.merge({SERIES: [(float(at), 2.0) for at in past]}, 1.0)

    points = _points(memory)
    assert [at for at, _ in points] == sorted({at for at, _ in points})
    assert {at for at, value in points if value == 1.0} >= set(sorted(live)[-1:])
    assert len(points) <= 60


def test_what_lies_before_memory_is_asked_of_the_archive_at_the_windows_step() -> None:
    archive = _Archive({SERIES: [(at, 7.0) for at in range(0, 100, 10)], 'main/q{job="b"}': [(50.0, 1.0)]})
    history = History(_memory((95.0, 1.0)), None, {"main": archive})
    selectors = [parse_selector('main/q{job="a"}')]

    assert history.needs_past(selectors, 0.0)
    window = asyncio.run(history.past(selectors, 0.0, 100.0, 12))

    assert archive.asked == [(("q",), 0.0, 100.0, 10.0)]
    (series,) = window.series
    assert series.series == SERIES
    assert series.mean[:10] == (7.0,) * 9 + (4.0,)  # the last bucket holds one of each
    assert series.last == 1.0


def test_what_memory_holds_is_not_asked_again() -> None:
    history = History(_memory((10.0, 1.0), (20.0, 1.0)), None, {"main": _Archive({})})

    assert not history.needs_past(SELECTORS, 10.0)
    assert not history.needs_past([parse_selector("host/cpu")], 0.0)


def test_an_archive_that_can_not_tell_says_why_until_it_can() -> None:
    archive = _Archive(QueryError(ErrorKind.TIMEOUT, "no answer within 5 s"))
    history = History(_memory((95.0, 1.0)), None, {"main": archive})

    window = asyncio.run(history.past(SELECTORS, 0.0, 100.0, 12))
    troubles = dict(history.troubles)
    archive.answer = {}
    asyncio.run(history.past(SELECTORS, 0.0, 100.0, 12))

    assert [series.last for series in window.series] == [1.0]
    assert troubles == {"main/q": "the time before can't be told: no answer within 5 s"}
    assert history.troubles == {}


def test_who_looks_at_what_memory_holds_is_not_told_of_an_archive_that_failed_before() -> None:
    archive = _Archive(QueryError(ErrorKind.TIMEOUT, "no answer within 5 s"))
    history = History(_memory((95.0, 1.0)), None, {"main": archive})
    asyncio.run(history.past(SELECTORS, 0.0, 100.0, 12))
    assert history.troubles

    assert not history.needs_past(SELECTORS, 95.0)
    assert history.troubles == {}
