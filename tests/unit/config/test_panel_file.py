"""A panel is put into a file that the user names: at its end, whole or not at all, and harms nothing in it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perftui.config import panel_file
from perftui.config.load import load
from perftui.config.panel_file import append_panel
from perftui.domain.errors import PerftuiError

_TEXT = '[panels.load]\ntitle = "Load"\nseries = ["host/load1"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Empty, unlike ``tmp_path``, where the tests' home is."""
    made = tmp_path / "here"
    made.mkdir()
    return made


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_is_for_its_owner_only(folder: Path) -> None:
    path = append_panel(folder / "new.toml", "load", _TEXT)

    assert path.read_text() == _TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path).config.panels["load"].series == ("host/load1",)


def test_what_stands_in_the_file_stays_byte_by_byte_and_so_do_its_rights(folder: Path) -> None:
    file, before = folder / "mine.toml", b'\xef\xbb\xbf# mine\r\n[panels.b]  # \xc3\xa4\r\ntitle = "B"'
    file.write_bytes(before)
    file.chmod(0o640)

    append_panel(file, "load", _TEXT)

    assert file.read_bytes() == before + b"\n\n" + _TEXT.encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert set(load(file).config.panels) >= {"b", "load"}


def test_one_panel_after_another(folder: Path) -> None:
    file = folder / "mine.toml"
    for name in ("a", "b", "c"):
        append_panel(file, name, _TEXT.replace("load]", f"{name}]"))

    assert list(load(file).config.panels)[-3:] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("[panels.load]\ntitle = 'mine'\n", 'has a panel "load" already; nothing was written'),
        ("panels = {load = {title = 'mine'}}\n", 'has a panel "load" already; nothing was written'),
        ("panels = {other = {title = 'mine'}}\n", "nothing was written"),
        ("panels = 7\n", "nothing was written"),
        ("not toml at all\n", "mine.toml:1: not TOML"),
        ("text = '''\nopen for ever", "not TOML"),
    ],
)
def test_a_file_that_can_not_take_it_stays_as_it_is(folder: Path, before: str, reason: str) -> None:
    file = folder / "mine.toml"
    file.write_text(before)

    with pytest.raises(PerftuiError, match=re.escape(reason)):
        append_panel(file, "load", _TEXT)

    assert file.read_text() == before
    assert _names(folder) == ["mine.toml"]


def test_what_is_no_text_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(b"\xff\xfe\x00")
    (folder / "huge").write_bytes(b"#" * (1024 * 1024 + 1))
    (folder / "circle").symlink_to(folder / "circle")
    before = _names(folder)

    for path in (folder, *(folder / name for name in before), Path("/dev/null"), Path("~nobody-has-this-name/x")):
        with pytest.raises((PerftuiError, OSError)):
            append_panel(path, "load", _TEXT)

    assert _names(folder) == before
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_folder_that_is_not_there_is_not_made(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        append_panel(folder / "no" / "such" / "file.toml", "load", _TEXT)

    assert _names(folder) == []


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "dotfiles").mkdir()
    (folder / "perftui.toml").symlink_to(folder / "dotfiles" / "perftui.toml")

    append_panel(folder / "perftui.toml", "load", _TEXT)

    assert (folder / "perftui.toml").is_symlink()
    assert (folder / "dotfiles" / "perftui.toml").read_text() == _TEXT


def test_the_home_folder_may_be_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))

    assert append_panel(Path("~/p.toml"), "load", _TEXT) == (folder / "p.toml").resolve()


def test_what_somebody_else_writes_meanwhile_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "mine.toml"
    file.write_text("# old\n")
    fsync = os.fsync

    def slow(fd: int) -> None:
        fsync(fd)
        file.write_text("# from an editor\n")

    monkeypatch.setattr(panel_file.os, "fsync", slow)
    with pytest.raises(PerftuiError, match="was changed at the same time; nothing was written"):
        append_panel(file, "load", _TEXT)

    assert file.read_text() == "# from an editor\n"
    assert _names(folder) == ["mine.toml"]


def test_a_full_disk_leaves_the_file_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "mine.toml"
    file.write_text("# old\n")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(panel_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        append_panel(file, "load", _TEXT)

    assert file.read_text() == "# old\n"
    assert _names(folder) == ["mine.toml"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.text(alphabet=st.sampled_from("[]panels.lod=\"'#\n\r {}1,\\ä"), max_size=40))
def test_whatever_stood_there_is_the_beginning_of_what_stands_there_now(folder: Path, before: str) -> None:
    file = folder / "mine.toml"
    file.write_bytes(before.encode())
    try:
        append_panel(file, "load", _TEXT)
    except PerftuiError:
        assert file.read_bytes() == before.encode()
    else:
        assert file.read_bytes().startswith(before.encode())
        assert file.read_bytes().endswith(_TEXT.encode())
