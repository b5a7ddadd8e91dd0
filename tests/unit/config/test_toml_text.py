"""Whatever stands where a file should be becomes one sentence, never an exception."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.load import find_config, load
from perftui.config.toml_text import MAX_BYTES, parse, read_text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme = ", "f:1: not TOML: Invalid value"),
        ("a = 1\na = 2\n", "f:2: not TOML: Cannot overwrite a value"),
        pytest.param("x = " + "9" * 5000, "f: not TOML: a number has too many digits", id="digits"),
        pytest.param("x = " + "[" * 5000 + "]" * 5000, "f: not TOML: nested too deeply", id="brackets"),
    ],
)
def test_what_is_not_toml_is_one_problem(text: str, message: str) -> None:
    table, problems = parse(text, "f")

    assert table == {}
    (problem,) = problems.found
    assert str(problem).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "theme = 0x" + "f" * 5000,
        "window = 0x" + "f" * 5000,
        "[panels.cpu]\nmax = 1" + "0" * 400,
        '[storage]\nkeep_raw = "' + "9" * 400 + 'd"',
        '[keys]\n"app.help" = "f²"',
        '[keys]\n"app.help" = "f' + "9" * 5000 + '"',
        '[storage]\npath = "a\\u0000b"',
        "theme = 2026-11-20",
        'timezone = "Europe"',
        "panels = [1]",
    ],
    ids=lambda text: text[:24],
)
def test_hostile_values_are_problems_with_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")

    problems = load(path, {}).problems

    assert problems
    assert all(problem.line for problem in problems)
    assert all(len(str(problem)) < 700 for problem in problems)


_VALUES = st.recursive(
    st.sampled_from(["1", "-1", "nan", "1e999", "true", '"x"', '"5s"', '""', "2026-11-20", "0x" + "f" * 4000]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
        | inner.map(lambda item: "{ a = " + item + " }")
    ),
    max_leaves=4,
)
_KEYS = st.sampled_from(
    [
        "theme",
        "window",
        "panels",
        "panels.cpu",
        "panels.cpu.max",
        "panels.new.series",
        "layouts.overview.rows",
        "keys",
        "keys.x",
        'keys."app.quit"',
        "alerts.cpu_busy.for",
        "alerts.new",
        "sources.host",
        "storage.path",
        "nonsense.x",
    ]
)


@settings(max_examples=100)
@given(st.lists(st.tuples(_KEYS, _VALUES), max_size=4))
def test_any_value_under_any_key_is_a_configuration_or_problems(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join(f"{key} = {value}" for key, value in pairs), "utf-8")

    for problem in load(path, {}).problems:
        assert problem.message


def test_a_pipe_and_a_device_are_refused_without_being_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert read_text(pipe) == ("", "is a device or a pipe, not a file")
    assert read_text(Path("/dev/zero")) == ("", "is a device or a pipe, not a file")


def test_a_file_of_exactly_the_allowed_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"#" * MAX_BYTES)
    assert read_text(path) == ("#" * MAX_BYTES, "")

    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert "is larger than 1024 KiB" in read_text(path)[1]


def test_a_mark_of_byte_order_is_no_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b'\xef\xbb\xbftheme = "light"')

    assert load(path, {}).config.theme == "light"


def test_an_unknown_user_in_a_path_is_a_missing_file() -> None:
    path = find_config("~no-such-user/p.toml", {}, Path.cwd())

    assert path == Path("~no-such-user/p.toml")
    assert "no such file" in str(load(path, {}).problems[0])


def test_a_folder_that_cannot_be_looked_into_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a name that is too long fails in stat() as a folder without permission does, also for root
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ("a" * 300)))

    path = find_config(None, {}, tmp_path)

    assert path is not None
    assert "can't be read: File name too long" in str(load(path, {}).problems[0])


def test_many_arrays_in_arrays_are_scanned_once() -> None:
    table, problems = parse("x = [" + "[[1]]," * 30_000 + "]\n", "f")

    assert len(table["x"]) == 30_000
    assert problems.found == []
