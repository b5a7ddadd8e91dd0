"""The load command against a real nginx: keep-alive, TLS with an authority of its own, the record, the history."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from perftui.load.plan import Plan, job_of
from perftui.load.transport import Transport
from tests.services import require
from tests.unit.load.runs import run

_TLS = Path(__file__).parents[1] / "data" / "tls"
_CONFIGURATION = """
daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format with_protocol '$server_protocol $http_user_agent';
    access_log {home}/access.log with_protocol;
    client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c;
    uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl http2;
        ssl_certificate {tls_folder}/server.pem; ssl_certificate_key {tls_folder}/server.key;
        location / {{ default_type application/json; return 200 '{{"user": {{"id": 7}}}}'; }}
        location /missing {{ return 404; }}
        location /away {{ return 302 http://203.0.113.1/; }}
    }}
}}
"""


class Nginx(NamedTuple):
    """Ports, and the file with a line a request."""

    plain: int
    tls: int
    log: Path


def _free() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program = require("nginx")
    home = tmp_path_factory.mktemp("nginx")
    ports = _free(), _free()
    text = _CONFIGURATION.format(home=home, plain=ports[0], tls=ports[1], tls_folder=_TLS)
    (home / "nginx.conf").write_text(text)
    process = subprocess.Popen([program, "-p", str(home), "-c", "nginx.conf", "-e", str(home / "error.log")])
    try:
        for port in ports:
            _wait_for(port, process)
        yield Nginx(*ports, home / "access.log")
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there; connecting to nobody is refused at once, so this asks for 60 s at most."""
    import time

    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:  # noqa: PERF203 (it is not there yet)
            assert process.poll() is None, "nginx has ended"
            assert time.monotonic() < until, "nginx does not listen"
            time.sleep(0.02)
        else:
            return


