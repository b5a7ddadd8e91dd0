"""Every screen looks as it did when a person looked at it last: three sizes, dark, light and monochrome."""

from __future__ import annotations

import asyncio

import pytest

from perftui.config.schema import Screen
from tests.tui.snapshots.pictures import PICTURES, SIZES, THEMES, Picture, taken
from tests.tui.snapshots.sheet import FOLDER, Legend, Sheet, differences, path_of, read
from tests.tui.snapshots.worlds import WORLDS


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_screen_looks_as_it_did_when_somebody_looked(picture: Picture) -> None:
    legend = Legend.read()
    for name, now in asyncio.run(taken(picture)).items():
        assert path_of(name).exists(), f"{name}: no picture yet: make snapshots, then look"
        changed = differences(read(name, legend), now, THEMES)
        assert not changed, f"{name}: make snapshots, then look\n{changed}"


def test_every_screen_is_shown_at_three_sizes_and_in_every_state() -> None:
    shown = {(picture.screen, picture.world, size) for picture in PICTURES for size in picture.sizes}
    for screen in Screen:
        assert {(screen.value, "normal", size) for size in SIZES} <= shown
        assert {(screen.value, world, SIZES[1]) for world in WORLDS if world != "unconfigured"} <= shown


def test_a_change_is_told_by_line_or_by_theme() -> None:
    kept = Sheet(("cpu 1 %", "ok"), (tuple([("red", "bold")] * 7), (("", ""),) * 7))
    other = Sheet(("cpu 2 %", "ok"), kept.looks)
    assert "-cpu 1 %\n+cpu 2 %" in differences(kept, other, THEMES)
    painted = Sheet(kept.lines, (kept.looks[0], (*kept.looks[1][:5], ("blue", ""), ("blue", ""))))
    assert differences(kept, painted, THEMES) == "line 2, column 6: dark: plain -> blue"
    assert differences(kept, kept, THEMES) == ""


def test_themes_that_show_different_texts_are_refused() -> None:
    one, other = Sheet(("ok",), ((("",), ("",)),)), Sheet(("no",), ((("",), ("",)),))
    with pytest.raises(AssertionError, match="themes show different texts"):
        Sheet.joined([one, other])


def test_no_sheet_is_left_of_a_picture_that_is_not_taken_any_more() -> None:
    names = {picture.name for picture in PICTURES}
    kept = {path.stem for path in FOLDER.glob("*.txt")} - {"looks"}
    assert {name for name in kept if name not in names and name.rpartition("-")[0] not in names} == set()
