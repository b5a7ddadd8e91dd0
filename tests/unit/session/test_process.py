from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.watch import ConfigWatch
from perftui.domain.health import StorageState
from perftui.link.messages import Watch
from perftui.session.build import build_monitor
from perftui.session.local import collect


def test_the_session_loads_no_library_of_the_screen_or_of_http() -> None:
    code = "import sys, perftui.session.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"textual", "rich", "plotext", "httpx", "requests"} & set(loaded)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the process table is read from /proc")
def test_one_look_has_rates_and_rows_and_leaves_the_journal_alone(private_folders: Path) -> None:
    watch = Watch("cpu", ("host/cpu_busy_ratio",), 60.0, None, 60)
    mirror = asyncio.run(asyncio.wait_for(collect(DEFAULTS, lambda _: ([watch], ["processes"]), 2.6), 20.0))
    assert mirror.windows["cpu"].series[0].last is not None
    assert mirror.tables["processes"].rows
    assert mirror.storage is not None
    assert mirror.storage.state is StorageState.OFF
    assert not list(private_folders.rglob("history.db"))


def test_rules_are_read_again_and_a_broken_file_keeps_the_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "perftui.toml"
    path.write_text("")
    monitor = build_monitor(DEFAULTS, keep=False, config_watch=ConfigWatch(path, {}))
    rule = '[alerts.mine]\ntitle = "Mine"\nseries = "host/load1"\nunit = "count"\nwarning = 3.0\n'
    path.write_text(rule)
    monitor.tick(1.0)
    assert "mine" in {rule.id for rule in monitor.state.judge.rules}
    path.write_text("[alerts.mine\n")
    monitor.tick(2.0)
    assert "mine" in {rule.id for rule in monitor.state.judge.rules}
    assert len(monitor.state.problems) == 1
    path.write_text(rule + '[intervals]\nhost = "2s"\n')
    monitor.tick(3.0)
    assert monitor.state.problems == ("intervals: the change takes effect with the next session",)
    path.write_text(rule + "\n")
    monitor.tick(4.0)
    assert len(monitor.state.problems) == 0
