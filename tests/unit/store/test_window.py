"""The same points give the same buckets, from memory, from the journal, or from both."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.store.history import History
from perftui.store.journal import Journal
from perftui.store.memory import MemoryStore, natural
from perftui.store.reader import JournalReader
from perftui.store.window import Buckets, aligned_start, bucket_count, choose_step, cut

_VALUE = "host/value"
_SELECTORS = [parse_selector(_VALUE)]


def _batch(at: float, value: float) -> Batch:
    return Batch("host", at, 0.0, {_VALUE: value})


def test_a_step_is_a_whole_multiple_of_the_interval_that_fits_the_cells() -> None:
    assert choose_step(300, 121, 1.0) == 3.0
    assert choose_step(60, 121, 1.0) == 1.0
    assert choose_step(300, 121, 5.0) == 5.0


@given(st.floats(60, 1e6), st.integers(2, 500), st.sampled_from([0.5, 1.0, 5.0, 10.0]), st.floats(0, 1e9))
def test_a_window_never_has_more_buckets_than_cells_and_reaches_its_end(
    span: float, cells: int, interval: float, end: float
) -> None:
    start = end - span
    step = choose_step(span, cells, interval)
    first = aligned_start(start, step)
    count = bucket_count(first, end, step, cells)

    assert count <= cells
    assert first <= start + 1e-6 * step
    assert first + count * step >= end - 1e-6 * step


def test_a_gap_stays_a_gap_and_a_bucket_knows_its_extremes() -> None:
    memory = MemoryStore(3600)
    for at, value in ((0, 1.0), (1, 3.0), (2, 2.0), (6, 5.0)):
        memory.add(_batch(at, value), 1.0)

    (series,) = memory.window([_VALUE], 0, 8, 4, step_s=2.0).series

    assert series.mean == (2.0, 2.0, None, 5.0)
    assert series.low == (1.0, 2.0, None, 5.0)
    assert series.high == (3.0, 2.0, None, 5.0)
    assert (series.last_at, series.last) == (6, 5.0)


def test_what_is_not_a_number_is_a_gap_not_a_zero() -> None:
    memory = MemoryStore(3600)
    for at, value in ((0, math.nan), (1, math.inf), (2, 1.0)):
        memory.add(_batch(at, value), 1.0)

    (series,) = memory.window([_VALUE], 0, 2, 3, step_s=1.0).series

    assert series.mean == (None, None, 1.0)


_ANY_POINTS = st.lists(
    st.tuples(st.floats(0, 30), st.floats(width=32) | st.sampled_from([0.0, -0.0, 1.0])),
    unique_by=lambda point: point[0],
)


@given(_ANY_POINTS, st.sampled_from([0.1, 0.7, 1.0, 3.0, 40.0]), st.integers(1, 12))
def test_points_in_order_are_cut_as_points_in_any_order_are(
    points: list[tuple[float, float]], step: float, count: int
) -> None:
    points.sort()
    buckets = Buckets(_VALUE, 0.0, step, count)
    buckets.add(points)

    assert cut(_VALUE, points, 0.0, step, count) == (None if buckets.empty else buckets.window())


@given(st.lists(st.integers(0, 60), unique=True), st.floats(-1, 61), st.floats(-1, 61))
def test_memory_gives_exactly_the_samples_from_a_start_to_before_an_end(
    times: list[int], start: float, end: float
) -> None:
    memory = MemoryStore(3600)
    for at in sorted(times):
        memory.add(_batch(at, float(at)), 1.0)

    assert list(memory.points(_VALUE, start, end)) == [(at, at) for at in sorted(times) if start <= at < end]


def test_memory_tells_when_what_was_said_of_it_no_longer_holds() -> None:
    memory = MemoryStore(3600)
    memory.add(_batch(10, 1.0), 1.0)
    new = memory.changes
    memory.add(_batch(11, 1.0), 1.0)
    assert memory.changes == new

    memory.merge({_VALUE: [(5.0, 1.0)]}, 1.0)
    rewritten = memory.changes
    memory.add(Batch("host", 12, 0.0, {"host/other": 1.0}), 1.0)

    assert new < rewritten < memory.changes


def test_memory_is_bounded_and_says_what_it_dropped() -> None:
    memory = MemoryStore(100, max_series=1)
    for at in range(1000):
        memory.add(_batch(at, 1.0), 1.0)
    memory.add(Batch("host", 1000, 0.0, {"host/other": 1.0}), 1.0)

    assert memory.dropped == 1
    oldest = memory.oldest_at(_VALUE)
    assert oldest is not None
    assert 1000 - 100 - 256 <= oldest <= 1000 - 100


def test_a_wall_clock_set_back_does_not_silence_a_series() -> None:
    memory = MemoryStore(100)
    memory.add(_batch(10_000, 1.0), 1.0)
    memory.add(_batch(9_999, 2.0), 1.0)
    assert memory.latest(_VALUE) == (10_000, 1.0)

    memory.add(_batch(5_000, 3.0), 1.0)

    assert memory.latest(_VALUE) == (5_000, 3.0)


def test_series_are_selected_in_natural_order() -> None:
    names = ['a/x{core="10"}', 'a/x{core="9"}', 'a/x{core="0"}']

    assert sorted(names, key=natural) == ['a/x{core="0"}', 'a/x{core="9"}', 'a/x{core="10"}']


def test_bounds_and_quantiles_are_ordered_by_value_and_addresses_part_by_part() -> None:
    bounds = ['x{le="10"}', 'x{le="2.5"}', 'x{le="+Inf"}', 'x{le="0.25"}', 'x{le="1e-05"}', 'x{le="0.5"}']
    addresses = ['x{instance="10.0.10.1"}', 'x{instance="10.0.9.1"}', 'x{instance="10.0.9.1:80"}']

    assert sorted(bounds, key=natural) == [
        'x{le="1e-05"}', 'x{le="0.25"}', 'x{le="0.5"}', 'x{le="2.5"}', 'x{le="10"}', 'x{le="+Inf"}'
    ]  # fmt: skip
    assert sorted(addresses, key=natural) == [addresses[1], addresses[2], addresses[0]]


@given(st.lists(st.text(alphabet=st.sampled_from('12².e"l=٣9'), max_size=12), max_size=5))
def test_every_text_has_its_place(texts: list[str]) -> None:
    sorted((f'x{{le="{text}"}}' for text in texts), key=natural)
    sorted(texts, key=natural)


_POINTS = st.lists(
    st.tuples(st.integers(0, 300), st.floats(-1e6, 1e6)), min_size=1, max_size=60, unique_by=lambda p: p[0]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_POINTS, st.integers(0, 60), st.integers(5, 80))
def test_memory_and_journal_and_both_together_answer_alike(
    tmp_path: Path, points: list[tuple[int, float]], split: int, cells: int
) -> None:
    points.sort()
    path = tmp_path / f"h-{len(list(tmp_path.iterdir()))}.db"
    journal = Journal(path, wall=lambda: 300.0, keep_raw_s=1e9)
    journal.start()
    everything, newest, nothing = MemoryStore(3600), MemoryStore(3600), MemoryStore(3600)
    for index, (at, value) in enumerate(points):
        journal.append(at, [_batch(at, value)], {_VALUE: 1.0})
        everything.add(_batch(at, value), 1.0)
        if index >= split:
            newest.add(_batch(at, value), 1.0)
    journal.close()
    assert journal.health().reason == ""
    reader = JournalReader(path)

    wanted = History(everything, None).window(_SELECTORS, 0, 300, cells)

    assert asyncio.run(History(nothing, reader).past(_SELECTORS, 0, 300, cells)) == wanted
    assert asyncio.run(History(newest, reader).past(_SELECTORS, 0, 300, cells)) == wanted
