from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.domain.samples import Batch
from perftui.link.framing import _session_decoder, frame
from perftui.link.messages import Update, Watch
from perftui.link.mirror import Mirror
from perftui.session.advisor import Advisor
from perftui.session.judge import Judge
from perftui.session.state import State
from perftui.session.subscriber import MAX_SELECTORS, MAX_TABLES, MAX_WATCHES, Subscriber
from perftui.session.triage.triage import Triage
from perftui.store.claims import Claims
from perftui.store.firings import Firings
from perftui.store.history import History
from perftui.store.memory import MemoryStore

START = 1_700_000_000.0
LIVE = Watch("w", ("host/a", "host/b"), 30.0, None, 11)


def _triage() -> Triage:
    return Triage(Claims(None, lambda: 0.0), Firings())


def made() -> tuple[State, Subscriber]:
    memory = MemoryStore(3600.0)
    state = State(History(memory, None), Judge((), memory), Advisor(DEFAULTS, memory), _triage())
    return state, Subscriber(state, lambda: None)


def sent(update: Update) -> Update:
    """As it comes out at the other end of the link."""
    arrived = _session_decoder.decode(frame(update)[4:])
    assert isinstance(arrived, Update)
    return arrived


def measure(state: State, at: float, **values: float) -> None:
    state.take(Batch("host", at, 0.0, {f"host/{name}": value for name, value in values.items()}), 1.0)


def test_the_first_update_is_full_and_then_only_what_changed_comes() -> None:
    state, subscriber = made()
    subscriber.watch(LIVE)
    measure(state, START, a=1.0)
    first = subscriber.update(START)
    assert first is not None
    assert (first.full, first.seq, first.base, first.windows["w"].whole) == (True, 1, 0, True)
    measure(state, START + 1, a=2.0)
    second = subscriber.update(START + 1)
    assert second is not None
    assert (second.full, second.seq, second.base, second.alerts, second.windows["w"].whole) == (
        False, 2, 1, None, False,
    )  # fmt: skip
    subscriber.update(START + 1)  # the bucket that is still filling, alone
    assert subscriber.update(START + 1) is None
    assert second.windows["w"].window.cells <= 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 9)), min_size=1, max_size=60),
    st.sampled_from([7.0, 30.0, 100.0]),
    st.integers(2, 40),
)
def test_appended_updates_give_the_same_mirror_as_whole_windows(
    steps: list[tuple[bool, bool, int]], span_s: float, cells: int
) -> None:
    state, subscriber = made()
    watch = Watch("w", ("host/a", "host/b"), span_s, None, cells)
    subscriber.watch(watch)
    mirror, now = Mirror(), START
    for number, (has_a, has_b, seconds) in enumerate(steps):
        now += seconds
        values = {name: float(number) for name, has in (("a", has_a), ("b", has_b)) if has}
        measure(state, now, **values)
        update = subscriber.update(now)
        if update is not None:
            assert mirror.apply(sent(update))
        fresh = Subscriber(state, lambda: None)
        fresh.watch(watch)
        whole = fresh.update(now)
        assert whole is not None
        window = mirror.windows["w"]
        assert window == whole.windows["w"].window
        assert window.cells <= cells


def test_a_past_window_comes_once_and_again_after_a_resync() -> None:
    state, subscriber = made()
    for second in range(60):
        measure(state, START + second, a=1.0)
    subscriber.watch(msgspec.structs.replace(LIVE, end=START + 40))
    first = subscriber.update(START + 60)
    assert first is not None
    assert first.windows["w"].window.end <= START + 45
    measure(state, START + 60, a=1.0)
    assert subscriber.update(START + 60) is None
    subscriber.resync()
    again = subscriber.update(START + 61)
    assert again is not None
    assert again.windows == first.windows


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"selectors": ("nonsense",)}, "not a series"),
        ({"selectors": ("host/a",) * (MAX_SELECTORS + 1)}, "selectors"),
        ({"cells": 0}, "cells"),
        ({"cells": 1_000_000}, "cells"),
        ({"span_s": math.nan}, "400 days"),
        ({"span_s": -1.0}, "400 days"),
        ({"end": math.inf}, "1970"),
        ({"end": math.nan}, "1970"),
        ({"end": 1e300}, "1970"),
    ],
)
def test_a_watch_that_makes_no_sense_is_answered_once_with_the_reason(changes: dict[str, object], words: str) -> None:
    _, subscriber = made()
    subscriber.watch(msgspec.structs.replace(LIVE, **changes))
    update = subscriber.update(START)
    assert update is not None
    assert words in update.windows["w"].error
    assert subscriber.update(START + 1) is None


def test_windows_and_tables_are_bounded_and_it_is_said() -> None:
    _, subscriber = made()
    for number in range(MAX_WATCHES + 1):
        subscriber.watch(msgspec.structs.replace(LIVE, watch=f"w{number}"))
    update = subscriber.update(START)
    assert update is not None
    assert "more than" in update.windows[f"w{MAX_WATCHES}"].error
    for number in range(MAX_TABLES + 10):
        subscriber.watch_table(f"t{number}", True)
    assert len(subscriber.tables) == MAX_TABLES


class Row(msgspec.Struct, frozen=True, array_like=True):
    key: str
    value: int


def test_a_table_comes_whole_and_then_as_differences_by_key() -> None:
    state, subscriber = made()
    subscriber.watch_table("t", True)
    state.take(Batch("s", START, 0.0, tables={"t": (Row("a", 1), Row("b", 1))}), 1.0)
    first = subscriber.update(START)
    assert first is not None
    assert first.tables["t"].whole
    assert subscriber.update(START + 1) is None, "an idle table sends nothing"
    state.take(Batch("s", START + 2, 0.0, tables={"t": (Row("b", 2), Row("c", 1))}), 1.0)
    second = subscriber.update(START + 2)
    assert second is not None
    part = second.tables["t"]
    assert (part.whole, part.upserts, part.deletes) == (False, (Row("b", 2), Row("c", 1)), ("a",))
