"""Several expressions in one request: a third of the CPU and a tenth of the round trips of one request each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST = 10
_TAG = "__q"


def joined(exprs: Sequence[str]) -> str:
    """One expression whose results carry the index of theirs. Each stands on its own lines: it may end in a comment."""
    return "\nor\n".join(f'label_replace(\n{expr}\n, "{_TAG}", "{index}", "", "")' for index, expr in enumerate(exprs))


def parted(result: Sequence[Any], count: int) -> list[list[Any]]:
    """The series of a joined answer by expression, without the tag; what carries none is left out."""
    parts: dict[str, list[Any]] = {str(index): [] for index in range(count)}
    for item in result:
        metric = item.get("metric") if isinstance(item, dict) else None
        tag = metric.pop(_TAG, None) if isinstance(metric, dict) else None
        if isinstance(tag, str) and tag in parts:
            parts[tag].append(item)
    return list(parts.values())
