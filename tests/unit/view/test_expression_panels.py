"""Panels of expressions: what they watch, their legends, units and scales, and why they have nothing to show."""

from __future__ import annotations

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Panel, PanelKind, PrometheusSource, Screen, Sources
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.queries import query_name
from perftui.domain.roles import Role
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.series import series_id
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.overview import overview_regions, overview_watches
from perftui.view.page import page
from perftui.view.panels import panel_picture, panel_summary, watch_name
from perftui.view.scene import Scene
from perftui.view.status import status_line
from perftui.view.text import Line, line_width, plain

_NOW = 1_000_000.0
_EXPR = "sum by (instance) (rate(requests_total[$win]))"
_NAME = query_name(_EXPR)
_MAIN = msgspec.structs.replace(
    DEFAULTS, sources=Sources(prometheus={"main": PrometheusSource(url="http://localhost:9090")})
)


def panel(**more: object) -> Panel:
    return msgspec.structs.replace(Panel(title="Requests", promql=(_EXPR,)), **more)


def series(value: float | None, name: str = _NAME, **labels: str) -> SeriesWindow:
    column = (value, None, value)
    return SeriesWindow(series_id("main", name, labels), column, column, column, value, _NOW - 1)


def mirror_of(*shown: SeriesWindow, **health: object) -> Mirror:
    mirror = Mirror()
    mirror.version, mirror.at = 1, _NOW
    mirror.sources = (
        msgspec.structs.replace(SourceHealth("main", "prometheus", SourceState.OK, 1.0, polls=3), **health),
    )
    mirror.windows = {watch_name("p"): Window(_NOW - 300, 100.0, 3, shown)}
    return mirror


def scene_of(mirror: Mirror, config: Config = _MAIN, glyphs: GlyphSet = UTF8) -> Scene:
    return Scene(mirror, config, glyphs, _NOW, _NOW, 300.0, lambda at: f"t{at - _NOW:+.0f}")


def lines_of(mirror: Mirror, shown: Panel, width: int = 80, height: int = 10, **more: object) -> tuple[Line, ...]:
    return panel_picture(scene_of(mirror, **more), "p", shown, width, height)  # type: ignore[arg-type]


def text_of(mirror: Mirror, shown: Panel, width: int = 80, height: int = 10, **more: object) -> str:
    return "\n".join(plain(line) for line in lines_of(mirror, shown, width, height, **more))


def test_a_panel_of_expressions_alone_is_watched_and_drawn() -> None:
    layout = msgspec.structs.replace(DEFAULTS.layouts["overview"], rows=(("p",),), weights=(), priority=())
    config = msgspec.structs.replace(_MAIN, panels={"p": panel()}, layouts={"overview": layout})

    wanted = overview_watches(config, overview_regions(config, 80, 20))

    assert [item.selectors for item in wanted] == [(f"main/{_NAME}",)]
    assert "7 " in text_of(mirror_of(series(7.0, instance="a")), panel())


def test_labels_that_tell_series_apart_are_their_names() -> None:
    mirror = mirror_of(series(1.0, instance="a", job="node"), series(2.0, instance="b", job="node"))

    text = text_of(mirror, panel())

    assert " a " in text
    assert " b " in text
    assert "node" not in text


def test_a_single_series_is_named_by_its_labels_or_by_its_expression() -> None:
    assert "a node" in text_of(mirror_of(series(1.0, instance="a", job="node")), panel())
    assert "sum by (instance)" in text_of(mirror_of(series(1.0)), panel(), 120)


def test_equal_names_of_two_expressions_are_told_apart() -> None:
    other = "up"
    mirror = mirror_of(series(1.0, instance="a"), series(2.0, query_name(other), instance="a"))

    text = text_of(mirror, panel(promql=(other, _EXPR), kind=PanelKind.STAT), 100)

    assert "a up " in text
    assert f"a {_EXPR}" in text


def test_a_legend_names_results_of_expressions_after_series() -> None:
    mirror = mirror_of(series(1.0, instance="a"))

    assert "req a" in text_of(mirror, panel(legend=("req {instance}",)))


