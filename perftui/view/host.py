"""The Host screen: gauges above, the followed process when there is one, and the table of processes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel, PanelKind
from perftui.domain.processes import ProcessRow
from perftui.domain.roles import Role
from perftui.domain.units import NO_VALUE, Unit, format_value
from perftui.view.columns import Column
from perftui.view.compose import compose
from perftui.view.layout import Region, arrange
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Scene
from perftui.view.table import TableModel
from perftui.view.table_frame import table_picture
from perftui.view.text import Line
from perftui.view.watches import Wanted

LAYOUT = "host"
TABLE = "processes"
_FOLLOWED = "followed"
_BUSY_CORES = 0.8


def process_table() -> TableModel[ProcessRow]:
    """A table of processes, busiest first; the tree follows parents."""
    columns: tuple[Column[ProcessRow], ...] = (
        Column("pid", "pid", 7, lambda row: str(row.pid), lambda row: row.pid, descending_first=False),
        Column("user", "user", 10, lambda row: row.user, lambda row: row.user, False, 4, False, _label),
        Column("cpu", "cpu", 8, lambda row: _share(row.cpu_ratio), lambda row: row.cpu_ratio, role=_cpu_role),
        Column("memory", "memory", 9, lambda row: format_value(row.rss_bytes, Unit.BYTES), lambda row: row.rss_bytes),
        Column("threads", "threads", 8, lambda row: str(row.threads), lambda row: row.threads, priority=5, role=_label),
        Column("fds", "files", 6, lambda row: _count(row.fds), lambda row: row.fds, priority=6, role=_label),
        Column(
            "read", "read", 10, lambda row: _rate(row.read_bytes_per_s), lambda row: row.read_bytes_per_s, priority=3
        ),
        Column(
            "write",
            "write",
            10,
            lambda row: _rate(row.write_bytes_per_s),
            lambda row: row.write_bytes_per_s,
            priority=2,
        ),
        Column("state", "st", 4, lambda row: row.state, lambda row: row.state, False, 7, False, _label),
        Column("command", "command", None, lambda row: row.command, lambda row: row.command, False, 0, False),
    )
    by_pid: dict[int, str] = {}

    def parent_of(row: ProcessRow) -> str:
        return by_pid.get(row.ppid, "")

    table = ProcessTable(
        columns,
        search_text=lambda row: f"{row.pid} {row.user} {row.name} {row.command}",
        parent_of=parent_of,
        sort="cpu",
        tells_itself=True,
    )
    table.by_pid = by_pid
    return table


class ProcessTable(TableModel[ProcessRow]):
    """Knows which row a parent's pid means."""

    by_pid: dict[int, str]

    def update(self, rows: Mapping[str, ProcessRow], changed: Collection[str] | None = None) -> None:
        # a key is of one pid as long as it is there
        if changed is None or not all(key in rows and self.holds(key) for key in changed):
            self.by_pid.clear()
            self.by_pid.update((row.pid, key) for key, row in rows.items())
        super().update(rows, changed)


def _label(_: ProcessRow) -> Role:
    return Role.LABEL


def _cpu_role(row: ProcessRow) -> Role:
    return Role.WATCH if row.cpu_ratio is not None and row.cpu_ratio >= _BUSY_CORES else Role.VALUE


def _share(cores: float | None) -> str:
    return format_value(cores, Unit.RATIO)


def _rate(value: float | None) -> str:
    return format_value(value, Unit.BYTES_PER_SECOND)


def _count(value: int | None) -> str:
    return NO_VALUE if value is None else str(value)


def followed_panel(pid: int) -> Panel:
    """The panel of a followed process."""
    names = (
        "process_cpu_cores",
        "process_memory_bytes",
        "process_threads",
        "process_open_files",
        "process_read_bytes_per_second",
        "process_write_bytes_per_second",
    )
    return Panel(
        title=f"Following {pid}",
        kind=PanelKind.SPARKLINES,
        series=tuple(f'processes/{name}{{pid="{pid}"}}' for name in names),
        legend=("cpu", "memory", "threads", "open files", "read", "write"),
    )


def _regions(config: Config, width: int, height: int, followed: int | None) -> dict[str, Region]:
    """Gauges take a third at most, the table the rest; where it is tight the table stands alone."""
    layout = config.layouts.get(LAYOUT)
    above = min(8, height // 3)
    if above < 5 or layout is None:
        return {TABLE: Region(0, 0, width, height)}
    if followed is not None:
        above = min(8, height // 2)  # a line for each of its six figures, and the frame
        regions = {_FOLLOWED: Region(0, 0, width, above)}
    else:
        regions = arrange(layout.rows, layout.weights, layout.priority, width, above)
    return {**regions, TABLE: Region(0, above, width, height - above)}


def host_watches(config: Config, width: int, height: int, followed: int | None) -> tuple[Wanted, ...]:
    """The windows of the gauges, and of the followed process."""
    wanted = []
    for name, region in _regions(config, width, height, followed).items():
        if name == TABLE:
            continue
        panel = followed_panel(followed) if name == _FOLLOWED and followed is not None else config.panels[name]
        wanted.append(Wanted(watch_name(name), panel_selectors(config, panel), max(2, 2 * region.width)))
    return tuple(wanted)


def host_picture(
    scene: Scene, table: TableModel[ProcessRow], width: int, height: int, *, followed: int | None = None
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    regions = _regions(scene.config, width, height, followed)
    pictures = {}
    for name, region in regions.items():
        if name == TABLE:
            pictures[name] = _table_picture(scene, table, region.width, region.height)
        else:
            panel = (
                followed_panel(followed) if name == _FOLLOWED and followed is not None else scene.config.panels[name]
            )
            pictures[name] = panel_picture(scene, name, panel, region.width, region.height)
    return compose(regions, pictures, width, height)


def _table_picture(scene: Scene, table: TableModel[ProcessRow], width: int, height: int) -> tuple[Line, ...]:
    mirrored = scene.mirror.tables.get(TABLE)
    return table_picture(
        scene, table, width, height, title="Processes", noun="process", empty="reading the processes",
        at=None if mirrored is None else mirrored.at,
    )  # fmt: skip
