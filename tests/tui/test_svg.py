"""A screen as SVG, without a terminal."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.themes import load_theme
from perftui.link.messages import SessionInfo
from perftui.link.mirror import Mirror
from perftui.tui.svg import svg
from perftui.view.glyphs import UTF8
from perftui.view.overview import overview_regions, overview_watches
from tests.tui.console import NOW, window


@pytest.mark.parametrize("screen", ["overview", "workflow", "agents", "host", "sources"])
def test_a_picture_holds_what_the_mirror_holds(screen: str) -> None:
    mirror = Mirror()
    mirror.session = SessionInfo("box", "me", 1, "test", NOW)
    mirror.at, mirror.version = NOW, 1
    for wanted in overview_watches(DEFAULTS, overview_regions(DEFAULTS, 120, 38)):
        mirror.windows[wanted.name] = window(wanted.selectors, 0.125, NOW)
    config = msgspec.structs.replace(DEFAULTS, timezone="UTC")
    document = asyncio.run(
        svg(
            config,
            mirror,
            theme=load_theme("dark"),
            glyphs=UTF8,
            screen=screen,
            width=120,
            height=40,
            at=NOW,
        )
    )
    tree = ElementTree.fromstring(document)  # noqa: S314 (we made it ourselves)
    words = " ".join("".join(tree.itertext()).replace("\xa0", " ").split())
    assert "me@box" in words
    assert "08:00:00" in words
    assert ("12 %" in words) == (screen == "overview")
