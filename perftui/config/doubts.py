"""What a configuration that is well says and hardly means: found by ``perftui check``, never in anybody's way."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.config.defaults import DEFAULTS
from perftui.config.expressions import expressions, http_sources, measured_every
from perftui.config.problems import Problems
from perftui.config.promql_syntax import parser, syntax_warning
from perftui.config.promql_warnings import warnings
from perftui.config.schema import Config, HttpSource, PanelKind
from perftui.config.secrets import resolve
from perftui.domain.errors import PerftuiError

_LISTS = (PanelKind.ALERTS, PanelKind.FIXES, PanelKind.WORKFLOW, PanelKind.AGENTS)


def add_doubts(config: Config, environ: Mapping[str, str], found: Problems) -> None:
    """Add expressions that measure something else than they seem to, secrets that can't be read, unseen panels."""
    know = parser()
    for path, expr, source in expressions(config):
        for text in (syntax_warning(expr, know), *warnings(expr, measured_every(config, source))):
            if text:
                found.add(path, text)
    for path, settings in http_sources(config):
        _secrets(path, settings, environ, found)
    placed = {name for layout in config.layouts.values() for row in layout.rows for name in row}
    for name, panel in config.panels.items():
        if name not in placed and panel != DEFAULTS.panels.get(name) and panel.kind not in _LISTS:
            found.add(("panels", name), "stands in no layout, so no screen shows it")


def _secrets(path: tuple[str, ...], settings: HttpSource, environ: Mapping[str, str], found: Problems) -> None:
    references: dict[tuple[str, ...], str] = {("password",): settings.password, ("token",): settings.token}
    references |= {("secret_headers", name): reference for name, reference in settings.secret_headers.items()}
    for key, reference in references.items():
        # a keyring may ask the user something: that is for the one who watches, not for a check
        if reference and not reference.startswith("keyring:"):
            try:
                resolve(reference, environ)
            except PerftuiError as error:
                found.add((*path, *key), str(error))
