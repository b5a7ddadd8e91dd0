"""Panels say what they show, how it stands, and why they are empty; whole pages have exactly their size."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import PanelKind, Screen
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.findings import Effort, Evidence, Finding, Impact
from perftui.domain.health import SourceError, SourceHealth, SourceState, StorageHealth, StorageState
from perftui.domain.processes import ProcessRow
from perftui.domain.roles import Role
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.link.messages import SessionInfo
from perftui.link.mirror import Mirror, Table
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.page import page
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Mode, Scene
from perftui.view.status import status_line
from perftui.view.text import line_width, plain

_NOW = 1_000_000.0
_CPU = "host/cpu_busy_ratio"


def _health(state: SourceState = SourceState.OK, error: SourceError | None = None) -> SourceHealth:
    return SourceHealth(
        "host", "host", state, 1.0, last_ok_at=_NOW - 1, failing_since=_NOW - 14 if error else None,
        next_try_at=_NOW + 6 if error else None, error=error, polls=3, series=1,
    )  # fmt: skip


def _mirror() -> Mirror:
    mirror = Mirror()
    mirror.session = SessionInfo("host", "you", 7, "0.1.0", _NOW - 60)
    mirror.version, mirror.at = 1, _NOW
    mirror.sources = (_health(),)
    mirror.catalogue = {_CPU: SeriesInfo(_CPU, Unit.RATIO, 1.0)}
    series = SeriesWindow(_CPU, (0.5, None, 0.9), (0.5, None, 0.9), (0.5, None, 0.9), 0.9, _NOW - 1)
    mirror.windows = {watch_name("cpu"): Window(_NOW - 300, 100.0, 3, (series,))}
    mirror.storage = StorageHealth(StorageState.OK, "/data/history.db")
    return mirror


def _scene(mirror: Mirror, *, glyphs: GlyphSet = UTF8, mode: Mode = Mode.LIVE, cursor: float | None = None) -> Scene:
    return Scene(mirror, DEFAULTS, glyphs, _NOW, _NOW, 300.0, lambda at: f"t{at - _NOW:+.0f}", mode=mode, cursor=cursor)


def _text(scene: Scene, name: str, width: int = 60, height: int = 8) -> str:
    return "\n".join(plain(line) for line in panel_picture(scene, name, DEFAULTS.panels[name], width, height))


def test_a_panel_tells_its_value_with_unit_and_state() -> None:
    text = _text(_scene(_mirror()), "cpu")

    assert "CPU" in text
    assert "90 % ▲" in text
    assert "limit 95 %" in text


def test_the_cursor_reads_the_value_of_its_time_and_a_gap_is_no_value() -> None:
    assert "t-250  50 %" in _text(_scene(_mirror(), cursor=_NOW - 250), "cpu")
    assert "t-150  –" in _text(_scene(_mirror(), cursor=_NOW - 150), "cpu")


def test_a_value_that_is_too_old_is_stale_not_shown_as_now() -> None:
    mirror = _mirror()
    window = mirror.windows[watch_name("cpu")]
    old = msgspec.structs.replace(window.series[0], last_at=_NOW - 30)
    mirror.windows = {watch_name("cpu"): msgspec.structs.replace(window, series=(old,))}

    text = _text(_scene(mirror), "cpu")

    assert "stale 0:30" in text
    assert "90 %" not in text


def test_an_empty_panel_says_why_and_what_to_do() -> None:
    mirror = _mirror()
    mirror.windows = {}

    assert "series = [" in _text(_scene(mirror), "latency")
    assert "no such figure on this machine" in _text(_scene_with_empty_window(mirror), "memory")
    assert "no perftui was watching" in _text(_scene_with_empty_window(mirror, Mode.PAST), "memory")
    mirror.sources = (_health(SourceState.FAILED, SourceError(ErrorKind.TIMEOUT, "no answer within 5 s")),)
    assert "host ✗ no answer within 5 s, 0:14, next try in 6 s" in _text(_scene(mirror), "cpu", 80)
    mirror.window_errors = {watch_name("cpu"): "not a series"}
    assert "not a series" in _text(_scene(mirror), "cpu")


def _scene_with_empty_window(mirror: Mirror, mode: Mode = Mode.LIVE) -> Scene:
    mirror.windows = {watch_name("memory"): Window(_NOW - 300, 100.0, 3)}
    return _scene(mirror, mode=mode)


def _alert(state: AlertState, severity: Severity = Severity.WARNING) -> Alert:
    return Alert("f", "CPU busy", "cpu_busy", severity, state, _NOW - 91, _NOW - 100, "perftui", _CPU, 0.9, 0.85, True,
                 Unit.RATIO, 60.0)  # fmt: skip


def test_alerts_are_sorted_and_tell_value_against_limit_and_duration() -> None:
    mirror = _mirror()
    mirror.alerts = (_alert(AlertState.RESOLVED), _alert(AlertState.FIRING, Severity.CRITICAL))

    lines = _text(_scene(mirror), "alerts", 70).splitlines()

    assert "1 firing" in lines[0]
    assert "✗ CPU busy" in lines[1]
    assert "90 % > 85 %" in lines[1]
    assert "1:31" in lines[1]
    assert "resolved" in lines[2]


def test_no_alerts_says_what_was_checked() -> None:
    assert "11 rules, checked 0:00 ago: all within their limits." in _text(_scene(_mirror()), "alerts", 80)


def test_a_fix_tells_effort_and_the_change_that_is_needed() -> None:
    mirror = _mirror()
    impact = Impact("cpu busy", Unit.RATIO, -0.02, -0.05, -0.1, "needed, not promised")
    evidence = (Evidence(_CPU, "median 90 % of 60 samples in 1m, limit 85 %", 0.9, Unit.RATIO, 60, 60.0),)
    mirror.findings = (Finding("1", "cpu_busy", "add cores", Effort.MEDIUM, 8.0, impact, 0.8, 1.0, evidence),)

    text = _text(_scene(mirror), "fixes", 110, 6)

    assert "1 ● add cores" in text
    assert "medium 8 h  cpu busy −5.0 % (−2.0 … −10)  conf 0.8" in text
    assert "median 90 % of 60 samples" in text


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(Screen)),
    st.integers(20, 220),
    st.integers(5, 70),
    st.sampled_from((UTF8, ASCII)),
    st.booleans(),
)
def test_a_page_has_exactly_its_size(screen: Screen, width: int, height: int, glyphs: GlyphSet, full: bool) -> None:
    mirror = _mirror() if full else Mirror()
    if full:
        table = Table()
        table.rows = {
            f"{pid}:1": ProcessRow(
                f"{pid}:1", pid, 1, "n", "wide 中文 user", "S", None, 1.0, 1, None, None, None, 0.0, "c" * pid
            )
            for pid in range(1, 90)
        }
        mirror.tables = {"processes": table}
        mirror.alerts = tuple(_alert(state) for state in AlertState)

    lines = page(screen, _scene(mirror, glyphs=glyphs), width, height)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}


def test_the_link_is_the_first_to_leave_the_status_line() -> None:
    link, own = (("link ", Role.LABEL), ("38 ms 1.1 kB/s", Role.VALUE)), (("self 1 %", Role.VALUE),)
    lines = [plain(status_line(_scene(_mirror()), width, own, link)) for width in (160, 75, 40)]
    assert lines[0].endswith("   link 38 ms 1.1 kB/s   self 1 % ")
    assert ["link" in line for line in lines] == [True, False, False]
    assert ["self" in line for line in lines] == [True, True, False]


def test_what_is_wrong_stays_longer_in_the_status_line_than_what_time_it_is() -> None:
    mirror = _mirror()
    mirror.alerts = (_alert(AlertState.FIRING), _alert(AlertState.FIRING, Severity.CRITICAL))
    lines = {width: plain(status_line(_scene(mirror), width)) for width in (60, 30, 20)}
    assert "t+0" in lines[60]
    for width, line in lines.items():
        assert "LIVE" in line
        assert "1 crit" in line
        assert len(line) == width


@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_trouble_is_said_in_the_status_line(glyphs: GlyphSet) -> None:
    mirror = _mirror()
    mirror.storage = StorageHealth(StorageState.MEMORY, "/data/history.db", "the disk of /data is full")
    mirror.sources = (_health(SourceState.FAILED, SourceError(ErrorKind.TIMEOUT, "no answer")),)
    mirror.problems = ("perftui.toml:1: theem: unknown key",)

    status = plain(page(Screen.OVERVIEW, _scene(mirror, glyphs=glyphs), 160, 40)[0])
    sources = "\n".join(plain(line) for line in page(Screen.SOURCES, _scene(mirror, glyphs=glyphs), 120, 40))

    assert "source host" in status
    assert "history not saved" in status
    assert "config: 1 problem" in status
    assert "the disk of /data is full" in sources
    assert "theem: unknown key" in sources


@pytest.mark.parametrize("kind", [PanelKind.GAUGE, PanelKind.STAT, PanelKind.SPARKLINES, PanelKind.LINE])
@pytest.mark.parametrize("size", [(60, 8), (30, 4), (110, 30)])
def test_every_kind_of_panel_tells_name_value_and_state(kind: PanelKind, size: tuple[int, int]) -> None:
    panel = msgspec.structs.replace(DEFAULTS.panels["cpu"], kind=kind, figures=(), legend=("busy",))

    lines = panel_picture(_scene(_mirror()), "cpu", panel, *size)

    text = "\n".join(plain(line) for line in lines)
    assert "busy" in text
    assert text.count("90 %") == 2  # in the frame and in the body
    assert {line_width(line) for line in lines} == {size[0]}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [PanelKind.GAUGE, PanelKind.STAT, PanelKind.SPARKLINES, PanelKind.LINE, PanelKind.TABLE, PanelKind.HEAT]
    ),
    st.lists(st.tuples(st.text("ab日\u0301 ", max_size=30), st.none() | st.floats()), min_size=1, max_size=6),
    st.sampled_from(Unit), st.integers(40, 130), st.integers(2, 20), st.sampled_from((UTF8, ASCII)),
)  # fmt: skip
def test_every_line_of_a_panel_of_series_has_its_width_however_long_names_and_values_are(
    kind: PanelKind, shown: list[tuple[str, float | None]], unit: Unit, width: int, height: int, glyphs: GlyphSet
) -> None:
    mirror = _mirror()
    series = [f'host/made{{label="x{place}{name}"}}' for place, (name, _) in enumerate(shown)]
    windows = [
        SeriesWindow(one, (value,) * 3, (value,) * 3, (value,) * 3, value, _NOW - 1)
        for one, (_, value) in zip(series, shown, strict=True)
    ]
    mirror.windows[watch_name("made")] = Window(_NOW - 300, 100.0, 3, tuple(windows))
    legend = tuple(name for name, _ in shown)
    panel = msgspec.structs.replace(
        DEFAULTS.panels["cpu"], kind=kind, series=tuple(series), figures=(), unit=unit, legend=legend
    )
    lines = panel_picture(_scene(mirror, glyphs=glyphs), "made", panel, width, height)
    assert {line_width(line) for line in lines} == {width}
    assert len(lines) == height
