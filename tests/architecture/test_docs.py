"""The documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from perftui.config.keymap import BINDINGS
from perftui.sources.host.catalogue import SERIES
from perftui.tui.commands import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_binding_stands_in_the_guide_with_its_description() -> None:
    text = (ROOT / "docs/guide/keys.md").read_text("utf-8")

    rows = dict(re.findall(r"\| `([a-z_.]+)` \| .+? \| (.+?) \| \w+ \|", text))
    assert rows == {binding.id: binding.description for binding in BINDINGS}


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_guide_names_every_family_of_host_series() -> None:
    text = (ROOT / "docs/guide/host.md").read_text("utf-8")

    missing = {name.split("_")[0] for name in SERIES} - set(re.findall(r"[a-z0-9]+", text))
    assert missing == set()


def test_every_command_explains_itself() -> None:
    assert all(command.description for command in COMMANDS)
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
