"""Panels that are kept from drawing to drawing look as panels that are drawn anew."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.link.messages import Update, WindowPart
from perftui.link.mirror import Mirror
from perftui.view import panels
from perftui.view.glyphs import ASCII, UTF8
from perftui.view.kept import Kept
from perftui.view.overview import LAYOUT, overview_picture
from perftui.view.panels import watch_name
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line

_AT = 1_000_000.0
_CPU = "host/cpu_busy_ratio"
_NAMES = tuple(name for row in DEFAULTS.layouts[LAYOUT].rows for name in row)
_OTHER = msgspec.structs.replace(
    DEFAULTS, panels={name: msgspec.structs.replace(panel, title="other") for name, panel in DEFAULTS.panels.items()}
)


def _clock(at: float) -> str:
    return f"t{at - _AT:+.1f}"


def _update(mirror: Mirror, step: int, value: float) -> Update:
    at = _AT + step
    series = SeriesWindow(_CPU, (value, None, value), (value,) * 3, (value,) * 3, value, at)
    alert = Alert(
        "f", "busy", "busy", Severity.WARNING, AlertState.FIRING, at - 5, at - 5, "perftui", _CPU, value, 0.5, True,
        Unit.RATIO,
    )  # fmt: skip
    failed = SourceError(ErrorKind.TIMEOUT, "no answer")
    health = SourceHealth(
        "host", "host", SourceState.FAILED if value > 0.8 else SourceState.OK, 1.0, last_ok_at=at,
        failing_since=at - 3, next_try_at=at + 9, error=failed,
    )  # fmt: skip
    return Update(
        seq=mirror.seq + 1, base=mirror.seq, at=at,
        windows={watch_name("cpu"): WindowPart(True, Window(at - 300, 100.0, 3, (series,)))},
        catalogue=(SeriesInfo(_CPU, Unit.RATIO, 1.0),),
        sources=(health,), alerts=(alert,) if value > 0.5 else (),
    )  # fmt: skip


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("update"), st.sampled_from((0.1, 0.6, 0.9))),
        st.tuples(st.just("unwatch"), st.none()),
        st.tuples(st.just("now"), st.floats(0, 100)),
        st.tuples(st.just("focused"), st.sampled_from(("", *_NAMES))),
        st.tuples(st.just("expanded"), st.sampled_from(("", *_NAMES))),
        st.tuples(st.just("top"), st.integers(0, 4)),
        st.tuples(st.just("size"), st.sampled_from(((80, 22), (120, 38), (60, 12), (30, 9), (3, 11)))),
        st.tuples(st.just("mode"), st.sampled_from(tuple(Mode))),
        st.tuples(st.just("back"), st.sampled_from((0.0, 60.0))),
        st.tuples(st.just("span"), st.sampled_from((60.0, 300.0))),
        st.tuples(st.just("cursor"), st.sampled_from((None, _AT - 50, _AT - 200))),
        st.tuples(st.just("sweep"), st.booleans()),
        st.tuples(st.just("glyphs"), st.sampled_from((UTF8, ASCII))),
        st.tuples(st.just("config"), st.sampled_from((DEFAULTS, _OTHER))),
    ),
    min_size=1,
    max_size=14,
)


def _scene(mirror: Mirror, now: dict[str, Any], kept: Kept | None) -> Scene:
    edge = (mirror.at or _AT) - now["back"]
    return Scene(
        mirror, now["config"], now["glyphs"], _AT + now["now"], edge, now["span"], _clock,
        mode=now["mode"], cursor=now["cursor"], sweep=now["sweep"], kept=kept,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_steps)
def test_a_page_of_kept_panels_is_the_page_that_is_drawn_anew(steps: list[tuple[str, Any]]) -> None:
    mirror, kept = Mirror(), Kept()
    now: dict[str, Any] = {
        "now": 0.0, "focused": "", "expanded": "", "top": 0, "size": (80, 22), "mode": Mode.LIVE, "back": 0.0,
        "span": 300.0, "cursor": None, "sweep": False, "glyphs": UTF8, "config": DEFAULTS,
    }  # fmt: skip
    for number, (what, value) in enumerate(steps):
        if what == "unwatch":
            mirror.windows.pop(watch_name("cpu"), None)
        elif what == "update":
            assert mirror.apply(_update(mirror, number, value))
        else:
            now[what] = value
        looks = {name: now[name] for name in ("focused", "expanded", "top")}
        remembered = overview_picture(_scene(mirror, now, kept), *now["size"], **looks)
        assert remembered == overview_picture(_scene(mirror, now, None), *now["size"], **looks)


def test_a_focus_that_moves_draws_no_chart_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    body = panels.series_body
    monkeypatch.setattr(panels, "series_body", lambda *all_: (drawn.append("one"), body(*all_))[1])
    mirror, kept = Mirror(), Kept()
    mirror.apply(_update(mirror, 0, 0.1))

    def look(focused: str) -> tuple[Line, ...]:
        scene = Scene(mirror, DEFAULTS, UTF8, _AT, _AT, 300.0, _clock, kept=kept)
        return overview_picture(scene, 120, 38, focused=focused)

    first, second = look(""), look("cpu")

    assert drawn == ["one"]
    assert first != second
    mirror.apply(_update(mirror, 1, 0.2))
    assert look("cpu") != second
    assert drawn == ["one", "one"]


def test_another_drawing_of_a_name_takes_the_place_of_the_one_before() -> None:
    kept = Kept()
    assert kept.get("a", (1,), lambda: "first") == "first"
    assert kept.get("a", (1,), lambda: "never") == "first"
    assert kept.get("a", (2,), lambda: "second") == "second"
    assert kept.get("a", (1,), lambda: "again") == "again"
