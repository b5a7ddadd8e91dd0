"""Every problem of a configuration is found at once, with its line and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.load import find_config, load
from perftui.config.toml_text import MAX_BYTES
from perftui.config.watch import ConfigWatch


def _problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    return [str(problem).replace(str(path), "p.toml") for problem in load(path, environ or {}).problems]


def test_no_file_is_the_defaults() -> None:
    loaded = load(None, {})

    assert loaded.config == DEFAULTS
    assert loaded.problems == ()


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert _problems(tmp_path, "") == []


def test_problems_of_every_kind_are_reported_together_with_their_lines(tmp_path: Path) -> None:
    found = _problems(
        tmp_path,
        'theem = "dark"\n[intervals]\nhost = 5\nprocesses = "5 parsecs"\n[panels.cpu]\nkind = "pie"\nseries = "x"\n'
        '[panels.x]\nseries = ["host/"]\nmax = "high"\nabove = 1\n[alerts.y]\ntitle = "Y"\n',
    )

    assert found == [
        'p.toml:1: theem: unknown key, did you mean "theme"?',
        "p.toml:3: intervals.host: expected a span such as 5s, 2m, 24h or 7d in quotes, got 5",
        "p.toml:4: intervals.processes: expected a span such as 5s, 2m, 24h or 7d, got '5 parsecs'",
        "p.toml:6: panels.cpu.kind: 'pie' is not one of its values "
        "(known: agents, alerts, fixes, gauge, heat, line, sparklines, stat, table, workflow)",
        "p.toml:7: panels.cpu.series: expected a list in [ ], got 'x'",
        "p.toml:9: panels.x.series[0]: not a series: 'host/' (expected source/name or source/name{label=\"value\"})",
        "p.toml:10: panels.x.max: expected a number, got 'high'",
        "p.toml:11: panels.x.above: expected true or false, got 1",
        'p.toml:12: alerts.y: "series" is missing',
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('theme = "drak"', 'p.toml:1: theme: no theme is called "drak", did you mean "dark"?'),
        ('[layouts.overview]\nrows = [["cpu", "mem"]]', 'no panel is called "mem", did you mean "memory"?'),
        ('[layouts.overview]\nrows = [["cpu", "cpu"]]', '"cpu" stands in it twice'),
        ('[alerts.a]\ntitle = "a"\nseries = "host/a"', 'give it "warning", "critical" or both'),
        ('[alerts.a]\ntitle = "a"\nseries = "host/a"\nwarning = 2\ncritical = 1', '"critical" must be above "warning"'),
        ('[keys]\n"app.qit" = "x"', 'no binding has this id, did you mean "app.quit"?'),
        ('[keys]\n"app.help" = "hyper+x+"', '"hyper+x+" is not a key'),
        ('[keys]\n"app.help" = "q"', '"q" is the key of both app.quit and app.help'),
        ('[keys]\n"host.tree" = "q"', '"q" is the key of both app.quit and host.tree'),
        ('[intervals]\nhost = "1ms"', "an interval is from 100ms to 1h"),
        ("[panels.Cpu]\ntitle = 'x'", "an id has small letters, digits, _ and - only"),
        ('timezone = "Mars/Olympus"', 'no time zone is called "Mars/Olympus"'),
        ("window = inf", "expected a span"),
    ],
)
def test_what_the_types_cannot_tell_is_checked_too(tmp_path: Path, text: str, message: str) -> None:
    assert any(message in problem for problem in _problems(tmp_path, text)), _problems(tmp_path, text)


def test_two_screens_may_use_the_same_key(tmp_path: Path) -> None:
    assert _problems(tmp_path, '[keys]\n"host.tree" = "up2"\n') != []
    assert _problems(tmp_path, '[keys]\n"panel.collapse" = "f"\n') == []


def test_a_user_changes_one_field_of_a_panel_and_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[panels.cpu]\ntitle = "Mine"\n', "utf-8")

    panel = load(path, {}).config.panels["cpu"]

    assert panel.title == "Mine"
    assert panel.series == DEFAULTS.panels["cpu"].series


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, 'theme = "dark"\nwindow = \n')

    assert problem.startswith("p.toml:2: not TOML: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"theme = \xff", "is not UTF-8 text"), (b"#" * (MAX_BYTES + 1), "is larger than 1024 KiB")],
)
def test_unreadable_content_is_one_clear_problem(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(content)

    (problem,) = load(path, {}).problems

    assert message in str(problem)


def test_a_missing_file_and_a_folder_in_its_place_are_problems(tmp_path: Path) -> None:
    (missing,) = load(tmp_path / "none.toml", {}).problems
    (folder,) = load(tmp_path, {}).problems

    assert "no such file" in str(missing)
    assert "is a folder, not a file" in str(folder)


def test_the_environment_overrides_single_keys(tmp_path: Path) -> None:
    loaded = load(None, {"PERFTUI_THEME": "light", "PERFTUI_SOURCES_HOST_ENABLED": "false", "PERFTUI_WINDOW": "15m"})

    assert (loaded.config.theme, loaded.config.sources.host.enabled, loaded.config.window) == ("light", False, 900.0)


def test_an_unknown_variable_is_a_problem_with_the_nearest_one() -> None:
    (problem,) = load(None, {"PERFTUI_THEEM": "x"}).problems

    assert str(problem) == '$PERFTUI_THEEM: no such key, did you mean "PERFTUI_THEME"?'


def test_the_file_is_looked_for_in_the_documented_order(tmp_path: Path, private_folders: Path) -> None:
    here, user = tmp_path / "perftui.toml", private_folders / "xdg_config_home" / "perftui" / "perftui.toml"
    user.parent.mkdir(parents=True)
    user.write_text("")

    assert find_config(None, {}, tmp_path) == user
    here.write_text("")
    assert find_config(None, {}, tmp_path) == here
    assert find_config(None, {"PERFTUI_CONFIG": "/e.toml"}, tmp_path) == Path("/e.toml")
    assert find_config("/x.toml", {"PERFTUI_CONFIG": "/e.toml"}, tmp_path) == Path("/x.toml")


def test_the_watch_is_silent_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('theme = "dark"')
    watch = ConfigWatch(path, {})

    assert watch.poll() is None
    path.write_text('theme = "light"  # longer')
    loaded = watch.poll()
    assert loaded is not None
    assert loaded.config.theme == "light"
    assert watch.poll() is None


def test_a_file_that_went_away_is_a_problem_not_a_change(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("")
    watch = ConfigWatch(path, {})
    path.unlink()

    loaded = watch.poll()

    assert loaded is not None
    assert "is gone" in str(loaded.problems[0])
