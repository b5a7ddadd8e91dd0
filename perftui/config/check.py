"""Walks parsed TOML against the types of the schema and collects every problem, not only the first."""

from __future__ import annotations

import math
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from perftui.config.kinds import Kind
from perftui.config.problems import Path, Problems, nearest
from perftui.config.schema import Layout
from perftui.config.values import read_value, seen

_INVALID = object()
_NAMES: dict[Any, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes",
    str | int: "text in quotes or a whole number",
}  # fmt: skip


@lru_cache(maxsize=64)
def fields(struct: type[msgspec.Struct]) -> dict[str, tuple[str, Any]]:
    """Names in the file, each with the attribute's name and type."""
    hints = get_type_hints(struct, include_extras=True)
    # what msgspec.structs.fields tells besides is the types once more, and looking these up is most of its time
    names = zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True)
    return {encoded: (name, hints[name]) for encoded, name in names}


def build(
    struct: type[msgspec.Struct], value: object, path: Path, problems: Problems, base: object | None = None
) -> Any:
    """An instance of the struct from a TOML table; ``base`` gives what the table leaves out.

    What is wrong is added to the problems and left as in ``base``; the result is only good without problems.
    """
    if not isinstance(value, dict):
        problems.add(path, f"expected a table, got {seen(value)}")
        return base
    known = fields(struct)
    given: dict[str, Any] = {}
    for key, item in value.items():
        if key not in known:
            problems.add((*path, key), f"unknown key{nearest(key, known)}")
            continue
        name, hint = known[key]
        read = _read(hint, item, (*path, key), problems, getattr(base, name, None))
        if read is not _INVALID:
            given[name] = read
    if base is not None:
        return msgspec.structs.replace(base, **given)  # type: ignore[type-var]  # base is an instance of struct
    try:
        return struct(**given)
    except TypeError:  # a required key is wrong, which the problems say already, or missing
        for field in msgspec.structs.fields(struct):
            if field.required and field.name not in given and field.encode_name not in value:
                problems.add(path, f'"{field.encode_name}" is missing')
        return None


def _read(hint: Any, value: object, path: Path, problems: Problems, base: Any) -> Any:
    options = [option for option in get_args(hint) if option is not type(None)] if _is_optional(hint) else [hint]
    inner = options[0]
    origin = get_origin(inner)
    if origin is Annotated:
        return _annotated(inner, value, path, problems)
    if origin is tuple:
        return _tuple(get_args(inner)[0], value, path, problems)
    if origin is dict:
        return _dict(get_args(inner)[1], value, path, problems, base)
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return build(inner, value, path, problems, base)
    if isinstance(inner, type) and issubclass(inner, Enum):
        return _enum(inner, value, path, problems)
    return _plain(inner, value, path, problems)


def _is_optional(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _annotated(hint: Any, value: object, path: Path, problems: Problems) -> Any:
    kind = get_args(hint)[1]
    if not isinstance(kind, Kind):
        return _plain(get_args(hint)[0], value, path, problems)
    try:
        return read_value(kind, value)
    except ValueError as error:
        problems.add(path, str(error))
        return _INVALID


def _tuple(element: Any, value: object, path: Path, problems: Problems) -> Any:
    if not isinstance(value, list):
        problems.add(path, f"expected a list in [ ], got {seen(value)}")
        return _INVALID
    items = [_read(element, item, (*path, index), problems, None) for index, item in enumerate(value)]
    return _INVALID if any(item is _INVALID for item in items) else tuple(items)


def _dict(element: Any, value: object, path: Path, problems: Problems, base: Any) -> Any:
    """Entries are merged with the base's by key; an entry's own fields are merged as well."""
    if not isinstance(value, dict):
        problems.add(path, f"expected a table, got {seen(value)}")
        return _INVALID
    merged = dict(base or {})
    for key, item in value.items():
        if get_origin(element) is tuple and isinstance(item, dict):
            inside = next(iter(item), "...")
            problems.add((*path, key), f'an id with a dot stands in quotes: "{key}.{inside}" = ...')
            continue
        known = merged.get(key)
        given = [item] if get_origin(element) is tuple and isinstance(item, str) else item
        # half of another layout makes no sense: a layout is replaced as a whole
        read = _read(element, given, (*path, key), problems, None if element is Layout else known)
        if read is not _INVALID and read is not None:
            merged[key] = read
    return merged


def _enum(kind: type[Enum], value: object, path: Path, problems: Problems) -> Any:
    known = [str(member.value) for member in kind]
    if isinstance(value, str) and value in known:
        return kind(value)
    hint = nearest(value, known) if isinstance(value, str) else f" (known: {', '.join(known)})"
    problems.add(path, f"{seen(value)} is not one of its values{hint}")
    return _INVALID


def _plain(kind: Any, value: object, path: Path, problems: Problems) -> Any:
    fits = isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value, fits = _as_float(value), True
    if fits and isinstance(value, float) and not math.isfinite(value):
        problems.add(path, "expected a finite number")
        return _INVALID
    if not fits:
        problems.add(path, f"expected {_NAMES.get(kind) or kind.__name__}, got {seen(value)}")
        return _INVALID
    return value


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
