"""``perftui check``: every problem of a configuration at once, then what is doubtful, and with --live what is empty."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from perftui.cli.arguments import Options
from perftui.cli.setup import amendment
from perftui.config.doubts import add_doubts
from perftui.config.expressions import http_sources
from perftui.config.load import Loaded, find_config, load
from perftui.config.problems import Path as KeyPath
from perftui.config.problems import Problems, dotted
from perftui.config.themes import load_theme
from perftui.config.toml_text import parse, read_text
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.text import clean


def check(options: Options) -> int:
    """0 and a line when all is well, warnings before it; else all problems, and 2. With ``--live`` also 1 and 4."""
    path = Path(options.file) if options.file else find_config(options.config, os.environ, Path.cwd())
    loaded = load(path, os.environ, amendment(options))
    if loaded.problems:
        raise PerftuiError("\n".join(["not well:", *map(str, loaded.problems)]))
    load_theme(loaded.config.theme)
    doubts = _lines(path)
    add_doubts(loaded.config, os.environ, doubts)
    for doubt in doubts.found:
        print(f"warning: {doubt}")
    count = len(doubts.found)
    warned = f" ({count} warning{'s' if count > 1 else ''})" if count else ""
    if path is None:
        print(f"ok: no configuration file, the defaults are in force (perftui init writes one){warned}")
    else:
        print(f"ok: {path}{warned}")
    return asyncio.run(_live(loaded)) if options.live else Exit.OK


def _lines(path: Path | None) -> Problems:
    """Collects for the file, with the lines of its keys; without them when it went away meanwhile."""
    text, trouble = ("", "") if path is None else read_text(path)
    return Problems("", {}) if path is None or trouble else parse(text, str(path))[1]


async def _live(loaded: Loaded) -> int:
    # sources bring HTTP clients, which a check without --live does not need
    from perftui.cli.live import Told, look
    from perftui.session.build import build_sources

    lines = _lines(loaded.path)

    def place(path: KeyPath) -> str:
        where = lines.where(path)
        return f"{where}: {dotted(path)}" if where else dotted(path)

    def tell(told: Told) -> None:
        print(clean(f"{told.verdict.value:6} {told.place}: {told.text}", 2000), flush=True)

    sources = build_sources(loaded.config)
    try:
        code = await look(loaded.config, sources, place, tell)
    finally:
        for source in sources:
            await source.close()
    if not any(http_sources(loaded.config)):
        print("nothing to ask: no source is behind HTTP (--prometheus URL or [sources.prometheus.main] adds one)")
    return code
