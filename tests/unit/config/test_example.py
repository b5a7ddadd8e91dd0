"""The example configuration holds every key, and each has its default."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.example import example_text
from perftui.config.keymap import BINDINGS
from perftui.config.load import load
from perftui.config.schema import AlertRule, Config, HostSource, Intervals, Layout, Panel, Storage


def _example(tmp_path: Path) -> Path:
    path = tmp_path / "perftui.toml"
    path.write_text(example_text(), "utf-8")
    return path


def test_the_example_equals_the_defaults(tmp_path: Path) -> None:
    loaded = load(_example(tmp_path), {})

    assert loaded.problems == ()
    with_keys = msgspec.structs.replace(DEFAULTS, keys={binding.id: binding.keys for binding in BINDINGS})
    assert loaded.config == with_keys


def test_the_example_names_every_key_of_the_schema() -> None:
    text = example_text()

    for struct in (Config, Intervals, HostSource, Storage, Panel, Layout, AlertRule):
        for field in msgspec.structs.fields(struct):
            name = field.encode_name
            assert f"\n{name} = " in text or f"\n# {name} = " in text or f"\n[{name}" in text, f"{struct}: {name}"


def test_every_top_level_key_of_the_example_has_a_comment_above_it() -> None:
    lines = example_text().split("\n[panels.", maxsplit=1)[0].splitlines()

    for before, line in pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("#"), line
