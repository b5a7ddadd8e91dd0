"""Opens the console: the session process first, then the terminal library, so that both start at the same time."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.setup import MONOCHROME, amendment, chosen_glyphs, chosen_theme, configuration, given
from perftui.config.themes import load_theme
from perftui.domain.errors import Exit, PerftuiError
from perftui.session.launch import SessionProcess


def console(
    options: Options,
    controls: Mapping[str, Callable[[str], str]] | None = None,
    news: Callable[[], str] = lambda: "",
) -> int:
    """Until it is left. Without a terminal that can show it: one screen as text instead.

    ``controls`` are commands of whoever opened it, ``news`` is what that one has to say: asked once a second.
    """
    if not can_draw():
        from perftui.cli.snapshot import snapshot

        print("perftui: no terminal to draw on; this is one screen as text (perftui snapshot)", file=sys.stderr)
        return snapshot(options)
    loaded = configuration(options)
    glyphs, theme = chosen_glyphs(loaded.config), chosen_theme(loaded.config)
    session = _Prestarted(
        str(loaded.path) if loaded.path else None,
        keep=not options.no_journal,
        given=given(options),
    )
    try:
        session.prestart()
    except OSError as error:
        raise PerftuiError(f"the session process can't be started: {error.strerror}", Exit.SOURCE_FAILED) from None
    from perftui.config.watch import ConfigWatch
    from perftui.tui.driver.abilities import Depth, depth_of
    from perftui.tui.driver.choice import textual_version, untested_words
    from perftui.tui.run import run

    colour = depth_of(os.environ) is not Depth.NONE
    # Textual would turn colours into greys, which are colours
    os.environ.pop("NO_COLOR", None)
    stock = options.driver == "stock"
    untested = "" if stock else untested_words(textual_version())
    if untested:
        print(untested, file=sys.stderr)

    code, message = run(
        loaded.config,
        theme=theme if colour else load_theme(MONOCHROME),
        glyphs=glyphs,
        launcher=session,
        config_watch=ConfigWatch(loaded.path, os.environ, amendment(options)),
        config_path=loaded.path,
        screen=options.screen or "",
        mouse=loaded.config.mouse and not options.no_mouse,
        colour=colour,
        log=_keep,
        controls=controls or {},
        news=news,
        stock_driver=stock or bool(untested),
        link_budget=options.link_budget,
    )
    if message:
        print(message, file=sys.stderr)
    return code


class _Prestarted(SessionProcess):
    """A session that was started before there was a console to ask for it."""

    _ready: socket.socket | None = None

    def prestart(self) -> None:
        self._ready = super().start()

    def start(self) -> socket.socket:
        ready, self._ready = self._ready, None
        return ready if ready is not None else super().start()


def can_draw() -> bool:
    """Whether there is a terminal that can show the console."""
    dumb = os.environ.get("TERM", "") in ("", "dumb")
    return sys.stdin.isatty() and sys.stdout.isatty() and not dumb


def _keep(text: str) -> str:
    """Append a traceback to the console's log; where that is."""
    from perftui.config.paths import made, state_folder

    try:
        path = made(state_folder()) / "console.log"
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} perftui {__version__}\n{text}\n")
    except OSError as error:
        return f"no log: {error.strerror}"
    return str(path)
