"""Problems say what was expected in TOML's words and belong to the place that the value came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.load import load


def _problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    return [str(problem).replace(str(path), "p.toml") for problem in load(path, environ or {}).problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("glyphs = true", "p.toml:1: glyphs: true is not one of its values (known: auto, utf8, ascii)"),
        ("glyphs = {a = 1}", "p.toml:1: glyphs: a table is not one of its values (known: auto, utf8, ascii)"),
        ('glyphs = "asci"', "p.toml:1: glyphs: 'asci' is not one of its values, did you mean \"ascii\"?"),
        ("theme = 2026-11-20", "p.toml:1: theme: expected text in quotes, got a date or a time"),
        ("mouse = 1", "p.toml:1: mouse: expected true or false, got 1"),
        ("[panels.cpu]\nmax = nan", "p.toml:2: panels.cpu.max: expected a finite number"),
        ('[keys]\napp.quit = "q"', 'p.toml:2: keys.app: an id with a dot stands in quotes: "app.quit" = ...'),
        ('[keys]\n"app.help" = ["f5", "f5"]', 'p.toml:2: keys.app.help: "f5" stands in it twice'),
        (
            "[panels.cpu]\nwatch = 0.9\nbad = 0.8",
            'p.toml:3: panels.cpu.bad: "bad" must be above "watch" when above = true',
        ),
        (
            "[panels.cpu]\nwatch = 0.1\nbad = 0.2\nabove = false",
            'p.toml:3: panels.cpu.bad: "bad" must be below "watch" when above = false',
        ),
        (
            '[layouts.overview]\nrows = [["cpu"]]\nweights = [1, 2]',
            "p.toml:3: layouts.overview.weights: 2 weights for 1 rows",
        ),
        ('[storage]\nkeep_raw = "9999999d"', "p.toml:2: storage.keep_raw: expected a span"),
    ],
)
def test_each_mistake_is_exactly_one_problem(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = _problems(tmp_path, text)

    assert problem.startswith(message)


def test_a_variable_is_blamed_for_what_it_says_and_the_file_is_not(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, 'theme = "dark"', {"PERFTUI_THEME": "drak"})

    assert problem == '$PERFTUI_THEME: theme: no theme is called "drak", did you mean "dark"?'


def test_digits_in_a_variable_for_text_are_text() -> None:
    assert load(None, {"PERFTUI_STORAGE_PATH": "2026"}).config.storage.path == "2026"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"PERFTUI_MOUSE": "yes"}, "$PERFTUI_MOUSE: mouse: expected true or false, got 'yes'"),
        ({"PERFTUI_WINDOW": "300"}, "$PERFTUI_WINDOW: window: expected a span such as 5s, 2m, 24h or 7d, got '300'"),
        ({"PERFTUI_INTERVALS_HOST": "1ms"}, "$PERFTUI_INTERVALS_HOST: intervals.host: an interval is from"),
    ],
)
def test_a_wrong_value_in_a_variable_is_a_problem_of_the_variable(environ: dict[str, str], message: str) -> None:
    (problem,) = load(None, environ).problems

    assert str(problem).startswith(message)


def test_problems_of_file_and_environment_come_together(tmp_path: Path) -> None:
    found = _problems(tmp_path, "mouse = 1", {"PERFTUI_THEEM": "x"})

    assert [problem.partition(": ")[0] for problem in found] == ["p.toml:1", "$PERFTUI_THEEM"]


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, '"a\\u001b[31m" = 1')

    assert "\x1b" not in problem
