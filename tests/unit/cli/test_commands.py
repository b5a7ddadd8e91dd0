"""Commands without a screen: one clear message, the right exit code, data on stdout only."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from perftui import __version__
from perftui.domain.errors import Exit


def perftui(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "perftui", *arguments],
        cwd=cwd, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    answer = perftui("snapshot", "--format", "json", cwd=tmp_path_factory.mktemp("snapshot"))
    assert answer.returncode == 0, answer.stderr
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def test_the_json_snapshot_has_every_field_of_the_contract(document: dict[str, Any]) -> None:
    assert list(document) == [
        "version", "at", "sources", "host", "workflows", "agents", "latency", "panels", "alerts", "recommendations",
    ]  # fmt: skip
    assert document["version"] == __version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["at"])
    assert {source["name"]: source["state"] for source in document["sources"]} == {"host": "ok", "processes": "waiting"}
    assert set(document["sources"][0]) == {"name", "kind", "state", "age_s", "error"}
    assert set(document["panels"][0]) == {"id", "title", "unit", "value", "state"}


def test_what_is_missing_is_null_never_zero(document: dict[str, Any]) -> None:
    assert document["agents"]["total"] is None
    assert document["agents"]["members"] == []
    if psutil.swap_memory().total == 0:
        assert document["host"]["swap_used_percent"] is None


def test_the_figures_are_those_of_this_machine(document: dict[str, Any]) -> None:
    host = document["host"]

    assert host["memory_total_bytes"] == psutil.virtual_memory().total
    assert host["memory_percent"] == pytest.approx(psutil.virtual_memory().percent, abs=5)
    assert 0 <= host["cpu_percent"] <= 100
    assert host["cpu_cores"] == psutil.cpu_count()
    assert isinstance(host["load1"], float)
    assert len(host["cpu_core_busy_percent"]) == psutil.cpu_count()


@pytest.mark.parametrize("screen", ["overview", "host", "sources"])
def test_a_text_snapshot_is_the_screen_in_its_size_without_escape_codes(tmp_path: Path, screen: str) -> None:
    answer = perftui("snapshot", "--screen", screen, "--size", "100x30", cwd=tmp_path, LANG="C.UTF-8", LC_ALL="C.UTF-8")

    lines = answer.stdout.splitlines()
    assert answer.returncode == 0, answer.stderr
    assert len(lines) == 30
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in answer.stdout
    assert "LIVE" in lines[0]


def test_line_panels_of_a_text_snapshot_are_charts_with_axes(tmp_path: Path) -> None:
    answer = perftui("snapshot", cwd=tmp_path, LANG="C.UTF-8", LC_ALL="C.UTF-8")

    assert answer.stdout.count("100 %┤") == 2  # CPU and memory
    assert "\x1b" not in answer.stdout


def test_panels_that_are_asked_for_are_large_and_as_wide_as_columns_says(tmp_path: Path) -> None:
    panels = ("--panel", "cpu", "--panel", "alerts")
    usual = perftui("snapshot", *panels, cwd=tmp_path, LANG="C.UTF-8", LC_ALL="C.UTF-8")
    wide = perftui("snapshot", *panels, cwd=tmp_path, LANG="C.UTF-8", LC_ALL="C.UTF-8", COLUMNS="100")

    assert usual.returncode == 0, usual.stderr
    blocks = usual.stdout.rstrip("\n").split("\n\n")
    assert [len(block.splitlines()) for block in blocks] == [24, 24]
    assert max(map(len, usual.stdout.splitlines())) == 80
    assert max(map(len, wide.stdout.splitlines())) == 100
    assert "limit 95 %" in blocks[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--panel", "cup"), 'no panel is called so, did you mean "cpu"?'),
        (("--panel", "cpu", "--format", "json"), "draws text"),
    ],
)
def test_a_panel_that_there_is_not_is_said(tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    answer = perftui("snapshot", *more, cwd=tmp_path)

    assert answer.returncode == Exit.USAGE
    assert words in answer.stderr
    assert answer.stdout == ""


def test_without_utf_8_a_snapshot_is_ascii(tmp_path: Path) -> None:
    answer = perftui("snapshot", cwd=tmp_path, LANG="C", LC_ALL="C")

    assert answer.stdout.isascii()
    assert "+ CPU -" in answer.stdout


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "xterm-256color"}])
def test_without_a_terminal_the_console_is_one_screen_as_text(tmp_path: Path, environ: dict[str, str]) -> None:
    answer = perftui(cwd=tmp_path, **environ)

    assert answer.returncode == 0
    assert "\x1b" not in answer.stdout
    assert "CPU" in answer.stdout
    assert answer.stderr.count("\n") == 1


def test_an_svg_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    answer = perftui("snapshot", "--format", "svg", "--theme", "light", "--output", "x.svg", cwd=tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == ""
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert text.startswith("<svg")
    assert "CPU" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("snapsot",), "'snapsot'"),
        (("snapshot", "--size", "big"), "'big' is not a size such as 120x40"),
        (("snapshot", "--size", "10x3"), "a size is from 20x5 to 400x200"),
        (("snapshot", "--wait", "-1"), "from 0 to 3600 seconds"),
        (("--screen", "fixes", "snapshot"), "invalid choice: 'fixes'"),
        (("snapshot", "--config", "none.toml"), "none.toml: no such file"),
        (("themes", "drak"), 'no theme is called "drak", did you mean "dark"?'),
        (("check", "none.toml"), "none.toml: no such file"),
    ],
)
def test_bad_usage_is_one_message_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = perftui(*arguments, cwd=tmp_path)

    assert answer.returncode == Exit.USAGE
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("command", [(), ("snapshot",), ("check",)])
def test_a_broken_configuration_is_reported_whole_by_every_command(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "perftui.toml").write_text('theem = "x"\n[intervals]\nhost = 1\n')

    answer = perftui(*command, cwd=tmp_path)

    assert answer.returncode == Exit.USAGE
    assert "perftui.toml:1: theem: unknown key" in answer.stderr
    assert "perftui.toml:3: intervals.host: expected a span" in answer.stderr


def test_init_writes_a_configuration_that_is_well_and_never_overwrites(tmp_path: Path) -> None:
    first, again = perftui("init", cwd=tmp_path), perftui("init", cwd=tmp_path)
    checked = perftui("check", cwd=tmp_path)

    assert first.returncode == 0
    assert again.returncode == Exit.USAGE
    assert "exists already" in again.stderr
    assert checked.stdout == f"ok: {tmp_path / 'perftui.toml'}\n"


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m perftui themes dark | head -n 1"
    answer = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S602 (a pipe is what is tested)

    assert answer.stdout == "dark: Dark, calm\n"
    assert answer.stderr == ""


def test_the_doctor_looks_at_everything_and_tells_in_json_too(tmp_path: Path) -> None:
    answer = perftui("doctor", "--json", cwd=tmp_path)

    found = {finding["name"]: finding for finding in json.loads(answer.stdout)}
    assert answer.returncode == 0
    assert set(found) >= {
        "versions",
        "packages",
        "bytecode",
        "terminal",
        "locale",
        "configuration",
        "themes",
        "journal",
    }
    assert all(finding["state"] in ("ok", "watch", "bad") for finding in found.values())


def test_the_doctor_fails_for_a_corrupt_journal(tmp_path: Path, private_folders: Path) -> None:
    folder = private_folders / "xdg_data_home" / "perftui"
    folder.mkdir(parents=True)
    (folder / "history.db").write_bytes(b"not a database at all" * 100)

    answer = perftui("doctor", cwd=tmp_path)

    assert answer.returncode == Exit.GATE_FAILED
    assert "file is not a database" in answer.stdout
