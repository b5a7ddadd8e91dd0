"""The first frame: light to import, true to what comes after it, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.cli.arguments import Options, _parser, parse_arguments
from perftui.cli.first_frame.abilities import depth, erases_in_colour, shows_braille
from perftui.cli.first_frame.asked import console_asked
from perftui.cli.first_frame.machine import Machine, read_machine
from perftui.cli.first_frame.memory import config_file, folder, key_of, read_plan, written
from perftui.cli.first_frame.picture import frame
from perftui.cli.first_frame.plan import (
    DEFAULT_CODES,
    DEFAULT_PANELS,
    DEFAULT_PRIORITY,
    DEFAULT_ROWS,
    DEFAULT_WEIGHTS,
    FIGURES,
    ROLES,
    Plan,
    PlannedPanel,
    bare_plan,
    default_plan,
)
from perftui.cli.remember import planned, remember
from perftui.config.defaults import DEFAULTS
from perftui.config.load import FILE_NAME, find_config
from perftui.config.paths import config_folder, state_folder
from perftui.config.themes import load_theme
from perftui.domain.errors import PerftuiError
from perftui.tui.driver.abilities import Depth, depth_of
from perftui.tui.driver.abilities import erases_in_colour as driver_erases_in_colour
from perftui.tui.driver.grid import drawn_rows
from perftui.tui.driver.pens import PLAIN
from perftui.tui.themes import first_codes
from perftui.view.glyphs import UTF8

_HEAVY = (
    "re", "typing", "argparse", "asyncio", "dataclasses", "json", "msgspec", "pathlib", "perftui.config", "socket",
    "subprocess", "textual", "threading",
)  # fmt: skip
_DEPTHS = {Depth.TRUE: "true", Depth.INDEXED: "256", Depth.SIXTEEN: "16", Depth.NONE: "none"}
_TERMS = (
    "xterm-256color", "xterm", "xterm-direct", "tmux-256color", "linux", "dumb", "", "vt52", "vt100", "vt100-color",
    "vt220", "vt239", "vt240", "vt320", "vt420", "vt510", "vt525", "vt102x", "vt1", "xterm-mono", "ansi-m", "rxvt",
    "screen", "VT100", "foot", "st-256color", "alacritty", "iterm2",
)  # fmt: skip


def machine() -> Machine:
    known = Machine()
    known.cores, known.load, known.busy_since_boot = 4, (1.5, 0.75, 0.5), 0.25
    known.total, known.used, known.cached, known.swap_used = 2**34, 2**33, 2**30, 0.0
    known.pressure = {"cpu": 0.125, "memory": 0.0, "io": 0.01}
    return known


def screen(drawn: str, width: int, height: int) -> pyte.Screen:
    shown = pyte.Screen(width, height)
    pyte.Stream(shown).feed(drawn)
    return shown


# what it costs


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    code = f"import perftui.__main__, sys; print([name for name in {_HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True,
                            env={"PYTHONPATH": str(Path(__file__).resolve().parents[3])})  # fmt: skip
    assert answer.stdout.strip() == "[]"


# what it says


def test_the_default_plan_is_the_overview_of_the_default_configuration() -> None:
    plan = planned(DEFAULTS, DEFAULT_CODES["true"], UTF8, "overview")
    assert (plan.rows, plan.weights, plan.priority) == (DEFAULT_ROWS, list(DEFAULT_WEIGHTS), list(DEFAULT_PRIORITY))
    assert {name: (one.title, one.least, one.figures, one.note) for name, one in plan.panels.items()} == {
        name: (one.title, one.least, one.figures, one.note) for name, one in DEFAULT_PANELS.items()
    }


@pytest.mark.parametrize("named", _DEPTHS)
def test_the_default_codes_are_those_of_the_default_theme(named: Depth) -> None:
    theme = load_theme(DEFAULTS.theme)
    expected = first_codes(theme, named, ROLES) if named is not Depth.NONE else dict.fromkeys(ROLES, "")
    assert DEFAULT_CODES[_DEPTHS[named]] == expected


@pytest.mark.parametrize("term", _TERMS)
@pytest.mark.parametrize("more", [{}, {"COLORTERM": "truecolor"}, {"NO_COLOR": "1", "COLORTERM": "24bit"}], ids=str)
def test_it_finds_the_colours_that_the_driver_will_find(term: str, more: dict[str, str]) -> None:
    environ = {"TERM": term, **more}
    assert depth(environ) == _DEPTHS[depth_of(environ)]
    assert erases_in_colour(environ) == driver_erases_in_colour(environ)


@given(st.from_regex(r"\A(vt)?[a-z0-9_-]{0,8}(-m|-mono)?\Z"))
def test_it_finds_the_colours_of_any_terminal(term: str) -> None:
    assert depth({"TERM": term}) == _DEPTHS[depth_of({"TERM": term})]


def test_python_s_own_word_about_the_locale_is_not_the_user_s() -> None:
    assert shows_braille({"LANG": "de_DE.UTF-8"})
    assert not shows_braille({"LC_CTYPE": "C.UTF-8", "LANG": "C"})
    assert not shows_braille({"LC_ALL": "C", "LANG": "de_DE.UTF-8"})
    assert not shows_braille({})


def test_the_console_of_linux_has_no_braille_in_its_font() -> None:
    assert not shows_braille({"LANG": "de_DE.UTF-8", "TERM": "linux"})
    assert shows_braille({"LANG": "de_DE.UTF-8", "TERM": "xterm"})


def test_figures_are_those_that_the_machine_tells() -> None:
    shown = screen(
        frame(default_plan("true", utf8=True), machine(), "me@here", 120, 40, erases_in_colour=True), 120, 40
    )
    text = "\n".join(shown.display)
    for figure in ("1.50 0.75 0.50", "25 %", "16 GiB", "8 GiB", "50 %", "1 GiB", "38 %", "12 %", "me@here"):
        assert figure in text, figure


def test_what_a_machine_does_not_tell_is_a_dash(tmp_path: Path) -> None:
    unknown = read_machine(str(tmp_path))
    assert unknown.load is None
    assert unknown.total is None
    text = "\n".join(screen(frame(bare_plan(utf8=True), unknown, "", 60, 20, erases_in_colour=True), 60, 20).display)
    assert "load 1, 5, 15 min  –" in text


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["stat", "loadavg", "meminfo", "pressure/cpu"]))
def test_no_text_of_the_machine_makes_it_fail(text: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as proc:
        path = Path(proc) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
        frame(default_plan("none", utf8=False), read_machine(proc), "", 80, 24, erases_in_colour=False)


@settings(deadline=None)
@given(st.integers(20, 240), st.integers(5, 70), st.sampled_from(["true", "16", "none"]), st.booleans())
def test_it_stays_inside_of_every_screen_and_is_the_same_where_erasing_has_no_colour(
    width: int, height: int, colours: str, utf8: bool
) -> None:
    plan = default_plan(colours, utf8=utf8)
    one, other = (
        screen(frame(plan, machine(), "me@here", width, height, erases_in_colour=erases), width, height)
        for erases in (True, False)
    )
    assert one.display == other.display
    assert "perftui" in one.display[0]
    drawn = frame(plan, machine(), "me@here", width, height, erases_in_colour=False)
    rows = drawn_rows(drawn, width, height)
    assert ["".join(row.texts) for row in rows] == one.display
    if colours == "none":
        assert {pen for row in rows for pen in row.pens} == {PLAIN}


@settings(deadline=None)
@given(st.integers(20, 240), st.integers(5, 70), st.booleans())
def test_the_driver_knows_what_stands_on_the_screen(width: int, height: int, utf8: bool) -> None:
    drawn = [
        drawn_rows(
            frame(default_plan("true", utf8=utf8), machine(), "", width, height, erases_in_colour=e), width, height
        )
        for e in (True, False)
    ]
    assert drawn[0] == drawn[1]


# when there is one


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ([], False),
        (["--no-mouse", "--driver", "stock", "--window=15m"], False),
        (["--theme", "light"], True),
        (["--config=a.toml"], True),
        (["--prometheus", "http://localhost:9090", "--no-journal"], True),
        (["demo"], True),
    ],
)
def test_a_command_line_of_the_console_gets_one(arguments: list[str], changed: bool) -> None:
    asked = console_asked(arguments)
    assert asked is not None
    assert asked.changed is changed
    assert parse_arguments(arguments).command in (None, "console", "demo")


@settings(deadline=None)
@given(st.lists(st.sampled_from(
    ["--config", "--theme", "light", "--no-journal", "--no-journal=1", "--window", "5m", "--help", "--version", "check",
     "demo", "--headless", "snapshot", "--link-budget", "2kB", "--bogus", "--", "", "-h", "--theme=", "--screen=host"]
), max_size=4))  # fmt: skip
def test_no_other_command_line_gets_one(arguments: list[str]) -> None:
    if console_asked(arguments) is None:
        return
    try:
        options = parse_arguments(arguments)
    except (PerftuiError, SystemExit):
        pytest.fail(f"a first frame for {arguments}, which is an error")
    assert options.command in (None, "console", "demo")
    assert not options.headless


# what is remembered


def test_folders_are_those_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOME", str(tmp_path)), ("XDG_STATE_HOME", None), ("XDG_CONFIG_HOME", str(tmp_path / "c"))):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert folder(os.environ, "XDG_STATE_HOME", "~/.local/state") == str(state_folder())
    assert folder(os.environ, "XDG_CONFIG_HOME", "~/.config") == str(config_folder())


def test_the_configuration_file_is_the_one_that_will_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PERFTUI_CONFIG", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def same() -> bool:
        found = find_config(None, os.environ, here)
        mine = config_file(None, os.environ)
        return (None if found is None else str(found.resolve())) == (
            None if mine is None else str(Path(mine).resolve())
        )

    assert config_file(None, os.environ) is None
    assert same()
    (tmp_path / "config/perftui").mkdir(parents=True)
    (tmp_path / "config/perftui" / FILE_NAME).touch()
    assert same()
    (here / FILE_NAME).touch()
    assert same()
    monkeypatch.setenv("PERFTUI_CONFIG", "other.toml")
    assert config_file(None, os.environ) == "other.toml"
    assert config_file("named.toml", os.environ) == "named.toml"


def test_what_is_remembered_counts_while_nothing_changed(tmp_path: Path) -> None:
    file = tmp_path / "perftui.toml"
    file.write_text("", "utf-8")
    key = key_of([], str(file), {"TERM": "xterm"}, "1")
    assert key == key_of([], str(file), {"TERM": "xterm"}, "1")
    file.write_text("theme = 'light'", "utf-8")
    others = [
        key_of([], str(file), {"TERM": "xterm"}, "1"),
        key_of(["--no-mouse"], str(file), {"TERM": "xterm"}, "1"),
        key_of([], str(file), {"TERM": "xterm", "NO_COLOR": "1"}, "1"),
        key_of([], str(file), {"TERM": "xterm", "PERFTUI_THEME": "light"}, "1"),
        key_of([], str(file), {"TERM": "xterm"}, "2"),
        key_of([], None, {"TERM": "xterm"}, "1"),
    ]
    assert len({key, *others}) == 7


_names = st.text(st.characters(min_codepoint=32, max_codepoint=0x24FF, exclude_categories=["C", "Z"]), max_size=12)


@settings(deadline=None)
@given(st.lists(_names, min_size=1, max_size=6, unique=True), st.integers(0, 60), st.text(max_size=40))
def test_what_is_written_is_read_again(names: list[str], least: int, argument: str) -> None:
    panels = {name: PlannedPanel(name, least, FIGURES[0] if index else "", "waits") for index, name in enumerate(names)}
    plan = Plan([names[:2], names[2:]], [1.5, 2.0], names[:1], panels, DEFAULT_CODES["256"], utf8=True)
    key = key_of([argument], None, {}, "1")
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "first-frame"
        path.write_text(written(plan, key), "utf-8")
        again = read_plan(str(path), key)
        assert again is not None
        assert read_plan(str(path), key + "x") is None
    assert written(again, key) == written(plan, key)
    assert frame(again, machine(), "", 100, 30, erases_in_colour=True) == frame(
        plan, machine(), "", 100, 30, erases_in_colour=True
    )


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_a_spoilt_memory_is_none_or_harmless(spoilt: bytes) -> None:
    good = written(default_plan("true", utf8=True), "'k'").encode()
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "first-frame"
        for text in (spoilt, good[:150] + spoilt, good[: len(good) // 2] + spoilt + good[len(good) // 2 :]):
            path.write_bytes(text)
            plan = read_plan(str(path), "'k'")
            if plan is not None:
                drawn = frame(plan, machine(), "", 80, 24, erases_in_colour=True)
                assert "\x1b" not in drawn.replace("\x1b[", "")


def test_it_is_written_once_and_only_for_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    plan = default_plan("true", utf8=True)
    remember("", plan)
    assert not (tmp_path / "perftui").exists()
    remember("'key'", plan)
    (path,) = (tmp_path / "perftui").iterdir()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = path.stat().st_mtime_ns
    remember("'key'", plan)
    assert path.stat().st_mtime_ns == before


def test_a_console_without_arguments_is_what_the_parser_makes_of_none() -> None:
    parsed, quick = vars(_parser().parse_args([], Options())), parse_arguments([])
    assert {name: getattr(quick, name, None) for name in parsed} == parsed


def test_arguments_of_the_console_are_read_alike_with_and_without_those_of_the_commands() -> None:
    arguments = ["--config", "a.toml", "--scrape=http://h/metrics", "--scrape", "http://i/", "--screen", "host"]
    assert vars(parse_arguments(arguments)) == vars(_parser().parse_args(arguments, Options()))


def test_a_wrong_argument_of_the_console_is_told_with_all_that_could_be_asked_for() -> None:
    with pytest.raises(PerftuiError, match=r"invalid choice: 'nowhere'(.|\n)*COMMAND"):
        parse_arguments(["--screen", "nowhere"])
