"""``perftui init``: an example configuration to begin with; nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

from perftui.cli.arguments import Options
from perftui.config.example import example_text
from perftui.config.load import FILE_NAME
from perftui.domain.errors import Exit, PerftuiError


def init(options: Options) -> int:
    """Write every key with its default to ``./perftui.toml`` or the named file."""
    path = Path(options.file) if options.file else Path(FILE_NAME)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(example_text())
    except FileExistsError:
        raise PerftuiError(f"{path} exists already; name another file: perftui init other.toml") from None
    except OSError as error:
        raise PerftuiError(f"{path} can't be written: {error.strerror}") from None
    print(f"wrote {path}: every key with its default. Change what you like; perftui check {path} tells what is wrong.")
    return Exit.OK
