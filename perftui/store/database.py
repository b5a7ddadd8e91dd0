"""Opening the journal's file: one writer at a time, sound or set aside, private to its owner."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

from perftui.store.schema import NewerSchemaError, migrate, refuse_newer


class JournalError(Exception):
    """Why the journal can't be written now, in one sentence."""


class WriterLock:
    """A lock beside the file, held for as long as this process writes it; it goes with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._fd: int | None = None

    def take(self) -> None:
        """Raises JournalError when another process holds it."""
        if self._fd is not None:
            return
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            raise JournalError(
                f"another perftui (pid {holder or 'unknown'}) writes this journal; this one keeps its history in memory"
            ) from None
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def open_writer(path: Path, now: float) -> tuple[sqlite3.Connection, str]:
    """A connection ready to write, and a note when a corrupt file was set aside for it.

    Raises JournalError, sqlite3.Error or OSError.
    """
    if path.is_dir():
        raise JournalError(f"{path} is a folder, not a journal file")
    try:
        return _open_sound(path), ""
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
    stamp = datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        # a log of the corrupt file must not be applied to the new one
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return _open_sound(path), f"the journal was corrupt; it was set aside as {aside.name} and a new one was begun"


def _open_sound(path: Path) -> sqlite3.Connection:
    new = not path.exists()
    if new:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)
    try:
        refuse_newer(connection)
        if new:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _check(connection, path)
        migrate(connection)
    except NewerSchemaError as error:
        connection.close()
        raise JournalError(f"{path} is left as it is: {error}") from None
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """A quick look at small files; the pages of large ones are checked as they are used."""
    if path.stat().st_size > 64 * 1024 * 1024:
        return
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")


def is_corrupt(error: Exception) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and any(
        words in str(error) for words in ("malformed", "not a database", "corrupt")
    )


def in_words(error: Exception, path: Path) -> str:
    """One sentence that names what is wrong with the journal's file."""
    text = str(error)
    folder = path.parent
    if isinstance(error, JournalError):
        return text
    if isinstance(error, OSError):
        return f"can't write {error.filename or path}: {error.strerror}"
    known = (
        ("full", f"the disk of {folder} is full"),
        ("disk I/O", f"the disk of {folder} is full or failing"),
        ("locked", f"{path} is locked by another program"),
        ("busy", f"{path} is locked by another program"),
        ("readonly", f"{path} is read-only"),
        ("unable to open", f"can't open {path}: is {folder} there and writable?"),
        ("malformed", f"{path} is corrupt"),
        ("not a database", f"{path} is not a journal"),
    )
    return next((sentence for words, sentence in known if words in text), f"can't write {path}: {text}")
