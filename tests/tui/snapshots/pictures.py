"""The pictures that are kept: which screen, of which state of the world, after which keys, at which sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from perftui.config.schema import Screen
from perftui.tui.screens.metrics import MetricsScreen
from tests.tui.snapshots import loaded
from tests.tui.snapshots.curves import EXPLORED
from tests.tui.snapshots.sheet import Sheet, sheet
from tests.tui.snapshots.stage import Stage, stage
from tests.tui.snapshots.worlds import WORLDS, World

THEMES = ("dark", "light", "monochrome")
DARK = THEMES[:1]
SIZES = ((80, 24), (120, 40), (200, 50))
MIDDLE = (SIZES[1],)
Play = Callable[[Stage], Awaitable[None]]


async def nothing(_: Stage) -> None:
    """The screen as it is."""


def keys(*pressed: str) -> Play:
    async def play(on: Stage) -> None:
        await on.press(*pressed)

    return play


async def explore(on: Stage) -> None:
    """An expression on the chart, compared with the window before, and the labels of the chosen metric."""
    screen = on.app.live_screen
    assert isinstance(screen, MetricsScreen)
    await on.until(lambda: screen.exploring.listing.infos)
    await on.press("down")
    await on.until(lambda: screen.exploring.labels)
    screen.draw(EXPLORED)
    await on.until(lambda: screen.exploring.plots)
    await on.press("c")


async def explore_in_vain(on: Stage) -> None:
    screen = on.app.live_screen
    assert isinstance(screen, MetricsScreen)
    await on.until(lambda: screen.exploring.listing.note)
    screen.draw(EXPLORED)
    await on.until(lambda: screen.exploring.error)


async def big_chart(on: Stage) -> None:
    await explore(on)
    await on.press("B")
    await on.until(lambda: on.shows("/checkout"))


def becoming(world: Callable[[], World], *pressed: str) -> Play:
    async def play(on: Stage) -> None:
        await on.become(world())
        await on.press(*pressed)

    return play


async def compared(on: Stage) -> None:
    await on.become(loaded.listed())
    await on.press("tab", "space", "space", "c")
    await on.until(lambda: on.shows("change"))


async def form(on: Stage) -> None:
    """What would be sent is known."""
    await on.become(loaded.listed())
    await on.press("N")
    await on.until(lambda: on.shows("3 000 requests"))


async def confirmed(on: Stage) -> None:
    """A host that has to be typed once more, and was not."""
    await on.become(loaded.far())
    await on.press("N")
    await on.until(lambda: on.shows("once more"))
    await on.press("enter")


async def prompt(on: Stage) -> None:
    await on.press("colon", *"the")


async def asking(on: Stage) -> None:
    """PromQL that is being typed, with what completes it."""
    screen = on.app.live_screen
    assert isinstance(screen, MetricsScreen)
    await on.until(lambda: screen.exploring.listing.infos)
    await on.press("i", "ctrl+u", *"rate", "left_parenthesis", *"pro")


async def palette(on: Stage) -> None:
    await on.press("ctrl+p")
    await on.until(lambda: on.shows("go to the overview"))


class Picture(NamedTuple):
    """``name`` is also the name of its files."""

    name: str
    screen: str
    world: str = "normal"
    play: Play = nothing
    sizes: tuple[tuple[int, int], ...] = SIZES
    themes: tuple[str, ...] = THEMES


# a new screen gets its pictures with the next "make snapshots"
_MAIN = tuple(screen.value for screen in Screen)
_PLAYS = {("metrics", "normal"): explore, ("metrics", "overloaded"): explore, ("metrics", "failing"): explore_in_vain,
          ("load", "normal"): becoming(loaded.sending), ("load", "failing"): becoming(loaded.lost),
          ("load", "overloaded"): becoming(loaded.stressed)}  # fmt: skip
PICTURES = (
    *(Picture(name, name, play=_PLAYS.get((name, "normal"), nothing)) for name in _MAIN),
    Picture("help", "workflow", play=keys("question_mark")),
    Picture("palette", "overview", play=palette),
    Picture("prompt", "overview", play=prompt),
    Picture("promql", "metrics", play=asking, sizes=MIDDLE, themes=DARK),
    Picture("themes", "overview", play=keys("T"), sizes=MIDDLE, themes=DARK),
    Picture("chart", "metrics", play=big_chart, sizes=MIDDLE, themes=DARK),
    Picture("frozen", "overview", play=keys("space", "tab", "shift+left"), sizes=MIDDLE),
    Picture("followed", "host", play=keys("down", "f"), sizes=MIDDLE, themes=DARK),
    Picture("filtered", "workflow", play=keys("slash", *"fetch", "enter", "s", "e"), sizes=MIDDLE, themes=DARK),
    Picture("alerts-timeline", "alerts", play=keys("t"), sizes=MIDDLE),
    Picture("alerts-noise", "alerts", play=keys("t", "tab"), sizes=MIDDLE, themes=DARK),
    Picture("alerts-objectives", "alerts", play=keys("t", "tab", "tab"), sizes=MIDDLE),
    Picture("alerts-silences", "alerts", play=keys("t", "tab", "tab", "tab"), sizes=MIDDLE, themes=DARK),
    Picture("alerts-full", "alerts", play=keys("enter"), sizes=MIDDLE, themes=DARK),
    Picture("load-starting", "load", play=becoming(loaded.starting), sizes=MIDDLE, themes=DARK),
    Picture("load-paused", "load", play=becoming(loaded.paused), sizes=MIDDLE, themes=DARK),
    Picture("load-refused", "load", play=becoming(loaded.refused), sizes=MIDDLE, themes=DARK),
    Picture("load-done", "load", play=becoming(loaded.done)),
    Picture("load-runs", "load", play=becoming(loaded.listed, "tab", "space"), sizes=MIDDLE, themes=DARK),
    Picture("load-details", "load", play=becoming(loaded.sending, "enter"), sizes=MIDDLE, themes=DARK),
    Picture("load-compared", "load", play=compared, sizes=(SIZES[0], SIZES[1])),
    Picture("load-form", "load", play=form, sizes=(SIZES[0], SIZES[1])),
    Picture("load-far", "load", play=confirmed, sizes=MIDDLE, themes=DARK),
    Picture("load-40x10", "load", play=becoming(loaded.sending), sizes=((40, 10),)),
    Picture("alerts-panel", "overview", "overloaded", keys(*["tab"] * 6, "e"), MIDDLE, DARK),
    Picture("fixes", "overview", "overloaded", keys(*["tab"] * 7, "e"), MIDDLE, DARK),
    *(
        Picture(f"{name}-{world}", name, world, _PLAYS.get((name, world), nothing), MIDDLE, DARK)
        for world in ("failing", "overloaded", "empty", "loading")
        for name in _MAIN
    ),
    Picture("overview-unconfigured", "overview", "unconfigured"),
    *(
        Picture(f"{name}-unconfigured", name, "unconfigured", sizes=MIDDLE, themes=DARK)
        for name in ("workflow", "agents", "metrics")
    ),
    *(
        Picture(f"overview-{width}x{height}", "overview", sizes=((width, height),))
        for width, height in ((40, 10), (20, 5))
    ),
)  # fmt: skip


async def taken(picture: Picture) -> dict[str, Sheet]:
    """Its sheets by the names of their files, one for each size, with the looks of all themes."""
    found: dict[tuple[int, int], list[Sheet]] = {size: [] for size in picture.sizes}
    world = WORLDS[picture.world]()
    for theme in picture.themes:
        async with stage(world, theme, picture.screen, picture.sizes[0]) as on:
            await picture.play(on)
            for size in picture.sizes:
                if size != on.app.size:
                    await on.resize(*size)
                found[size].append(sheet(await on.cells()))
    return {
        picture.name if picture.sizes[0] == size == picture.sizes[-1] else f"{picture.name}-{size[0]}x{size[1]}":
        Sheet.joined(sheets)
        for size, sheets in found.items()
    }  # fmt: skip
