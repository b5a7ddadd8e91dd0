"""Data files of a plan: CSV with a line of names, or a JSON object a line; columns are variables, rows go round.

A file is read whole, because it may be shuffled; so it is bounded. Everything that is wrong in it has its line.
"""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from random import Random

import msgspec

from perftui.config.problems import nearest
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.extract import text_of
from perftui.load.requests import NAME

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 1_000_000
_KINDS = (".csv", ".jsonl", ".ndjson")


class Order(str, Enum):
    """As the file has them, or shuffled once by the plan's seed; both begin again after the last."""

    SEQUENTIAL = "sequential"
    SHUFFLED = "shuffled"


class DataFile(msgspec.Struct, frozen=True):
    """A file, as the engine is told of it; ``path`` is absolute."""

    path: str
    order: Order = Order.SEQUENTIAL


class Rows(msgspec.Struct, frozen=True):
    """What a file holds: names of columns, and as many values in every row."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def read_rows(path: Path) -> Rows:
    """Raises PerftuiError with the file, the line, and what is wrong there."""
    if path.suffix.lower() not in _KINDS:
        raise PerftuiError(f"{path}: expected a name that ends in {', '.join(_KINDS)}")
    text = _text(path)
    rows = _csv(path, text) if path.suffix.lower() == ".csv" else _jsonl(path, text)
    if not rows.rows:
        raise PerftuiError(f"{path}: no rows: it takes at least one")
    return rows


def in_order(rows: Rows, order: Order, seed: int) -> Iterator[dict[str, str]]:
    """Row after row as variables, for ever."""
    places = list(range(len(rows.rows)))
    if order is Order.SHUFFLED:
        Random(seed).shuffle(places)  # noqa: S311 (an order, no secret)
    while True:
        for place in places:
            yield dict(zip(rows.columns, rows.rows[place], strict=True))


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PerftuiError(f"{path}: not a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PerftuiError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise PerftuiError(f"{clean(str(path), 200)}: not a path") from None
    if len(content) > MAX_BYTES:
        raise PerftuiError(f"{path}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PerftuiError(f"{path}:{line}: not UTF-8 text") from None


def _csv(path: Path, text: str) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    try:
        for row in reader:
            if not row:
                continue
            if not columns:
                columns = _columns(path, reader.line_num, [name.strip() for name in row])
                continue
            if len(row) != len(columns):
                raise PerftuiError(
                    f"{path}:{reader.line_num}: {len(row)} values, and the first line names {len(columns)} columns"
                )
            _room(path, reader.line_num, rows)
            rows.append(tuple(row))
    except csv.Error as error:
        raise PerftuiError(f"{path}:{reader.line_num}: {error}") from None
    return Rows(columns, rows)


def _jsonl(path: Path, text: str) -> Rows:
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            raise PerftuiError(f"{path}:{number}: not a JSON object: {clean(str(error), 200)}") from None
        columns = columns or _columns(path, number, list(found))
        if len(found) != len(columns) or any(name not in found for name in columns):
            strange = next((name for name in found if name not in columns), "")
            said = f'unknown column "{clean(strange, 60)}"{nearest(strange, columns)}' if strange else "too few columns"
            raise PerftuiError(f"{path}:{number}: {said}; the first line has {clean(', '.join(columns), 200)}")
        _room(path, number, rows)
        rows.append(tuple(text_of(found[name]) or "" for name in columns))
    return Rows(columns, rows)


def _columns(path: Path, line: int, names: list[str]) -> tuple[str, ...]:
    for name in names:
        if NAME.fullmatch(name) is None:
            shown = clean(name, 60)
            raise PerftuiError(f"{path}:{line}: {shown!r} can't be a variable: a name has letters, digits, _, . and -")
        if names.count(name) > 1:
            raise PerftuiError(f"{path}:{line}: two columns {name!r}")
    return tuple(names)


def _room(path: Path, line: int, rows: Sequence[object]) -> None:
    if len(rows) >= MAX_ROWS:
        raise PerftuiError(f"{path}:{line}: more than {MAX_ROWS} rows")
