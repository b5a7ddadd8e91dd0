"""What a configured path stands for: a file, the files of a folder, or those of a metrics folder laid out by name."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.text import clean

MOST_FILES = 256
_REAL_TIME = "real_time"
_RESOURCES = "resource_usage.jsonl"
_METRICS = "current_metrics.json"
# how a rotated file is called by most who rotate
SET_ASIDE = ".1"

# device and inode: what a file is, whatever its name
Identity = tuple[int, int]


class Found(NamedTuple):
    """Files of events by identity, in the order of their names; files of numbers; how many were too many.

    ``missing`` says that the file itself is not there.
    """

    events: dict[Identity, str]
    resources: str = ""
    metrics: str = ""
    left_out: int = 0
    is_folder: bool = False
    missing: QueryError | None = None


def look(path: str) -> Found:
    """What is there now. Raises QueryError when it can't be read."""
    try:
        about = os.stat(path)  # noqa: PTH116 (every second, and an error must be told apart)
        if stat.S_ISDIR(about.st_mode):
            return _folder(path)
        if not _is_regular(about):
            raise QueryError(ErrorKind.UNSUPPORTED, f"{_shown(path)} is neither a file nor a folder")
    except FileNotFoundError as error:
        # between a rotation and the first line after it there is only what was set aside
        return Found(_set_aside(path), missing=unreadable(path, error))
    except OSError as error:
        raise unreadable(path, error) from None
    return Found({**_set_aside(path), (about.st_dev, about.st_ino): path})


def _set_aside(path: str) -> dict[Identity, str]:
    """The file that was the one before it was rotated: it tells what happened before."""
    try:
        about = os.stat(f"{path}{SET_ASIDE}")  # noqa: PTH116 (as above)
    except OSError:
        return {}
    return {(about.st_dev, about.st_ino): f"{path}{SET_ASIDE}"} if _is_regular(about) else {}


def _is_regular(about: os.stat_result) -> bool:
    return stat.S_ISREG(about.st_mode)


def unreadable(path: str, error: OSError) -> QueryError:
    """Why it can't be read, in words."""
    if isinstance(error, FileNotFoundError):
        return QueryError(ErrorKind.MISSING, f"{_shown(path)} does not exist (yet)")
    if isinstance(error, PermissionError):
        return QueryError(ErrorKind.DENIED, f"no permission to read {_shown(path)}")
    return QueryError(ErrorKind.UNREACHABLE, f"{_shown(path)}: {error.strerror or 'it cannot be read'}")


def _folder(path: str) -> Found:
    files = _listed(path)
    inner = str(Path(path, _REAL_TIME))
    if Path(inner).is_dir():
        files += _listed(inner)
    events: dict[Identity, str] = {}
    by_name: dict[str, str] = {}
    for entry in sorted(files, key=lambda entry: entry.path):
        if entry.name in (_RESOURCES, _METRICS):
            by_name[entry.name] = entry.path
        elif entry.name.endswith(".jsonl"):
            about = entry.stat()
            events[about.st_dev, about.st_ino] = entry.path
    kept = dict(list(events.items())[:MOST_FILES])
    left_out = len(events) - len(kept)
    return Found(kept, by_name.get(_RESOURCES, ""), by_name.get(_METRICS, ""), left_out, is_folder=True)


def _listed(path: str) -> list[os.DirEntry[str]]:
    """Its files; one that is gone by now is none."""
    with os.scandir(path) as entries:
        return [entry for entry in entries if _is_file(entry)]


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        # what it says is kept in the entry: a file that goes from now on takes nobody with it
        return _is_regular(entry.stat())
    except OSError:
        return False


def _shown(path: str) -> str:
    return clean(path, 200)
