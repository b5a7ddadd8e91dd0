"""The left side of the Metrics screen: sources, their metrics as the filter leaves them, and the selected one."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.queries import MetricInfo
from perftui.domain.roles import Role
from perftui.domain.units import Unit, split_value
from perftui.view.exploring import Exploring
from perftui.view.frame import framed
from perftui.view.panels import NO_PROMETHEUS, indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, middle, text_width
from perftui.view.wrap import wrapped

_FRAMED_HEIGHT = 5
_MOST_VALUES = 60
_KIND_WIDTH, _UNIT_WIDTH = 10, 4
_WITH_KIND, _WITH_UNIT = 28, 36


def list_picture(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells; in a few lines only the metrics around the selected one."""
    if height < _FRAMED_HEIGHT:
        rows = _rows(scene, exploring, width, height)
        return (*rows, *[fit((), width)] * (height - len(rows)))
    listing, inner = exploring.listing, max(0, width - 4)
    tabs = (_tabs(scene, exploring, inner),) if exploring.sources else ()
    body = (*tabs, *_rows(scene, exploring, inner, height - 2 - len(tabs)))
    title = "Metrics" + (f" {scene.glyphs.separator} filter {listing.filter}" if listing.filter else "")
    total = len(listing.infos)
    count = f"{len(listing.order)} of {total}" if listing.filter else str(total)
    summary: Line = ((count, Role.LABEL),) if total else ()
    footer = "tab other source" if len(exploring.sources) > 1 and height > _FRAMED_HEIGHT else ""
    return framed(
        indented(body), width=width, height=height, title=title, summary=summary, footer=footer, glyphs=scene.glyphs
    )


def _tabs(scene: Scene, exploring: Exploring, width: int) -> Line:
    """The sources, the chosen one first where not all fit."""
    names = [name for name, _ in exploring.sources]
    if sum(map(text_width, names)) + 2 * len(names) > width and exploring.source in names:
        at = names.index(exploring.source)
        names = names[at:] + names[:at]
    line: Line = ()
    for name in names:
        chosen = name == exploring.source
        sign = scene.glyphs.folded if chosen else " "
        line += ((f"{sign}{name} ", Role.ACCENT if chosen else Role.LABEL),)
    return fit(line, width, scene.glyphs.ellipsis)


def _rows(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    listing = exploring.listing
    if listing.note and (listing.bad or not listing.infos):
        return wrapped(listing.note, Role.BAD if listing.bad else Role.LABEL, width)[:height]
    if not listing.infos:
        waiting = "The session has not reported its sources yet." if scene.mirror.at is None else NO_PROMETHEUS
        text = "It tells its series when it is measured." if exploring.sources else waiting
        return wrapped(text, Role.LABEL, width)[:height]
    if not listing.order:
        return wrapped(f'Nothing matches "{listing.filter}": esc clears the filter.', Role.LABEL, width)[:height]
    top = min(max(0, listing.at - height // 2), max(0, len(listing.order) - height))
    places = list(enumerate(listing.order))[top : top + height]
    return tuple(_row(scene, listing.infos[place], width, chosen=index == listing.at) for index, place in places)


def _row(scene: Scene, info: MetricInfo, width: int, *, chosen: bool) -> Line:
    kind = _KIND_WIDTH if width >= _WITH_KIND else 0
    unit = _UNIT_WIDTH if width >= _WITH_UNIT else 0
    role = Role.SELECTED if chosen else None
    name = middle(info.name, width - 2 - kind - unit, scene.glyphs.ellipsis)
    spans: Line = (
        (scene.glyphs.folded + " " if chosen else "  ", Role.ACCENT),
        (name, role or Role.VALUE),
        (f" {left(info.kind, kind - 1, scene.glyphs.ellipsis)}" if kind else "", role or Role.LABEL),
        (f" {left(_unit(info), unit - 1, scene.glyphs.ellipsis)}" if unit else "", role or Role.LABEL),
    )
    return fit(tuple(span for span in spans if span[0]), width, scene.glyphs.ellipsis)


def _unit(info: MetricInfo) -> str:
    """The sign that stands behind its values."""
    return split_value(1.0, info.unit)[1]


def details_picture(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """Type, help and labels of the selected metric."""
    info, inner = exploring.listing.selected, max(0, width - 4)
    if info is None:
        body = wrapped("The selected metric is explained here, with its labels.", Role.LABEL, inner)
        return framed(indented(body), width=width, height=height, title="Labels", glyphs=scene.glyphs)
    kind = f"{info.kind}, {info.unit.value}" if info.unit is not Unit.NONE else info.kind
    lines: list[Line] = list(wrapped(info.help, Role.TEXT, inner)[: max(1, (height - 2) // 3)]) if info.help else []
    labels = exploring.labels
    if labels is None:
        lines += wrapped(exploring.labels_note or "asking for its labels", Role.LABEL, inner)
    elif not labels:
        lines += wrapped("No labels: it is a single series.", Role.LABEL, inner)
    else:
        lines += [_label(scene, name, values, inner) for name, values in labels.items()]
    room = height - 2
    if len(lines) > room > 0:
        lines = [*lines[: room - 1], ((f"{scene.glyphs.ellipsis} {len(lines) - room + 1} more", Role.LABEL),)]
    return framed(
        indented([fit(line, inner, scene.glyphs.ellipsis) for line in lines]),
        width=width, height=height, title=info.name, summary=((kind, Role.LABEL),), glyphs=scene.glyphs,
    )  # fmt: skip


def _label(scene: Scene, name: str, values: Sequence[str], width: int) -> Line:
    head = f"{left(name, min(18, max(8, width // 3)), scene.glyphs.ellipsis)} {len(values):>4}  "
    return fit(((head, Role.LABEL), (", ".join(values[:_MOST_VALUES]), Role.VALUE)), width, scene.glyphs.ellipsis)
