"""Throughput and p95 over the rate: rows that fit, whatever the figures are."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.view.glyphs import ASCII, UTF8
from perftui.view.load_curve import RatePoint, load_curve, rate_points
from perftui.view.text import line_width, plain


def _level(rate: float, outcome: str = "held", kind: str = "step", **more: Any) -> dict[str, Any]:
    return {
        "rate": rate, "kind": kind, "offered": 10, "done": 10, "failed": 0, "throughput": rate, "p95": 20.0,
        "outcome": outcome, **more,
    }  # fmt: skip


def test_rates_are_rows_from_the_lowest_up_with_what_broke() -> None:
    points = rate_points(
        {
            "levels": [
                _level(20), _level(40, "broke", limit="latency: p(95)<500", p95=900.0, failed=1),
                _level(20, "recovered", "recover"), _level(30), _level(35, offered=0),
            ]
        }
    )  # fmt: skip
    lines = [plain(line) for line in load_curve(points, 100, 10, UTF8)]

    assert [point.rate for point in points] == [20, 30, 40]
    assert lines[0].split() == ["rate/s", "done/s", "p95", "failed"]
    assert lines[1].split()[0] == "20"
    assert UTF8.ok in lines[1]
    assert "900 ms" in lines[3]
    assert "10.0%" in lines[3]
    assert f"{UTF8.bad} latency: p(95)<500" in lines[3]
    assert any(role is Role.BAD for _, role in load_curve(points, 100, 10, UTF8)[3])


def test_one_rate_is_no_curve() -> None:
    assert load_curve(rate_points({"levels": [_level(20)]}), 100, 10, UTF8) == ()
    assert load_curve((), 100, 10, UTF8) == ()
    assert rate_points({}) == ()


_POINTS = st.lists(
    st.builds(
        RatePoint, st.floats(0, 1e9), st.none() | st.floats(0, 1e9), st.none() | st.floats(0, 1e9), st.floats(0, 1),
        st.sampled_from(["held", "broke", ""]), st.text("abc: ", max_size=40),
    ),
    max_size=30,
)  # fmt: skip


@given(_POINTS, st.integers(0, 200), st.integers(0, 40), st.sampled_from([UTF8, ASCII]))
def test_it_never_leaves_its_room(points: list[RatePoint], width: int, height: int, glyphs: Any) -> None:
    lines = load_curve(points, width, height, glyphs)

    assert len(lines) <= height
    assert all(line_width(line) == width for line in lines)
