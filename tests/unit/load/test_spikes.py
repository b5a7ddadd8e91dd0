"""When a target is well again after a spike: from figures that are written down here."""

from __future__ import annotations

from typing import Any

from perftui.load.recent import Moment, Recent
from perftui.load.run import Run
from perftui.load.spikes import spiked
from perftui.load.tally import Tally

_MS = 1e6


def _level(kind: str, rate: float, from_s: float, until_s: float, p95: float = 10.0) -> dict[str, Any]:
    return {
        "kind": kind, "rate": rate, "from_s": from_s, "until_s": until_s, "p95": p95, "done": 100, "failed": 0,
        "dropped": 0, "errors": {}, "behind": False,
    }  # fmt: skip


_LEVELS = [
    _level("base", 20, 0, 2), _level("spike", 40, 2, 3), _level("rest", 20, 3, 8), _level("spike", 100, 8, 9, 900.0),
    _level("rest", 20, 9, 14),
]  # fmt: skip


def _moment(tenth: int, p95_ms: float | None = 10.0, failed: int = 0, ended: int = 20) -> Moment:
    return Moment(tenth / 10, 20, ended, failed, ended - failed, None if p95_ms is None else p95_ms * _MS)


def _run(bad: dict[int, Moment]) -> Run:
    run = Run()
    run.moments = {tenth: _moment(tenth) for tenth in range(1, 141)} | bad
    return run


def test_recovery_begins_with_the_first_second_from_which_all_are_within_the_band() -> None:
    # the seconds that end from 9.1 to 11.4 are slow: the one from 10.5 on is not
    found = spiked(_run({tenth: _moment(tenth, 200.0) for tenth in range(81, 115)}), _LEVELS)

    first, second = found["spikes"]
    assert found["band_ms"] == 15.0
    assert (first["factor"], first["recovered"], first["recovery_s"]) == (2.0, True, 0.0)
    assert (second["factor"], second["recovered"], second["recovery_s"]) == (5.0, True, 1.5)
    assert found["text"][1] == "x5 (100/s): p95 900 ms; well again 1.5 s after it"


def test_a_relapse_counts_until_it_is_over() -> None:
    found = spiked(_run({120: _moment(120, 200.0)}), _LEVELS)

    assert found["spikes"][1]["recovery_s"] == 2.1


def test_not_recovered_is_told() -> None:
    for bad in (_moment(139, 200.0), _moment(139, failed=5), _moment(139, None, ended=0)):
        found = spiked(_run({139: bad}), _LEVELS)
        assert (found["spikes"][1]["recovered"], found["spikes"][1]["recovery_s"]) == (False, None)
        assert "not recovered within 5 s" in found["text"][1]


def test_a_run_that_ended_early_says_so() -> None:
    assert spiked(_run({}), _LEVELS[:2])["text"] == ["x2 (40/s): p95 10 ms; the run ended with it"]
    assert spiked(_run({}), _LEVELS[:1])["text"] == ["the run ended before a spike came"]
    assert "nothing to compare" in spiked(Run(), [])["text"][0]


def test_the_window_slides_over_what_ended_in_the_last_second() -> None:
    recent = Recent(1.0)
    for tenth in range(1, 31):
        tally = Tally(offered=2, done=2)
        tally.ok.record(tenth * 1_000_000)
        tally.failed.record(1)
        kind = "http_503" if tenth % 2 else "refused"
        tally.errors[kind] = tally.errors.get(kind, 0) + 1
        recent.add(tenth / 10, [tally])

    moment = recent.moment()
    assert (moment.at_s, moment.offered, moment.ended, moment.failed, moment.answered) == (3.0, 20, 20, 10, 15)
    assert moment.p95_ns is not None
    assert 28 * _MS < moment.p95_ns <= 30 * _MS
