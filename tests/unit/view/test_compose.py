"""Pages of several pictures: each stands where its region is, and what none covers is blank."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.view.compose import compose
from perftui.view.layout import Region
from perftui.view.text import Line, plain


def _filled(char: str, width: int, height: int) -> tuple[Line, ...]:
    return (((char * width, Role.VALUE),),) * height


def test_pictures_stand_side_by_side_in_any_order_with_blanks_between_and_below() -> None:
    regions = {"b": Region(3, 1, 2, 2), "a": Region(0, 0, 2, 2), "c": Region(1, 3, 1, 1)}
    pictures = {"a": _filled("a", 2, 2), "b": _filled("b", 2, 2), "c": _filled("c", 1, 1)}
    lines = compose(regions, pictures, 6, 5)
    assert [plain(line) for line in lines] == ["aa    ", "aa bb ", "   bb ", " c    ", "      "]


def test_what_stands_below_the_page_is_left_out() -> None:
    lines = compose({"a": Region(0, 1, 2, 3), "b": Region(0, 9, 2, 1)}, {"a": _filled("a", 2, 3), "b": ()}, 2, 2)
    assert [plain(line) for line in lines] == ["  ", "aa"]
