"""Adds a panel to a configuration file that the user names: at its end, whole or not at all, never over another one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from perftui.config.toml_text import parse, read_text
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean

_MODE = 0o600


def append_panel(path: Path, panel_id: str, text: str) -> Path:
    """The file that was written. Raises PerftuiError when it is no file that a panel can be added to, or has one of
    that id already; OSError when it can't be written. In both cases it is as it was.
    """
    path = _target(path)
    before, like = b"", None
    if path.exists():
        content, trouble = read_text(path)
        if trouble:
            raise PerftuiError(f"{path} {trouble}")
        before, like = path.read_bytes(), path.stat()
        table, problems = parse(content, str(path))
        if problems.found:
            raise PerftuiError(f"{problems.found[0]}; nothing was written")
        panels = table.get("panels", {})
        if isinstance(panels, dict) and panel_id in panels:
            raise PerftuiError(f'{path} has a panel "{panel_id}" already; nothing was written')
    gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    after = before + gap + text.encode()
    _, problems = parse(after.decode("utf-8-sig"), str(path))
    if problems.found:
        raise PerftuiError(f"{problems.found[0]}; nothing was written")
    _replace(path, before, after, like)
    return path


def _target(path: Path) -> Path:
    """A link stays a link: what it leads to is changed."""
    try:
        return path.expanduser().resolve()
    except (RuntimeError, ValueError) as error:  # no such user, a circle of links, NUL
        raise PerftuiError(f"{clean(str(path))}: {clean(str(error))}") from None


def _replace(path: Path, before: bytes, after: bytes, like: os.stat_result | None) -> None:
    """``like`` says whose it was and who may read it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(_MODE if like is None else like.st_mode & 0o777)
        if like is not None and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(fresh, like.st_uid, like.st_gid)
        if (path.read_bytes() if path.exists() else b"") != before:
            raise PerftuiError(f"{path} was changed at the same time; nothing was written")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
