"""From figures to verdicts."""

from __future__ import annotations

from benchmarks.terminal.judging import Findings, beside, rows
from benchmarks.terminal.pressing import Press
from benchmarks.terminal.processes import Cpu
from benchmarks.terminal.results import Verdict, markdown, percentile
from benchmarks.terminal.starting import Started
from benchmarks.terminal.steady import Steady
from benchmarks.terminal.subjects import HELLO, PERFTUI
from benchmarks.terminal.turns import Turn
from benchmarks.terminal.visiting import Notes


def _started(shown_s: float, own: float, others: float = 0.0) -> Started:
    return Started(shown_s / 2, shown_s, 0.3, Cpu(own / 2, others / 2), Cpu(own, others))


def _steady(sent: float, cells: float = 400.0, own: float = 0.8) -> Steady:
    return Steady(sent, sent / 5, 1000.0, 1.0, cells, own, 0.3, 35.0)


def _found(cells: float = 400.0) -> Findings:
    ours = Notes([_started(0.035, 0.2)], [_started(0.03, 0.2, 0.1)], [_steady(1200.0, cells)], [_steady(0.0, 0.0, 0.1)])
    ours.presses = ours.rows = [Press(0.004, 50)] * 99 + [Press(0.02, 50)]
    ours.left = [[]]
    hello = Notes([], [_started(0.2, 0.15)], [_steady(0.0, 0.0, 0.1)])
    btop = Notes([], [_started(0.02, 0.01)], [_steady(6000.0)])
    turns = [Turn(_started(0.2, 0.1), _started(0.03, 0.2, 0.1), _started(0.2, 0.15))]
    return Findings([0.01], {PERFTUI: ours, HELLO: hello, "btop": btop}, turns)


def test_what_is_within_its_bounds_holds() -> None:
    verdicts = {one.figure: one.verdict for one in rows(_found())}

    assert set(verdicts.values()) == {Verdict.HOLDS}
    assert len(verdicts) == 11


def test_a_scenario_in_which_too_little_moves_fails() -> None:
    failed = [one.figure for one in rows(_found(cells=299.0)) if one.verdict is Verdict.FAILS]

    assert failed == ["cells that really change"]


def test_a_bound_against_a_rival_that_is_not_there_is_neither_held_nor_broken() -> None:
    found = _found()
    del found.notes["btop"]

    by_name = {one.figure: one for one in rows(found)}

    assert by_name["bytes/s, beside btop"].verdict is Verdict.UNKNOWN
    assert "no btop" in by_name["bytes/s, beside btop"].measured
    assert by_name["bytes/s, beside the changed-cell floor"].verdict is Verdict.HOLDS


def test_a_key_that_was_never_answered_fails_whatever_the_others_took() -> None:
    found = _found()
    found.notes[PERFTUI].presses = [*found.notes[PERFTUI].presses, Press(None, 0)]

    failed = [one for one in rows(found) if one.verdict is Verdict.FAILS]

    assert [one.figure for one in failed] == ["key to paint, next panel"]
    assert "1 not answered" in failed[0].measured


def test_a_start_is_judged_beside_those_of_the_bare_program_around_it() -> None:
    found = _found()
    slow = _started(0.06, 0.6, 0.3)  # a moment in which everything took three times as long
    found.turns += [Turn(_started(0.6, 0.36), slow, _started(0.6, 0.39))] * 2

    (live,) = [one for one in rows(found) if one.figure.startswith("all panels live")]

    assert live.verdict is Verdict.HOLDS
    assert live.measured.startswith("UI 1.60x, UI + session 2.40x")


def test_the_very_first_start_is_bound_as_every_other() -> None:
    found = _found()
    found.notes[PERFTUI].fresh = [_started(0.07, 0.2)]

    assert [one.figure for one in rows(found) if one.verdict is Verdict.FAILS] == ["first meaningful frame"]


def test_nothing_measured_makes_no_rows() -> None:
    assert rows(Findings()) == []


def test_tables_can_be_pasted_into_a_document() -> None:
    found = _found()
    for text in (markdown(rows(found)), beside(found.notes)):
        assert len({line.count("|") for line in text.splitlines()}) == 1


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 0.99) == 99.0
    assert percentile(values[:20], 0.99) == 20.0
    assert percentile([3.0], 0.5) == 3.0
