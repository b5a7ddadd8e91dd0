"""One look without a console: a screen as text or SVG, or the data as JSON."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from perftui.cli.arguments import Options
from perftui.cli.document import document
from perftui.cli.setup import chosen_glyphs, chosen_theme, configuration
from perftui.cli.work_document import TABLES
from perftui.config.clock_face import ClockFace
from perftui.config.queries import drawn_selectors
from perftui.config.schema import Config, Screen
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.health import SourceState
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.session.local import collect, found_profiles
from perftui.sources.host.catalogue import SERIES
from perftui.view.glyphs import GlyphSet, to_ascii
from perftui.view.page import page, page_watches
from perftui.view.panels import watch_name
from perftui.view.scene import Scene
from perftui.view.text import plain

_JSON_CELLS = 60


def snapshot(options: Options) -> int:
    """Prints it, or writes it to ``--output``. 4 when a source failed: what there is comes all the same."""
    loaded = configuration(options)
    config = loaded.config
    screen = Screen(options.screen) if options.screen else config.screen
    width, height = options.size
    path = str(loaded.path) if loaded.path else None
    mirror = asyncio.run(collect(config, lambda full: needed(options, full, screen), options.wait, path))
    config = with_profiles(config, found_profiles(mirror))
    if options.format == "json":
        text = document(mirror, config, time.time())
    elif options.format == "svg":
        from perftui.tui.svg import svg  # the only snapshot that needs the terminal library

        theme, glyphs = chosen_theme(config), chosen_glyphs(config)
        picture = svg(
            config, mirror, theme=theme, glyphs=glyphs, screen=screen.value, width=width, height=height, at=time.time()
        )
        text = asyncio.run(picture)
    else:
        text = screen_text(mirror, config, screen, width, height, chosen_glyphs(config), time.time())
    _give(text, options.output)
    failed = any(source.state is SourceState.FAILED for source in mirror.sources)
    return Exit.SOURCE_FAILED if failed else Exit.OK


def needed(options: Options, config: Config, screen: Screen) -> tuple[list[Watch], tuple[str, ...]]:
    """The windows and tables that the output is made from."""
    if options.format == "json":
        panels = [
            Watch(watch_name(name), drawn_selectors(config, panel), config.window, None, _JSON_CELLS)
            for name, panel in config.panels.items()
            if drawn_selectors(config, panel)
        ]
        # the document tells every figure of the host, whether a panel shows it or not
        every = [Watch(name, (f"host/{name}",), config.window, None, 2) for name in SERIES]
        return panels + every, TABLES
    wanted, tables = page_watches(screen, config, *options.size)
    return [Watch(item.name, item.selectors, config.window, None, item.cells) for item in wanted], tables


def screen_text(
    mirror: Mirror, config: Config, screen: Screen, width: int, height: int, glyphs: GlyphSet, now: float
) -> str:
    """The screen as plain text, without blanks at the ends of lines."""
    face = ClockFace(config.timezone)
    scene = Scene(mirror, config, glyphs, now, mirror.at or now, config.window, face.text, face.offset(now))
    text = "\n".join(plain(line).rstrip() for line in page(screen, scene, width, height))
    return text if glyphs.braille else to_ascii(text)


def _give(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text + "\n")
        return
    try:
        Path(output).expanduser().write_text(text + "\n", "utf-8")
    except OSError as error:
        raise PerftuiError(f"--output {output}: {error.strerror}") from None
