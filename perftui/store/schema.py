"""The journal's tables, and the steps that bring an older file up to date."""

from __future__ import annotations

import sqlite3

_STEPS: tuple[str, ...] = (
    # 1: ticks hold one row a batch: the values in the order of the layout's series, as little-endian doubles
    """
    CREATE TABLE series(sid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, interval_s REAL NOT NULL);
    CREATE TABLE layouts(id INTEGER PRIMARY KEY, sids BLOB NOT NULL UNIQUE);
    CREATE TABLE ticks(
        id INTEGER PRIMARY KEY, at REAL NOT NULL, layout INTEGER NOT NULL, series_values BLOB NOT NULL);
    CREATE INDEX ticks_at ON ticks(at);
    CREATE TABLE marks(id INTEGER PRIMARY KEY, at REAL NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE audit(
        id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL);
    CREATE TABLE acks(
        fingerprint TEXT PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL, until REAL);
    CREATE TABLE runs(
        id TEXT PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, name TEXT NOT NULL, summary TEXT NOT NULL);
    """,
    # 2: when which alert was pending or fired; an end that is missing was not seen
    # (what people do is noted in files of lines, which several perftui share)
    """
    DROP TABLE acks;
    DROP TABLE audit;
    CREATE TABLE alert_spans(
        key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, name TEXT NOT NULL, severity TEXT NOT NULL,
        state TEXT NOT NULL, start REAL NOT NULL, ended_at REAL, labels TEXT NOT NULL);
    CREATE INDEX alert_spans_start ON alert_spans(start);
    """,
)
VERSION = len(_STEPS)


class NewerSchemaError(Exception):
    """The file was written by a newer perftui; it is left as it is."""


def refuse_newer(connection: sqlite3.Connection) -> None:
    """To be asked before anything is changed. Raises NewerSchemaError."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise NewerSchemaError(f"it has schema {version}, this perftui knows {VERSION}")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps that the file lacks, each in one transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for step in range(version, VERSION):
        connection.executescript(f"BEGIN; {_STEPS[step]} PRAGMA user_version = {step + 1}; COMMIT;")
