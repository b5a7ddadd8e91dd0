"""Opens the console: the session process first, then the terminal library, so that both start at the same time."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable, Mapping

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.first_frame.plan import ROLES
from perftui.cli.first_frame.terminal import EarlyTerminal
from perftui.cli.setup import MONOCHROME, amendment, chosen_glyphs, chosen_theme, configuration, given
from perftui.config.load import Loaded
from perftui.config.schema import Config
from perftui.config.themes import Theme, load_theme
from perftui.domain.errors import Exit, PerftuiError
from perftui.session.launch import SessionProcess
from perftui.view.glyphs import GlyphSet


def console(
    options: Options,
    early: EarlyTerminal,
    controls: Mapping[str, Callable[[str], str]] | None = None,
    news: Callable[[], str] = lambda: "",
) -> int:
    """Until it is left. Without a terminal that can show it: one screen as text instead.

    ``early`` may show a first frame, which the console takes over. ``controls`` are commands of whoever opened it,
    ``news`` is what that one has to say: asked once a second.
    """
    if not can_draw():
        return _as_text(options)
    # the collector runs when the first picture stands: until then everything that is made stays
    gc.disable()
    loaded = configuration(options)
    session = _started(loaded, options)
    try:
        glyphs, theme = chosen_glyphs(loaded.config), chosen_theme(loaded.config)
    except PerftuiError:
        session.stop()
        raise
    code, message = _run(options, early, loaded, session, glyphs, theme, controls or {}, news)
    if message:
        print(message, file=sys.stderr)
    return code


def _as_text(options: Options) -> int:
    from perftui.cli.snapshot import snapshot

    print("perftui: no terminal to draw on; this is one screen as text (perftui snapshot)", file=sys.stderr)
    return snapshot(options)


def _started(loaded: Loaded, options: Options) -> SessionProcess:
    """Its session, which has the time until the terminal library is there."""
    session = SessionProcess(
        str(loaded.path) if loaded.path else None, keep=not options.no_journal, given=given(options)
    )
    try:
        session.prestart()
    except OSError as error:
        raise PerftuiError(f"the session process can't be started: {error.strerror}", Exit.SOURCE_FAILED) from None
    return session


def _run(
    options: Options,
    early: EarlyTerminal,
    loaded: Loaded,
    session: SessionProcess,
    glyphs: GlyphSet,
    theme: Theme,
    controls: Mapping[str, Callable[[str], str]],
    news: Callable[[], str],
) -> tuple[int, str]:
    """With the terminal library, from here on."""
    from perftui.config.watch import ConfigWatch
    from perftui.tui.driver.abilities import Depth, depth_of
    from perftui.tui.run import Opening, run
    from perftui.tui.themes import first_codes

    depth = depth_of(os.environ)
    colour = depth is not Depth.NONE
    worn = theme if colour else load_theme(MONOCHROME)
    opening = Opening(
        theme=worn,
        glyphs=glyphs,
        config_watch=ConfigWatch(loaded.path, os.environ, amendment(options)),
        config_path=loaded.path,
        screen=options.screen or "",
        mouse=loaded.config.mouse and not options.no_mouse,
        colour=colour,
        controls=controls,
        news=news,
        stock_driver=options.driver == "stock" or _is_untested(early),
        link_budget=options.link_budget,
    )
    # Textual would turn colours into greys, which are colours
    os.environ.pop("NO_COLOR", None)
    ended = run(loaded.config, opening, launcher=session, early=early, log=_keep)
    _remember(early.key, loaded.config, first_codes(worn, depth, ROLES), glyphs, options.screen)
    return ended


def _remember(key: str, config: Config, codes: Mapping[str, str], glyphs: GlyphSet, screen: str | None) -> None:
    """For the first frame of the next start; nobody asked for that, so nobody hears that it was in vain."""
    from perftui.cli.remember import planned, remember

    with contextlib.suppress(OSError):
        remember(key, planned(config, codes, glyphs, screen or config.screen.value))


def _is_untested(early: EarlyTerminal) -> bool:
    """Whether our driver was not proved with this Textual, which is said on the terminal as it was."""
    from perftui.tui.driver.choice import textual_version, untested_words

    words = untested_words(textual_version())
    if words:
        early.leave()
        print(words, file=sys.stderr)
    return bool(words)


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