def test_the_scale_makes_base_units_before_anything_is_drawn_or_compared() -> None:
    mirror = mirror_of(series(250.0))
    shown = panel(scale=0.001, unit=Unit.SECONDS, watch=0.2)

    text = text_of(mirror, shown)

    assert "250 ms ▲" in text
    assert "250 s" not in text


def test_a_negative_scale_turns_lowest_and_highest_round() -> None:
    mirror = mirror_of(SeriesWindow(f"main/{_NAME}", (2.0,), (1.0,), (3.0,), 2.0, _NOW - 1))

    assert "-4" in text_of(mirror, panel(scale=-2.0))


def test_the_panels_unit_is_worth_more_than_a_guess_from_an_expression() -> None:
    mirror = mirror_of(series(2.0))
    mirror.catalogue = {f"main/{_NAME}": SeriesInfo(f"main/{_NAME}", Unit.BYTES, 1.0, _EXPR)}

    assert "200 %" in text_of(mirror, panel(unit=Unit.RATIO))
    assert "2 B" in text_of(mirror, panel())


def test_an_expression_that_gives_nothing_tells_its_reason_in_the_panel() -> None:
    mirror = mirror_of()
    mirror.troubles = {f"main/{_NAME}": "matches nothing: the server has no such series now"}

    text = text_of(mirror, panel())

    assert "main: matches nothing" in text
    assert _EXPR in text
    assert "Screen 4 (Metrics)" in text
    assert "▲ no data" in text


def test_an_answer_that_is_only_late_is_no_warning() -> None:
    mirror = mirror_of()
    mirror.troubles = {f"main/{_NAME}": "waiting for an answer, 2 s of 5 s"}

    text = text_of(mirror, panel())

    assert "waiting for an answer, 2 s of 5 s" in text
    assert "▲" not in text


def test_trouble_beside_data_stands_in_the_frame() -> None:
    mirror = mirror_of(series(1.0))
    mirror.troubles = {f"main/{_NAME}": "no answer within 5 s"}

    lines = text_of(mirror, panel()).splitlines()

    assert "▲ no answer within 5 s" in lines[-1]
    assert "no answer" not in "".join(lines[:-1])


def test_a_source_that_fails_is_worth_more_than_the_trouble_of_each_expression() -> None:
    error = SourceError(ErrorKind.REFUSED, "connection refused")
    mirror = mirror_of(state=SourceState.FAILED, error=error, failing_since=_NOW - 14, next_try_at=_NOW + 6)
    mirror.troubles = {f"main/{_NAME}": "connection refused"}

    assert "main ✗ connection refused, 0:14, next try in 6 s" in text_of(mirror, panel())


def test_without_a_prometheus_a_panel_of_expressions_teaches_how_to_get_one() -> None:
    text = text_of(mirror_of(), panel(), config=DEFAULTS)

    assert "perftui --prometheus URL" in text
    assert "[sources.prometheus.main]" in text


@pytest.mark.parametrize("kind", list(PanelKind))
@pytest.mark.parametrize("size", [(120, 20), (60, 8), (30, 4), (20, 3), (4, 2), (3, 1)])
@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_every_kind_has_exactly_its_size(kind: PanelKind, size: tuple[int, int], glyphs: GlyphSet) -> None:
    shown = [series(float(index), instance=f"host-{index}", job="node" * 9) for index in range(12)]

    lines = lines_of(mirror_of(*shown, series(None)), panel(kind=kind), *size, glyphs=glyphs)

    assert len(lines) == size[1]
    assert {line_width(line) for line in lines} == {size[0]}


def test_a_table_has_a_row_a_series_a_column_a_differing_label_and_the_state() -> None:
    mirror = mirror_of(series(0.5, instance="a", job="node"), series(0.9, instance="b", job="node"))

    lines = text_of(mirror, panel(kind=PanelKind.TABLE, unit=Unit.RATIO, bad=0.8)).splitlines()

    assert lines[1].split() == ["│", "instance", "value", "│"]
    assert lines[2].split() == ["│", "a", "50", "%", "│"]
    assert lines[3].split() == ["│", "b", "90", "%", "✗", "│"]


