"""``perftui check``: every problem of a configuration at once."""

from __future__ import annotations

import os
from pathlib import Path

from perftui.cli.arguments import Options
from perftui.config.load import find_config, load
from perftui.config.themes import load_theme
from perftui.domain.errors import Exit, PerftuiError


def check(options: Options) -> int:
    """0 and one line when all is well; else all problems, and 2."""
    path = Path(options.file) if options.file else find_config(options.config, os.environ, Path.cwd())
    loaded = load(path, os.environ)
    if loaded.problems:
        raise PerftuiError("\n".join(["not well:", *map(str, loaded.problems)]))
    load_theme(loaded.config.theme)
    if path is None:
        print("ok: no configuration file, the defaults are in force (perftui init writes one)")
    else:
        print(f"ok: {path}")
    return Exit.OK
