"""The watch tells changes, and only changes, whatever happens to the file."""

from __future__ import annotations

import os
from pathlib import Path

from perftui.config.watch import ConfigWatch


def test_no_file_never_changes() -> None:
    assert ConfigWatch(None, {}).poll() is None


def test_a_broken_file_is_told_once_and_its_repair_as_well(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("")
    watch = ConfigWatch(path, {})

    path.write_text("theme = ")
    broken = watch.poll()
    assert broken is not None
    assert "not TOML" in str(broken.problems[0])
    assert watch.poll() is None

    path.write_text('theme = "light"')
    repaired = watch.poll()
    assert repaired is not None
    assert repaired.problems == ()
    assert repaired.config.theme == "light"


def test_a_file_put_in_place_of_another_is_a_change_though_time_and_size_are_equal(tmp_path: Path) -> None:
    path, other = tmp_path / "p.toml", tmp_path / "other.toml"
    path.write_text('theme = "dark" ')
    other.write_text('theme = "light"')
    found = path.stat()
    watch = ConfigWatch(path, {})
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)

    loaded = watch.poll()

    assert loaded is not None
    assert loaded.config.theme == "light"


def test_a_file_that_comes_back_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("")
    watch = ConfigWatch(path, {})
    path.unlink()
    assert watch.poll() is not None
    assert watch.poll() is None

    path.write_text('theme = "light"')

    loaded = watch.poll()
    assert loaded is not None
    assert loaded.problems == ()
