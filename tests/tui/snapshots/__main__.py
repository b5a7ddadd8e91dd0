"""``python -m tests.tui.snapshots`` takes all pictures anew; with names, shows kept ones in colour on the terminal."""

from __future__ import annotations

import asyncio
import sys

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.tui.snapshots.pictures import PICTURES, THEMES, taken
from tests.tui.snapshots.sheet import FOLDER, Legend, Sheet, path_of, read, written


async def take() -> None:
    """Write every sheet; say which ones are others than before."""
    legend = Legend.read()
    sheets: dict[str, Sheet] = {}
    for picture in PICTURES:
        sheets |= await taken(picture)
    used = {looks for sheet in sheets.values() for row in sheet.looks for looks in row}
    legend = Legend({looks: letter for looks, letter in legend.letters.items() if looks in used})
    for name, sheet in sheets.items():
        text, path = written(sheet, legend), path_of(name)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"changed: {path.name}")
    for path in FOLDER.glob("*.txt"):
        if path.stem not in (*sheets, "looks"):
            path.unlink()
            print(f"gone: {path.name}")
    legend.write(THEMES)
    print(
        f"{len(sheets)} pictures. Look at what changed (git diff; python -m tests.tui.snapshots NAME), then commit it."
    )


def show(name: str, themes: tuple[str, ...]) -> None:
    """A kept picture as it looks in these themes."""
    kept = read(name, Legend.read())
    console = Console(force_terminal=True, color_system="truecolor", width=max(map(len, kept.looks)))
    for theme in themes:
        place = THEMES.index(theme)
        for line, looks in zip(kept.lines, kept.looks, strict=True):
            text = Text(line.ljust(len(looks)), no_wrap=True, overflow="crop")
            for x, look in enumerate(looks):
                text.stylize(Style.parse(look[place] or "none"), x, x + 1)
            console.print(text)


if __name__ == "__main__":
    if sys.argv[1:]:
        chosen = tuple(one for one in sys.argv[1:] if one in THEMES) or THEMES
        for name in sys.argv[1:]:
            if name not in THEMES:
                show(name, chosen)
    else:
        asyncio.run(take())
