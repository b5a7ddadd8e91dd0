"""The healthy time of a run: its first third, at least 10 s, and nothing of what came after the first trouble."""

from __future__ import annotations

from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.session.baseline import HealthyTime
from perftui.store.memory import MemoryStore


def _ticks(healthy: HealthyTime, seconds: int, trouble_at: int | None = None) -> None:
    for second in range(seconds + 1):
        since = [1000.0 + trouble_at] if trouble_at is not None and second >= trouble_at else []
        healthy.tick(1000.0 + second, since)


def test_before_10_seconds_there_is_none_and_it_says_how_much_there_is() -> None:
    healthy = HealthyTime()
    _ticks(healthy, 4)

    assert healthy.span is None
    assert healthy.missing == "needs a baseline: 4 s of 10 s"


def test_it_is_the_first_10_seconds_and_later_the_first_third() -> None:
    healthy = HealthyTime()
    _ticks(healthy, 12)
    assert healthy.span == (1000.0, 1010.0)
    _ticks(healthy, 90)
    assert healthy.span == (1000.0, 1030.0)


def test_it_grows_no_more_after_the_first_trouble_and_keeps_none_of_it() -> None:
    healthy = HealthyTime()
    _ticks(healthy, 300, trouble_at=20)

    assert healthy.span is not None
    assert healthy.span[1] <= 1020.0


def test_trouble_in_the_first_10_seconds_leaves_no_baseline_and_is_said() -> None:
    healthy = HealthyTime()
    _ticks(healthy, 60, trouble_at=5)

    assert healthy.span is None
    assert "something was wrong before 10 s" in healthy.missing


def test_what_was_wrong_from_the_start_is_how_it_is_here() -> None:
    healthy = HealthyTime()
    _ticks(healthy, 30, trouble_at=1)

    assert healthy.span == (1000.0, 1010.0)


def test_it_holds_the_samples_of_its_time_only() -> None:
    memory = MemoryStore(3600)
    healthy = HealthyTime()
    for second in range(40):
        memory.add(Batch("host", 1000.0 + second, 0.0, {"host/x": float(second)}), 1.0)
        healthy.tick(1000.0 + second, ())

    found = healthy.baseline(memory, [parse_selector("host/x"), parse_selector("host/y")])

    assert [value for _, value in found.series["host/x"]] == [float(second) for second in range(13)]
    assert set(found.series) == {"host/x"}
    assert found.missing == ""
