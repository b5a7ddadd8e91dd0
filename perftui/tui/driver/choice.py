"""Which driver is used: ours with the versions of Textual that it was tested with, Textual's own with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import textual

from perftui.tui.driver.abilities import Depth, depth_of, erases_in_colour, knows_strings, without_later
from perftui.tui.driver.delta import Abilities, DeltaDriver
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.terminal import AsciiDriver, EarlyScreen, TerminalDriver
from perftui.view.glyphs import GlyphSet, to_ascii

_TESTED = ((8, 2), (8, 3))


def textual_version() -> str:
    """Read off the installed package's folder; the library that asks properly costs more than the first picture."""
    found = list(Path(textual.__file__).parent.parent.glob("textual-*.dist-info"))
    if len(found) == 1:
        return found[0].name.removeprefix("textual-").removesuffix(".dist-info")
    return str(textual.__version__)


def is_tested(version: str) -> bool:
    """Whether our driver was proved with this Textual: its frames in its own words are what ours is fed with."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and _TESTED[0] <= (int(numbers[1]), int(numbers[2])) < _TESTED[1]


def untested_words(version: str) -> str:
    """What to say about that; nothing when it was tested."""
    if is_tested(version):
        return ""
    first, end = (".".join(map(str, numbers)) for numbers in _TESTED)
    return (
        f"perftui: Textual {version} is not what the fast terminal driver was tested with (>={first},<{end}); "
        "Textual's own is used."
    )


def spelling(glyphs: GlyphSet) -> Callable[[str], str]:
    """How a text is written with the characters that the terminal has."""
    return str if glyphs.braille else to_ascii


def driver_class(
    environment: Mapping[str, str],
    *,
    stock: bool,
    glyphs: GlyphSet,
    colour: bool,
    budget: float | None,
    meter: LinkMeter,
    take_over: Callable[[], EarlyScreen | None] = lambda: None,
) -> type[TerminalDriver]:
    """The class whose object Textual makes. ``budget`` is in bytes a second; Textual's own driver knows none.

    ``take_over`` gives what stands on the terminal already, and makes it the driver's.
    """
    early = {"take_over": staticmethod(take_over)}
    if stock:
        return type("PerftuiDriver", (TerminalDriver if glyphs.braille else AsciiDriver,), early)
    depth = depth_of(environment) if colour else Depth.NONE
    spell = spelling(glyphs)
    understood = spell if knows_strings(environment) else lambda data: spell(without_later(data))
    able = Abilities(depth, erases_in_colour(environment), understood, budget)
    return type("PerftuiDriver", (DeltaDriver,), {"abilities": able, "meter": meter, **early})
