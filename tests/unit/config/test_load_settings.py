"""What may be loaded is configured in words that can only be understood in one way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perftui.config.load import load
from perftui.config.load_settings import Load, LoadLimits, LoadTarget, OwnLimits


def _loaded(tmp_path: Path, text: str) -> tuple[Load, list[str]]:
    path = tmp_path / "perftui.toml"
    path.write_text(text, "utf-8")
    loaded = load(path, {})
    return loaded.config.load, [str(problem) for problem in loaded.problems]


def test_limits_targets_and_an_allow_list(tmp_path: Path) -> None:
    settings, problems = _loaded(
        tmp_path,
        """
        [load]
        allow = ["api.test.example", "198.51.100.7", "2001:db8::/32", "fd00::1"]
        [load.limits]
        rate = 500
        duration = "5m"
        [load.targets.shop]
        url = "https://shop.example/"
        production = true
        limits = { rate = 10 }
        """,
    )

    assert problems == []
    assert settings.limits == LoadLimits(500.0, 300.0, 10)
    assert settings.targets == {"shop": LoadTarget("https://shop.example/", True, OwnLimits(10.0))}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[load]\nallow = ["*.example"]', "load.allow[0]: expected a host"),
        ('[load]\nallow = ["http://a/"]', "load.allow[0]: not a network"),
        ('[load]\nallow = ["a b"]', "load.allow[0]: expected a host"),
        ('[load]\nallow = ["10.1.2.3/16"]', "load.allow[0]: not a network such as 10.1.0.0/16"),
        ('[load]\nallow = ["0.0.0.0/0"]', "every machine"),
        ("[load.limits]\nrate = -1", "load.limits.rate: from 0"),
        ('[load.limits]\nduration = "0s"', "load.limits.duration: from 1s"),
        ("[load.limits]\nconnections = 0", "load.limits.connections: from 1"),
        ("[load.limits]\nconnection = 5", 'did you mean "connections"'),
        ("[load.targets.shop]\nproduction = true", '"url" is missing'),
        ('[load.targets.shop]\nurl = "shop.example"', "load.targets.shop.url: expected a URL"),
        ('[load.targets.shop]\nurl = "http://h:99999/"', "load.targets.shop.url: expected a URL"),
        ('[load.targets."a b"]\nurl = "http://h/"', "a target's name has letters"),
        ('[load.targets.shop]\nurl = "http://h/"\nlimits = { rate = -5 }', "load.targets.shop.limits.rate"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    _, problems = _loaded(tmp_path, text)

    assert len(problems) == 1
    assert words in problems[0]
    assert problems[0].startswith(str(tmp_path / "perftui.toml:"))


def test_what_the_guide_shows_of_the_configuration_can_be_configured(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "guide" / "load.md").read_text("utf-8")
    (block,) = [block for block in re.findall(r"```toml\n(.+?)```", text, re.S) if block.startswith("[load]")]
    settings, problems = _loaded(tmp_path, block)

    assert problems == []
    assert settings.targets["shop"].production
    assert settings.targets["staging"].limits.rate == 2000
