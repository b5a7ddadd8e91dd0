"""What consoles are told of a load is bounded, clean, and what its frames said."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.load import LoadPhase, Verdict
from perftui.load.frames import Breach, Delta, Hello, Phase, Summary
from perftui.load.histogram import Histogram
from perftui.load.job import Job, Model, Threshold
from perftui.load.run import Run
from perftui.load.tally import Endpoint, Tally
from perftui.session.load.state import MOST_BUCKETS, MOST_ENDPOINTS, MOST_KINDS, About, buckets, load_state
from tests.unit.load.runs import job

_MS = 1_000_000
_ABOUT = About("http://127.0.0.1:1/", "constant", 1000.0, "me@here")


def tally(*response_ms: float, failed: int = 0, endpoint: str = "home") -> Tally:
    """Good ones of these times, and so many that were refused at once."""
    found = Tally(offered=len(response_ms) + failed, sent=len(response_ms), done=len(response_ms) + failed)
    found.endpoints[endpoint] = Endpoint(done=found.done, failed=failed)
    for ms in response_ms:
        for histogram in (found.ok, found.service, found.endpoints[endpoint].response):
            histogram.record(int(ms * _MS))
    for _ in range(failed):
        found.failed.record(0)
        found.errors["refused"] = found.errors.get("refused", 0) + 1
    return found


def delta(of: Tally, measured_s: float, *, counted: bool = True, cpu_s: float = 0.0) -> Delta:
    return Delta(measured_s + 2, measured_s, counted, of, 3, 1, 2, 50.0, cpu_s)


def test_before_the_first_frame_it_starts_and_nothing_is_measured() -> None:
    state = load_state(Run(), msgspec.structs.replace(job(1), ramp_s=2.0), _ABOUT)

    assert (state.phase, state.at_s, state.done, state.limited_by) == (LoadPhase.STARTING, -2.0, 0, "none")
    assert (state.response.p50, state.cpu_share, state.late_share, state.buckets) == (None, None, None, ())


def test_the_ramp_is_no_part_of_its_figures() -> None:
    run = Run()
    run.take(Hello(7, "uvloop", "ok"))
    run.take(Phase("ramp", 0.0))
    run.take(delta(tally(1, 1), -0.5, counted=False))

    state = load_state(run, msgspec.structs.replace(job(1), ramp_s=2.0), _ABOUT)

    assert (state.phase, state.at_s, state.done, state.in_flight, state.engine) == (
        LoadPhase.RAMP, -0.5, 0, 3, "perftui (uvloop)",
    )  # fmt: skip


def test_what_comes_between_the_ramp_and_the_measured_time_is_the_warm_up() -> None:
    run = Run()
    run.take(Phase("ramp", 0.0))
    warming = msgspec.structs.replace(job(1), ramp_s=1.0, warm_up_requests=500)
    run.take(Delta(0.5, -9e9, False, Tally(), 0, 0, 1, 5.0, 0.0))
    assert load_state(run, warming, _ABOUT).phase is LoadPhase.RAMP
    run.take(Delta(1.5, -9e9, False, Tally(), 0, 0, 1, 5.0, 0.0))

    state = load_state(run, warming, _ABOUT)

    assert (state.phase, state.at_s) == (LoadPhase.WARM_UP, -1.0)
    assert load_state(run, msgspec.structs.replace(job(1), ramp_s=1.0), _ABOUT).phase is LoadPhase.RAMP


def test_while_it_measures_it_tells_counts_times_and_thresholds_with_when_they_broke() -> None:
    run = Run()
    run.take(Phase("measure", 2.0))
    run.take(delta(tally(*range(1, 101), failed=25), 1.0))
    run.take(Breach("p(95)<50", 95.0, aborts=False))
    run.take(delta(Tally(), 2.0, cpu_s=0.5))
    what = job(1, thresholds=(Threshold("p(95)<50"), Threshold("p(50)<200")))

    state = load_state(run, what, _ABOUT)

    assert (state.offered, state.sent, state.done, state.errors) == (125, 100, 125, {"refused": 25})
    assert state.response.max == 100.0
    assert state.response.p50 == pytest.approx(38, rel=0.01)
    assert state.service.p50 == pytest.approx(50, rel=0.01)
    assert state.cpu_share == 0.25
    first, second = state.thresholds
    assert (first.ok, first.broken_at_s) == (False, 1.0)
    assert second == Verdict("p(50)<200", ok=True, value=second.value)
    assert (state.limited_by, state.leased, state.stopped_by) == ("target", True, "")


def test_users_of_the_closed_model_have_no_rate() -> None:
    run = Run()
    run.take(delta(tally(1), 1.0))

    assert load_state(run, job(1, model=Model.CLOSED), _ABOUT).rate == 0.0
    assert load_state(run, job(1), _ABOUT).rate == 50.0


@pytest.mark.parametrize(
    ("stopped_by", "phase"),
    [
        ("duration", LoadPhase.DONE), ("requests", LoadPhase.DONE),
        ("user", LoadPhase.STOPPED), ("threshold p(95)<1", LoadPhase.STOPPED),
        ("its console is gone", LoadPhase.STOPPED), ("engine", LoadPhase.LOST), ("probe: refused", LoadPhase.REFUSED),
    ],
)  # fmt: skip
def test_how_it_ended_is_told_and_nothing_is_under_way_then(stopped_by: str, phase: LoadPhase) -> None:
    run = Run()
    run.take(delta(tally(1), 1.0))
    run.take(Summary(1.0, 0.1, stopped_by))

    state = load_state(run, job(1), _ABOUT._replace(is_over=True, is_leased=False))

    assert (state.phase, state.stopped_by) == (phase, stopped_by)
    assert (state.in_flight, state.backlog, state.connections, state.rate) == (0, 0, 0, 0.0)


def test_whatever_was_counted_it_stays_small_and_clean() -> None:
    run = Run()
    large = Tally(done=1)
    for number in range(500):
        large.endpoints[f"GET /{number}\x1b[31m" + "x" * 1000] = Endpoint(done=number)
        large.errors[f"http_{number}\x07"] = number + 1
    run.take(delta(large, 1.0))

    state = load_state(run, job(1), _ABOUT)

    assert len(state.endpoints) == MOST_ENDPOINTS
    assert min(one.done for one in state.endpoints) == 500 - MOST_ENDPOINTS
    assert len(state.errors) == MOST_KINDS
    assert sum(state.errors.values()) == sum(large.errors.values())
    told = msgspec.json.encode(state).decode()
    assert "\\u001b" not in told
    assert "\\u0007" not in told
    assert len(told) < 30_000


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=200))
def test_buckets_hold_every_value_in_order_and_are_never_more_than_sixty(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)

    found = buckets(histogram)

    assert 1 <= len(found) <= MOST_BUCKETS
    assert sum(count for _, count in found) == len(values)
    bounds = [bound for bound, _ in found]
    assert bounds == sorted(set(bounds))
    assert bounds[-1] * _MS >= 0.99 * max(values)


def test_a_job_of_any_model_is_told_with_its_length() -> None:
    what: Job = job(1, rate=10.0, seconds=7.0)

    assert load_state(Run(), what, _ABOUT).planned_s == 7.0
