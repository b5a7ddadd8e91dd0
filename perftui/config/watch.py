"""Notices that the configuration file changed: one stat a look, and the last good configuration stays in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from perftui.config.load import Loaded, load
from perftui.config.problems import Problem
from perftui.config.schema import Config

_Stamp = tuple[int, int, int]


class ConfigWatch:
    """``path`` None means that there is no file to watch; ``amend`` adds what the command line says."""

    def __init__(
        self,
        path: Path | None,
        environ: Mapping[str, str],
        amend: Callable[[Config], Config] = lambda config: config,
    ) -> None:
        self._path, self._environ, self._amend = path, environ, amend
        self._stamp = self._look()

    def poll(self) -> Loaded | None:
        """The file as it is now when it changed since the last look; None when it did not."""
        stamp = self._look()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        loaded = load(self._path, self._environ, self._amend)
        if stamp is None and self._path is not None:
            gone = Problem(str(self._path), 0, "", "is gone; what it said stays in force")
            return Loaded(loaded.config, (gone,), self._path)
        return loaded

    def _look(self) -> _Stamp | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
