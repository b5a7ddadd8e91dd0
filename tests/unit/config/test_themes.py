"""Themes name a look for every meaning, readable against their background."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.themes import load_theme, parse_theme, theme_folders, theme_names
from perftui.domain.errors import PerftuiError
from perftui.domain.roles import Role

_TEXTS = (
    Role.TEXT,
    Role.VALUE,
    Role.LABEL,
    Role.TITLE,
    Role.ACCENT,
    Role.OK,
    Role.WATCH,
    Role.BAD,
    Role.STALE,
    Role.KEY,
)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_six_themes_ship() -> None:
    assert set(theme_names()) >= {"dark", "light", "high-contrast", "colour-blind", "ansi16", "monochrome"}


@pytest.mark.parametrize("name", theme_names())
def test_every_meaning_has_a_look(name: str) -> None:
    assert set(load_theme(name).roles) == set(Role)


@pytest.mark.parametrize(
    ("name", "least"), [("dark", 4.5), ("light", 4.5), ("colour-blind", 4.5), ("high-contrast", 7.0)]
)
def test_texts_are_readable_on_their_background(name: str, least: float) -> None:
    theme = load_theme(name)

    for role in _TEXTS:
        assert contrast(theme.roles[role].fg, theme.background) >= least, role
    selected = theme.roles[Role.SELECTED]
    assert contrast(selected.fg, selected.bg) >= least


def test_monochrome_has_no_colour_and_tells_states_apart() -> None:
    roles = load_theme("monochrome").roles

    assert all(not look.fg and not look.bg for look in roles.values())
    assert len({roles[Role.VALUE], roles[Role.WATCH], roles[Role.BAD], roles[Role.STALE]}) == 4


def test_problems_of_a_theme_are_reported_together_with_lines() -> None:
    _, problems = parse_theme('tilte = "x"\n[roles]\nbad = "#12345"\nokay = "green"\nwatch = "yelow"\n', "t", "t.toml")

    texts = [str(problem) for problem in problems]
    assert texts[0] == 't.toml:1: tilte: unknown key, did you mean "title"?'
    assert any("t.toml:3: roles.bad: '#12345' is not a colour" in text for text in texts)
    assert any("t.toml:4: roles.okay: unknown meaning" in text for text in texts)
    assert any('did you mean "yellow"?' in text for text in texts)
    assert any("no look for: " in text for text in texts)


def test_an_unknown_theme_names_the_nearest() -> None:
    with pytest.raises(PerftuiError, match='did you mean "light"'):
        load_theme("ligth")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roles = 3", "t.toml:1: roles: expected a table of looks"),
        ("title = \n", "t.toml:1: not TOML: "),
        pytest.param("x = " + "9" * 5000, "t.toml: not TOML: a number has too many digits", id="digits"),
        ('[roles]\ntext = "red blue"', "t.toml:2: roles.text: two colours, 'red' and 'blue'"),
        ('[roles]\ntext = "red on"', "t.toml:2: roles.text: 'nothing after on' is not a colour"),
        ("[roles]\ntext = 3", "t.toml:2: roles.text: expected text"),
        ('dark = "no"', "t.toml:1: dark: expected true or false"),
    ],
)
def test_a_theme_of_any_shape_is_problems_not_an_exception(text: str, message: str) -> None:
    assert any(str(problem).startswith(message) for problem in parse_theme(text, "t", "t.toml")[1])


def test_a_theme_of_the_users_replaces_a_shipped_one_and_a_broken_one_is_named(tmp_path: Path) -> None:
    shipped_one = next(folder for folder in theme_folders() if (folder / "dark.toml").is_file())
    mine = (shipped_one / "light.toml").read_text("utf-8")
    (tmp_path / "dark.toml").write_text(mine, "utf-8")
    (tmp_path / "broken.toml").write_bytes(b"\xff")

    assert not load_theme("dark", (tmp_path, shipped_one)).dark
    with pytest.raises(PerftuiError, match=r"broken\.toml: is not UTF-8"):
        load_theme("broken", (tmp_path, shipped_one))


def test_a_name_that_leads_out_of_the_folders_is_no_theme(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "secret.toml").write_text("")

    with pytest.raises(PerftuiError, match="no theme is called"):
        load_theme("../secret", (tmp_path / "themes",))
