"""Where perftui keeps what it writes; the folders are made when they are needed, for their owner only."""

from __future__ import annotations

from pathlib import Path

from platformdirs import PlatformDirs

from perftui.config.values import expanded

_DIRS = PlatformDirs("perftui", appauthor=False)


def config_folder() -> Path:
    return _DIRS.user_config_path


def data_folder() -> Path:
    return _DIRS.user_data_path


def state_folder() -> Path:
    return _DIRS.user_state_path


def journal_path(configured: str) -> Path:
    """The configured file, else ``history.db`` in the data folder."""
    return expanded(configured) if configured else data_folder() / "history.db"


def made(folder: Path) -> Path:
    """The folder, made with mode 0700 if it was missing. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
