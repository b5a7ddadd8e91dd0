"""What perftui shows and watches when nobody configured anything: this machine."""

from __future__ import annotations

from perftui.config.schema import AlertRule, Config, Layout, Panel, PanelKind
from perftui.domain.units import Unit


def _unconnected(title: str, what: str, panel_id: str, series: str) -> Panel:
    """A panel without a source of its own: what belongs there, and the lines that put something else there today."""
    way_out = f'Any series can stand here:\n  [panels.{panel_id}]\n  series = ["host/{series}"]'
    return Panel(title=title, hint=f"{what} {way_out}")


def _events(what: str) -> str:
    """What brings the panels that are made of workflow events."""
    return (
        f"{what} perftui demo shows it.\nperftui --workflow FILE follows events, or:\n"
        '  [sources.workflow.main]\n  path = "events.jsonl"'
    )


PANELS: dict[str, Panel] = {
    "cpu": Panel(
        title="CPU",
        series=("host/cpu_busy_ratio",),
        figures=("host/cpu_user_ratio", "host/cpu_system_ratio", "host/cpu_iowait_ratio", "host/cpu_steal_ratio"),
        legend=("busy", "user", "system", "iowait", "steal"),
        unit=Unit.RATIO,
        max=1.0,
    ),
    "memory": Panel(
        title="Memory",
        series=("host/memory_used_ratio",),
        figures=(
            "host/memory_used_bytes",
            "host/memory_total_bytes",
            "host/memory_cached_bytes",
            "host/swap_used_bytes",
        ),
        legend=("share used", "used", "total", "cached", "swap used"),
        unit=Unit.RATIO,
        max=1.0,
    ),
    "disk": Panel(
        title="Disk",
        series=("host/disk_read_bytes_per_second", "host/disk_write_bytes_per_second"),
        figures=("host/disk_operations_per_second", "host/disk_busy_ratio"),
        legend=("read", "write", "requests", "busy {device}"),
        unit=Unit.BYTES_PER_SECOND,
    ),
    "network": Panel(
        title="Network",
        series=("host/network_receive_bytes_per_second", "host/network_transmit_bytes_per_second"),
        figures=(
            "host/network_packets_per_second",
            "host/network_errors_per_second",
            "host/tcp_retransmits_ratio",
            "host/tcp_connections_established",
        ),
        legend=("receive", "transmit", "packets", "errors", "tcp resent", "tcp open"),
        unit=Unit.BYTES_PER_SECOND,
    ),
    "saturation": Panel(
        title="Saturation",
        kind=PanelKind.SPARKLINES,
        series=(
            "host/load1_per_core_ratio",
            "host/pressure_cpu_some_ratio",
            "host/pressure_memory_some_ratio",
            "host/pressure_io_some_ratio",
            "host/filesystem_used_ratio",
        ),
        legend=("load per core", "waits for cpu", "waits for mem", "waits for io", "full {mount}"),
        unit=Unit.RATIO,
    ),
    "alerts": Panel(title="Alerts", kind=PanelKind.ALERTS),
    "fixes": Panel(title="Fix first", kind=PanelKind.FIXES),
    "workflow": Panel(
        title="Workflow", kind=PanelKind.WORKFLOW, hint=_events("Phases and tasks of a workflow stand here.")
    ),
    "agents": Panel(
        title="Agents", kind=PanelKind.AGENTS, hint=_events("Agents, their tasks and their queue stand here.")
    ),
    "latency": _unconnected("Latency", "A load's p50, p95, p99.", "latency", "load1"),
    "throughput": _unconnected(
        "Throughput and errors",
        "A load's requests and errors.",
        "throughput",
        "context_switches_per_second",
    ),
    "cores": Panel(
        title="Cores",
        kind=PanelKind.SPARKLINES,
        series=("host/cpu_core_busy_ratio",),
        legend=("core {core}",),
        unit=Unit.RATIO,
    ),
    "memory_gauges": Panel(
        title="Memory and load",
        kind=PanelKind.SPARKLINES,
        series=("host/memory_used_ratio", "host/swap_used_ratio", "host/load1_per_core_ratio"),
        legend=("memory", "swap", "load per core"),
        unit=Unit.RATIO,
    ),
}

LAYOUTS: dict[str, Layout] = {
    "overview": Layout(
        rows=(
            ("cpu", "memory"),
            ("disk", "network"),
            ("saturation", "alerts"),
            ("fixes",),
            ("workflow", "agents"),
            ("latency", "throughput"),
        ),
        weights=(5.0, 5.0, 4.0, 2.0, 1.0, 1.0),
        priority=("cpu", "memory", "alerts", "fixes", "disk", "network", "saturation"),
    ),
    "host": Layout(rows=(("cores", "memory_gauges"),)),
}

