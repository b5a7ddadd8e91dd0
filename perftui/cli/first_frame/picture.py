"""The first frame as text for a terminal: status line, panels where those of the Overview will stand, figures.

Rows are drawn from left to right in the meanings of the theme; where the row is full, what is left over is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from perftui.cli.first_frame.machine import Machine
from perftui.cli.first_frame.plan import Plan, PlannedPanel
from perftui.domain.units import NO_VALUE, Unit, format_value
from perftui.view.layout import Region, arrange

# below this the Overview has no frames either
_LEAST_HEIGHT = 10
# corners from the top left on, then dashes, sides, the sign of what is not there yet, and no value
_UTF8, _ASCII = "╭╮╰╯─│⋯–", "++++-|~-"

Row = list[tuple[str, str]]
"""Text and its meaning."""


def frame(plan: Plan, machine: Machine, who: str, width: int, height: int, *, erases_in_colour: bool) -> str:
    """Everything that has to be written on an empty screen of this size."""
    signs = _UTF8 if plan.utf8 else _ASCII
    room = max(0, height - 2)
    rows = [_status(plan, machine, who, signs)]
    if plan.rows and room >= _LEAST_HEIGHT:
        rows += _panels(plan, machine, width, room, signs)
    else:
        rows += [[("  ", "text"), *row] for row in _bare(machine, signs)][:room]
    rows += [[] for _ in range(height - len(rows))]
    return "".join(_written(rows, plan.codes, width, erases_in_colour))


def _status(plan: Plan, machine: Machine, who: str, signs: str) -> Row:
    row = [(" ", "text"), ("perftui", "accent"), (f"  {who}", "label"), (f"   {signs[6]} starting", "text")]
    load = _load(machine, signs)
    return [*row, ("   load ", "label"), (load, "value")] if plan.rows else row


def _panels(plan: Plan, machine: Machine, width: int, height: int, signs: str) -> list[Row]:
    least = {name: panel.least for name, panel in plan.panels.items()}
    regions = arrange(plan.rows, plan.weights, plan.priority, width, height, least)
    rows: list[Row] = [[] for _ in range(height)]
    # what stands in one row of cells is added from left to right
    for name, region in sorted(regions.items(), key=lambda item: item[1][:1]):
        for offset, row in enumerate(_panel(plan.panels[name], machine, region, signs)):
            rows[region.y + offset].extend(row)
    return rows


def _panel(panel: PlannedPanel, machine: Machine, region: Region, signs: str) -> list[Row]:
    """Exactly as many rows and cells as the region has."""
    top_left, top_right, bottom_left, bottom_right, dash, side = tuple(signs[:6])
    inner = region.width - 2
    body = _FIGURES[panel.figures](machine, signs) if panel.figures else [[(panel.note, "label")]]
    head = f" {panel.title} "[:inner]
    rows: list[Row] = [
        [(top_left, "frame"), (head, "title"), (dash * (inner - len(head)) + top_right, "frame")],
    ]
    for index in range(region.height - 2):
        content = _cut(body[index] if index < len(body) else [], inner - 2)
        rows.append([(side, "frame"), (" ", "text"), *content, (" ", "text"), (side, "frame")])
    rows.append([(bottom_left + dash * inner + bottom_right, "frame")])
    return rows[: region.height]


def _bare(machine: Machine, signs: str) -> list[Row]:
    """Every figure in a line of its own, the most important first."""
    return [*_cpu(machine, signs), *_memory(machine, signs), *_saturation(machine, signs)[1:]]


def _cpu(machine: Machine, signs: str) -> list[Row]:
    return _named(
        ("load 1, 5, 15 min", _load(machine, signs)),
        ("cores", str(machine.cores or signs[7])),
        ("busy since boot", _value(machine.busy_since_boot, Unit.RATIO, signs)),
        ("busy now", signs[7]),
    )


def _memory(machine: Machine, signs: str) -> list[Row]:
    share = machine.used / machine.total if machine.used is not None and machine.total else None
    return _named(
        ("share used", _value(share, Unit.RATIO, signs)),
        ("used", _value(machine.used, Unit.BYTES, signs)),
        ("total", _value(machine.total, Unit.BYTES, signs)),
        ("cached", _value(machine.cached, Unit.BYTES, signs)),
        ("swap used", _value(machine.swap_used, Unit.BYTES, signs)),
    )


def _saturation(machine: Machine, signs: str) -> list[Row]:
    per_core = machine.load[0] / machine.cores if machine.load and machine.cores else None
    return _named(
        ("load per core", _value(per_core, Unit.RATIO, signs)),
        ("waits for cpu", _value(machine.pressure.get("cpu"), Unit.RATIO, signs)),
        ("waits for mem", _value(machine.pressure.get("memory"), Unit.RATIO, signs)),
        ("waits for io", _value(machine.pressure.get("io"), Unit.RATIO, signs)),
    )


_FIGURES: dict[str, Callable[[Machine, str], list[Row]]] = {
    "cpu": _cpu, "memory": _memory, "saturation": _saturation,
}  # fmt: skip


def _named(*pairs: tuple[str, str]) -> list[Row]:
    longest = max(len(name) for name, _ in pairs)
    return [[(f"{name:<{longest}}  ", "label"), (value, "value")] for name, value in pairs]


def _value(value: float | None, unit: Unit, signs: str) -> str:
    return format_value(value, unit).replace(NO_VALUE, signs[7])


def _load(machine: Machine, signs: str) -> str:
    return " ".join(f"{load:.2f}" for load in machine.load) if machine.load else signs[7]


def _cut(row: Row, width: int) -> Row:
    """Exactly so many cells; every character that is drawn here takes one."""
    kept: Row = []
    for text, role in row:
        kept.append((text[:width], role))
        width -= len(kept[-1][0])
    return [*kept, (" " * width, "text")]


def _written(rows: Iterable[Row], codes: Mapping[str, str], width: int, erases_in_colour: bool) -> Iterable[str]:
    pen = codes["text"]
    yield f"\x1b[0;{pen}m"
    # blanks of the background are there already after that
    erased = erases_in_colour or not pen
    if erased:
        yield "\x1b[2J"
    for number, row in enumerate(rows, 1):
        x, at = 0, -1
        for text, role in _cut(row, width):
            if text and not (erased and role == "text" and text.isspace()):
                if x != at:
                    yield f"\x1b[{number};{x + 1}H"
                if codes[role] != pen:
                    pen = codes[role]
                    yield f"\x1b[0;{pen}m"
                yield text
                at = x + len(text)
            x += len(text)
    yield "\x1b[0m"
