"""Runs the console in this process until it is left, and leaves the terminal as it found it."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Callable
from pathlib import Path

from perftui.config.schema import Config
from perftui.config.themes import Theme
from perftui.config.watch import ConfigWatch
from perftui.link.client import Launcher
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.tui.driver import TerminalDriver
from perftui.view.glyphs import GlyphSet

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


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
    log: Callable[[str], str],
) -> tuple[int, str]:
    """The exit code, and a message for stderr when something went wrong. 128 + n after signal n.

    ``log`` keeps a traceback, and tells where.
    """
    # the collector runs when the first picture stands: until then everything that is made stays
    gc.disable()
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
    )
    app.driver_class = TerminalDriver
    try:
        code = asyncio.run(_run(app, mouse))
    finally:
        launcher.stop()
    error = app.failure
    if error is None:
        return code, ""
    place = log(error)
    return 1, f"perftui: {error.strip().splitlines()[-1]} (the whole story is in {place})"


async def _run(app: PerftuiApp, mouse: bool) -> int:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, app.leave, 128 + number)
    result = await app.run_async(mouse=mouse)
    return result if isinstance(result, int) else 0
