"""What several commands begin with: the configuration, the glyphs, the theme."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from perftui.cli.arguments import Options
from perftui.cli.first_frame.abilities import shows_braille
from perftui.config.load import Loaded, find_config, load
from perftui.config.overrides import Given, with_given
from perftui.config.schema import Config, Glyphs
from perftui.config.themes import Theme, load_theme
from perftui.config.values import parse_span
from perftui.domain.errors import PerftuiError
from perftui.view.glyphs import ASCII, UTF8, GlyphSet

MONOCHROME = "monochrome"


def configuration(options: Options) -> Loaded:
    """The configuration in force with the command line's changes. Raises PerftuiError with all problems at once."""
    path = find_config(options.config, os.environ, Path.cwd())
    loaded = load(path, os.environ, amendment(options))
    if loaded.problems:
        count = len(loaded.problems)
        head = f"the configuration has {count} problem{'s' if count > 1 else ''}:"
        raise PerftuiError("\n".join([head, *map(str, loaded.problems)]))
    return Loaded(_changed(loaded.config, options), (), path)


def given(options: Options) -> Given:
    """The sources that the command line names."""
    return Given(tuple(options.prometheus), tuple(options.scrape), tuple(options.workflow))


def amendment(options: Options) -> Callable[[Config], Config]:
    """What adds those sources."""
    return lambda config: with_given(config, given(options))


def _changed(config: Config, options: Options) -> Config:
    if options.theme:
        config = msgspec.structs.replace(config, theme=options.theme)
    if options.window:
        try:
            span = parse_span(options.window)
        except ValueError as error:
            raise PerftuiError(f"--window: {error}") from None
        if not 60 <= span <= 30 * 86400:
            raise PerftuiError("--window: from 1m to 30d")
        config = msgspec.structs.replace(config, window=span)
    return config


def chosen_theme(config: Config) -> Theme:
    """The configured theme; without colour where NO_COLOR asks for that (https://no-color.org)."""
    return load_theme(MONOCHROME if os.environ.get("NO_COLOR") else config.theme)


def chosen_glyphs(config: Config) -> GlyphSet:
    """UTF-8 when the terminal's encoding has it, and its font our signs."""
    if config.glyphs is not Glyphs.AUTO:
        return UTF8 if config.glyphs is Glyphs.UTF8 else ASCII
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "").replace("_", "")
    return UTF8 if encoding == "utf8" and shows_braille(os.environ) else ASCII
