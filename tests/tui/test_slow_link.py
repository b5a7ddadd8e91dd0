"""Charts sweep while the link is slow, and do not go to and fro."""

from __future__ import annotations

import pytest

from perftui.tui.driver.meter import LinkFigures
from perftui.tui.slow_link import SlowLink

_GOOD = LinkFigures(0.04, 900.0, 1.0, False)
_FULL = LinkFigures(0.04, 2000.0, 0.4, True)
_FAR = LinkFigures(0.8, 900.0, 1.0, False)
_BETWEEN = LinkFigures(0.3, 900.0, 1.0, False)
_MUTE = LinkFigures(None, 900.0, 1.0, False)


def _slow_from(link: SlowLink, now: float) -> None:
    """Two readings in a row that came late."""
    assert not link.look(_FAR, now - 8)
    assert link.look(_FAR, now)


def _back_after(link: SlowLink, now: float) -> float:
    """Seconds of a good link until it counts as one."""
    for second in range(5000):
        if not link.look(_GOOD, now + second):
            return second
    raise AssertionError


@pytest.mark.parametrize("figures", [None, _GOOD, _MUTE, _BETWEEN])
def test_a_link_that_holds_nothing_up_is_not_slow(figures: LinkFigures | None) -> None:
    assert not SlowLink().look(figures, 0.0)


def test_a_link_that_answers_late_for_some_time_is_slow_and_one_late_answer_is_not() -> None:
    link = SlowLink()
    assert [link.look(_FAR, at) for at in (0.0, 5.0, 7.9, 8.0)] == [False, False, False, True]

    # figures stand for 5 s, until the next answer was measured
    once = SlowLink()
    assert not any(once.look(figures, 5 * at) for at, figures in enumerate([_FAR, _FAR, _GOOD, _FAR, _FAR, _GOOD]))


def test_a_link_that_answers_late_now_and_holds_pictures_back_later_is_not_slow_for_either() -> None:
    link = SlowLink()
    assert not any(link.look(figures, at) for figures, at in ((_FAR, 0.0), (_FULL, 5.0), (_FAR, 10.0), (_FULL, 15.0)))


def test_a_link_that_held_pictures_back_for_some_time_is_slow_and_a_burst_is_not() -> None:
    link = SlowLink()
    assert [link.look(_FULL, at) for at in (0.0, 1.0, 7.9, 8.0)] == [False, False, False, True]

    burst = SlowLink()
    assert not any(burst.look(figures, at) for at, figures in enumerate([_FULL, _FULL, _GOOD, _FULL, _FULL, _GOOD]))


def test_it_has_to_be_good_for_a_while_before_charts_scroll_again() -> None:
    link = SlowLink()
    _slow_from(link, 8.0)

    assert link.look(_GOOD, 10.0)
    assert link.look(_BETWEEN, 20.0)
    assert link.look(_GOOD, 30.0)
    assert link.look(_GOOD, 59.0)
    assert not link.look(_GOOD, 60.0)


def test_going_back_too_soon_is_paid_with_patience_and_forgiven_in_time() -> None:
    link, now = SlowLink(), 0.0
    waits = []
    for _ in range(8):
        _slow_from(link, now + 8)
        now += 8
        waits.append(_back_after(link, now + 1))
        now += waits[-1] + 2
    assert waits == [30, 60, 120, 240, 480, 960, 960, 960]

    _slow_from(link, now + 5000)
    assert _back_after(link, now + 5001) == 30
