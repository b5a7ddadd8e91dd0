"""Runs the console in this process until it is left, and leaves the terminal as it found it."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from perftui.config.schema import Config
from perftui.config.themes import Theme
from perftui.config.watch import ConfigWatch
from perftui.domain.text import clean
from perftui.link.client import Launcher
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.tui.driver.choice import driver_class
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.terminal import TerminalDriver
from perftui.tui.signals import EndSignals
from perftui.view.glyphs import GlyphSet


def run(
    config: Config,
    *,
    theme: Theme,
    glyphs: GlyphSet,
    launcher: Launcher,
    config_watch: ConfigWatch,
    config_path: Path | None,
    screen: str,
    mouse: bool,
    colour: bool,
    log: Callable[[str], str],
    controls: Mapping[str, Callable[[str], str]] | None = None,
    news: Callable[[], str] = lambda: "",
    stock_driver: bool = False,
    link_budget: float | None = None,
) -> tuple[int, str]:
    """The exit code, and a message for stderr when something went wrong. 128 + n after signal n.

    ``colour`` false: no theme gets colours past this. ``log`` keeps a traceback, and tells where. ``controls`` and
    ``news`` are those of whoever opens the console. ``link_budget`` is in bytes a second.
    """
    # the collector runs when the first picture stands: until then everything that is made stays
    gc.disable()
    meter = LinkMeter(time.monotonic)
    app = PerftuiApp(
        config,
        theme=theme,
        glyphs=glyphs,
        mirror=Mirror(),
        launcher=launcher,
        wall=time.time,
        monotonic=time.monotonic,
        config_watch=config_watch,
        config_path=config_path,
        screen=screen,
        colour=colour,
        controls=controls,
        news=news,
        link=meter.read,
        budgeted=link_budget is not None,
    )
    app.driver_class = driver_class(
        os.environ, stock=stock_driver, glyphs=glyphs, colour=colour, budget=link_budget, meter=meter
    )
    signals = EndSignals(app.leave, lambda code: _abandon(app, code))
    code, error = 1, ""
    try:
        code = asyncio.run(_run(app, signals, mouse))
    except Exception:  # noqa: BLE001 (the last place that can say what went wrong)
        error = traceback.format_exc()
    finally:
        signals.rest()
        launcher.stop()
        signals.settle()
    error = app.failure or error
    if not error:
        return code, ""
    place = log(error)
    return 1, f"perftui: {clean(error.strip().splitlines()[-1], 300)} (the whole story is in {place})"


async def _run(app: PerftuiApp, signals: EndSignals, mouse: bool) -> int:
    signals.watch(asyncio.get_running_loop())
    result = await app.run_async(mouse=mouse)
    return result if isinstance(result, int) else 0


def _abandon(app: PerftuiApp, code: int) -> None:
    driver = app._driver
    if isinstance(driver, TerminalDriver):
        driver.abandon(code)
    os._exit(code)
