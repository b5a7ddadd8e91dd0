"""The console with a bug planted at a place of choice: ``python broken_console.py PLACE``."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from perftui import __main__
from perftui.tui.actions import Actions
from perftui.tui.app import PerftuiApp
from perftui.tui.screens.overview import OverviewScreen


def _fail(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("planted \x1b[31merror")


PLACES: dict[str, tuple[type, str]] = {
    "picture": (OverviewScreen, "picture"),
    "update": (PerftuiApp, "_updated"),
    "key": (Actions, "app_help"),
    "library": (PerftuiApp, "_init_devtools"),
}

if __name__ == "__main__":
    owner, name = PLACES[sys.argv.pop()]
    setattr(owner, name, _fail)
    sys.exit(__main__.main())
