"""Two runs of the same thing show no difference, a real one is seen, and what can't be compared is said."""

from __future__ import annotations

import random
from typing import Any

import pytest

from perftui.load.compare import compare
from perftui.load.hdr import encoded
from perftui.load.histogram import Histogram
from perftui.load.record import figures
from perftui.load.sureness import Interval, difference, quantile_interval, student


def _stretches(draw: random.Random, scale: float, seconds: int, spread: float) -> list[Histogram]:
    """40 requests a second, log-normal; every second is slower or faster as a whole by its own factor."""
    found = []
    for _ in range(seconds):
        factor = scale * draw.lognormvariate(0, spread)
        histogram = Histogram()
        for _ in range(40):
            histogram.record(int(10e6 * factor * draw.lognormvariate(0, 0.5)))
        found.append(histogram)
    return found


def _record(stretches: list[Histogram], **changes: Any) -> dict[str, Any]:
    whole = Histogram()
    for each in stretches:
        whole.merge(each)
    packed = encoded(whole)
    return {
        "run_id": "a1", "started": "2026-01-01T00:00:00.000Z", "plan": {"url": "http://h/", "model": "open"},
        "limited_by": "none", "stopped_by": "duration", "done": whole.n, "dropped": 0, "errors": {},
        "response_ms": figures(whole), "service_ms": figures(whole), "throughput": {"average": 100.0},
        "percentile_quality": "exact", "environment": {"host": "here"},
        "histograms": {
            "response": packed, "service": packed, "every_s": 1, "stretches": [encoded(each) for each in stretches]
        },
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(("degrees", "known"), [(4, 2.776), (9, 2.262), (29, 2.045), (59, 2.001)])
def test_the_quantile_of_student_is_that_of_the_tables(degrees: int, known: float) -> None:
    assert student(degrees, 0.95) == pytest.approx(known, abs=0.01)


def test_the_interval_of_a_percentile_holds_the_true_one_as_often_as_it_says() -> None:
    draw = random.Random(7)
    # of exp(N(0, 0.3² + 0.5²)) * 10 ms
    truth = 10e6 * 2.718281828 ** (1.6449 * (0.3**2 + 0.5**2) ** 0.5)
    found = [quantile_interval(_stretches(draw, 1.0, 30, 0.3), 0.95, 0.95) for _ in range(80)]

    held = sum(each is not None and each.low * 0.99 <= truth <= each.high * 1.01 for each in found)
    assert held >= 69


def test_two_runs_of_the_same_thing_show_no_difference() -> None:
    draw = random.Random(11)
    pairs = [
        compare(_record(_stretches(draw, 1.0, 20, 0.2)), _record(_stretches(draw, 1.0, 20, 0.2))) for _ in range(24)
    ]

    assert sum("no difference that stands out" in each["verdict"] for each in pairs) >= 21


def test_a_slower_run_stands_out() -> None:
    draw = random.Random(3)
    found = compare(_record(_stretches(draw, 1.0, 30, 0.05)), _record(_stretches(draw, 1.5, 30, 0.05), run_id="b2"))

    p95 = next(each for each in found["figures"] if each["name"] == "response p95")
    assert p95["stands_out"]
    assert p95["interval"][0] < p95["difference"] < p95["interval"][1]
    assert p95["share"] == pytest.approx(0.5, abs=0.1)
    assert "response p95 is" in found["verdict"]
    assert "slower" in found["verdict"]


def test_what_was_slower_is_faster_the_other_way_round() -> None:
    draw = random.Random(3)
    records = _record(_stretches(draw, 1.0, 30, 0.05)), _record(_stretches(draw, 1.5, 30, 0.05))
    there, back = compare(*records), compare(*reversed(records))

    for before, after in zip(there["figures"], back["figures"], strict=True):
        assert before["difference"] == pytest.approx(-after["difference"])
        assert before["stands_out"] == after["stands_out"]
    assert "faster" in back["verdict"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"plan": {"url": "http://other/", "model": "open"}}, "another target: http://h/ and http://other/"),
        ({"plan": {"url": "http://h/", "model": "closed"}}, "another model: open and closed"),
        ({"limited_by": "generator"}, "limited by the machine that sent it"),
        ({"response_ms": figures(Histogram())}, "has measured nothing"),
        ({"percentile_quality": "compat: httpx"}, "percentiles of A are exact, those of B compat: httpx"),
    ],
)
def test_what_is_not_comparable_is_said(change: dict[str, Any], words: str) -> None:
    stretches = _stretches(random.Random(1), 1.0, 10, 0.1)
    found = compare(_record(stretches), _record(stretches, **change))

    assert not found["comparable"]
    assert all(each["stands_out"] is None for each in found["figures"])
    assert words in found["verdict"]
    assert found["verdict"].startswith("not comparable")


def test_what_else_is_not_the_same_is_noted() -> None:
    stretches = _stretches(random.Random(1), 1.0, 10, 0.1)
    plans = [{"url": "http://h/", "model": "open", "rate": rate} for rate in (20.0, 40.0)]
    found = compare(
        _record(stretches, plan=plans[0], percentile_quality="compat: httpx"),
        _record(
            stretches,
            plan=plans[1],
            percentile_quality="compat: httpx",
            stopped_by="user",
            environment={"host": "there"},
        ),
    )

    assert found["comparable"]
    assert len(found["notes"]) == 4
    assert "rate was 20.0, and is 40.0" in found["notes"]


def test_a_short_run_and_a_record_of_old_are_not_judged() -> None:
    draw = random.Random(5)
    long = _record(_stretches(draw, 1.0, 10, 0.1))
    for other in (_record(_stretches(draw, 3.0, 3, 0.1)), {**long, "histograms": None}):
        found = compare(long, other)

        assert found["verdict"].startswith("too short to tell, or kept without histograms")
        assert all(each["stands_out"] is None for each in found["figures"])


def test_what_is_equal_to_the_last_is_no_difference() -> None:
    stretches = _stretches(random.Random(9), 1.0, 10, 0.1)
    found = compare(_record(stretches), _record(stretches))

    assert all(each["difference"] == 0 for each in found["figures"])
    assert "no difference" in found["verdict"]


def test_the_difference_of_two_intervals_holds_that_of_their_values() -> None:
    found = difference(Interval(10.0, 8.0, 13.0), Interval(20.0, 17.0, 24.0))

    assert found.value == 10.0
    assert found.low == pytest.approx(10 - (3**2 + 3**2) ** 0.5)
    assert found.high == pytest.approx(10 + (4**2 + 2**2) ** 0.5)
