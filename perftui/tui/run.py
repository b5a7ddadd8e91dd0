"""Runs the console in this process until it is left, and leaves the terminal as it found it."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from perftui.config.schema import Config
from perftui.config.themes import Theme
from perftui.config.watch import ConfigWatch
from perftui.domain.load import LoadState
from perftui.domain.text import clean
from perftui.link.client import Launcher
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.tui.driver.choice import driver_class
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.terminal import EarlyScreen, TerminalDriver
from perftui.tui.signals import EndSignals
from perftui.view.glyphs import GlyphSet


class Opening(NamedTuple):
    """How the console is opened.

    ``colour`` false: no theme gets colours past this. ``controls`` and ``news`` are those of whoever opens the console.
    ``link_budget`` is in bytes a second.
    """

    theme: Theme
    glyphs: GlyphSet
    config_watch: ConfigWatch
    config_path: Path | None
    screen: str
    mouse: bool
    colour: bool
    controls: Mapping[str, Callable[[str], str]]
    news: Callable[[], str]
    stock_driver: bool
    link_budget: float | None


class Early(Protocol):
    """Who holds the terminal until the driver takes it over."""

    def take_over(self) -> EarlyScreen | None: ...

    def leave(self) -> None: ...


def run(
    config: Config, opening: Opening, *, launcher: Launcher, early: Early, log: Callable[[str], str]
) -> tuple[int, str]:
    """The exit code, and a message for stderr when something went wrong. 128 + n after signal n.

    ``log`` keeps a traceback, and tells where.
    """
    app = _app(config, opening, launcher, early)
    code, error = _ran(app, opening.mouse, launcher, early)
    # a console that failed before it had a driver leaves the first frame
    early.leave()
    error = app.failure or error
    if not error:
        return code, left_behind(app.deck.mirror.load)
    place = log(error)
    return 1, f"perftui: {clean(error.strip().splitlines()[-1], 300)} (the whole story is in {place})"


def left_behind(load: LoadState | None) -> str:
    """What to say of a load that goes on without its console; empty when none does."""
    if load is None or load.phase.is_over or load.leased:
        return ""
    return f"perftui: the load {load.run_id} goes on until it is over; perftui load history tells what came of it"


def _app(config: Config, opening: Opening, launcher: Launcher, early: Early) -> PerftuiApp:
    meter = LinkMeter(time.monotonic)
    app = PerftuiApp(
        config,
        theme=opening.theme,
        glyphs=opening.glyphs,
        mirror=Mirror(),
        launcher=launcher,
        wall=time.time,
        monotonic=time.monotonic,
        config_watch=opening.config_watch,
        config_path=opening.config_path,
        screen=opening.screen,
        colour=opening.colour,
        controls=opening.controls,
        news=opening.news,
        link=meter.read,
        budgeted=opening.link_budget is not None,
    )
    app.driver_class = driver_class(
        os.environ,
        stock=opening.stock_driver,
        glyphs=opening.glyphs,
        colour=opening.colour,
        budget=opening.link_budget,
        meter=meter,
        take_over=early.take_over,
    )
    return app


def _ran(app: PerftuiApp, mouse: bool, launcher: Launcher, early: Early) -> tuple[int, str]:
    """The exit code and a traceback, empty when all went well; the session is ended too."""
    signals = EndSignals(app.leave, lambda code: _abandon(app, early, code))
    code, error = 1, ""
    try:
        code = asyncio.run(_run(app, signals, mouse))
    except Exception:  # noqa: BLE001 (the last place that can say what went wrong)
        error = traceback.format_exc()
    finally:
        signals.rest()
        # a load that was let go of outlives its console, and the session stays for it
        if not left_behind(app.deck.mirror.load):
            launcher.stop()
        signals.settle()
    return code, error


async def _run(app: PerftuiApp, signals: EndSignals, mouse: bool) -> int:
    signals.watch(asyncio.get_running_loop())
    result = await app.run_async(mouse=mouse)
    return result if isinstance(result, int) else 0


def _abandon(app: PerftuiApp, early: Early, code: int) -> None:
    early.leave()
    driver = app._driver
    if isinstance(driver, TerminalDriver):
        driver.abandon(code)
    os._exit(code)
