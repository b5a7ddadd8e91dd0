"""A load as series: what the engine says happened, divided by the time that it says has passed."""

from __future__ import annotations

import pytest

from perftui.load.job import Model
from perftui.load.tally import Tally
from perftui.session.load.series import CATALOGUE, LoadSeries
from tests.unit.load.runs import job
from tests.unit.session.load.test_state import delta, tally


def test_a_second_of_frames_becomes_rates_and_times() -> None:
    series = LoadSeries(job(1))
    series.take(delta(Tally(), 0.0, cpu_s=1.0))
    assert series.second(1000.0) is not None
    for tenth in range(1, 11):
        series.take(delta(tally(*[20.0] * 9, failed=1), tenth / 10, cpu_s=1.0 + tenth / 40))

    second = series.second(1001.0)

    assert second is not None
    values = second.batch.values
    assert values["load/done"] == pytest.approx(100)
    assert values["load/errors"] == pytest.approx(10)
    assert values["load/response_p95"] == pytest.approx(0.02, rel=0.01)
    assert values["load/cpu"] == pytest.approx(0.25)
    assert (values["load/in_flight"], values["load/backlog"], values["load/rate"]) == (3, 1, 50)
    assert set(values) <= {info.series for info in CATALOGUE}


def test_nine_frames_between_two_ticks_are_the_same_rate_as_eleven() -> None:
    series = LoadSeries(job(1))
    rates = []
    place = 0.0
    for frames in (10, 9, 11, 10):
        for _ in range(frames):
            place += 0.1
            series.take(delta(tally(*[1.0] * 10), place))
        second = series.second(1000.0 + place)
        assert second is not None
        rates.append(second.batch.values["load/done"])

    assert rates[1:] == pytest.approx([100.0] * 3)


def test_a_silent_engine_leaves_a_gap() -> None:
    series = LoadSeries(job(1))
    assert series.second(1.0) is None
    series.take(delta(tally(1.0), 1.0))
    assert series.second(2.0) is not None
    assert series.second(3.0) is None


def test_a_second_in_which_nothing_came_back_has_no_response_time() -> None:
    series = LoadSeries(job(1, model=Model.CLOSED))
    series.take(delta(Tally(offered=5, sent=5), 1.0))

    second = series.second(1000.0)

    assert second is not None
    assert not {"load/response_p50", "load/service_p95", "load/rate"} & set(second.batch.values)
    assert second.batch.values["load/done"] == 0


def test_after_a_pause_the_clock_of_the_run_goes_on_from_where_it_stood() -> None:
    series = LoadSeries(job(1))
    series.take(delta(tally(1.0), 5.0))
    assert series.second(1000.0) is not None
    # what was held is taken off: the moments of the run go back
    series.take(delta(tally(1.0), 3.0))
    assert series.second(1001.0) is None
    series.take(delta(tally(*[1.0] * 9), 4.0))
    second = series.second(1002.0)

    assert second is not None
    assert second.batch.values["load/done"] == pytest.approx(10)
