"""``perftui check --live`` and sources by URL against real endpoints: what is empty, wrong or away is known at once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.config.overrides import Given
from perftui.domain.errors import Exit
from perftui.domain.health import SourceState
from perftui.link.client import Client
from perftui.link.mirror import Mirror
from perftui.session.launch import SessionProcess
from tests.prometheus_server import Prometheus, free_port, node_exporter, prometheus

pytestmark = pytest.mark.service("prometheus")


@pytest.fixture(scope="module")
def exporter() -> Iterator[int]:
    with node_exporter() as port:
        yield port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, exporter: int) -> Iterator[Prometheus]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), [f"127.0.0.1:{exporter}"]) as running:
        yield running


def _perftui(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perftui", *arguments],
        cwd=cwd, env={**os.environ}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _configured(folder: Path, url: str, *exprs: str) -> Path:
    lines = [f'[sources.prometheus.main]\nurl = "{url}"\n[panels.latency]\npromql = [']
    path = folder / "perftui.toml"
    path.write_text("\n".join((*lines, *(f"{json.dumps(expr)}," for expr in exprs), "]\n")), "utf-8")
    return path


def test_a_server_by_its_url_alone_answers_all_ready_panels(tmp_path: Path, server: Prometheus) -> None:
    answer = _perftui("check", "--live", "--prometheus", server.url, cwd=tmp_path)

    lines = answer.stdout.splitlines()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert lines[1].startswith("ok     prometheus: answers; Prometheus 2.")
    assert any(line.startswith("ok     ready panel prometheus_host_cpu[0]: 1 series in ") for line in lines)
    assert not any(line.startswith(("EMPTY", "WRONG", "AWAY")) for line in lines)


def test_what_is_wrong_or_empty_is_told_with_its_line(tmp_path: Path, server: Prometheus) -> None:
    path = _configured(tmp_path, server.url, "up", "nothing_at_all", "rate(up)", "max(up) - up", "1 + 1")

    answer = _perftui("check", "--live", cwd=tmp_path)

    assert answer.returncode == Exit.GATE_FAILED
    assert f"ok     {path}:5: panels.latency.promql[0]: 1 series in " in answer.stdout
    assert f"EMPTY  {path}:6: panels.latency.promql[1]: matches nothing" in answer.stdout
    assert f"WRONG  {path}:7: panels.latency.promql[2]: bad query: " in answer.stdout
    assert "expected type range vector" in answer.stdout
    assert f"EMPTY  {path}:8: panels.latency.promql[3]: matches nothing" in answer.stdout
    assert f"ok     {path}:9: panels.latency.promql[4]: 1 series in " in answer.stdout


def test_a_server_that_is_not_there_is_named_and_ends_with_4(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    answer = _perftui("check", "--live", "--prometheus", url, cwd=tmp_path)

    assert answer.returncode == Exit.SOURCE_FAILED
    assert "AWAY   prometheus: connection refused" in answer.stdout


def test_an_endpoint_by_its_url_alone_is_tried_too(tmp_path: Path, exporter: int) -> None:
    answer = _perftui("check", "--live", "--scrape", f"127.0.0.1:{exporter}/metrics", cwd=tmp_path)

    lines = answer.stdout.splitlines()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert lines[1].startswith("ok     scrape: answers")
    for panel in ("scrape_host_cpu", "scrape_host_load", "scrape_host_full", "scrape_process_memory"):
        assert any(line.startswith(f"ok     ready panel {panel}[0]: ") for line in lines), panel


def test_a_snapshot_takes_urls_and_knows_the_sources_by_name(tmp_path: Path, server: Prometheus) -> None:
    answer = _perftui("snapshot", "--prometheus", server.url, "--format", "json", cwd=tmp_path)

    assert answer.returncode == 0, answer.stderr
    states = {source["name"]: (source["kind"], source["state"]) for source in json.loads(answer.stdout)["sources"]}
    assert states["prometheus"] == ("prometheus", "ok")


@pytest.mark.parametrize("command", [("check",), ("snapshot",), ()])
def test_a_wrong_url_is_one_message_and_exit_2(tmp_path: Path, command: tuple[str, ...]) -> None:
    answer = _perftui(*command, "--prometheus", "http://me:secret@localhost", cwd=tmp_path)

    assert answer.returncode == Exit.USAGE
    assert answer.stdout == ""
    (line,) = [line for line in answer.stderr.splitlines() if "no terminal" not in line]
    assert line.startswith("perftui: --prometheus: a URL holds no user and password")
    assert "secret" not in answer.stderr


def test_the_session_process_watches_the_urls_that_the_console_was_given(server: Prometheus, exporter: int) -> None:
    launcher = SessionProcess(None, keep=False, given=Given((server.url,), (f"http://127.0.0.1:{exporter}/metrics",)))

    async def run() -> None:
        mirror, changed = Mirror(), asyncio.Event()
        client = Client(mirror, "test", changed.set, changed.set)
        running = asyncio.ensure_future(client.run(launcher.start()))

        async def until_both_answered() -> None:
            while {source.name for source in mirror.sources if source.state is SourceState.OK} < {
                "host", "prometheus", "scrape",
            }:  # fmt: skip
                await changed.wait()
                changed.clear()

        try:
            await asyncio.wait_for(until_both_answered(), 30.0)
        finally:
            await asyncio.to_thread(launcher.stop)
            await running
        fitting = {source.name: source.profiles for source in mirror.sources}
        assert {"host", "server", "process"} <= set(fitting["prometheus"])
        assert {"host", "process"} <= set(fitting["scrape"])

    asyncio.run(run())
