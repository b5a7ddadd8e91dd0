"""Where in time the console looks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.tui.playhead import SPANS_S, Playhead
from perftui.view.scene import Mode

NOW = 1_800_000_000.0
LIVE = Playhead(300.0)


def test_live_means_now() -> None:
    assert LIVE.mode is Mode.LIVE
    assert LIVE.at(NOW) == NOW
    assert LIVE.at(NOW + 5) == NOW + 5


def test_freezing_keeps_the_moment_and_freezing_again_is_live() -> None:
    frozen = LIVE.toggled(NOW)
    assert frozen.mode is Mode.FROZEN
    assert frozen.at(NOW + 60) == NOW
    assert frozen.toggled(NOW + 60) == LIVE


def test_scrolling_back_and_forward_again_is_live() -> None:
    past = LIVE.scrolled(-0.5, NOW)
    assert (past.mode, past.end) == (Mode.PAST, NOW - 150)
    assert past.scrolled(0.5, NOW) == LIVE


def test_zooming_keeps_where_the_window_ends() -> None:
    frozen = LIVE.toggled(NOW)
    assert frozen.zoomed(1) == Playhead(600.0, NOW, True)
    assert frozen.zoomed(-1) == Playhead(120.0, NOW, True)


def test_a_span_between_the_steps_zooms_to_its_neighbours() -> None:
    assert Playhead(301.0).zoomed(1).span_s == 600
    assert Playhead(301.0).zoomed(-1).span_s == 300


def test_a_moment_that_is_not_past_yet_is_live() -> None:
    assert LIVE.moved_to(NOW + 1, NOW) == LIVE
    assert LIVE.moved_to(NOW - 1, NOW).mode is Mode.PAST


@settings(max_examples=50)
@given(steps=st.lists(st.sampled_from(["in", "out", "back", "forward", "freeze", "live"]), max_size=40))
def test_however_one_moves_the_window_stays_within_its_limits_and_never_ends_after_now(steps: list[str]) -> None:
    playhead = LIVE
    for step in steps:
        playhead = {
            "in": playhead.zoomed(-1),
            "out": playhead.zoomed(1),
            "back": playhead.scrolled(-0.5, NOW),
            "forward": playhead.scrolled(0.5, NOW),
            "freeze": playhead.toggled(NOW),
            "live": playhead.live(),
        }[step]
        assert SPANS_S[0] <= playhead.span_s <= SPANS_S[-1]
        assert playhead.at(NOW) <= NOW
