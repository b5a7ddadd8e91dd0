"""Every screen looks as it did when a person looked at it last: three sizes, dark, light and monochrome."""

from __future__ import annotations

import asyncio

import pytest

from perftui.config.schema import Screen
from tests.tui.snapshots.pictures import PICTURES, THEMES, Picture, taken
from tests.tui.snapshots.sheet import FOLDER, Legend, differences, read


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_screen_looks_as_it_did_when_somebody_looked(picture: Picture) -> None:
    legend = Legend.read()
    for name, now in asyncio.run(taken(picture)).items():
        changed = differences(read(name, legend), now, THEMES)
        assert not changed, f"{name}: make snapshots, then look\n{changed}"


def test_there_is_a_picture_of_every_screen_in_every_state() -> None:
    shown = {(picture.screen, picture.world) for picture in PICTURES}
    for screen in Screen:
        for world in ("normal", "failing", "overloaded", "empty", "loading"):
            assert (screen.value, world) in shown


def test_no_sheet_is_left_of_a_picture_that_is_not_taken_any_more() -> None:
    names = {picture.name for picture in PICTURES}
    kept = {path.stem for path in FOLDER.glob("*.txt")} - {"looks"}
    assert {name for name in kept if name not in names and name.rpartition("-")[0] not in names} == set()
