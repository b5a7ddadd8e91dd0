"""What is explored becomes a panel of the configuration that shows the same again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perftui.config.load import load
from perftui.config.meaning import id_problem
from perftui.config.schema import Panel
from perftui.domain.errors import PerftuiError
from perftui.domain.samples import SeriesWindow
from perftui.domain.units import Unit
from perftui.view.exploring import WATCH, Plot
from perftui.view.legend import Entry, entries
from perftui.view.metrics_chart import plot_entries
from perftui.view.panel_text import panel_id, panel_toml
from tests.unit.view.metrics_scene import exploring, measured, plot, result, scene

_SOURCE = '[sources.prometheus.main]\nurl = "http://localhost:9090"\nprofiles = false\n\n'
# what a server takes may hold anything within quotes, and blanks and line breaks outside of them
_EXPRESSIONS = st.builds(
    lambda text, quote, gap: (
        "up{" + gap + "job=" + quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote + "}"
    ),
    st.text(max_size=30).map(lambda text: text.replace("\n", "")),
    st.sampled_from("\"'"),
    st.text(alphabet=" \n\t", max_size=2),
)
_UP, _RATE = plot("up"), plot('rate(requests_total{code=~"5.."}[$win])')


def _entries(plots: list[Plot], shown: list[SeriesWindow], units: dict[str, Unit] | None = None) -> tuple[Entry, ...]:
    drawn = scene(shown, units=units)
    window = drawn.window(WATCH)
    assert window is not None
    return plot_entries(drawn, exploring(*plots), window)


def _read_back(folder: Path, text: str, name: str = "p") -> Panel:
    file = folder / "read_back.toml"
    file.write_text(_SOURCE + text, encoding="utf-8")
    loaded = load(file, {})
    assert [str(problem) for problem in loaded.problems] == []
    return loaded.config.panels[name]


def test_one_expression_is_a_panel(tmp_path: Path) -> None:
    text = panel_toml("p", [_RATE], _entries([_RATE], [result(_RATE, 1.0)], {_RATE.selector: Unit.PER_SECOND}))

    assert text == (
        "[panels.p]\n"
        "title = 'rate(requests_total{code=~\"5..\"}[$win])'\n"
        "promql = ['rate(requests_total{code=~\"5..\"}[$win])']\n"
        'source = "main"\n'
        'unit = "1/s"\n'
    )
    assert _read_back(tmp_path, text).promql == (_RATE.expr,)


def test_series_that_labels_tell_apart_are_named_by_them(tmp_path: Path) -> None:
    shown = [result(_UP, 1.0, {"job": "node", "instance": one}) for one in ("a", "b")]

    panel = _read_back(tmp_path, panel_toml("p", [_UP], _entries([_UP], shown)))

    assert panel.legend == ("{instance}",)


def test_measured_series_come_first_as_a_panel_draws_them(tmp_path: Path) -> None:
    busy = measured("host/cpu_busy_ratio")
    shown = [result(_UP, 1.0, {"job": "a"}), result(_UP, 1.0, {"job": "b"}), result(busy, 0.5)]

    panel = _read_back(tmp_path, panel_toml("p", [_UP, busy], _entries([_UP, busy], shown)))

    assert panel.series == (busy.selector,)
    assert panel.promql == (_UP.expr,)
    assert panel.legend == ("", "{job}")


def test_several_units_are_not_made_one() -> None:
    shown = [result(_UP, 1.0), result(_RATE, 1.0)]
    units = {_UP.selector: Unit.SECONDS, _RATE.selector: Unit.PER_SECOND}

    assert "unit" not in panel_toml("p", [_UP, _RATE], _entries([_UP, _RATE], shown, units))


def test_expressions_of_two_sources_are_no_panel() -> None:
    with pytest.raises(PerftuiError, match="a panel asks one source, these ask main and other: d takes one off"):
        panel_toml("p", [_UP, plot("up", "other")], ())


def test_what_has_no_values_yet_can_be_saved(tmp_path: Path) -> None:
    assert _read_back(tmp_path, panel_toml("p", [_UP], ())).promql == ("up",)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    exprs=st.lists(_EXPRESSIONS, min_size=1, max_size=4, unique=True),
    values=st.lists(st.text(max_size=10), min_size=2, max_size=3, unique=True),
    unit=st.sampled_from(Unit),
)
def test_whatever_was_typed_is_read_back_as_it_was(
    tmp_path: Path, exprs: list[str], values: list[str], unit: Unit
) -> None:
    plots = [plot(text) for text in exprs]
    shown = {one.series: one for of in plots for value in values for one in [result(of, 1.0, {"job": value})]}
    drawn = _entries(plots, list(shown.values()), dict.fromkeys(shown, unit))

    panel = _read_back(tmp_path, panel_toml("p", plots, drawn))

    assert panel.promql == tuple(exprs)
    assert panel.source == "main"
    assert panel.unit is unit


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_panel_names_its_series_as_the_screen_did(tmp_path: Path, count: int) -> None:
    shown = [result(_UP, 1.0, {"job": str(number), "zone": "eu"}) for number in range(count)]
    panel = _read_back(tmp_path, panel_toml("p", [_UP], _entries([_UP], shown)))
    drawn = scene(shown)
    window = drawn.window(WATCH)
    assert window is not None

    names = [entry.name for entry in entries(drawn, panel, window)]

    assert names == [entry.name for entry in _entries([_UP], shown)]


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("up", "up"),
        ("rate(node_cpu_seconds_total[$win])", "node_cpu_seconds"),
        ('sum by (le) (rate({job="x"}[5m]))', "job_x_5m"),
        ("1 + 1", "panel"),
        ("漢字", "panel"),
    ],
)
def test_an_id_is_made_from_the_expression(expr: str, name: str) -> None:
    assert panel_id([plot(expr)], ()) == name


@given(st.text(max_size=80), st.integers(0, 3))
def test_an_id_is_one_that_can_be_used(expr: str, times: int) -> None:
    taken: list[str] = []
    for _ in range(times + 1):
        taken.append(panel_id([plot(expr)], taken))

    assert len(set(taken)) == times + 1
    assert [id_problem(name) for name in taken] == [""] * (times + 1)
