"""Points as k6 1.1.0 wrote them down for a target with checks and one that is missing, 10 a second for one second."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.load.handoff.k6_points import Points
from perftui.load.handoff.samples import Sample, Samples
from perftui.load.tally import Tally

LINES = (Path(__file__).parents[3] / "data" / "load" / "k6_points.jsonl").read_bytes().splitlines(keepends=True)
CHECKS = {"home": ("json.user.id == 7", "json.user.id == 8")}


def _samples(lines: list[bytes], own_status: tuple[str, ...] = ()) -> tuple[list[Sample], Points]:
    found: list[Sample] = []
    points = Points(found.append, 1.0, own_status)
    for line in lines:
        points.take(line)
    points.end()
    return found, points


def test_figures_of_one_request_are_put_together() -> None:
    first = _samples(LINES)[0][0]

    assert (first.name, first.meant_s) == ("home", -1.0)
    assert (first.service, first.response) == (323_890, 323_890 + 303_051)
    assert first.phases == {"connect": 198_243, "send": 132_436, "ttfb": 118_535, "transfer": 72_919}
    assert (first.broken, first.error) == (["json.user.id == 8"], "check")


def test_ramp_and_load_are_told_apart_and_all_of_the_load_is_there() -> None:
    found, points = _samples(LINES)

    assert points.sent == sum(sample.meant_s >= 0 for sample in found) == 10
    assert all(0 <= sample.meant_s < sample.ended_s < 1.1 for sample in found if sample.meant_s >= 0)
    assert points.dropped == 0


def test_what_has_no_such_page_is_an_error_unless_a_check_says_which_status_is_right() -> None:
    strict = {sample.error for sample in _samples(LINES)[0] if sample.name == "missing"}
    lenient = {sample.error for sample in _samples(LINES, ("missing",))[0] if sample.name == "missing"}

    assert (strict, lenient) == ({"http_404"}, {""})


def test_requests_that_came_before_the_beginning_was_told_are_not_lost() -> None:
    (began,) = [line for line in LINES if b"perftui_began" in line and b'"ramp"' in line]
    later = [line for line in LINES if line != began]

    assert len(_samples([*later[:40], began, *later[40:]])[0]) == len(_samples(LINES)[0])


def test_a_request_that_was_cut_off_counts_with_what_is_known_of_it() -> None:
    begun = next(number for number, line in enumerate(LINES) if b'"iteration_duration","type":"Point"' in line)

    assert len(_samples(LINES[:begun])[0]) == 1


@pytest.mark.parametrize(
    ("code", "kind"), [("1212", "refused"), ("1050", "timeout"), ("1101", "dns"), ("1310", "tls"), ("1", "error")]
)
def test_what_went_wrong_has_our_own_names(code: str, kind: str) -> None:
    lines = [line.replace(b'"status":"200"', b'"status":"0","error_code":"%s"' % code.encode()) for line in LINES]

    assert {sample.error for sample in _samples(lines)[0] if sample.name == "home"} == {kind}


def test_samples_become_tallies_second_by_second_with_their_checks() -> None:
    samples = Samples(CHECKS, (0.55, 0.45))
    for sample in _samples(LINES)[0]:
        samples.add(sample)
    taken = samples.taken()
    tally = Tally()
    for level, _, part in taken:
        if level >= 0:
            tally.merge(part)

    assert [(level, second) for level, second, _ in taken] == [(-1, 0), (0, 0), (1, 0)]
    assert [part.done for level, _, part in taken if level >= 0] == [6, 4]
    home = tally.endpoints["home"].done
    assert tally.done == tally.service.n == 10
    assert tally.checks == {"json.user.id == 7": (home, 0), "json.user.id == 8": (0, home)}
    assert tally.errors == {"check": home, "http_404": 10 - home}
    assert samples.taken() == []