def _perftui(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "perftui", "load", *arguments],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_a_run_prints_its_record_keeps_it_and_says_so_in_the_audit_log(nginx: Nginx, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{nginx.plain}/"
    answer = _perftui(
        tmp_path, "run", url, "--rate", "40", "--duration", "1s", "--threshold", "p(95)<5000", "--check",
        "json.user.id == 7", "--json",
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    assert set(found) >= {
        "run_id", "engine", "plan", "started", "duration_s", "offered", "sent", "done", "dropped", "timed_out", "bytes",
        "errors", "response_ms", "response_ok_ms", "service_ms", "blocked_ms", "lag_ms", "phases_ms", "throughput",
        "resources", "endpoints", "thresholds", "limited_by", "percentile_quality", "factors", "environment",
        "stopped_by", "exit_code",
    }  # fmt: skip
    assert (found["offered"], found["sent"], found["done"], found["errors"]) == (40, 40, 40, {})
    assert list(found["response_ms"]) == [
        "min", "mean", "sd", "p50", "p75", "p90", "p95", "p99", "p99_9", "p99_99", "max", "n",
    ]  # fmt: skip
    assert list(found["phases_ms"]) == ["dns", "connect", "tls", "send", "ttfb", "transfer"]
    assert found["checks"] == {"json.user.id == 7": {"passed": 40, "failed": 0}}
    assert f"run/{found['run_id']}" in nginx.log.read_text()
    with sqlite3.connect(tmp_path / "perftui" / "history.db") as connection:
        ((summary,),) = connection.execute("SELECT summary FROM runs WHERE id = ?", (found["run_id"],)).fetchall()
    connection.close()
    assert json.loads(summary) == found
    lines = (tmp_path / "perftui" / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["result"] for line in lines] == ["started", "duration"]


def test_a_broken_threshold_is_exit_99(nginx: Nginx, tmp_path: Path) -> None:
    answer = _perftui(
        tmp_path, "run", f"http://127.0.0.1:{nginx.plain}/", "--duration", "1s", "--threshold", "p(95)<0.0001"
    )

    assert answer.returncode == 99
    assert "threshold p(95)<0.0001: BROKEN" in answer.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_load_and_keeps_its_record(nginx: Nginx, tmp_path: Path, number: int) -> None:
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    url = f"http://127.0.0.1:{nginx.plain}/"
    with subprocess.Popen(
        [sys.executable, "-m", "perftui", "load", "run", url, "--duration", "5m", "--json"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        next(line for line in process.stderr if "measure" in line)
        next(line for line in process.stderr if "offered" in line)
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    found = json.loads(out)

    assert (found["stopped_by"], process.returncode) == ("user", 0)
    assert found["offered"] == found["sent"] + found["dropped"]


def test_a_plan_is_checked_request_by_request(nginx: Nginx, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(f"""
        url = "http://127.0.0.1:{nginx.plain}/"
        [[targets]]
        name = "user"
        checks = ["json.user.id == 7", "header.content-type ~ json"]
        [[targets]]
        name = "missing"
        path = "/missing"
    """)
    answer = _perftui(tmp_path, "check", "plan.toml")

    assert answer.returncode == 1
    assert "user: ok" in answer.stdout
    assert "check json.user.id == 7: holds" in answer.stdout
    assert "missing: http_404" in answer.stdout


def test_a_public_address_is_refused_and_the_refusal_is_noted(tmp_path: Path) -> None:
    answer = _perftui(tmp_path, "run", "http://203.0.113.1/")

    assert answer.returncode == 2
    assert "--confirm-host 203.0.113.1" in answer.stderr
    assert "no load was sent" in (tmp_path / "perftui" / "audit.jsonl").read_text()


def test_a_plan_that_can_not_be_read_names_its_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('url = "http://127.0.0.1/"\nraet = 5\n')
    answer = _perftui(tmp_path, "run", "plan.toml")

    assert answer.returncode == 2
    assert "plan.toml" in answer.stderr
    assert "raet" in answer.stderr


def _plan(url: str, **more: Any) -> Plan:
    return Plan(url, rate=40.0, duration="500ms", ramp="0s", **more)


def test_connections_are_kept(nginx: Nginx) -> None:
    job, _ = job_of(_plan(f"http://127.0.0.1:{nginx.plain}/", connections=1))
    tally = run(job).tally

    assert (tally.ok.n, tally.errors) == (20, {})
    # the probe made it
    assert tally.connect.n == 0


def test_a_redirect_is_an_answer_and_is_not_followed(nginx: Nginx) -> None:
    job, _ = job_of(_plan(f"http://127.0.0.1:{nginx.plain}/away", checks=("status == 302",)))

    assert run(job).tally.errors == {}


def test_tls_is_verified_against_the_authority_that_was_named(nginx: Nginx) -> None:
    url = f"https://localhost:{nginx.tls}/"
    trusting, _ = job_of(_plan(f"https://127.0.0.1:{nginx.tls}/", ca_file=str(_TLS / "ca.pem"), probe=False))
    strange, _ = job_of(_plan(url))
    careless, _ = job_of(_plan(f"https://127.0.0.1:{nginx.tls}/", verify=False))

    tally = run(trusting).tally
    assert (tally.ok.n, tally.errors) == (20, {})
    assert tally.tls.n == tally.connect.n >= 1
    assert run(strange).stopped_by.startswith("probe: ")
    assert run(careless).tally.ok.n == 20


def test_a_certificate_of_another_name_is_refused(nginx: Nginx) -> None:
    job, _ = job_of(_plan(f"https://127.0.0.2:{nginx.tls}/", ca_file=str(_TLS / "ca.pem")))

    assert run(job).stopped_by in ("probe: tls", "probe: refused")


def test_compat_speaks_http2_and_verifies_the_name_it_was_given(nginx: Nginx) -> None:
    pytest.importorskip("h2", reason="HTTP/2 is an extra")
    url = f"https://localhost:{nginx.tls}/"
    job, _ = job_of(_plan(url, ca_file=str(_TLS / "ca.pem"), transport=Transport.COMPAT, http2=True, connections=4))
    strange, _ = job_of(_plan(url, transport=Transport.COMPAT, http2=True))

    tally = run(job).tally
    assert (tally.ok.n, tally.errors) == (20, {})
    line = next(line for line in nginx.log.read_text().splitlines() if job.run_id in line)
    assert line.startswith("HTTP/2.0 perftui/")
    assert run(strange).stopped_by == "probe: tls"


def test_what_does_not_speak_http2_is_an_error_of_its_own(nginx: Nginx) -> None:
    pytest.importorskip("h2", reason="HTTP/2 is an extra")
    job, _ = job_of(_plan(f"http://127.0.0.1:{nginx.plain}/", transport=Transport.COMPAT, http2=True, probe=False))

    assert run(job).tally.errors == {"no_http2": 20}