def test_a_table_without_room_for_all_shows_the_worst_and_counts_the_others() -> None:
    mirror = mirror_of(*(series(float(index), instance=f"host{index}") for index in range(9)))

    text = text_of(mirror, panel(kind=PanelKind.TABLE), height=6)

    assert "host8" in text
    assert "host0" not in text
    assert "7 more" in text


def test_a_heat_row_shades_values_and_leaves_gaps_blank() -> None:
    low, high = series(0.0, instance="a"), series(1.0, instance="b")

    lines = text_of(mirror_of(low, high), panel(kind=PanelKind.HEAT, unit=Unit.RATIO), 60, 6).splitlines()

    assert "·" in lines[1]
    assert "█" not in lines[1]
    assert "█" in lines[2]
    cells = lines[2][lines[2].index("█") : lines[2].rindex("█") + 1]
    assert cells.strip("█") == " " * len(cells.strip("█"))
    assert cells.strip("█")
    assert "0.0 % ·░▒▓█ 100 %" in lines[3] or "0 % ·░▒▓█ 100 %" in lines[3]


def test_a_heat_cell_beyond_a_threshold_has_the_colour_of_its_state() -> None:
    row = lines_of(mirror_of(series(0.9, instance="b")), panel(kind=PanelKind.HEAT, bad=0.8), 60, 5)[1]

    assert any(role is Role.BAD and set(text) & set(UTF8.shades) for text, role in row)


def test_buckets_of_a_histogram_rise_in_a_heat_panel() -> None:
    mirror = mirror_of(*(series(1.0, le=le) for le in ("+Inf", "0.1", "10", "2.5")))

    lines = text_of(mirror, panel(kind=PanelKind.HEAT)).splitlines()

    assert [line.split()[1] for line in lines[1:5]] == ["+Inf", "10", "2.5", "0.1"]


def _alert(**more: object) -> Alert:
    made = Alert(
        "f", "HighLatency", "HighLatency", Severity.CRITICAL, AlertState.FIRING, _NOW - 91, _NOW - 100, "main", "",
        0.92, None, True, Unit.NONE, 60.0, labels=(("instance", "a"),), expr='latency{code!="5"} > 0.85',
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def test_an_alert_of_a_server_is_compared_with_what_its_condition_says() -> None:
    mirror = mirror_of()
    mirror.alerts = (_alert(), _alert(name="Two", expr="a > 1 and b < 2", value=7.0))

    text = text_of(mirror, DEFAULTS.panels["alerts"], 80)

    assert "0.92 > 0.85" in text
    assert "HighLatency a" in text
    assert "7 <" not in text


def test_no_alerts_of_a_blind_source_are_not_peace() -> None:
    mirror = mirror_of(blind="this source has no rules API")
    scene = scene_of(mirror)

    text = text_of(mirror, DEFAULTS.panels["alerts"])

    assert "▲ main: no rules API" in text.splitlines()[0]
    assert "main: its alerts are not known: no rules API" in text
    assert "✓" not in text
    assert "✓" not in plain(status_line(scene, 120))
    assert "alerts of main unknown" in plain(status_line(scene, 120))
    assert "✓" not in plain(panel_summary(scene, "alerts", DEFAULTS.panels["alerts"], 40))


def test_a_source_that_does_not_answer_makes_no_peace_either() -> None:
    mirror = mirror_of(state=SourceState.FAILED, error=SourceError(ErrorKind.TIMEOUT, "no answer within 5 s"))

    assert "✓ none firing" not in text_of(mirror, DEFAULTS.panels["alerts"])


def test_the_sources_screen_tells_blindness_troubles_and_ready_panels() -> None:
    mirror = mirror_of(blind="this source has no rules API", profiles=("host",))
    mirror.troubles = {f"main/{_NAME}": "matches nothing"}
    config = msgspec.structs.replace(_MAIN, panels={"p": panel()})

    text = "\n".join(plain(line) for line in page(Screen.SOURCES, scene_of(mirror, config), 120, 30))

    assert "its alerts are not known: this source has no rules API" in text
    assert f"{_EXPR}: matches nothing" in text
    assert "ready panels for host" in text
