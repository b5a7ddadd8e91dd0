"""Where panels stand: rows of a layout unfolded for narrow terminals, and panels left out whole when room runs out."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Region(NamedTuple):
        """A rectangle in cells."""

        x: int
        y: int
        width: int
        height: int

else:
    # the first frame is drawn before typing is imported, which takes as long as the whole frame
    Region = namedtuple("Region", ("x", "y", "width", "height"))

MIN_WIDTH = 56
MIN_HEIGHT = 5
_NO_WEIGHT, _MAX_WEIGHT = 0.001, 1000.0


def arrange(
    rows: Sequence[Sequence[str]],
    weights: Sequence[float],
    priority: Sequence[str],
    width: int,
    height: int,
    min_height: Mapping[str, int] | int = MIN_HEIGHT,
    min_width: int = MIN_WIDTH,
) -> dict[str, Region]:
    """Regions that cover ``width`` x ``height`` without overlap and without a gap; none when there is no cell.

    ``weights`` share the height among rows (1 each when missing). Panels named early in ``priority`` stay longest;
    those that it does not name go first, the last of them before the others. The most important one always stays.
    """
    least = min_height if isinstance(min_height, int) else tuple(min_height.items())
    return dict(_arranged(tuple(map(tuple, rows)), tuple(weights), tuple(priority), width, height, least, min_width))


@lru_cache(maxsize=64)
def _arranged(
    rows: tuple[tuple[str, ...], ...],
    weights: tuple[float, ...],
    priority: tuple[str, ...],
    width: int,
    height: int,
    least: tuple[tuple[str, int], ...] | int,
    min_width: int,
) -> Mapping[str, Region]:
    """Asked for several times a second by whoever draws, and always the same."""
    min_height = least if isinstance(least, int) else dict(least)
    names = [name for row in rows for name in row]
    if width < 1 or height < 1 or not names:
        return {}
    ranked = sorted(
        names, key=lambda name: priority.index(name) if name in priority else len(priority) + names.index(name)
    )
    kept: set[str] = set()
    folded: list[tuple[list[str], float]] = []
    minimum: list[int] = []
    for name in ranked:
        tried = _folded(rows, weights, kept | {name}, width, min_width)
        needed = [max(_least(one, min_height) for one in row) for row, _ in tried]
        if not kept or sum(needed) <= height:
            kept.add(name)
            folded, minimum = tried, needed
    return _placed(folded, minimum, width, height)


def _least(name: str, min_height: Mapping[str, int] | int) -> int:
    return min_height if isinstance(min_height, int) else min_height.get(name, MIN_HEIGHT)


def _folded(
    rows: Sequence[Sequence[str]], weights: Sequence[float], kept: set[str], width: int, min_width: int
) -> list[tuple[list[str], float]]:
    """Rows as they fit: neighbouring rows of several panels flow into as many columns as there is room for.

    A row of a single panel keeps the whole width.
    """
    across = max(1, width // max(1, min_width))
    result: list[tuple[list[str], float]] = []
    run: list[tuple[str, float]] = []
    for index, row in enumerate(rows):
        weight = weights[index] if index < len(weights) else 1.0
        named = [(name, weight) for name in row if name in kept]
        if len(row) > 1:
            run.extend(named)
            continue
        result.extend(_flowed(run, across))
        run = []
        result.extend(([name], weight) for name, weight in named)
    return result + _flowed(run, across)


def _flowed(run: list[tuple[str, float]], across: int) -> list[tuple[list[str], float]]:
    """The panels of a run in rows of nearly equal length; a row weighs what its heaviest panel does."""
    if not run:
        return []
    parts = -(-len(run) // across)
    short, longer = divmod(len(run), parts)
    result = []
    at = 0
    for part in range(parts):
        size = short + (part < longer)
        result.append(([name for name, _ in run[at : at + size]], max(weight for _, weight in run[at : at + size])))
        at += size
    return result


def _placed(rows: list[tuple[list[str], float]], minimum: list[int], width: int, height: int) -> dict[str, Region]:
    heights = shared(height, [weight for _, weight in rows], minimum)
    regions: dict[str, Region] = {}
    y = 0
    for (names, _), tall in zip(rows, heights, strict=True):
        x = 0
        for index, name in enumerate(names):
            wide = width // len(names) + (index < width % len(names))
            regions[name] = Region(x, y, wide, tall)
            x += wide
        y += tall
    return regions


def shared(total: int, weights: Sequence[float], minimum: Sequence[int]) -> list[int]:
    """``total`` cells shared by weight, none below its minimum; one alone gets them all.

    The sizes add up to ``total`` whenever the minima leave room for that. A weight that is not above zero counts as
    next to nothing.
    """
    sizes = list(minimum)
    if len(sizes) == 1:
        return [total]
    # written so that what is not a number weighs next to nothing too
    heavy = [min(weight, _MAX_WEIGHT) if weight > _NO_WEIGHT else _NO_WEIGHT for weight in weights]
    # rows whose fair share is below their minimum keep it; the others share what is left
    free = set(range(len(sizes)))
    while free:
        room = total - sum(sizes[index] for index in range(len(sizes)) if index not in free)
        weight = sum(heavy[index] for index in free)
        poor = {index for index in free if room * heavy[index] / weight < minimum[index]}
        if not poor:
            break
        free -= poor
    exact = {index: room * heavy[index] / weight for index in free}
    for index in free:
        sizes[index] = int(exact[index])
    spare = total - sum(sizes)
    # the largest fractions are rounded up; where every row stands at its minimum, the last one takes the rest
    for index in sorted(free, key=lambda index: (int(exact[index]) - exact[index], index))[: max(0, spare)]:
        sizes[index] += 1
    sizes[-1] += max(0, total - sum(sizes))
    return sizes