ALERTS: dict[str, AlertRule] = {
    "cpu_busy": AlertRule(
        title="CPU busy",
        series="host/cpu_busy_ratio",
        unit=Unit.RATIO,
        warning=0.85,
        critical=0.95,
        summary="Work waits for a core; latencies grow before throughput falls.",
        advice="take load off the CPU, or give it more cores",
        steps=("Screen 9, sorted by cpu: which process is it?", "Expected load: add cores. Unexpected: profile it."),
    ),
    "cpu_steal": AlertRule(
        title="CPU stolen",
        series="host/cpu_steal_ratio",
        unit=Unit.RATIO,
        warning=0.05,
        critical=0.2,
        summary="The hypervisor gives this machine's cores to others.",
        advice="move the test to a machine with cores of its own",
        steps=("Compare with a dedicated instance before trusting any latency measured here.",),
    ),
    "load_high": AlertRule(
        title="Load per core",
        series="host/load1_per_core_ratio",
        unit=Unit.RATIO,
        warning=2.0,
        critical=4.0,
        summary="More tasks want to run, or wait for disks, than there are cores.",
        advice="run fewer tasks at once, or add cores",
        effort="low",
        steps=("Lower the number of workers until the load is about the number of cores.",),
    ),
    "memory_full": AlertRule(
        title="Memory used",
        series="host/memory_used_ratio",
        unit=Unit.RATIO,
        warning=0.9,
        critical=0.97,
        clear=0.02,
        summary="Little is left before the kernel swaps or kills.",
        advice="free memory, or give the machine more",
        steps=("Screen 9, sorted by memory: which process grows?", "Follow it (f) and watch its memory."),
    ),
    "memory_pressure": AlertRule(
        title="Memory pressure",
        series="host/pressure_memory_some_ratio",
        unit=Unit.RATIO,
        warning=0.05,
        critical=0.2,
        clear=0.2,
        summary="Tasks stand still until the kernel has found memory for them.",
        advice="free memory: tasks wait for it",
        steps=("Screen 9, sorted by memory: which process grows?",),
    ),
    "swapping": AlertRule(
        title="Swapping in",
        series="host/swap_in_bytes_per_second",
        unit=Unit.BYTES_PER_SECOND,
        warning=1e6,
        critical=2e7,
        clear=0.5,
        summary="Programs wait for pages to come back from disk.",
        advice="stop the swapping: more memory or less of it in use",
        steps=("A performance test on a machine that swaps measures its disk.",),
    ),
    "cpu_pressure": AlertRule(
        title="CPU pressure",
        series="host/pressure_cpu_some_ratio",
        unit=Unit.RATIO,
        warning=0.5,
        critical=0.8,
        clear=0.1,
        summary="Tasks are ready to run and wait for a core.",
        advice="add cores, or start fewer tasks at once",
        steps=("Screen 9, sorted by cpu: which processes compete?",),
    ),
    "io_pressure": AlertRule(
        title="Disk pressure",
        series="host/pressure_io_some_ratio",
        unit=Unit.RATIO,
        warning=0.3,
        critical=0.6,
        clear=0.1,
        summary="Tasks stand still until a disk answers.",
        advice="write and read less, or use a faster disk",
        steps=("Screen 9, sorted by read or write: which process is it?",),
    ),
    "disk_busy": AlertRule(
        title="Disk busy",
        series="host/disk_busy_ratio",
        unit=Unit.RATIO,
        warning=0.9,
        critical=0.98,
        summary="The disk always has a request in hand; requests queue up.",
        advice="spread the requests over time or over disks",
        steps=("Fewer and larger writes; logs on another disk.",),
    ),
    "filesystem_full": AlertRule(
        title="File system full",
        series="host/filesystem_used_ratio",
        unit=Unit.RATIO,
        warning=0.85,
        critical=0.95,
        clear=0.01,
        summary="Writers will fail when it is full.",
        advice="free space, or enlarge the file system",
        effort="low",
        steps=("du -xh / | sort -h | tail shows what is large.",),
    ),
    "tcp_resent": AlertRule(
        title="TCP segments resent",
        series="host/tcp_retransmits_ratio",
        unit=Unit.RATIO,
        warning=0.01,
        critical=0.05,
        clear=0.2,
        summary="The network loses packets; every loss costs at least a round trip.",
        advice="find where packets are lost",
        steps=("Compare with the drops and errors of the interfaces, and with the other end.",),
    ),
}

DEFAULTS = Config(panels=PANELS, layouts=LAYOUTS, alerts=ALERTS)
