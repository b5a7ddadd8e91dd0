"""One look without a console: a screen as text or SVG, or the data as JSON."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from perftui.cli.arguments import MAX_SIZE, MIN_SIZE, Options
from perftui.cli.document import document
from perftui.cli.setup import chosen_glyphs, chosen_theme, configuration
from perftui.cli.text_charts import TextCharts
from perftui.cli.work_document import TABLES
from perftui.config.clock_face import ClockFace
from perftui.config.problems import nearest
from perftui.config.queries import drawn_selectors
from perftui.config.schema import Config, Screen
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.health import SourceState
from perftui.domain.text import clean
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.session.local import collect, found_profiles
from perftui.sources.host.catalogue import SERIES
from perftui.view.glyphs import GlyphSet, to_ascii
from perftui.view.layout import MIN_WIDTH, Region
from perftui.view.overview import overview_tables, overview_watches
from perftui.view.page import page, page_watches
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Scene
from perftui.view.text import Line, plain

_JSON_CELLS = 60
# where panels stand below each other they need more lines
_PAGE, _BELOW_EACH_OTHER = (120, 40), 72


def snapshot(options: Options) -> int:
    """Prints it, or writes it to ``--output``. 4 when a source failed: what there is comes all the same."""
    loaded = configuration(options)
    config = loaded.config
    screen = Screen(options.screen) if options.screen else config.screen
    width, height = chosen_size(options)
    if options.panel and options.format != "text":
        raise PerftuiError(f"--panel draws text; --format {options.format} has all panels")
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
    elif options.panel:
        scene = _scene(mirror, config, chosen_glyphs(config), time.time())
        text = "\n\n".join(_panel_text(scene, name, width, height) for name in options.panel)
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
    if options.panel:
        regions = {name: Region(0, 0, *chosen_size(options)) for name in options.panel if name in config.panels}
        wanted, tables = overview_watches(config, regions), overview_tables(config, regions)
    else:
        wanted, tables = page_watches(screen, config, *chosen_size(options))
    return [Watch(item.name, item.selectors, config.window, None, item.cells) for item in wanted], tables


def chosen_size(options: Options) -> tuple[int, int]:
    """Columns and rows: those that were asked for, else the usual ones in as many columns as ``$COLUMNS`` says."""
    if options.size is not None:
        return options.size
    width, height = (80, 24) if options.panel else _PAGE
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and len(told) < 5 and options.format == "text":
        width = min(MAX_SIZE[0], max(MIN_SIZE[0], int(told)))
        height = height if options.panel or width >= 2 * MIN_WIDTH else _BELOW_EACH_OTHER
    return width, height


def screen_text(
    mirror: Mirror, config: Config, screen: Screen, width: int, height: int, glyphs: GlyphSet, now: float
) -> str:
    """The screen as plain text, without blanks at the ends of lines."""
    return _text(page(screen, _scene(mirror, config, glyphs, now), width, height), glyphs)


def _panel_text(scene: Scene, name: str, width: int, height: int) -> str:
    """Raises PerftuiError when there is no such panel."""
    panel = scene.config.panels.get(name)
    if panel is None:
        raise PerftuiError(f"--panel {clean(name, 80)}: no panel is called so{nearest(name, scene.config.panels)}")
    return _text(panel_picture(scene, name, panel, width, height, expanded=True), scene.glyphs)


def _scene(mirror: Mirror, config: Config, glyphs: GlyphSet, now: float) -> Scene:
    """What pictures of text are drawn from: their charts are plotext's."""
    face = ClockFace(config.timezone)
    charts = TextCharts(glyphs, face.text)
    return Scene(
        mirror, config, glyphs, now, mirror.at or now, config.window, face.text, face.offset(now), draw_chart=charts,
        bullets=charts.markers,
    )  # fmt: skip


def _text(lines: Iterable[Line], glyphs: GlyphSet) -> str:
    text = "\n".join(plain(line).rstrip() for line in lines)
    return text if glyphs.braille else to_ascii(text)


def _give(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text + "\n")
        return
    try:
        Path(output).expanduser().write_text(text + "\n", "utf-8")
    except OSError as error:
        raise PerftuiError(f"--output {output}: {error.strerror}") from None
