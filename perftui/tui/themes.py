"""A theme of the configuration as Textual and rich need it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.color import ColorSystem
from rich.style import Style
from textual.app import App
from textual.theme import BUILTIN_THEMES
from textual.theme import Theme as TextualTheme

from perftui.config.themes import Look, Theme
from perftui.domain.roles import Role
from perftui.tui.driver.abilities import Depth, at_depth
from perftui.tui.driver.pens import PLAIN, pen_after


class Skin:
    """The active theme: a style for each meaning. One object stays, its theme changes."""

    def __init__(self, theme: Theme) -> None:
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        self.theme = theme
        self._styles = {role: rich_style(theme.roles[role]) for role in Role}

    def style(self, role: Role) -> Style:
        return self._styles[role]


def rich_style(look: Look) -> Style:
    """rich names the sixteen colours as themes do; an empty colour is the terminal's own."""
    return Style(
        color=look.fg or None,
        bgcolor=look.bg or None,
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
    )


def first_codes(theme: Theme, depth: Depth, roles: Iterable[str]) -> dict[str, str]:
    """SGR parameters of these meanings as the driver will send them, for the picture that is drawn without it."""
    background = Style(bgcolor=theme.background or None)
    codes = {}
    for role in roles:
        style = background + rich_style(theme.roles[Role(role)])
        pen = at_depth(pen_after(PLAIN, style._make_ansi_codes(ColorSystem.TRUECOLOR)), depth)
        codes[role] = ";".join(filter(None, (*map(str, pen.attributes), pen.foreground, pen.background)))
    return codes


def textual_theme(theme: Theme) -> TextualTheme:
    """For Textual's own widgets: the prompt and the palette."""
    return TextualTheme(
        name=f"perftui-{theme.name}",
        primary=_colour(theme.roles[Role.ACCENT].fg),
        accent=_colour(theme.roles[Role.ACCENT].fg),
        warning=_colour(theme.roles[Role.WATCH].fg),
        error=_colour(theme.roles[Role.BAD].fg),
        success=_colour(theme.roles[Role.OK].fg),
        foreground=_colour(theme.roles[Role.TEXT].fg),
        background=_colour(theme.background),
        surface=_colour(theme.surface),
        panel=_colour(theme.surface),
        dark=theme.dark,
        ansi=theme.ansi,
        variables=_variables(theme),
    )


def begin_in(app: App[Any], theme: Theme) -> None:
    """Wear a theme before anything is styled: one that is put on afterwards has all style sheets read once more."""
    worn = textual_theme(theme)
    app.register_theme(worn)
    app.set_reactive(App.theme, worn.name)
    app.set_class(worn.dark, "-dark-mode", update=False)
    app.set_class(not worn.dark, "-light-mode", update=False)
    app.add_class(f"-theme-{worn.name}", update=False)
    app._refresh_truecolor_filter(app.ansi_theme)
    app.stylesheet.set_variables(app.get_css_variables())


def _variables(theme: Theme) -> dict[str, str]:
    """What Textual needs besides for a theme of the terminal's own colours; without any colour, attributes stand in."""
    if not theme.ansi:
        return {}
    variables = dict(BUILTIN_THEMES["ansi-dark" if theme.dark else "ansi-light"].variables)
    if any(look.fg for look in theme.roles.values()):
        return variables
    colours = {name: "ansi_default" for name, value in variables.items() if value.startswith("ansi_")}
    return {**variables, **colours, "input-cursor-text-style": "reverse", "block-cursor-text-style": "reverse"}


def _colour(name: str) -> str:
    """Textual calls the terminal's colours ``ansi_red``, and its own one ``ansi_default``."""
    if name.startswith("#"):
        return name
    return f"ansi_{name}" if name else "ansi_default"
